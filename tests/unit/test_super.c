/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the supervisor decides, with invented time: when a process is started
 * again, and when a core that says nothing is a core that hangs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/super/alive.h"
#include "agent/super/backoff.h"
#include "agent/super/distrust.h"
#include "agent/super/pace.h"

#define MS HALE_NS_PER_MS
#define S  HALE_NS_PER_S

static const struct backoff_rule rule = {
	.first_ns = 100 * MS,
	.longest_ns = 64 * S,
	.useful_ns = 2 * S,
	.healthy_ns = S,
	.at_once = 2,
};

static void test_first_at_once_then_longer_each_time(void **state)
{
	const uint64_t expected[] = { 0,	0,	  100 * MS,
				      200 * MS, 400 * MS, 800 * MS };
	struct backoff b = { 0 };

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(expected); i++)
		assert_int_equal(backoff_next(&b, &rule, 0, false),
				 expected[i]);
}

static void test_never_longer_than_the_rule_and_never_without_end(void **state)
{
	struct backoff b = { 0 };
	uint64_t last = 0;

	(void)state;
	for (int i = 0; i < 5000; i++)
		last = backoff_next(&b, &rule, 0, false);
	assert_int_equal(last, 64 * S);
	assert_int_equal(backoff_next(&b, &rule, 0, true), 2 * S);
}

static void test_who_lived_is_started_at_once_again(void **state)
{
	struct backoff b = { 0 };

	(void)state;
	for (int i = 0; i < 10; i++)
		backoff_next(&b, &rule, 0, true);
	assert_int_equal(backoff_next(&b, &rule, S, true), 0);
	assert_int_equal(backoff_next(&b, &rule, S - 1, true), 0);
	assert_int_equal(backoff_next(&b, &rule, S - 1, true), 100 * MS);
}

static void test_who_asks_too_often_waits(void **state)
{
	const struct pace_rule two = { .each_ns = S, .burst = 2 };
	struct pace p = { 0 };
	uint64_t now = 1000 * S, n = 0;

	(void)state;
	assert_int_equal(pace_wait_ns(&p, &two, now), 0);
	assert_int_equal(pace_wait_ns(&p, &two, now), 0);
	assert_int_equal(pace_wait_ns(&p, &two, now), S);
	/* to be refused costs nothing more */
	assert_int_equal(pace_wait_ns(&p, &two, now + 400 * MS), 600 * MS);
	assert_int_equal(pace_wait_ns(&p, &two, now + S), 0);
	for (int i = 0; i < 10000; i++)
		n += pace_wait_ns(&p, &two, now + S + (uint64_t)i * MS) == 0;
	assert_in_range(n, 9, 11);
	/* a long rest is worth a burst, not more */
	now += 1000000 * S;
	assert_int_equal(pace_wait_ns(&p, &two, now), 0);
	assert_int_equal(pace_wait_ns(&p, &two, now), 0);
	assert_int_equal(pace_wait_ns(&p, &two, now), S);
}

static void test_a_memory_that_nobody_gets_over_is_given_up(void **state)
{
	uint32_t deaths = 0;

	(void)state;
	assert_int_equal(distrust_after(&deaths, false), DISTRUST_NOTHING);
	assert_int_equal(distrust_after(&deaths, true), DISTRUST_NOTHING);
	assert_int_equal(distrust_after(&deaths, false), DISTRUST_NOTHING);
	assert_int_equal(distrust_after(&deaths, false), DISTRUST_VAULT);
	assert_int_equal(distrust_after(&deaths, false), DISTRUST_NOTHING);
	assert_int_equal(distrust_after(&deaths, false), DISTRUST_DISK);
	/* and it begins anew */
	assert_int_equal(distrust_after(&deaths, false), DISTRUST_NOTHING);
	assert_int_equal(distrust_after(&deaths, false), DISTRUST_VAULT);
	assert_int_equal(distrust_after(&deaths, true), DISTRUST_NOTHING);
}

static void test_one_that_answers_is_asked_in_its_period(void **state)
{
	struct alive a = { 0 };
	uint64_t now = 1000 * S;

	(void)state;
	alive_begin(&a, now);
	for (int i = 0; i < 100; i++) {
		assert_int_equal(alive_due(&a, now), ALIVE_PING);
		alive_pong(&a, a.number);
		assert_true(alive_answers(&a));
		assert_int_equal(alive_due(&a, now + ALIVE_EVERY_NS - 1),
				 ALIVE_WAIT);
		assert_int_equal(a.due_ns, now + ALIVE_EVERY_NS);
		now = a.due_ns;
	}
}

static void test_one_that_is_silent_is_ended(void **state)
{
	struct alive a = { 0 };

	(void)state;
	alive_begin(&a, S);
	assert_int_equal(alive_due(&a, S), ALIVE_PING);
	assert_false(alive_answers(&a));
	assert_int_equal(alive_due(&a, S + ALIVE_PATIENCE_NS - 1), ALIVE_WAIT);
	assert_int_equal(alive_due(&a, S + ALIVE_PATIENCE_NS), ALIVE_END);
}

static void test_an_old_answer_is_none(void **state)
{
	struct alive a = { 0 };

	(void)state;
	alive_begin(&a, S);
	alive_due(&a, S);
	alive_pong(&a, a.number);
	alive_due(&a, a.due_ns);
	alive_pong(&a, a.number - 1);
	alive_pong(&a, a.number + 1);
	assert_false(alive_answers(&a));
}

/* The whole machine stood still: nobody could answer. */
static void test_who_was_stopped_itself_blames_nobody(void **state)
{
	struct alive a = { 0 };
	uint64_t late = S + ALIVE_PATIENCE_NS + 10 * S;

	(void)state;
	alive_begin(&a, S);
	alive_due(&a, S);
	assert_int_equal(alive_due(&a, late), ALIVE_WAIT);
	assert_int_equal(alive_due(&a, a.due_ns), ALIVE_END);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_at_once_then_longer_each_time),
		cmocka_unit_test(
			test_never_longer_than_the_rule_and_never_without_end),
		cmocka_unit_test(test_who_lived_is_started_at_once_again),
		cmocka_unit_test(test_who_asks_too_often_waits),
		cmocka_unit_test(
			test_a_memory_that_nobody_gets_over_is_given_up),
		cmocka_unit_test(test_one_that_answers_is_asked_in_its_period),
		cmocka_unit_test(test_one_that_is_silent_is_ended),
		cmocka_unit_test(test_an_old_answer_is_none),
		cmocka_unit_test(test_who_was_stopped_itself_blames_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
