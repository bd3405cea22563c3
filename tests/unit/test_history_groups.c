/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A year of a busy host: numbers of ten thousand builds are right, no group is
 * left out, lines fit, and it is there before anybody gets impatient.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <time.h>

#include "agent/cli/history_stats.h"
#include "hale/base.h"

#define BUILDS 10000
#define REPOS  250
#define MINUTE (60 * HALE_NS_PER_S)

static struct history_rows all;

/* Each duration of 1 to 10,000 s once, in an order without meaning (7919 is a
 * prime); each tenth build fails. The newest first. */
static int begin(void **state)
{
	static const char *const causes[] = { "code", "network", "host-io" };

	(void)state;
	all.rows = calloc(BUILDS, sizeof(*all.rows));
	all.n = BUILDS;
	for (size_t i = 0; all.rows && i < BUILDS; i++) {
		struct history_row *r = &all.rows[i];

		r->started_ns = (2000000 - i) * MINUTE;
		r->wall_ns = (i * 7919 % BUILDS + 1) * HALE_NS_PER_S;
		r->outcome = HALE__V1__BUILD_RESULT__OUTCOME__PASSED;
		if (i % 10 == 9) {
			r->outcome = HALE__V1__BUILD_RESULT__OUTCOME__FAILED;
			HALE_SET(r->cause, causes[i / 10 % 3]);
		}
		r->steps = 10;
		r->cached = r->wall_ns > 5000 * HALE_NS_PER_S ? 1 : 9;
		snprintf(r->repo, sizeof(r->repo),
			 "git.example.org/a-group/日本語-of-a-long-name-%03zu",
			 i % REPOS);
		HALE_SET(r->host, "one");
	}
	return all.rows ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	free(all.rows);
	return 0;
}

static bool is_warm(const struct history_row *r, const void *data)
{
	(void)data;
	return stats_is_warm(r);
}

/* The n-th smallest, counted in another way: how many are not longer. */
static size_t not_longer(uint64_t ns, bool warm)
{
	size_t n = 0;

	for (size_t i = 0; i < all.n; i++)
		n += history_passed(&all.rows[i]) &&
		     all.rows[i].wall_ns <= ns &&
		     (!warm || stats_is_warm(&all.rows[i]));
	return n;
}

static void test_numbers_of_many(void **state)
{
	struct stats_counts c;
	struct stats_span s;

	(void)state;
	stats_count(&all, NULL, NULL, &c);
	assert_int_equal(c.builds, 10000);
	assert_int_equal(c.passed, 9000);
	assert_int_equal(c.failed, 1000);
	stats_span(&all, NULL, NULL, &s);
	assert_int_equal(s.n, 9000);
	assert_int_equal(not_longer(s.median_ns, false), 4500);
	assert_int_equal(not_longer(s.p95_ns, false), 8550);
	stats_span(&all, is_warm, NULL, &s);
	assert_int_equal(not_longer(s.median_ns, true), (s.n + 1) / 2);
	assert_true(s.p95_ns <= 5000 * HALE_NS_PER_S);
}

/* What is 40 % slower since 20 builds is seen among so many, to the percent. */
static void test_a_regression_among_many(void **state)
{
	struct stats_change c;

	(void)state;
	for (size_t i = 0; i < all.n; i++) {
		all.rows[i].outcome = HALE__V1__BUILD_RESULT__OUTCOME__PASSED;
		all.rows[i].wall_ns =
			(i < 20 ? 140 : 100) * HALE_NS_PER_S + i % 3;
	}
	stats_change(&all, NULL, NULL, &c);
	assert_int_equal(c.trend, TREND_SLOWER);
	assert_int_equal(c.percent, 40);
	assert_int_equal(c.recent, 20);
	assert_int_equal(c.before, 50);
}

static uint64_t cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * HALE_NS_PER_S + (uint64_t)t.tv_nsec;
}

/* Lines of the table, its head included; each within @width. */
static size_t lines_of(enum history_by by, size_t width, char *ret_first)
{
	struct history_options o = { .by = by, .limit = BUILDS };
	struct out out = { 0 };
	uint64_t began = cpu_ns();
	size_t n = 0, len;
	char line[512];

	history_groups(&out, &o, &all, width);
	assert_true(cpu_ns() - began < HALE_NS_PER_S);
	for (const char *at = out.text; at < out.text + out.len;
	     at += len + 1) {
		len = (size_t)((const char *)memchr(
				       at, '\n',
				       (size_t)(out.text + out.len - at)) -
			       at);
		hale_copy(line, sizeof(line), at, len);
		assert_true(history_columns(line) <= width);
		if (n++ == 1)
			memcpy(ret_first, line, sizeof(line));
	}
	out_done(&out);
	return n;
}

static void test_every_group_is_shown(void **state)
{
	char first[512];

	(void)state;
	assert_int_equal(lines_of(HISTORY_REPO, 80, first), REPOS + 1);
	assert_non_null(strstr(first, "a-long-name-000"));
	assert_int_equal(lines_of(HISTORY_HOST, 80, first), 2);
	assert_non_null(strstr(first, "one"));
	assert_non_null(strstr(first, "10000"));
	assert_non_null(strstr(first, "90 %"));
	/* passed, and three causes */
	assert_int_equal(lines_of(HISTORY_CAUSE, 80, first), 5);
	assert_non_null(strstr(first, "(passed)"));
}

/* The worst there is: all of one group, no two causes alike in a row. */
static void test_failures_alone(void **state)
{
	char first[512];

	(void)state;
	for (size_t i = 0; i < all.n; i++) {
		all.rows[i].outcome = HALE__V1__BUILD_RESULT__OUTCOME__FAILED;
		snprintf(all.rows[i].cause, sizeof(all.rows[i].cause), "c%zu",
			 i % 7 % 6);
	}
	assert_int_equal(lines_of(HISTORY_HOST, 80, first), 2);
	assert_non_null(strstr(first, "c0")); /* 0 and 6 of each seven */
	assert_in_range(lines_of(HISTORY_DAY, 80, first), 8, 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_numbers_of_many, begin,
						end),
		cmocka_unit_test_setup_teardown(test_a_regression_among_many,
						begin, end),
		cmocka_unit_test_setup_teardown(test_every_group_is_shown,
						begin, end),
		cmocka_unit_test_setup_teardown(test_failures_alone, begin,
						end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
