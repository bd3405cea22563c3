/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is a stall and what is not; time is invented.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/run/tree/stall.h"

#define S(n)  ((n)*HALE_NS_PER_S)
#define LIMIT S(60)

/* Feeds every five seconds until @end; the second in which it stalled, or 0. */
static uint64_t stalls_at(uint64_t out_s, uint64_t ticks_s, uint64_t io_s,
			  uint64_t end)
{
	struct stall s;

	stall_start(&s, LIMIT, S(100));
	for (uint64_t t = 5; t <= end; t += 5) {
		if (stall_feed(&s, out_s * t, ticks_s * t / 100, io_s * t,
			       S(100 + t)))
			return t;
	}
	return 0;
}

static void silence_is_a_stall(void **state)
{
	(void)state;
	assert_int_equal(stalls_at(0, 0, 0, 300), 60);
}

static void any_output_moves_it_on(void **state)
{
	(void)state;
	assert_int_equal(stalls_at(1, 0, 0, 300), 0);
}

static void work_moves_it_on(void **state)
{
	(void)state;
	/* a twentieth of a processor; bytes to a disk */
	assert_int_equal(stalls_at(0, 500, 0, 300), 0);
	assert_int_equal(stalls_at(0, 0, 4096, 300), 0);
}

static void timers_of_a_runtime_do_not(void **state)
{
	(void)state;
	/* a tick in five seconds, an eventfd's eight bytes four times a s */
	assert_int_equal(stalls_at(0, 20, 32, 300), 60);
}

static void silence_counts_from_the_last_movement(void **state)
{
	struct stall s;
	uint64_t t = 0;

	(void)state;
	stall_start(&s, LIMIT, 0);
	for (; t < S(200); t += S(5))
		assert_false(stall_feed(&s, t, 0, 0, t));
	for (; t < S(255); t += S(5))
		assert_false(stall_feed(&s, S(195), 0, 0, t));
	assert_true(stall_feed(&s, S(195), 0, 0, t));
	assert_int_equal(s.moved_mono_ns, S(195));
}

static void nobody_looked_is_not_a_stall(void **state)
{
	struct stall s;

	(void)state;
	stall_start(&s, S(10), 0);
	assert_false(stall_feed(&s, 5, 0, 0, S(1)));
	/* hale was stopped for an hour, and its command with it */
	assert_false(stall_feed(&s, 5, 0, 0, S(3600)));
	for (uint64_t t = 3601; t < 3610; t++)
		assert_false(stall_feed(&s, 5, 0, 0, S(t)));
	assert_true(stall_feed(&s, 5, 0, 0, S(3610)));
}

static void without_a_limit_it_never_stalls(void **state)
{
	struct stall s;

	(void)state;
	stall_start(&s, 0, 0);
	assert_false(stall_feed(&s, 0, 0, 0, S(1)));
	assert_true(stall_due(&s) == UINT64_MAX);
}

static void it_is_looked_at_in_time(void **state)
{
	struct stall s;

	(void)state;
	stall_start(&s, S(4), S(10));
	assert_int_equal(stall_due(&s), S(10) + S(4) / 8);
	stall_start(&s, S(600), S(10));
	assert_int_equal(stall_due(&s), S(15));
	assert_false(stall_feed(&s, 0, 0, 0, S(13)));
	s.moved_mono_ns = S(13) - S(599);
	assert_int_equal(stall_due(&s), S(14));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(silence_is_a_stall),
		cmocka_unit_test(any_output_moves_it_on),
		cmocka_unit_test(work_moves_it_on),
		cmocka_unit_test(timers_of_a_runtime_do_not),
		cmocka_unit_test(silence_counts_from_the_last_movement),
		cmocka_unit_test(nobody_looked_is_not_a_stall),
		cmocka_unit_test(without_a_limit_it_never_stalls),
		cmocka_unit_test(it_is_looked_at_in_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
