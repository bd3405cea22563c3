/* SPDX-License-Identifier: Apache-2.0 */
/* Which paths a check is about: those named, those by default, those implied.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/lib/resolve.h"

static void test_request_implies_root_and_usr(void **state)
{
	static struct hale_scope_request req;
	const char *given[] = { "/proc" };

	(void)state;
	assert_int_equal(resolve_request(NULL, given, 1, &req), 0);
	assert_true(req.n_paths >= 2);
	assert_string_equal(req.paths[0].path, given[0]);
	assert_false(req.paths[0].implied);
	assert_string_equal(req.paths[1].path, "/");
	assert_true(req.paths[1].implied);
	/* /usr is told only where it is a mount of its own */
	if (req.n_paths == 3)
		assert_string_not_equal(req.paths[2].mountpoint,
					req.paths[1].mountpoint);
}

static void test_request_folds_what_is_implied(void **state)
{
	static struct hale_scope_request req;
	const char *given[] = { "/" };

	(void)state;
	assert_int_equal(resolve_request(NULL, given, 1, &req), 0);
	assert_false(req.paths[0].implied);
	for (uint32_t i = 1; i < req.n_paths; i++)
		assert_string_not_equal(req.paths[i].mountpoint, "/");
}

static void test_request_bounds(void **state)
{
	static struct hale_scope_request req;
	const char *many[20], *none[] = { "" };

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(many); i++)
		many[i] = "/";
	assert_int_equal(resolve_request(NULL, many, 14, &req), 0);
	assert_int_equal(resolve_request(NULL, many, 15, &req), -E2BIG);
	assert_int_equal(resolve_request(NULL, none, 1, &req), -EINVAL);
}

static void test_request_defaults(void **state)
{
	static struct hale_scope_request req;
	char cwd[4096];

	(void)state;
	assert_non_null(getcwd(cwd, sizeof(cwd)));
	assert_int_equal(setenv("TMPDIR", "/proc", 1), 0);
	assert_int_equal(resolve_request(NULL, NULL, 0, &req), 0);
	assert_string_equal(req.paths[0].path, cwd);
	assert_string_equal(req.paths[1].mountpoint, "/proc");
	assert_int_equal(unsetenv("TMPDIR"), 0);
	assert_int_equal(resolve_request(NULL, NULL, 0, &req), 0);
	assert_string_equal(req.paths[1].path, "/tmp");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_request_implies_root_and_usr),
		cmocka_unit_test(test_request_folds_what_is_implied),
		cmocka_unit_test(test_request_bounds),
		cmocka_unit_test(test_request_defaults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
