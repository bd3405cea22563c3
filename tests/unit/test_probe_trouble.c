/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The probe process in trouble: however it ends, hangs or lies, its drivers are
 * told as blind and come back, and nobody is left behind.
 */
#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "probe_fixture.h"

static void test_it_is_killed_and_comes_back(void **state)
{
	pid_t first;

	(void)state;
	start_probe();
	first = process.pid;
	world->slow = true;
	probe_trigger(&probe, FS_STATE, 0, true);
	kill(first, SIGKILL);
	TURN_UNTIL(is_blind("looker", HALE_SENSE_FS_STATE));
	assert_true(is_blind("mapper", HALE_SENSE_STORAGE_MAP));
	assert_non_null(strstr(coverage("looker", HALE_SENSE_FS_STATE)->why,
			       "ended by SIGKILL"));
	assert_null(coverage("event", HALE_SENSE_BLOCK_ERRORS));
	assert_false(probe_busy(&probe, FS_STATE)); /* nobody waits for it */
	world->slow = false;
	TURN_UNTIL(is_live("looker", HALE_SENSE_FS_STATE) &&
		   is_live("mapper", HALE_SENSE_STORAGE_MAP));
	assert_true(process.pid != first);
	assert_int_equal(number(), 17); /* it was told its options again */
	assert_false(probe_busy(&probe, FS_STATE));
	probe_trigger(&probe, FS_STATE, 0, false);
	assert_true(probe_busy(&probe, FS_STATE));
	TURN_UNTIL(!probe_busy(&probe, FS_STATE));
}

/* Another is started at once: nobody is to hear of it. */
static void test_one_that_is_missed_too_long_is_told_as_blind(void **state)
{
	uint64_t asked;

	(void)state;
	start_probe();
	world->slow = true;
	asked = probe_trigger(&probe, FS_STATE, 0, true);
	process.job.ended = NULL;
	kill(process.pid, SIGKILL);
	TURN_UNTIL(process.state == CHILD_NONE);
	probe_lose(&probe, "it is gone", true);
	assert_true(probe_pending(&probe, asked, NULL, 0));
	assert_false(is_blind("looker", HALE_SENSE_FS_STATE));
	assert_false(is_blind("mapper", HALE_SENSE_STORAGE_MAP));
	assert_false(probe_settled(&probe));
	probe_missed(&probe);
	assert_false(probe_pending(&probe, asked, NULL, 0));
	assert_true(is_blind("looker", HALE_SENSE_FS_STATE));
	assert_non_null(strstr(coverage("looker", HALE_SENSE_FS_STATE)->why,
			       "it is gone"));
	assert_true(probe_settled(&probe));
}

/* It ends itself for new options, or dies and is started again at once: who
 * wants a fresh answer does not get what was known before. */
static void test_who_asks_meanwhile_is_answered_by_the_next(void **state)
{
	uint64_t before, meanwhile;

	(void)state;
	start_probe();
	world->slow = true;
	before = probe_trigger(&probe, FS_STATE, 0, true);
	process.job.ended = NULL;
	kill(process.pid, SIGKILL);
	TURN_UNTIL(process.state == CHILD_NONE && probe.peer.fd < 0);
	meanwhile = probe_trigger(&probe, FS_STATE, 0, true);
	assert_true(probe_pending(&probe, before, NULL, 0));
	assert_true(probe_pending(&probe, meanwhile, NULL, 0));
	world->checks = 0;
	world->sees_asked = false;
	start_another();
	TURN_UNTIL(world->checks > 0);
	assert_true(probe_pending(&probe, before, NULL, 0));
	assert_true(probe_pending(&probe, meanwhile, NULL, 0));
	world->slow = false;
	TURN_UNTIL(!probe_pending(&probe, before, NULL, 0) &&
		   !probe_pending(&probe, meanwhile, NULL, 0));
	assert_true(world->sees_asked);
}

static void test_it_hangs_and_is_replaced(void **state)
{
	pid_t first;

	(void)state;
	start_probe();
	first = process.pid;
	kill(first, SIGSTOP);
	/* as after a mount that somebody asks about */
	probe.event_ns = clock_boot_ns();
	assert_true(probe_seen_until(&probe, STORAGE_MAP) < UINT64_MAX);
	TURN_UNTIL(is_blind("mapper", HALE_SENSE_STORAGE_MAP));
	assert_non_null(strstr(coverage("mapper", HALE_SENSE_STORAGE_MAP)->why,
			       "did not answer"));
	TURN_UNTIL(is_live("mapper", HALE_SENSE_STORAGE_MAP));
	assert_int_equal(waitpid(first, NULL, WNOHANG), -1); /* it is gone */
}

