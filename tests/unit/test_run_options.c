/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line of `hale run`: what is hale's, what is the command's, and
 * what is wrong with it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/run/options.h"

static char said[512];
static struct run_options got;

/* What it says on @fd goes to @said. */
static bool parse_on(int fd, const char *line, int *ret_exit)
{
	static char words[512];
	char *argv[32] = { NULL }, *save = NULL;
	int argc = 0, kept = dup(fd), fds[2];
	bool r;

	HALE_SET(words, line);
	for (char *w = strtok_r(words, " ", &save); w && argc < 31;
	     w = strtok_r(NULL, " ", &save))
		argv[argc++] = w;
	assert_int_equal(pipe(fds), 0);
	dup2(fds[1], fd);
	close(fds[1]);
	r = options_parse(argc, argv, &got, ret_exit);
	dup2(kept, fd);
	close(kept);
	memset(said, 0, sizeof(said));
	assert_true(read(fds[0], said, sizeof(said) - 1) >= 0);
	close(fds[0]);
	return r;
}

static void takes(const char *line)
{
	int code = -1;

	assert_true(parse_on(STDERR_FILENO, line, &code));
	assert_string_equal(said, "");
}

/* In one line, that names what it names. */
static void refuses(const char *line, const char *names)
{
	int code = -1;

	assert_false(parse_on(STDERR_FILENO, line, &code));
	assert_int_equal(code, 64);
	assert_non_null(strstr(said, names));
	assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1);
}

static void test_command_begins_where_options_end(void **state)
{
	(void)state;
	takes("run -- make -j2 --retry 3");
	assert_string_equal(got.command[0], "make");
	assert_string_equal(got.command[2], "--retry");
	assert_int_equal(got.retries, 0);
	takes("run --retry 2 make --retry 3");
	assert_string_equal(got.command[0], "make");
	assert_int_equal(got.retries, 2);
	takes("run -- --odd");
	assert_string_equal(got.command[0], "--odd");
	takes("run -");
	assert_string_equal(got.command[0], "-");
	refuses("run", "no command");
	refuses("run --force --", "no command");
}

static void test_values(void **state)
{
	(void)state;
	takes("run --timeout 5min --stall=90 --need-space 10G --path /a "
	      "--path=/b --container --force x");
	assert_int_equal(got.timeout_ns, 300 * HALE_NS_PER_S);
	assert_int_equal(got.stall_ns, 90 * HALE_NS_PER_S);
	assert_int_equal(got.kill_after_ns, 10 * HALE_NS_PER_S);
	assert_int_equal(got.need_bytes, 10 * HALE_GIB);
	assert_int_equal(got.n_paths, 2);
	assert_string_equal(got.paths[1], "/b");
	assert_true(got.container && got.container_known && got.force);
	takes("run --no-container --kill-after 0 x");
	assert_true(got.container_known && !got.container);
	assert_int_equal(got.kill_after_ns, 0);
	takes("run x");
	assert_false(got.container_known);
}

static void test_what_is_wrong(void **state)
{
	(void)state;
	refuses("run --timeuot 5 x", "did you mean --timeout?");
	refuses("run --froce x", "did you mean --force?");
	refuses("run --nothing-like-it x", "unknown option: --nothing");
	refuses("run -j2 make", "unknown option: -j2");
	refuses("run --timeout soon x", "--timeout wants a time");
	refuses("run --timeout", "needs a value");
	refuses("run --timeout= x", "--timeout wants a time");
	refuses("run --need-space much x", "--need-space wants a size");
	refuses("run --need-inodes -3 x", "--need-inodes wants a number");
	refuses("run --retry 32 x", "from 0 to 31");
	refuses("run --retry 1x x", "from 0 to 31");
	refuses("run --force=yes x", "takes no value");
	refuses("run --result= x", "--result wants");
	refuses("run --force --strict x", "do not go together");
	refuses("run --best-first x", "--strategies");
}

static void test_help_is_no_failure(void **state)
{
	int code = -1;

	(void)state;
	assert_false(parse_on(STDOUT_FILENO, "run --help", &code));
	assert_int_equal(code, 0);
	assert_non_null(strstr(said, "usage: hale run"));
	takes("run make --help");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_command_begins_where_options_end),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_what_is_wrong),
		cmocka_unit_test(test_help_is_no_failure),
	};

	unsetenv("HALE_RUN_DIR");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
