/* SPDX-License-Identifier: Apache-2.0 */
/* What many builds say together: quantiles, changes, what is too few. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "agent/cli/history_stats.h"
#include "agent/ship/rank.h"
#include "hale/base.h"

#define MAX 200

static struct history_row rows[MAX];
static struct history_rows all = { .rows = rows };

/* The newest first. */
static void add(size_t n, uint64_t seconds, bool passed)
{
	for (size_t i = 0; i < n; i++) {
		struct history_row *r = &rows[all.n];

		memset(r, 0, sizeof(*r));
		r->started_ns = (MAX - all.n) * 60 * HALE_NS_PER_S;
		r->wall_ns = seconds * HALE_NS_PER_S;
		r->outcome = passed ? HALE__V1__BUILD_RESULT__OUTCOME__PASSED
				    : HALE__V1__BUILD_RESULT__OUTCOME__FAILED;
		HALE_SET(r->repo, "acme/shop");
		all.n++;
	}
}

static int begin(void **state)
{
	(void)state;
	all.n = 0;
	return 0;
}

static struct stats_change change(void)
{
	struct stats_change c;

	stats_change(&all, NULL, NULL, &c);
	return c;
}

static void test_nearest_rank(void **state)
{
	uint64_t v[] = { 50, 10, 40, 20, 30 };
	uint64_t one[] = { 7 };
	uint64_t twenty[20];

	(void)state;
	assert_int_equal(rank_percent(v, 5, 50), 30);
	assert_int_equal(rank_percent(v, 5, 95), 50);
	assert_int_equal(rank_percent(v, 5, 0), 10);
	assert_int_equal(rank_percent(one, 1, 95), 7);
	assert_int_equal(rank_percent(one, 0, 95), 0);
	for (size_t i = 0; i < 20; i++)
		twenty[i] = 20 - i;
	assert_int_equal(rank_percent(twenty, 20, 95), 19);
}

static void test_counts_and_durations(void **state)
{
	struct stats_counts c;
	struct stats_span s;

	(void)state;
	add(3, 10, true);
	add(2, 999, false);
	add(1, 20, true);
	stats_count(&all, NULL, NULL, &c);
	assert_int_equal(c.builds, 6);
	assert_int_equal(c.passed, 4);
	assert_int_equal(c.failed, 2);
	stats_span(&all, NULL, NULL, &s);
	assert_int_equal(s.n, 4); /* how long a failure took says nothing */
	assert_int_equal(s.median_ns, 10 * HALE_NS_PER_S);
	assert_int_equal(s.p95_ns, 20 * HALE_NS_PER_S);
}

static void test_slower(void **state)
{
	struct stats_change c;

	(void)state;
	add(20, 130, true);
	add(5, 1, false);
	add(50, 100, true);
	c = change();
	assert_int_equal(c.trend, TREND_SLOWER);
	assert_int_equal(c.percent, 30);
	assert_int_equal(c.recent, 20);
	assert_int_equal(c.before, 50);
}

static void test_faster(void **state)
{
	(void)state;
	add(20, 50, true);
	add(30, 100, true);
	assert_int_equal(change().trend, TREND_FASTER);
	assert_int_equal(change().percent, 50);
}

/* One build that took an hour is not a trend, nor are nine. */
static void test_a_few_slow_ones_change_nothing(void **state)
{
	(void)state;
	add(9, 3600, true);
	add(61, 100, true);
	assert_int_equal(change().trend, TREND_STEADY);
}

/* What was always so uneven is no regression. */
static void test_within_the_usual_spread(void **state)
{
	(void)state;
	add(20, 150, true);
	for (int i = 0; i < 10; i++) {
		add(1, 100, true);
		add(1, 100, true);
		add(1, 160, true);
	}
	assert_int_equal(change().trend, TREND_STEADY);
}

static void test_too_few(void **state)
{
	(void)state;
	assert_int_equal(change().trend, TREND_TOO_FEW);
	add(20, 500, true);
	add(9, 100, true);
	assert_int_equal(change().trend, TREND_TOO_FEW);
	add(1, 100, true);
	assert_int_equal(change().trend, TREND_SLOWER);
}

static void test_cold_and_warm(void **state)
{
	struct history_row r = { .steps = 0 };

	(void)state;
	assert_false(stats_is_warm(&r) || stats_is_cold(&r));
	r.steps = 9;
	r.cached = 4;
	assert_true(stats_is_cold(&r));
	r.cached = 5;
	assert_true(stats_is_warm(&r));
}

static const char *repo_of(const struct history_row *r)
{
	return r->repo;
}

static void test_keys(void **state)
{
	struct stats_key keys[STATS_KEYS_MAX];

	(void)state;
	add(3, 1, true);
	HALE_SET(rows[1].repo, "acme/other");
	assert_int_equal(stats_keys(&all, repo_of, keys), 2);
	assert_string_equal(keys[0].key, "acme/shop");
	assert_int_equal(keys[0].n, 2);
}

/* More of them than are counted: none is written past the end. */
static void test_more_keys_than_are_counted(void **state)
{
	struct stats_key keys[STATS_KEYS_MAX];

	(void)state;
	add(MAX, 1, true);
	for (size_t i = 0; i < MAX; i++)
		snprintf(rows[i].repo, sizeof(rows[i].repo), "r%zu", i);
	assert_int_equal(stats_keys(&all, repo_of, keys), STATS_KEYS_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nearest_rank),
		cmocka_unit_test_setup(test_counts_and_durations, begin),
		cmocka_unit_test_setup(test_slower, begin),
		cmocka_unit_test_setup(test_faster, begin),
		cmocka_unit_test_setup(test_a_few_slow_ones_change_nothing,
				       begin),
		cmocka_unit_test_setup(test_within_the_usual_spread, begin),
		cmocka_unit_test_setup(test_too_few, begin),
		cmocka_unit_test(test_cold_and_warm),
		cmocka_unit_test_setup(test_keys, begin),
		cmocka_unit_test_setup(test_more_keys_than_are_counted, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