/* Its pages lie on a dead disk, say. */
static void test_one_that_cannot_be_ended_is_told_as_blind(void **state)
{
	uint64_t asked;
	pid_t first;

	(void)state;
	start_probe();
	first = process.pid;
	kill(first, SIGSTOP);
	kills_arrive = false;
	asked = probe_trigger(&probe, FS_STATE, 0, true);
	probe.event_ns = clock_boot_ns();
	probe_seen_until(&probe, STORAGE_MAP);
	TURN_UNTIL(is_blind("mapper", HALE_SENSE_STORAGE_MAP));
	assert_true(is_blind("looker", HALE_SENSE_FS_STATE));
	assert_false(probe_pending(&probe, asked, NULL, 0));
	assert_int_equal(kill(first, 0), 0);
	kill(first, SIGKILL); /* it comes back from there after all */
	TURN_UNTIL(is_live("mapper", HALE_SENSE_STORAGE_MAP));
}

/* Mounts by the hundred, and the probe gets no processor for a second. */
static void test_a_burst_of_mounts_does_not_end_it(void **state)
{
	pid_t first;
	uint32_t maps;

	(void)state;
	start_probe();
	first = process.pid;
	maps = world->maps;
	kill(first, SIGSTOP);
	for (int i = 0; i < 2000; i++)
		probe.mounts.ready(probe.mounts.data, 0);
	probe_trigger(&probe, FS_STATE, 0, true);
	for (int i = 0; i < 30; i++)
		assert_int_equal(loop_once(&loop, 20), 0);
	kill(first, SIGCONT);
	TURN_UNTIL(!probe_busy(&probe, FS_STATE));
	TURN_UNTIL(probe_seen_until(&probe, STORAGE_MAP) == UINT64_MAX);
	assert_int_equal(process.pid, first);
	assert_false(is_blind("looker", HALE_SENSE_FS_STATE));
	assert_true(world->maps > maps);
}

/* A map that takes longer than the probe may is the driver's trouble. */
static void test_a_slow_map_does_not_end_it(void **state)
{
	pid_t first;

	(void)state;
	start_probe();
	first = process.pid;
	world->slow_map = true;
	probe.event_ns = clock_boot_ns();
	probe_seen_until(&probe, STORAGE_MAP);
	for (uint64_t end = clock_boot_ns() + 6 * HALE_NS_PER_S;
	     clock_boot_ns() < end;)
		assert_int_equal(loop_once(&loop, 50), 0);
	assert_int_equal(process.pid, first);
	assert_false(is_blind("looker", HALE_SENSE_FS_STATE));
	world->slow_map = false;
}

static void test_nobody_speaks_for_others(void **state)
{
	int maps = 0;

	(void)state;
	world->lies = true;
	start_probe();
	assert_true(is_live("looker", HALE_SENSE_FS_STATE));
	assert_int_equal(number(), 17); /* what is its own is believed */
	for (size_t i = 0; i < n_said; i++) {
		const struct hale_fact *f = &said[i].fact;

		maps += f->kind == HALE_FACT_MAP_END;
		assert_true(f->kind != HALE_FACT_POSITION);
		assert_true(f->kind != HALE_FACT_BEARER);
		assert_true(f->kind != HALE_FACT_OBSERVATION ||
			    f->u.observation.kind == HALE_OBSERVED_MEASURE);
	}
	assert_int_equal(maps, 1);
	assert_null(coverage("looker", HALE_SENSE_BLOCK_ERRORS));
}

/* Its end of the socket is closed, as when the core has died. */
static void test_nothing_is_left_behind(void **state)
{
	pid_t pid, child;

	(void)state;
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	start_probe();
	world->slow = true;
	world->checks = 0;
	probe_trigger(&probe, FS_STATE, 0, true);
	TURN_UNTIL(world->checks == 1);
	pid = process.pid;
	process.job.ended = NULL;
	probe_done(&probe);
	assert_true(child_wait(&process, 5000));
	assert_int_equal(kill(pid, 0), -1);
	/* its child is ours to reap now, and is dead */
	do
		child = waitpid(-1, NULL, 0);
	while (child > 0);
	assert_int_equal(errno, ECHILD);
}

int main(void)
{
#define CASE(f)                                                                \
	cmocka_unit_test_setup_teardown(f, probe_setup_test,                   \
					probe_teardown_test)
	const struct CMUnitTest tests[] = {
		CASE(test_it_is_killed_and_comes_back),
		CASE(test_one_that_is_missed_too_long_is_told_as_blind),
		CASE(test_who_asks_meanwhile_is_answered_by_the_next),
		CASE(test_it_hangs_and_is_replaced),
		CASE(test_one_that_cannot_be_ended_is_told_as_blind),
		CASE(test_a_burst_of_mounts_does_not_end_it),
		CASE(test_a_slow_map_does_not_end_it),
		CASE(test_nobody_speaks_for_others),
		CASE(test_nothing_is_left_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
