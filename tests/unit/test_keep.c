/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A core and the one after it, with a real middle and a real vault between
 * them: what was answered or acknowledged is known to the next, however the
 * first ended.
 */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kept.h"

/* --- what the next core knows --- */

static void test_right_at_once(void **state)
{
	(void)state;
	assert_int_equal(kept_verdict(), HALE_UNKNOWN);
	kept_host();
	assert_int_equal(kept_verdict(), HALE_FIT);
	assert_int_equal(keep_save(&kept.keep), 0);
	kept_succeed();
	assert_true(kept.mem.running);
	assert_string_equal(kept.mem.error, "");
	assert_int_equal(kept_verdict(), HALE_FIT);
}

static void unfit_by(const char *driver, uint64_t seq)
{
	kept_host();
	kept_fault(driver, "sda", seq);
	assert_int_equal(kept_verdict(), HALE_UNFIT);
	keep_before_answer(&kept.keep);
	kept_succeed();
	assert_int_equal(kept_verdict(), HALE_UNFIT);
	assert_int_equal(kept_count_of("disk/one"), 1);
}

static void test_unfit_by_the_log(void **state)
{
	(void)state;
	unfit_by("kmsg", 100);
}

static void test_unfit_by_a_tracepoint(void **state)
{
	(void)state;
	unfit_by("trace", 0);
}

static void test_unfit_by_the_probe(void **state)
{
	struct hale_fact f = { .kind = HALE_FACT_OBSERVATION };
	struct hale_observation *o = &f.u.observation;

	(void)state;
	kept_host();
	o->kind = HALE_OBSERVED_STATE;
	o->condition = HALE_FS_READONLY;
	o->ref = HALE_REF_PART;
	o->holds = true;
	o->time_ns = kept_now();
	HALE_SET(o->part, "fs/u1");
	kept_say("space", f);
	assert_int_equal(kept_verdict(), HALE_UNFIT);
	keep_before_answer(&kept.keep);
	kept_succeed();
	assert_int_equal(kept_verdict(), HALE_UNFIT);
}

/* Counted from its tracepoint; its line is read by the core after. */
static void test_witness_over_the_death(void **state)
{
	(void)state;
	kept_host();
	kept_position(100);
	kept_fault("trace", "sda", 0);
	keep_before_answer(&kept.keep);
	kept_succeed();
	assert_int_equal(kept.mem.position, 100);
	kept_fault("kmsg", "sda", 101);
	assert_int_equal(kept_count_of("disk/one"), 1);
	kept_fault("kmsg", "sda", 102);
	assert_int_equal(kept_count_of("disk/one"), 2);
}

/* What nobody says any more is given up when all have spoken. */
static void test_settled(void **state)
{
	struct hale_fact f = { .kind = HALE_FACT_COVERAGE };

	(void)state;
	kept_host();
	keep_save(&kept.keep);
	kept_succeed();
	f.u.coverage.sense = HALE_SENSE_BLOCK_ERRORS;
	f.u.coverage.sight = HALE_SIGHT_BLIND;
	HALE_SET(f.u.coverage.why, HALE_NOT_YET);
	kept_say("trace", f);
	assert_int_equal(kept_verdict(), HALE_FIT); /* not yet is no news */
	f.u.coverage.sight = HALE_SIGHT_LIVE;
	f.u.coverage.why[0] = '\0';
	kept_say("trace", f);
	f.u.coverage.sense = HALE_SENSE_STORAGE_MAP;
	kept_say("storage", f);
	middle_settled(kept.middle, kept_now());
	assert_int_equal(kept_verdict(),
			 HALE_UNKNOWN); /* nobody sees fs_state */
}

