/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kmsg driver and its log: what it says of faults, of records that were
 * lost and of those that are not the kernel's, and how it goes on after a
 * restart.
 */
#include "tests/unit/fake_kmsg.h"

#include <errno.h>

#include "hale/base.h"

static void test_a_healthy_log_is_live_and_silent(void **state)
{
	(void)state;
	fake_log_fixture("healthy");
	fake_start();
	assert_false(fake_has(HALE_DISK_MEDIUM_ERROR));
	for (size_t i = 0; i < said.n_observations; i++)
		assert_int_equal(said.observations[i].condition,
				 HALE_BUS_USB_DISCONNECT);
	assert_int_equal(fake_sight(HALE_SENSE_BLOCK_ERRORS), HALE_SIGHT_LIVE);
	assert_int_equal(fake_sight(HALE_SENSE_KERNEL_LOG), HALE_SIGHT_LIVE);
	assert_int_equal(said.position, 13);
}

static void test_a_failing_log_names_what_fails(void **state)
{
	const struct hale_observation *o;

	(void)state;
	fake_log_fixture("failing");
	fake_start();
	o = fake_find(HALE_DISK_MEDIUM_ERROR);
	assert_string_equal(o->part, "sde");
	assert_int_equal(o->count, 1);
	o = fake_find(HALE_FS_ERROR);
	assert_string_equal(o->part, "sdf1");
	assert_int_equal(o->time_ns, 40 * HALE_NS_PER_S);
	assert_true(fake_has(HALE_FS_READONLY));
}

static void test_a_torn_log_is_survived_and_told(void **state)
{
	const struct hale_observation *o;

	(void)state;
	fake_log_fixture("torn");
	fake_start();
	o = fake_find(HALE_DISK_MEDIUM_ERROR);
	assert_int_equal(o->seq, 3);
	assert_int_equal(fake_sight(HALE_SENSE_BLOCK_ERRORS),
			 HALE_SIGHT_PARTIAL);
	assert_non_null(strstr(said.coverage[HALE_SENSE_BLOCK_ERRORS].why,
			       "4 records were malformed"));
}

static void test_a_scan_reads_all_at_once(void **state)
{
	(void)state;
	probe.once = true;
	for (uint64_t seq = 0; seq < 5000; seq++)
		fake_log_record(6, seq, "nothing");
	fake_log_medium_error(3, 5000);
	fake_start();
	assert_true(fake_has(HALE_DISK_MEDIUM_ERROR));
	assert_int_equal(fake_sight(HALE_SENSE_BLOCK_ERRORS), HALE_SIGHT_LIVE);
}

static void test_a_storm_loses_nothing(void **state)
{
	(void)state;
	for (uint64_t seq = 0; seq < 20000; seq++)
		fake_log_medium_error(3, seq);
	fake_start();
	for (int i = 0; i < 20; i++)
		fake_sample();
	assert_int_equal(said.count, 20000);
	assert_int_equal(said.position, 19999);
	assert_false(fake_has(HALE_AGENT_BLIND));
}

static void test_lost_records_are_counted_once(void **state)
{
	const struct hale_observation *o;

	(void)state;
	for (uint64_t seq = 0; seq < 5; seq++)
		fake_log_record(6, seq, "nothing");
	fake_start();
	assert_int_equal(said.n_observations, 0);
	fake_log_error(EPIPE);
	fake_log_record(6, 105, "nothing");
	fake_log_error(EPIPE);
	fake_log_record(6, 200, "nothing");
	fake_sample();
	assert_int_equal(said.n_observations, 1);
	o = fake_find(HALE_AGENT_BLIND);
	assert_string_equal(o->part, "host");
	assert_int_equal(o->count, 194);
	assert_string_equal(o->evidence,
			    "kernel log: 194 records lost between [1.004000] "
			    "and [1.200000], 194 since haled started");
	fake_log_error(EPIPE);
	fake_log_record(6, 202, "nothing");
	fake_sample();
	assert_int_equal(said.n_observations, 2);
	assert_non_null(strstr(said.observations[1].evidence,
			       "195 since haled started"));
}

static void test_a_restart_counts_nothing_twice(void **state)
{
	(void)state;
	probe.resume_seq = 7;
	for (uint64_t seq = 5; seq < 10; seq++)
		fake_log_medium_error(3, seq);
	fake_start();
	assert_int_equal(said.count, 2);
	assert_int_equal(said.observations[0].seq, 8);
	assert_int_equal(fake_sight(HALE_SENSE_BLOCK_ERRORS), HALE_SIGHT_LIVE);
}

