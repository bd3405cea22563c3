/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of strategies: what they mean, and what each mistake is told as.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hale/base.h"

#include "hale/text.h"

#include "agent/run/again/retry.h"
#include "agent/run/again/words.h"

static char *const given[] = { (char[]){ "docker" }, (char[]){ "build" },
			       (char[]){ "a b" }, NULL };

static struct strategies parse(const char *text)
{
	struct strategies s = { 0 };
	char error[256] = "";

	if (strategies_parse(text, "f", given, &s, error) != 0)
		fail_msg("%s", error);
	return s;
}

static void words_are(char *const *words, const char *const *want)
{
	assert_non_null(words);
	for (; *want; want++, words++) {
		assert_non_null(*words);
		assert_string_equal(*words, *want);
	}
	assert_null(*words);
}

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void a_whole_file(void **state)
{
	struct strategies s =
		parse("# how we build\n"
		      "[full]\n"
		      "command = {command} --cache-from\n"
		      "    type=registry,ref=r.example.org/c\n"
		      "    ; a comment\n"
		      "timeout = 20min\n"
		      "\n"
		      "[none]\n"
		      "cleanup = docker builder prune --force\n"
		      "cleanup_timeout = 30s\n"
		      "command = env 'X=a \"b\" ; c' {command} --no-cache\n"
		      "[as-is]\n");

	(void)state;
	assert_int_equal(s.n, 3);
	assert_string_equal(s.strategy[0].name, "full");
	words_are(s.strategy[0].command,
		  WORDS("docker", "build", "a b", "--cache-from",
			"type=registry,ref=r.example.org/c"));
	assert_true(s.strategy[0].timeout_ns == 1200 * HALE_NS_PER_S);
	assert_null(s.strategy[0].cleanup);
	assert_int_equal(s.strategy[1].timeout_ns, 0);
	words_are(s.strategy[1].command, WORDS("env", "X=a \"b\" ; c", "docker",
					       "build", "a b", "--no-cache"));
	words_are(s.strategy[1].cleanup,
		  WORDS("docker", "builder", "prune", "--force"));
	assert_true(s.strategy[1].cleanup_timeout_ns == 30 * HALE_NS_PER_S);
	words_are(s.strategy[2].command, WORDS("docker", "build", "a b"));
	assert_true(s.strategy[2].cleanup_timeout_ns > 0);
	strategies_done(&s);
}

static void a_shell_is_asked_for(void **state)
{
	struct strategies s = parse("[x]\n"
				    "command = sh -c 'cd sub && exec \"$@\"'\n"
				    "  sh {command}\n");

	(void)state;
	words_are(s.strategy[0].command,
		  WORDS("sh", "-c", "cd sub && exec \"$@\"", "sh", "docker",
			"build", "a b"));
	strategies_done(&s);
}

static void the_preferred_one_comes_first(void **state)
{
	struct strategies s = parse("[a]\n[b]\n[c]\n");

	(void)state;
	strategies_prefer(&s, "unknown");
	strategies_prefer(&s, "");
	assert_string_equal(s.strategy[0].name, "a");
	strategies_prefer(&s, "c");
	assert_string_equal(s.strategy[0].name, "c");
	assert_string_equal(s.strategy[1].name, "a");
	assert_string_equal(s.strategy[2].name, "b");
	strategies_done(&s);
}

static const struct {
	const char *text, *error;
} mistakes[] = {
	{ "", "f:1: no strategy" },
	{ "# nothing\n\n", "f:2: no strategy" },
	{ "command = x\n", "f:1: \"command\" stands in no" },
	{ "[a\n", "f:1: expected [name]" },
	{ "[a] b\n", "f:1: expected [name]" },
	{ "[a b]\n", "f:1: a strategy's name" },
	{ "[]\n", "f:1: a strategy's name" },
	{ "[a]\n[b]\n[a]\n", "f:3: a second strategy" },
	{ "[a]\ncomand = x\n", "f:2: unknown key \"comand\"" },
	{ "[a]\nx\n", "f:2: expected \"key = value\"" },
	{ "[a]\n\ncommand = x\ncommand = y\n", "f:4: a second \"command\"" },
	{ "[a]\ncommand = 'x\n", "f:2: ' is not closed" },
	{ "[a]\ncommand = \"x\n", "f:2: \" is not closed" },
	{ "[a]\ncommand = x\\\n", "f:2: \\ at the end" },
	{ "[a]\ncommand = rm -rf $HOME/x\n", "f:2: $ means something" },
	{ "[a]\ncommand = a | b\n", "f:2: | means something" },
	{ "[a]\ncommand = a ; b\n", "f:2: ; means something" },
	{ "[a]\ncommand = ls *.c\n", "f:2: * means something" },
	{ "[a]\ncommand = ls ~/x\n", "f:2: ~ means something" },
	{ "[a]\ncommand =\n", "f:2: there is no command" },
	{ "[a]\ncommand = ''\n", "f:2: the program's name is empty" },
	{ "[a]\ncommand = --x={command}\n", "f:2: {command} must be" },
	{ "[a]\ncommand = sh -c {command}\n", "f:2: -c takes one word" },
	{ "[a]\ncleanup = {command}\n", "f:2: {command} has no meaning" },
	{ "[a]\ntimeout = soon\n", "f:2: expected a time" },
	{ "[a]\ntimeout = 0\n", "f:2: expected a time" },
	{ "[a]\ntimeout = 10s\n  20s\n", "f:3: only a command" },
	{ "[a]\ncommand = a\x07\n", "f:2: a control character (0x07)" },
};

