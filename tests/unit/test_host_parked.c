/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A driver with several parts of which some do not answer: the others stay
 * covered, nobody is sent after one who is stuck, and who comes back is asked
 * again. That a child does not die is made by a kill that does not arrive.
 */
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "host_fixture.h"

/* Shared with the children. */
struct world {
	bool hangs[8];	    /* which parts do not answer */
	uint32_t visits[8]; /* how often each was turned to */
	uint32_t runs;
};

static volatile struct world *world;
static bool kills_arrive;

long __real_syscall(long number, ...);
long __wrap_syscall(long number, long a, long b, long c, long d);

long __wrap_syscall(long number, long a, long b, long c, long d)
{
	if (number == SYS_pidfd_send_signal && !kills_arrive)
		return 0;
	return __real_syscall(number, a, b, c, d);
}

static int sample_parts(struct hale_probe *p)
{
	char part[8];

	world->runs++;
	for (unsigned int i = 0; i < 8; i++) {
		snprintf(part, sizeof(part), "8:%u", i);
		if (hale_skips(p, part))
			continue;
		say_hung(p, part, false);
		world->visits[i]++;
		while (world->hangs[i])
			usleep(1000);
		say_number(p, i);
	}
	live(p, HALE_SENSE_FS_STATE);
	return 0;
}

static const struct hale_driver many = { .name = "many",
					 .senses = FS_STATE,
					 .period_ms = 400,
					 .deadline_ms = 100,
					 .may_block = true,
					 .sample = sample_parts };
static const struct hale_driver *const drivers[] = { &many, NULL };

/* It hangs before it can name a part; whoever was killed meanwhile ends where
 * it comes back. */
static int sample_in_silence(struct hale_probe *p)
{
	bool hung = world->hangs[0];

	while (world->hangs[0])
		usleep(1000);
	if (hung)
		raise(SIGKILL);
	live(p, HALE_SENSE_FS_STATE);
	return 0;
}

static const struct hale_driver silent = { .name = "silent",
					   .senses = FS_STATE,
					   .period_ms = 3600 * 1000,
					   .deadline_ms = 100,
					   .may_block = true,
					   .sample = sample_in_silence };
static const struct hale_driver *const silent_ones[] = { &silent, NULL };

/* What was said last of a part's hanging: -1 nothing, else whether it holds. */
static int hung(const char *part)
{
	int holds = -1;

	for (size_t i = 0; i < n_said; i++) {
		const struct hale_observation *o = &said[i].fact.u.observation;

		if (said[i].fact.kind == HALE_FACT_OBSERVATION &&
		    strcmp(o->part, part) == 0)
			holds = o->holds;
	}
	return holds;
}

/* Why a part cannot be seen, as said last; "" where that was not said. */
static const char *unseen(const char *part)
{
	const char *why = "";

	for (size_t i = 0; i < n_said; i++) {
		const struct hale_coverage *c = &said[i].fact.u.coverage;

		if (said[i].fact.kind == HALE_FACT_COVERAGE &&
		    strcmp(c->part, part) == 0 && c->sight == HALE_SIGHT_BLIND)
			why = c->why;
	}
	return why;
}

static bool measured(uint64_t number)
{
	for (size_t i = 0; i < n_said; i++) {
		if (said[i].fact.kind == HALE_FACT_POSITION &&
		    said[i].fact.u.position == number)
			return true;
	}
	return false;
}

static uint32_t parked(void)
{
	struct host_stand stand;

	assert_true(host_stand(host, 0, &stand));
	return stand.parked;
}