static void test_what_was_lost_while_no_agent_ran(void **state)
{
	const struct hale_observation *o;

	(void)state;
	probe.resume_seq = 7;
	fake_log_record(6, 20, "nothing");
	fake_start();
	o = fake_find(HALE_AGENT_BLIND);
	assert_int_equal(o->count, 12);
	assert_string_equal(o->evidence,
			    "kernel log: 12 records lost before [1.020000]");
}

/* A position from elsewhere must not hide the log. */
static void test_a_position_never_reached_is_not_believed(void **state)
{
	(void)state;
	probe.resume_seq = 1000000;
	for (uint64_t seq = 0; seq < 3; seq++)
		fake_log_medium_error(3, seq);
	fake_start();
	assert_int_equal(said.count, 3);
	assert_int_equal(fake_sight(HALE_SENSE_BLOCK_ERRORS), HALE_SIGHT_LIVE);
}

static void test_programs_are_not_believed(void **state)
{
	(void)state;
	fake_log_medium_error(8 + 3, 0);
	fake_start();
	assert_int_equal(said.n_observations, 0);
	assert_int_equal(said.position, 0);
}

static void test_programs_are_believed_on_request(void **state)
{
	const struct hale_option options[] = { { "trust_user_records",
						 "yes" } };

	(void)state;
	probe.options = options;
	probe.n_options = 1;
	fake_log_medium_error(8 + 3, 0);
	fake_start();
	assert_int_equal(said.count, 1);
}

/* A quiet log must not keep a held line for ever, nor wake the agent. */
static void test_the_timer_runs_only_for_held_lines(void **state)
{
	(void)state;
	fake_log_record(6, 0, "nothing");
	probe.now_ns = HALE_NS_PER_S;
	fake_start();
	assert_int_equal(fake_kmsg.timer_s, 0);
	fake_log_record(
		4, 1,
		"cc1plus invoked oom-killer: gfp_mask=0x140cca, order=0, "
		"oom_score_adj=0");
	probe.now_ns = 2 * HALE_NS_PER_S;
	fake_sample();
	assert_false(fake_has(HALE_MEMORY_OOM));
	assert_int_equal(fake_kmsg.timer_s, 3);
	probe.now_ns = 6 * HALE_NS_PER_S;
	fake_sample();
	assert_true(fake_has(HALE_MEMORY_OOM));
	assert_int_equal(fake_kmsg.timer_s, 0);
}

/* An old log is read in parts. A job that was killed at its own limit is none
 * of the host's, wherever the first part ends. */
static void test_a_part_ends_between_two_lines_of_a_fault(void **state)
{
	(void)state;
	for (uint64_t seq = 0; seq < 1023; seq++)
		fake_log_record(6, seq, "nothing");
	fake_log_record(
		4, 1023,
		"cc1plus invoked oom-killer: gfp_mask=0x140cca, order=0, "
		"oom_score_adj=0");
	fake_log_record(6, 1024, "Memory cgroup stats for /job:");
	probe.now_ns = 86400 * HALE_NS_PER_S;
	fake_start();
	fake_sample();
	assert_true(fake_has(HALE_MEMORY_LIMIT));
	assert_false(fake_has(HALE_MEMORY_OOM));
}

/* printk's clock is 15 ms behind here: a build that began at 100 s and met the
 * fault 5 ms later did not begin after it. */
static void test_a_fault_is_as_late_as_it_was(void **state)
{
	(void)state;
	fake_log_record(6, 0, "nothing");
	probe.now_ns = 100 * HALE_NS_PER_S; /* a question, as all builds ask */
	fake_start();
	fake_log_medium_error(3, 98990); /* 99.990 s */
	probe.now_ns += 6 * HALE_NS_PER_MS;
	fake_sample();
	assert_true(fake_find(HALE_DISK_MEDIUM_ERROR)->time_ns >=
		    100 * HALE_NS_PER_S);
	assert_true(fake_find(HALE_DISK_MEDIUM_ERROR)->time_ns <= probe.now_ns);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, fake_setup, fake_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_a_healthy_log_is_live_and_silent),
		TEST(test_a_failing_log_names_what_fails),
		TEST(test_a_torn_log_is_survived_and_told),
		TEST(test_a_scan_reads_all_at_once),
		TEST(test_a_storm_loses_nothing),
		TEST(test_lost_records_are_counted_once),
		TEST(test_a_restart_counts_nothing_twice),
		TEST(test_what_was_lost_while_no_agent_ran),
		TEST(test_a_position_never_reached_is_not_believed),
		TEST(test_programs_are_not_believed),
		TEST(test_programs_are_believed_on_request),
		TEST(test_the_timer_runs_only_for_held_lines),
		TEST(test_a_part_ends_between_two_lines_of_a_fault),
		TEST(test_a_fault_is_as_late_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
