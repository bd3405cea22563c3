/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What time it is for the store: the agent's, whatever the time of day is set
 * to meanwhile.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <time.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/ship/ship.h"

#define DAY	(UINT64_C(86400) * HALE_NS_PER_S)
#define MORNING (UINT64_C(1800000000) * HALE_NS_PER_S)

static uint64_t wall_ns, boot_ns;

int __wrap_clock_gettime(clockid_t id, struct timespec *ret);

int __wrap_clock_gettime(clockid_t id, struct timespec *ret)
{
	uint64_t ns = id == CLOCK_REALTIME ? wall_ns : boot_ns;

	ret->tv_sec = (time_t)(ns / HALE_NS_PER_S);
	ret->tv_nsec = (long)(ns % HALE_NS_PER_S);
	return 0;
}

/* In this order: the clock of a process is set once. */
static void the_time_of_day_before_the_agent_speaks(void **state)
{
	(void)state;
	wall_ns = MORNING;
	boot_ns = 5 * HALE_NS_PER_S;
	assert_false(ship_time_known());
	assert_int_equal(ship_now_ns(), MORNING);
	boot_ns += HALE_NS_PER_S;
	wall_ns -= DAY;
	assert_int_equal(ship_now_ns(), MORNING - DAY);
}

static void then_the_agents(void **state)
{
	(void)state;
	ship_follow(MORNING);
	assert_true(ship_time_known());
	assert_int_equal(ship_now_ns(), MORNING);
	wall_ns -= 2 * DAY;
	assert_int_equal(ship_now_ns(), MORNING);
	wall_ns += 400 * DAY;
	boot_ns += HALE_NS_PER_S;
	assert_int_equal(ship_now_ns(), MORNING + HALE_NS_PER_S);
}

/* A report that says none, as an agent that has not settled might. */
static void no_time_changes_nothing(void **state)
{
	uint64_t now = ship_now_ns();

	(void)state;
	ship_follow(0);
	assert_int_equal(ship_now_ns(), now);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_time_of_day_before_the_agent_speaks),
		cmocka_unit_test(then_the_agents),
		cmocka_unit_test(no_time_changes_nothing),
	};

	return cmocka_run_group_tests_name("ship_clock", tests, NULL, NULL);
}