static int setup(void **state)
{
	world = mmap(NULL, sizeof(*world), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(world != MAP_FAILED);
	kills_arrive = true;
	return host_setup_test(state);
}

static int teardown(void **state)
{
	kills_arrive = true;
	for (int i = 0; i < 8; i++)
		world->hangs[i] = false;
	host_teardown_test(state);
	return munmap((void *)(uintptr_t)world, sizeof(*world));
}

static void test_the_other_parts_stay_covered(void **state)
{
	(void)state;
	world->hangs[2] = true;
	start(drivers);
	turn_until_settled();
	assert_int_equal(hung("8:2"), true);
	assert_int_equal(hung("8:1"), false);
	assert_int_equal(hung("8:7"), false);
	assert_true(measured(7));
	assert_true(is_live("many", HALE_SENSE_FS_STATE));
	/* it could be ended, so it is asked again in the next period */
	world->hangs[2] = false;
	TURN_UNTIL(hung("8:2") == false);
	assert_true(is_live("many", HALE_SENSE_FS_STATE));
}

static void test_nobody_is_sent_after_one_who_is_stuck(void **state)
{
	uint32_t runs;

	(void)state;
	kills_arrive = false;
	world->hangs[3] = true;
	start(drivers);
	turn_until_settled();
	assert_int_equal(parked(), 1);
	assert_true(is_live("many", HALE_SENSE_FS_STATE));
	runs = world->runs;
	TURN_UNTIL(world->runs >= runs + 2); /* on its schedule */
	assert_int_equal(world->visits[3], 1);
	n_said = 0;
	TURN_UNTIL(hung("8:3") >= 0);
	assert_int_equal(hung("8:3"), true); /* said as long as it holds */
	TURN_UNTIL(unseen("8:3")[0] != '\0');
	assert_non_null(strstr(unseen("8:3"), "has not returned since 20"));
	assert_string_equal(unseen("8:2"), "");
	/* it ends at last, and the part is asked again */
	world->hangs[3] = false;
	TURN_UNTIL(world->visits[3] == 2);
	TURN_UNTIL(hung("8:3") == false);
	assert_int_equal(parked(), 0);
	n_said = 0;
	TURN_UNTIL(is_live("many", HALE_SENSE_FS_STATE));
	assert_string_equal(unseen("8:3"), "");
}

/* Blind for no longer than it hangs, however long its period is. */
static void test_who_comes_back_runs_again_at_once(void **state)
{
	(void)state;
	kills_arrive = false;
	world->hangs[0] = true;
	start(silent_ones);
	turn_until_settled();
	assert_true(is_blind("silent", HALE_SENSE_FS_STATE));
	world->hangs[0] = false;
	TURN_UNTIL(is_live("silent", HALE_SENSE_FS_STATE));
}

static void test_as_many_as_there_is_room_for(void **state)
{
	uint32_t runs;

	(void)state;
	kills_arrive = false;
	for (int i = 0; i < 6; i++)
		world->hangs[i] = true;
	start(drivers);
	turn_until_settled();
	assert_true(is_blind("many", HALE_SENSE_FS_STATE));
	assert_int_equal(parked(), 4);
	assert_int_equal(hung("8:4"), true);
	runs = world->runs;
	assert_int_equal(runs, 5);
	/* one comes back: its part and the rest are looked at again */
	world->hangs[5] = false;
	world->hangs[4] = false;
	TURN_UNTIL(is_live("many", HALE_SENSE_FS_STATE));
	assert_true(measured(5));
	assert_int_equal(world->visits[0], 1);
}

/* A disk that comes and goes: those that could be ended take no room. */
static void test_what_can_be_ended_is_always_tried_again(void **state)
{
	(void)state;
	for (int i = 0; i < 6; i++)
		world->hangs[i] = true;
	start(drivers);
	turn_until_settled();
	assert_true(is_blind("many", HALE_SENSE_FS_STATE));
	for (int i = 0; i < 6; i++)
		world->hangs[i] = false;
	TURN_UNTIL(is_live("many", HALE_SENSE_FS_STATE));
	TURN_UNTIL(hung("8:0") == false);
	assert_true(measured(0));
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(test_the_other_parts_stay_covered),
		CASE(test_nobody_is_sent_after_one_who_is_stuck),
		CASE(test_who_comes_back_runs_again_at_once),
		CASE(test_as_many_as_there_is_room_for),
		CASE(test_what_can_be_ended_is_always_tried_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
