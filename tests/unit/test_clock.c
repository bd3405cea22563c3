/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Agent time: one anchor a boot, whoever runs in it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/daemon/clock.h"

static void test_starts_at_the_wall_clock(void **state)
{
	struct hale_clock c;
	uint64_t wall = (uint64_t)time(NULL), now;

	(void)state;
	clock_init(&c);
	now = clock_now_ns(&c) / HALE_NS_PER_S;
	assert_true(now + 1 >= wall && now <= wall + 2);
}

static void test_keeps_the_anchor_of_this_boot(void **state)
{
	struct hale_clock first, second;

	(void)state;
	clock_init(&first);
	clock_init(&second);
	assert_true(first.boot_id[0] != '\0');
	/* the wall clock was set by an hour between the two */
	first.boot_to_agent_ns += (int64_t)(3600 * HALE_NS_PER_S);
	assert_true(
		clock_resume(&second, first.boot_id, first.boot_to_agent_ns));
	assert_int_equal(second.boot_to_agent_ns, first.boot_to_agent_ns);
}

static void test_another_boot_is_another_anchor(void **state)
{
	struct hale_clock c;
	int64_t anchor;

	(void)state;
	clock_init(&c);
	anchor = c.boot_to_agent_ns;
	assert_false(
		clock_resume(&c, "00000000-0000-0000-0000-000000000000", 1));
	assert_false(clock_resume(&c, "", 1));
	assert_int_equal(c.boot_to_agent_ns, anchor);
	c.boot_id[0] = '\0'; /* a kernel that tells none: never the same */
	assert_false(clock_resume(&c, "", 1));
}

static void test_monotonic_times_are_of_the_same_time(void **state)
{
	struct hale_clock c;
	struct timespec t;
	uint64_t mono, before, after;

	(void)state;
	clock_init(&c);
	before = clock_now_ns(&c);
	clock_gettime(CLOCK_MONOTONIC, &t);
	mono = (uint64_t)t.tv_sec * HALE_NS_PER_S + (uint64_t)t.tv_nsec +
	       (uint64_t)clock_mono_to_agent_ns(&c);
	after = clock_now_ns(&c);
	/* the two clocks are read one after the other: allow what that takes */
	assert_true(mono + 100 * HALE_NS_PER_MS >= before);
	assert_true(mono <= after + 100 * HALE_NS_PER_MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_starts_at_the_wall_clock),
		cmocka_unit_test(test_keeps_the_anchor_of_this_boot),
		cmocka_unit_test(test_another_boot_is_another_anchor),
		cmocka_unit_test(test_monotonic_times_are_of_the_same_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
