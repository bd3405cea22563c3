/* SPDX-License-Identifier: Apache-2.0 */
/* Command lines: what is taken, what is refused, and with which code. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/cli/args.h"

struct values {
	bool flag;
	const char *text;
	struct args_list list;
	uint64_t size, number;
	uint32_t time_ms;
	struct cli cli;
	struct args_list operands;
	int exit_code;
};

#define WORDS_MAX 8

/* Splits @line at blanks; "''" is an empty word. */
static int split(char *line, char **words)
{
	int n = 0;

	for (char *w = strtok(line, " "); w && n < WORDS_MAX;
	     w = strtok(NULL, " ")) {
		if (strcmp(w, "''") == 0)
			w[0] = '\0';
		words[n++] = w;
	}
	return n;
}

static bool parse(const char *line, struct values *v)
{
	char copy[200], *words[WORDS_MAX];
	bool go_on;
	struct args a = { .cli = &v->cli, .help = "help\n", .max_operands = 2 };

	memset(v, 0, sizeof(*v));
	v->cli.name = "test";
	const struct args_option options[] = {
		{ "flag", ARGS_FLAG, &v->flag },
		{ "text", ARGS_TEXT, &v->text },
		{ "list", ARGS_LIST, &v->list },
		{ "size", ARGS_SIZE, &v->size },
		{ "number", ARGS_NUMBER, &v->number },
		{ "time", ARGS_TIME, &v->time_ms },
	};
	a.options = options;
	a.n_options = HALE_ARRAY_SIZE(options);
	assert_true(strlen(line) < sizeof(copy));
	strcpy(copy, line);
	v->exit_code = -1;
	go_on = args_parse(&a, split(copy, words), words, &v->exit_code);
	v->operands = a.operands;
	/* words lie on this stack: only their number outlives it */
	return go_on;
}

static void test_values(void **state)
{
	struct values v;

	(void)state;
	assert_true(parse("--flag --size 10G --number=42 --time 30s", &v));
	assert_true(v.flag);
	assert_int_equal(v.size, 10 * HALE_GIB);
	assert_int_equal(v.number, 42);
	assert_int_equal(v.time_ms, 30000);
	assert_true(parse("--size=512M --time=5min --format json", &v));
	assert_int_equal(v.size, 512 * HALE_MIB);
	assert_int_equal(v.time_ms, 300000);
	assert_int_equal(v.cli.format, CLI_JSON);
}

static void test_lists_and_operands(void **state)
{
	struct values v;

	(void)state;
	assert_true(parse("a --list x --list y b", &v));
	assert_int_equal(v.list.n, 2);
	assert_int_equal(v.operands.n, 2);
	assert_true(parse("-- --flag", &v));
	assert_false(v.flag);
	assert_int_equal(v.operands.n, 1);
	assert_true(parse("- ''", &v));
	assert_int_equal(v.operands.n, 2);
}

static void test_refused(void **state)
{
	static const char *const lines[] = {
		"--nonsense",	"--fla",
		"-f",		"--",
		"--flag=yes",	"--size",
		"--size ten",	"--size -1",
		"--size 10Q",	"--size 99999999999999999999",
		"--number 1x",	"--number -1",
		"--number ''",	"--number 99999999999999999999",
		"--time soon",	"--time 99999999d",
		"--format xml", "a b c",
		"--=x",
	};
	struct values v;

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(lines); i++) {
		if (strcmp(lines[i], "--") == 0)
			continue; /* ends the options, and is fine */
		if (parse(lines[i], &v))
			fail_msg("taken: %s", lines[i]);
		assert_int_equal(v.exit_code, HALE_EXIT_USAGE);
	}
}

static void test_help_exits_0(void **state)
{
	struct values v;

	(void)state;
	assert_false(parse("--flag --help", &v));
	assert_int_equal(v.exit_code, 0);
	assert_false(parse("-h", &v));
	assert_int_equal(v.exit_code, 0);
}

static void test_nearest(void **state)
{
	static const char *const names[] = { "check", "status",	 "watch",
					     "scope", "explain", "clear" };
	static const struct {
		const char *word, *near;
	} cases[] = {
		{ "chek", "check" },
		{ "stauts", "status" },
		{ "explian", "explain" },
		{ "scop", "scope" },
		{ "frobnicate", NULL },
		{ "", NULL },
		{ "a-word-longer-than-any-command-of-ours", NULL },
	};

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(cases); i++) {
		const char *near = args_nearest(cases[i].word, names,
						HALE_ARRAY_SIZE(names));

		if (cases[i].near)
			assert_string_equal(near, cases[i].near);
		else
			assert_null(near);
	}
}

/* Complaints and help are read by people, not by this test's log. */
static int be_quiet(void **state)
{
	_cleanup_fd_ int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	int kept = dup(STDERR_FILENO);

	*state = (void *)(intptr_t)kept;
	return kept < 0 || null < 0 || dup2(null, STDERR_FILENO) < 0;
}

static int be_heard(void **state)
{
	int kept = (int)(intptr_t)*state, r = dup2(kept, STDERR_FILENO);

	close(kept);
	return r < 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_lists_and_operands),
		cmocka_unit_test_setup_teardown(test_refused, be_quiet,
						be_heard),
		cmocka_unit_test(test_help_exits_0),
		cmocka_unit_test(test_nearest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