/* Of an earlier boot, or read from a file: no more than could be. */
static void test_not_over_a_restart(void **state)
{
	uint8_t *bytes;
	size_t len;

	(void)state;
	kept_host();
	kept_fault("kmsg", "sda", 5);
	keep_save(&kept.keep);
	assert_int_equal(vault_newest(&kept.vault, &bytes, &len), 2);
	kept_end_core();
	kept_new_core();
	assert_int_equal(keep_load(bytes, len, VAULT_FROM_DISK, &kept.mem), 0);
	assert_false(kept.mem.running);
	assert_int_equal(kept_count_of("disk/one"), 1);
	assert_int_equal(kept_verdict(), HALE_UNKNOWN);
	kept_end_core();
	kept_new_core();
	strcpy(kept.clock.boot_id, "another");
	assert_int_equal(keep_load(bytes, len, 7, &kept.mem), 0);
	assert_false(kept.mem.running);
	assert_int_equal(kept.mem.position, 0);
	assert_int_equal(kept_count_of("disk/one"), 1);
	free(bytes);
}

/* --- controls --- */

/* In a process of its own: clears, acknowledges, dies. */
static void clear_and_die(int said, uint64_t seq)
{
	char ok = 1;

	kept_position(seq);
	if (middle_clear(kept.middle, "sda", HALE_CONDITION_NONE, kept_now()) !=
	    1)
		_exit(1);
	keep_note_clear(&kept.keep, "disk/one", "uid 0, pid 1: replaced");
	if (keep_save(&kept.keep) != 0 || write(said, &ok, 1) != 1)
		_exit(2);
	for (;;) /* and is busy with the next write when it dies */
		keep_save(&kept.keep);
}

static void test_acknowledged_is_kept(void **state)
{
	(void)state;
	for (uint64_t i = 1; i <= 50; i++) {
		int pair[2], status;
		char ok = 0;
		pid_t pid;

		kept_host();
		kept_fault("kmsg", "sda", 10 * i);
		keep_save(&kept.keep);
		assert_int_equal(pipe(pair), 0);
		pid = fork();
		if (pid == 0)
			clear_and_die(pair[1], 10 * i);
		close(pair[1]);
		assert_int_equal(read(pair[0], &ok, 1), 1);
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		close(pair[0]);
		kept_succeed();
		assert_int_equal(kept_count_of("disk/one"), 0);
		assert_int_equal(kept_verdict(), HALE_FIT);
		kept_fault("kmsg", "sda", 10 * i); /* the log, read again */
		assert_int_equal(kept_count_of("disk/one"), 0);
		assert_int_equal(kept.keep.clears.n, 1);
		assert_string_equal(kept.keep.clears.list[0].by,
				    "uid 0, pid 1: replaced");
	}
}

static void test_pace(void **state)
{
	(void)state;
	kept_host();
	keep_touch(&kept.keep);
	assert_int_equal(kept.told, 1);
	kept_fault("kmsg", "sda", 1);
	keep_touch(&kept.keep);
	keep_touch(&kept.keep);
	assert_int_equal(kept.told, 1); /* within 50 ms: by the timer */
	assert_true(kept.keep.timer.due_ns != 0);
	kept.keep.took_ns = 0;
	keep_before_answer(&kept.keep);
	assert_int_equal(kept.told, 2);
	keep_before_answer(&kept.keep); /* nothing is new */
	assert_int_equal(kept.told, 2);
	kept_fault("kmsg", "sda", 2);
	kept.keep.took_ns = HALE_NS_PER_S; /* a storm: the loop has to go on */
	keep_before_answer(&kept.keep);
	assert_int_equal(kept.told, 2);
	assert_int_equal(kept.told_now, 0);
	keep_save(&kept.keep);
	assert_int_equal(kept.told_now, 1);
}

int main(void)
{
#define KEEP_TEST(f)                                                           \
	cmocka_unit_test_setup_teardown(f, kept_setup, kept_teardown)
	const struct CMUnitTest tests[] = {
		KEEP_TEST(test_right_at_once),
		KEEP_TEST(test_unfit_by_the_log),
		KEEP_TEST(test_unfit_by_a_tracepoint),
		KEEP_TEST(test_unfit_by_the_probe),
		KEEP_TEST(test_witness_over_the_death),
		KEEP_TEST(test_settled),
		KEEP_TEST(test_not_over_a_restart),
		KEEP_TEST(test_acknowledged_is_kept),
		KEEP_TEST(test_pace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
