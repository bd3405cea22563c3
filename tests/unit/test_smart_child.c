/* SPDX-License-Identifier: Apache-2.0 */
/* Running a program for what it prints: well, badly, endlessly, too much. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "hale/base.h"

#include "drivers/smart/child.h"

struct run_case {
	const char *name, *script;
	int r, status;
	const char *text;
};

static const struct run_case cases[] = {
	{ "prints", "echo well", 0, 0, "well\n" },
	{ "fails, and says why", "echo no; echo noise >&2; exit 3", 0, 3,
	  "no\n" },
	{ "prints nothing", "exit 0", 0, 0, "" },
	{ "dies", "kill -9 $$", -ECHILD, 0, NULL },
	{ "reads its input", "cat; echo end", 0, 0, "end\n" },
	{ "has no environment but ours", "echo $LC_ALL $HALE_TEST_X", 0, 0,
	  "C\n" },
	{ "prints too much", "while :; do echo 0123456789; done", -EFBIG, 0,
	  NULL },
};

/* It is waited for, however it went: no child is left behind. */
static void none_left(void)
{
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void test_run(void **state)
{
	(void)state;
	setenv("HALE_TEST_X", "x", 1);
	for (size_t i = 0; i < HALE_ARRAY_SIZE(cases); i++) {
		const struct run_case *c = &cases[i];
		const char *const argv[] = { "/bin/sh", "-c", c->script, NULL };
		int status = -1;
		char *text = NULL;

		print_message("%s\n", c->name);
		assert_int_equal(child_run(argv, 60000, &text, &status), c->r);
		if (c->r == 0) {
			assert_int_equal(status, c->status);
			assert_string_equal(text, c->text);
			free(text);
		} else {
			assert_null(text);
			assert_int_equal(status, -1);
		}
		none_left();
	}
}

static void test_hangs(void **state)
{
	const char *const argv[] = { "/bin/sh", "-c", "exec sleep 1000", NULL };
	char *text = NULL;
	int status;

	(void)state;
	assert_int_equal(child_run(argv, 50, &text, &status), -ETIMEDOUT);
	assert_null(text);
	none_left();
}

static void test_not_there(void **state)
{
	const char *const argv[] = { "/nowhere/smartctl", NULL };
	char *text = NULL;
	int status;

	(void)state;
	assert_int_equal(child_run(argv, 50, &text, &status), -ENOENT);
	assert_null(text);
}

int main(void)
{
	const struct CMUnitTest all[] = {
		cmocka_unit_test(test_run),
		cmocka_unit_test(test_hangs),
		cmocka_unit_test(test_not_there),
	};

	return cmocka_run_group_tests(all, NULL, NULL);
}
