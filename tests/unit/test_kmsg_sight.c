/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kmsg driver says of its own sight: when it may call the log seen,
 * why it is blind where it is, and what the operator's rule files do to it.
 */
#include "tests/unit/fake_kmsg.h"

#include <errno.h>

#include "hale/base.h"

/* Nobody may be told FIT while half the ring is unread. */
static void test_not_live_before_the_end_of_the_ring(void **state)
{
	(void)state;
	for (uint64_t seq = 0; seq < 3000; seq++)
		fake_log_record(6, seq, "nothing");
	fake_log_medium_error(3, 3000);
	fake_start();
	assert_int_equal(said.n_coverage, 0);
	assert_true(fake_kmsg.next < fake_kmsg.n);
	for (int i = 0; i < 4; i++)
		fake_sample();
	assert_true(fake_has(HALE_DISK_MEDIUM_ERROR));
	assert_int_equal(fake_sight(HALE_SENSE_BLOCK_ERRORS), HALE_SIGHT_LIVE);
	assert_int_equal(said.position, 3000);
}

static void test_a_ring_that_wrapped_is_a_note(void **state)
{
	(void)state;
	fake_log_record(6, 300, "nothing");
	fake_start();
	assert_false(fake_has(HALE_AGENT_BLIND));
	assert_int_equal(fake_sight(HALE_SENSE_BLOCK_ERRORS),
			 HALE_SIGHT_PARTIAL);
	assert_string_equal(said.coverage[HALE_SENSE_BLOCK_ERRORS].why,
			    "300 records since boot were overwritten before "
			    "hale began");
}

static void test_no_log_at_all(void **state)
{
	(void)state;
	fake_kmsg.open_err = ENOENT;
	assert_int_equal(kmsg_driver.probe(&probe), -ENODEV);
	assert_int_equal(said.n_coverage, 2);
	assert_int_equal(fake_sight(HALE_SENSE_BLOCK_ERRORS), HALE_SIGHT_BLIND);
	assert_string_equal(said.coverage[HALE_SENSE_BLOCK_ERRORS].why,
			    "there is no /dev/kmsg: a container?");
	assert_string_not_equal(said.coverage[HALE_SENSE_BLOCK_ERRORS].remedy,
				"");
}

static void test_a_log_that_is_not_for_us(void **state)
{
	(void)state;
	fake_make_dir("proc");
	fake_make_dir("proc/sys");
	fake_make_dir("proc/sys/kernel");
	fake_write_file("proc/sys/kernel/dmesg_restrict", "1\n");
	fake_kmsg.open_err = EPERM;
	assert_int_equal(kmsg_driver.probe(&probe), -EPERM);
	assert_int_equal(fake_sight(HALE_SENSE_KERNEL_LOG), HALE_SIGHT_BLIND);
	assert_string_equal(
		said.coverage[HALE_SENSE_KERNEL_LOG].why,
		"/dev/kmsg cannot be read: kernel.dmesg_restrict is set");
}

static void test_a_dead_log_is_an_error(void **state)
{
	(void)state;
	fake_start();
	fake_log_error(EBADF);
	assert_int_equal(kmsg_driver.sample(&probe), -EBADF);
}

static void make_rules_dir(void)
{
	fake_make_dir("etc");
	fake_make_dir("etc/hale");
	fake_make_dir("etc/hale/rules.d");
}

static void test_own_rules_are_read(void **state)
{
	(void)state;
	make_rules_dir();
	fake_write_file("etc/hale/rules.d/acme.rules",
			"disk.io_error disk\n\tacme: {disk} is on fire\n");
	fake_write_file("etc/hale/rules.d/notes.txt", "not a rule file");
	fake_log_record(3, 0, "acme: sdq is on fire");
	fake_start();
	assert_true(fake_has(HALE_DISK_IO_ERROR));
	assert_string_equal(fake_find(HALE_DISK_IO_ERROR)->part, "sdq");
	assert_int_equal(fake_sight(HALE_SENSE_KERNEL_LOG), HALE_SIGHT_LIVE);
}

static void test_a_bad_rule_file_costs_only_itself(void **state)
{
	const char *why = said.coverage[HALE_SENSE_KERNEL_LOG].why;

	(void)state;
	make_rules_dir();
	fake_write_file("etc/hale/rules.d/10-bad.rules",
			"# a typing error\ndisk.on_fire disk\n\tx {disk}\n");
	fake_write_file("etc/hale/rules.d/20-good.rules",
			"disk.io_error disk\n\tacme: {disk} is on fire\n");
	fake_log_medium_error(3, 0);
	fake_log_record(3, 1, "acme: sdq is on fire");
	fake_start();
	assert_true(fake_has(HALE_DISK_MEDIUM_ERROR));
	assert_true(fake_has(HALE_DISK_IO_ERROR));
	assert_int_equal(fake_sight(HALE_SENSE_KERNEL_LOG), HALE_SIGHT_PARTIAL);
	assert_int_equal(fake_sight(HALE_SENSE_BLOCK_ERRORS), HALE_SIGHT_LIVE);
	assert_int_equal(strncmp(why, "10-bad.rules:2: ", 16), 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, fake_setup, fake_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_not_live_before_the_end_of_the_ring),
		TEST(test_a_ring_that_wrapped_is_a_note),
		TEST(test_no_log_at_all),
		TEST(test_a_log_that_is_not_for_us),
		TEST(test_a_dead_log_is_an_error),
		TEST(test_own_rules_are_read),
		TEST(test_a_bad_rule_file_costs_only_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