static void each_mistake_names_its_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(mistakes); i++) {
		struct strategies s = { 0 };
		char error[256] = "";
		int r = strategies_parse(mistakes[i].text, "f", given, &s,
					 error);

		if (r != -EINVAL || strncmp(error, mistakes[i].error,
					    strlen(mistakes[i].error)) != 0)
			fail_msg("%s: %d, %s", mistakes[i].text, r, error);
		assert_true(hale_text_printable(error, sizeof(error)));
		assert_int_equal(s.n, 0);
	}
}

static void too_much_is_refused(void **state)
{
	struct strategies s = { 0 };
	char error[256], text[2000] = "", line[300];
	size_t used = 0;

	(void)state;
	for (int i = 0; i < 17; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used,
					 "[s%d]\n", i);
	assert_int_equal(strategies_parse(text, "f", given, &s, error),
			 -EINVAL);
	assert_string_equal(error, "f:17: more than 16 strategies");
	memset(line, 'x', sizeof(line));
	snprintf(text, sizeof(text), "[a]\ncommand = %.250s\n", line);
	assert_int_equal(strategies_parse(text, "f", given, &s, error),
			 -EINVAL);
	assert_non_null(strstr(error, "f:2: line too long"));
}

static void a_file_that_is_not_there(void **state)
{
	struct strategies s = { 0 };
	char error[256] = "";

	(void)state;
	assert_int_equal(strategies_load("/nowhere/x", given, &s, error),
			 -ENOENT);
	assert_non_null(strstr(error, "/nowhere/x: No such file"));
	assert_int_equal(strategies_load("/dev/zero", given, &s, error),
			 -EINVAL);
	assert_non_null(strstr(error, "/dev/zero: more than"));
}

static struct strategy cleaning(char **words)
{
	return (struct strategy){ .name = words[0],
				  .cleanup = words,
				  .cleanup_timeout_ns = HALE_NS_PER_S };
}

static void a_cleanup_that_fails_is_told(void **state)
{
	char *fails[] = { (char[]){ "false" }, NULL };
	char *missing[] = { (char[]){ "/nowhere/x" }, NULL };
	char *hangs[] = { (char[]){ "sleep" }, (char[]){ "1000" }, NULL };
	char *works[] = { (char[]){ "true" }, NULL };
	struct strategy s = cleaning(fails);
	char note[HALE_EVIDENCE_MAX];

	(void)state;
	assert_int_equal(strategy_cleanup(&s, note), 0);
	assert_non_null(strstr(note, "failed with status 1"));
	s = cleaning(missing);
	assert_int_equal(strategy_cleanup(&s, note), 0);
	assert_non_null(strstr(note, "cannot be run: No such file"));
	s = cleaning(hangs);
	assert_int_equal(strategy_cleanup(&s, note), 0);
	assert_non_null(strstr(note, "was ended after 1 s"));
	s = cleaning(works);
	assert_int_equal(strategy_cleanup(&s, note), 0);
	assert_string_equal(note, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_file),
		cmocka_unit_test(a_shell_is_asked_for),
		cmocka_unit_test(the_preferred_one_comes_first),
		cmocka_unit_test(each_mistake_names_its_line),
		cmocka_unit_test(too_much_is_refused),
		cmocka_unit_test(a_file_that_is_not_there),
		cmocka_unit_test(a_cleanup_that_fails_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
