/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a core reads the kernel's log on: by descriptors that the one before it
 * left, which are believed as far as they can show that nothing is missing.
 */
#include "tests/unit/fake_kmsg.h"

#include <fcntl.h>

#include "hale/base.h"

#define MANY 3000
/* At most so many records are read anew. */
#define FEW 70

static void log_many(uint64_t from, uint64_t n)
{
	for (uint64_t seq = from; seq < from + n; seq++)
		fake_log_record(6, seq, "nothing");
}

/* Until the mark is where it stays. */
static void rest(void)
{
	for (int i = 0; i < MANY / 100; i++)
		fake_sample();
}

static void test_the_first_core_reads_all(void **state)
{
	(void)state;
	fake_log_medium_error(3, 0);
	log_many(1, 10);
	fake_logs(0, 0);
	fake_start();
	assert_int_equal(said.count, 1);
	assert_int_equal(said.position, 10);
}

static void test_the_next_one_reads_on(void **state)
{
	size_t before;

	(void)state;
	fake_log_medium_error(3, 0);
	log_many(1, MANY);
	fake_logs(0, 0);
	fake_start();
	rest();
	assert_int_equal(said.position, MANY);
	before = fake_kmsg.at[1];
	assert_in_range(before, MANY - FEW, MANY);
	fake_log_medium_error(3, MANY + 1);
	fake_next_core(MANY);
	assert_int_equal(said.count, 1);
	assert_int_equal(said.observations[0].seq, MANY + 1);
	assert_int_equal(fake_sight(HALE_SENSE_BLOCK_ERRORS), HALE_SIGHT_LIVE);
	assert_false(fake_has(HALE_AGENT_BLIND));
	/* the other one follows now */
	rest();
	fake_log_medium_error(3, MANY + 2);
	fake_next_core(MANY + 1);
	assert_int_equal(said.count, 1);
	assert_int_equal(said.observations[0].seq, MANY + 2);
}

/* No batch of others has to be read before what is new. */
static void test_it_reads_a_few_records_only(void **state)
{
	(void)state;
	log_many(0, MANY);
	fake_logs(MANY, MANY - FEW);
	probe.resume_seq = MANY - 1;
	fake_log_medium_error(3, MANY);
	assert_int_equal(kmsg_driver.probe(&probe), 0);
	fake_sample();
	assert_int_equal(said.count, 1);
	assert_int_equal(fake_sight(HALE_SENSE_BLOCK_ERRORS), HALE_SIGHT_LIVE);
}

/* A driver that failed is tried again in the same process: by then another file
 * might have the number of one that was closed. */
static void test_they_stay_open(void **state)
{
	(void)state;
	log_many(0, 10);
	fake_logs(0, 0);
	fake_start();
	kmsg_driver.remove(&probe);
	for (size_t i = 0; i < HALE_LOGS; i++)
		assert_true(fcntl(fake_kmsg.logs[i], F_GETFD) >= 0);
	memset(probe.state, 0, kmsg_driver.state_size);
	memset(&said, 0, sizeof(said));
	fake_start();
	assert_int_equal(said.position, 9);
}

/* What the last core read and did not save: both stand behind it. */
static void test_a_gap_is_read_from_the_begin(void **state)
{
	(void)state;
	log_many(0, 100);
	fake_log_medium_error(3, 100);
	log_many(101, 10);
	fake_logs(105, 106);
	probe.resume_seq = 99;
	fake_start();
	assert_int_equal(said.count, 1);
	assert_int_equal(said.observations[0].seq, 100);
	assert_false(fake_has(HALE_AGENT_BLIND));
}

/* At its end a descriptor shows nothing: what is before it may be unread. */
static void test_an_end_proves_nothing(void **state)
{
	(void)state;
	log_many(0, 100);
	fake_log_medium_error(3, 100);
	fake_logs(101, 101);
	probe.resume_seq = 99;
	fake_start();
	assert_int_equal(said.count, 1);
	assert_int_equal(said.observations[0].seq, 100);
}

static void test_one_that_is_no_record_behind_will_do(void **state)
{
	(void)state;
	log_many(0, 100);
	fake_log_medium_error(3, 100);
	fake_logs(101, 100);
	probe.resume_seq = 99;
	fake_start();
	assert_int_equal(said.count, 1);
}

static void test_a_false_position_hides_nothing(void **state)
{
	(void)state;
	log_many(0, 50);
	fake_log_medium_error(3, 50);
	log_many(51, 50);
	fake_logs(80, 100);
	probe.resume_seq = 1000;
	fake_start();
	assert_int_equal(said.count, 1);
	assert_int_equal(said.position, 100);
}

/* Suppressed lines are like the last of their kind, though that one was read by
 * the core before. */
static void test_the_mark_teaches_what_is_left_out(void **state)
{
	(void)state;
	fake_log_medium_error(3, 0);
	log_many(1, MANY);
	fake_logs(MANY - FEW, 0);
	probe.resume_seq = MANY;
	fake_start();
	rest();
	assert_int_equal(said.count, 0);
	fake_log_record(4, MANY + 1,
			"blk_print_req_error: 20 callbacks suppressed");
	fake_sample();
	assert_int_equal(said.count, 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, fake_setup, fake_teardown)
		TEST(test_the_first_core_reads_all),
		TEST(test_the_next_one_reads_on),
		TEST(test_it_reads_a_few_records_only),
		TEST(test_they_stay_open),
		TEST(test_a_gap_is_read_from_the_begin),
		TEST(test_an_end_proves_nothing),
		TEST(test_one_that_is_no_record_behind_will_do),
		TEST(test_a_false_position_hides_nothing),
		TEST(test_the_mark_teaches_what_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
