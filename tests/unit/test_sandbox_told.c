/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a host keeps from the agent's sandbox: told part by part with what
 * helps, gone when it is there again, and no worse a verdict for it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hale/base.h"
#include "hale/words.h"

#include "agent/core/coverage.h"
#include "agent/daemon/sandbox_told.h"

#define NOW (UINT64_C(1000) * HALE_NS_PER_S)

static void take(struct coverage *cov, uint32_t lacks)
{
	struct hale_coverage c;

	for (size_t i = 0; sandbox_told(lacks, i, &c); i++)
		coverage_take(cov, SANDBOX_TELLS, &c, NOW);
}

/* The row of a part; false: all of it is there. */
static bool row_of(const struct coverage *cov, const char *part,
		   struct hale_coverage *ret)
{
	for (size_t i = 0; coverage_get(cov, i, ret); i++) {
		assert_int_equal(ret->sense, HALE_SENSE_SANDBOX);
		if (strcmp(ret->part, part) == 0)
			return true;
	}
	return false;
}

static void test_a_whole_sandbox_is_one_live_row(void **state)
{
	struct coverage cov = { .n = 0 };
	struct hale_coverage c;

	(void)state;
	take(&cov, 0);
	assert_true(coverage_get(&cov, 0, &c));
	assert_int_equal(c.sight, HALE_SIGHT_LIVE);
	assert_string_equal(c.part, "");
	assert_false(coverage_get(&cov, 1, &c));
}

static void test_each_lack_says_what_helps(void **state)
{
	static const struct {
		uint32_t lacks;
		const char *part, *why, *remedy;
	} rows[] = {
		{ SANDBOX_LACKS_ROOT, "root", "not started by root",
		  "run haled as root" },
		{ SANDBOX_LACKS_USER, "user", "no user hale", "sysusers" },
		{ SANDBOX_LACKS_LANDLOCK | SANDBOX_LACKS_SCOPE, "landlock",
		  "no landlock", "lsm=" },
		{ SANDBOX_LACKS_SCOPE, "signals", "may signal", "6.12" },
		{ SANDBOX_LACKS_SECCOMP, "seccomp", "no system calls",
		  "CONFIG_SECCOMP_FILTER" },
	};
	struct hale_coverage c;
	char story[512];

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(rows); i++) {
		struct coverage cov = { .n = 0 };

		take(&cov, rows[i].lacks);
		assert_true(row_of(&cov, rows[i].part, &c));
		assert_int_equal(c.sight, HALE_SIGHT_PARTIAL);
		assert_non_null(strstr(c.why, rows[i].why));
		assert_non_null(strstr(c.remedy, rows[i].remedy));
		/* a reason and a remedy are whole, not cut */
		assert_true(strlen(c.why) < sizeof(c.why) - 1);
		assert_true(strlen(c.remedy) < sizeof(c.remedy) - 1);
		assert_int_equal(cov.n, 2); /* and nothing else is said */
		/* who requires it has it, and so does everybody else */
		assert_true(coverage_has(&cov, HALE_SENSE_SANDBOX, story,
					 sizeof(story)));
	}
}

static void test_what_is_there_again_is_not_told(void **state)
{
	struct coverage cov = { .n = 0 };
	struct hale_coverage c;

	(void)state;
	take(&cov, SANDBOX_LACKS_ROOT | SANDBOX_LACKS_SCOPE);
	assert_true(row_of(&cov, "root", &c));
	assert_true(row_of(&cov, "signals", &c));
	take(&cov, SANDBOX_LACKS_SCOPE);
	assert_false(row_of(&cov, "root", &c));
	assert_true(row_of(&cov, "signals", &c));
	/* helpers are another user then */
	take(&cov, SANDBOX_LACKS_USER | SANDBOX_LACKS_SCOPE);
	assert_true(row_of(&cov, "user", &c));
	assert_false(row_of(&cov, "signals", &c));
}

static void test_with_nothing_at_all_there_is_none(void **state)
{
	struct coverage cov = { .n = 0 };
	char story[512];

	(void)state;
	take(&cov, SANDBOX_LACKS_LANDLOCK | SANDBOX_LACKS_SECCOMP);
	assert_false(
		coverage_has(&cov, HALE_SENSE_SANDBOX, story, sizeof(story)));
	assert_non_null(strstr(story, "neither landlock nor seccomp"));
	assert_non_null(strstr(story, "CONFIG_SECCOMP_FILTER"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_whole_sandbox_is_one_live_row),
		cmocka_unit_test(test_each_lack_says_what_helps),
		cmocka_unit_test(test_what_is_there_again_is_not_told),
		cmocka_unit_test(test_with_nothing_at_all_there_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
