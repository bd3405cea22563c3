/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The probe process at its work: what it finds out reaches the core, and what
 * the core asks is answered.
 */
#include <signal.h>

#include "probe_fixture.h"

static void test_facts_come_over(void **state)
{
	(void)state;
	start_probe();
	assert_true(is_live("mapper", HALE_SENSE_STORAGE_MAP));
	assert_true(is_live("looker", HALE_SENSE_FS_STATE));
	assert_true(find(HALE_FACT_MAP_END, "mapper") >= 0);
	assert_int_equal(number(), 17); /* its option */
	assert_int_equal(world->maps, 1);
	assert_true(probe_seen_until(&probe, STORAGE_MAP) == UINT64_MAX);
}

static void test_a_question_is_answered(void **state)
{
	char names[64];
	uint64_t asked;

	(void)state;
	start_probe();
	assert_false(probe_busy(&probe, FS_STATE));
	world->slow = true;
	asked = probe_trigger(&probe, FS_STATE | STORAGE_MAP, 0, true);
	assert_true(probe_busy(&probe, FS_STATE));
	assert_false(probe_busy(&probe, BLOCK_ERRORS));
	TURN_UNTIL(!probe_busy(&probe, STORAGE_MAP));
	assert_true(probe_pending(&probe, asked, names, sizeof(names)));
	assert_string_equal(names, "looker");
	world->slow = false;
	TURN_UNTIL(!probe_pending(&probe, asked, NULL, 0));
	assert_true(world->sees_asked);
	/* one that is set for later keeps nobody waiting */
	probe_trigger(&probe, FS_STATE, HALE_NS_PER_S, false);
	assert_false(probe_busy(&probe, FS_STATE));
}

static void test_a_run_that_began_before_is_no_answer(void **state)
{
	uint64_t first, second;

	(void)state;
	start_probe();
	world->slow = true;
	world->checks = 0;
	first = probe_trigger(&probe, FS_STATE, 0, true);
	TURN_UNTIL(world->checks == 1);
	second = probe_trigger(&probe, FS_STATE, 0, true);
	/* the probe has it before the run ends: it answers in order */
	probe_trigger(&probe, STORAGE_MAP, 0, false);
	TURN_UNTIL(!probe_busy(&probe, STORAGE_MAP));
	world->slow = false;
	TURN_UNTIL(!probe_pending(&probe, first, NULL, 0));
	TURN_UNTIL(!probe_pending(&probe, second, NULL, 0));
	assert_int_equal(world->checks, 2);
}

/* Runs are kept apart, so one that is asked for soon after another begins
 * later: who asked for it waits, and nobody else. */
static void test_a_question_put_off_is_waited_for(void **state)
{
	uint64_t asked;

	(void)state;
	start_probe();
	world->checks = 0;
	asked = probe_trigger(&probe, FS_STATE, HALE_NS_PER_S / 5, true);
	assert_true(probe_pending(&probe, asked, NULL, 0));
	assert_false(probe_busy(&probe, FS_STATE));
	TURN_UNTIL(!probe_pending(&probe, asked, NULL, 0));
	assert_int_equal(world->checks, 1);
	/* nor is it waited for when there is nobody left to answer */
	asked = probe_trigger(&probe, FS_STATE, HALE_NS_PER_S, true);
	probe_lose(&probe, "of the test", false);
	assert_false(probe_pending(&probe, asked, NULL, 0));
}

static void test_new_options_reach_it(void **state)
{
	(void)state;
	start_probe();
	probe_configure(&probe, &two, 1);
	TURN_UNTIL(number() == 18);
	assert_int_equal(world->maps, 1); /* whose options are the same */
}

/* Its turn at start has not come: the run that answers is still to begin. */
static void test_one_that_has_not_begun_is_waited_for(void **state)
{
	uint64_t asked;

	(void)state;
	start_probe();
	world->slow_map = true;
	kill(process.pid, SIGKILL);
	TURN_UNTIL(is_blind("looker", HALE_SENSE_FS_STATE));
	world->checks = world->maps = 0;
	TURN_UNTIL(world->maps == 1);
	asked = probe_trigger(&probe, FS_STATE, 0, true);
	for (int i = 0; i < 10; i++)
		assert_int_equal(loop_once(&loop, 20), 0);
	assert_int_equal(world->checks, 0);
	assert_true(probe_pending(&probe, asked, NULL, 0));
	world->slow_map = false;
	TURN_UNTIL(!probe_pending(&probe, asked, NULL, 0));
	assert_int_equal(world->checks, 1);
}

static void test_a_change_of_mounts_makes_the_map_late(void **state)
{
	uint64_t changed;

	(void)state;
	start_probe();
	changed = clock_boot_ns();
	probe.event_ns = changed;
	assert_true(probe_seen_until(&probe, STORAGE_MAP) < changed);
	TURN_UNTIL(probe_seen_until(&probe, STORAGE_MAP) == UINT64_MAX);
	assert_true(world->maps >= 2); /* others mount here, too */
}

static void test_who_is_dying_is_looked_at(void **state)
{
	const struct hale_victim v = { .pid = 4711, .signal = SIGBUS };

	(void)state;
	start_probe();
	probe_look(&probe, &v);
	TURN_UNTIL(world->looks == 1);
	assert_int_equal(world->looked_at, 4711);
	assert_false(probe_busy(&probe, 1U << HALE_SENSE_VICTIMS));
}

/* Later there is nothing to look at any more: it is not made up for. */
static void test_while_there_is_none_nobody_is_looked_at(void **state)
{
	const struct hale_victim v = { .pid = 4711, .signal = SIGBUS };
	const struct hale_victim next = { .pid = 4712, .signal = SIGBUS };

	(void)state;
	start_probe();
	kill(process.pid, SIGKILL);
	TURN_UNTIL(is_blind("looker", HALE_SENSE_FS_STATE));
	probe_look(&probe, &v);
	TURN_UNTIL(probe_settled(&probe));
	probe_look(&probe, &next);
	TURN_UNTIL(world->looks > 0);
	assert_int_equal(world->looks, 1);
	assert_int_equal(world->looked_at, 4712);
}

int main(void)
{
#define CASE(f)                                                                \
	cmocka_unit_test_setup_teardown(f, probe_setup_test,                   \
					probe_teardown_test)
	const struct CMUnitTest tests[] = {
		CASE(test_facts_come_over),
		CASE(test_a_question_is_answered),
		CASE(test_a_run_that_began_before_is_no_answer),
		CASE(test_a_question_put_off_is_waited_for),
		CASE(test_new_options_reach_it),
		CASE(test_one_that_has_not_begun_is_waited_for),
		CASE(test_a_change_of_mounts_makes_the_map_late),
		CASE(test_who_is_dying_is_looked_at),
		CASE(test_while_there_is_none_nobody_is_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
