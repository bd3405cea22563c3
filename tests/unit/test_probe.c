/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The probe process, a real one, with drivers of the test: what it finds out
 * reaches the core, what the core asks is answered, and however it ends its
 * drivers are told as blind and come back.
 */
#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "host_fixture.h"

#include "agent/daemon/probe.h"

static struct probe probe;
static struct hale_clock agent_clock;

/* Shared with all processes. */
static volatile struct {
	uint32_t maps, checks;
	bool slow, sees_asked;
} * world;

static int sample_map(struct hale_probe *p)
{
	struct hale_fact f = { .kind = HALE_FACT_MAP_BEGIN };

	world->maps++;
	p->emit(p->sink, &f);
	f.kind = HALE_FACT_MAP_END;
	p->emit(p->sink, &f);
	live(p, HALE_SENSE_STORAGE_MAP);
	return 0;
}

static int sample_state(struct hale_probe *p)
{
	const char *value = hale_option(p, "key");

	world->checks++;
	world->sees_asked = p->asked;
	while (world->slow)
		usleep(1000);
	say_number(p, value ? strtoull(value, NULL, 10) : 0);
	live(p, HALE_SENSE_FS_STATE);
	return 0;
}

static int sample_never(struct hale_probe *p)
{
	(void)p;
	abort(); /* the core's: it is not the probe's to run */
}

static const struct hale_driver mapper =
	BLOCKING("mapper", STORAGE_MAP, sample_map);
static const struct hale_driver looker = { .name = "looker",
					   .senses = FS_STATE,
					   .may_block = true,
					   .deadline_ms = 5000,
					   .sample = sample_state };
static const struct hale_driver event = { .name = "event",
					  .senses = BLOCK_ERRORS,
					  .sample = sample_never };
static const struct hale_driver *const drivers[] = { &mapper, &event, &looker,
						     NULL };

static const struct driver_option one = { "looker", "key", "17" };
static const struct driver_option two = { "looker", "key", "18" };

static uint64_t number(void)
{
	for (size_t i = n_said; i > 0; i--) {
		if (said[i - 1].fact.kind == HALE_FACT_POSITION)
			return said[i - 1].fact.u.position;
	}
	return 0;
}

static void start_probe(void)
{
	const struct probe_setup setup = { .loop = &loop,
					   .clock = &agent_clock,
					   .drivers = drivers,
					   .sink = remember_fact };

	probe_start(&probe, &setup);
	probe_configure(&probe, &one, 1);
	TURN_UNTIL(probe_settled(&probe));
}

static int setup(void **state)
{
	world = mmap(NULL, sizeof(*world), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(world != MAP_FAILED);
	clock_init(&agent_clock);
	return host_setup_test(state);
}

static int teardown(void **state)
{
	world->slow = false;
	probe_stop(&probe, 2000);
	host_teardown_test(state);
	return munmap((void *)(uintptr_t)world, sizeof(*world));
}

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

static void test_new_options_reach_it(void **state)
{
	(void)state;
	start_probe();
	probe_configure(&probe, &two, 1);
	TURN_UNTIL(number() == 18);
	assert_int_equal(world->maps, 1); /* whose options are the same */
}

static void test_it_is_killed_and_comes_back(void **state)
{
	pid_t first;

	(void)state;
	start_probe();
	first = probe.child.pid;
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
	assert_true(probe.child.pid != first);
	assert_int_equal(number(), 17); /* it was told its options again */
	assert_false(probe_busy(&probe, FS_STATE));
	probe_trigger(&probe, FS_STATE, 0, false);
	assert_true(probe_busy(&probe, FS_STATE));
	TURN_UNTIL(!probe_busy(&probe, FS_STATE));
}

static void test_it_hangs_and_is_replaced(void **state)
{
	pid_t first;

	(void)state;
	start_probe();
	first = probe.child.pid;
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

static void test_a_change_of_mounts_makes_the_map_late(void **state)
{
	uint64_t changed;

	(void)state;
	start_probe();
	changed = clock_boot_ns();
	probe.event_ns = changed;
	assert_true(probe_seen_until(&probe, STORAGE_MAP) < changed);
	TURN_UNTIL(probe_seen_until(&probe, STORAGE_MAP) == UINT64_MAX);
	assert_int_equal(world->maps, 2);
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
	pid = probe.child.pid;
	probe_stop(&probe, 5000);
	assert_int_equal(kill(pid, 0), -1);
	/* its child is ours to reap now, and is dead */
	do
		child = waitpid(-1, NULL, 0);
	while (child > 0);
	assert_int_equal(errno, ECHILD);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(test_facts_come_over),
		CASE(test_a_question_is_answered),
		CASE(test_a_run_that_began_before_is_no_answer),
		CASE(test_new_options_reach_it),
		CASE(test_it_is_killed_and_comes_back),
		CASE(test_it_hangs_and_is_replaced),
		CASE(test_a_change_of_mounts_makes_the_map_late),
		CASE(test_nothing_is_left_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
