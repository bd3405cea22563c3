/* SPDX-License-Identifier: Apache-2.0 */
/* How a disk says that its self-test stands: pages made by hand, whole, damaged
 * and empty. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/verify/self_test.h"

static uint8_t page[1024];
static struct self_test got;

static void fresh(void)
{
	memset(page, 0, sizeof(page));
	memset(&got, 0xff, sizeof(got));
}

static void sum_up(void)
{
	unsigned int sum = 0;

	page[511] = 0;
	for (int i = 0; i < 511; i++)
		sum += page[i];
	page[511] = (uint8_t)(0x100 - (sum & 0xff));
}

static enum self_test_state ata(uint8_t status)
{
	fresh();
	page[0] = 16;
	page[363] = status;
	page[367] = 0x5b;
	sum_up();
	ata_self_test_read(page, &got);
	return got.state;
}

static void test_ata(void **state)
{
	(void)state;
	assert_int_equal(ata(0x00), SELF_TEST_PASSED);
	assert_true(ata_self_test_offered(page));
	assert_int_equal(ata(0x10), SELF_TEST_ABORTED);
	assert_int_equal(ata(0x70), SELF_TEST_FAILED_NOW);
	assert_int_equal(ata(0xf4), SELF_TEST_RUNNING);
	assert_int_equal(got.done_percent, 60);
	assert_int_equal(ata(0xff), SELF_TEST_RUNNING);
	assert_int_equal(got.done_percent, 0);
	assert_int_equal(ata(0xa0), SELF_TEST_UNKNOWN);
	/* damaged, or never filled: that is no pass */
	ata(0x00);
	page[20] ^= 1;
	ata_self_test_read(page, &got);
	assert_int_equal(got.state, SELF_TEST_UNKNOWN);
	assert_false(ata_self_test_offered(page));
	fresh();
	ata_self_test_read(page, &got);
	assert_int_equal(got.state, SELF_TEST_UNKNOWN);
	assert_false(ata_self_test_offered(page));
}

static void test_ata_says_where(void **state)
{
	uint8_t *e = page + 2 + 2 * 24;

	(void)state;
	fresh();
	page[0] = 1;
	page[508] = 3;
	e[1] = 0x75;
	e[5] = 0x78, e[6] = 0x56, e[7] = 0x34, e[8] = 0x02;
	sum_up();
	got = (struct self_test){ .state = SELF_TEST_FAILED_NOW };
	ata_self_test_where(page, &got);
	assert_true(got.lba_known);
	assert_int_equal(got.lba, 0x02345678);
	/* no such entry */
	page[508] = 22;
	sum_up();
	got = (struct self_test){ .state = SELF_TEST_FAILED_NOW };
	ata_self_test_where(page, &got);
	assert_false(got.lba_known);
}

static int scsi(uint8_t result, size_t len)
{
	fresh();
	page[0] = 0x10;
	page[2] = 0x01, page[3] = 0x90;
	page[5] = 1, page[6] = 3, page[7] = 16;
	page[8] = (uint8_t)(1 << 5 | result);
	page[11] = 9;
	page[19] = 77;
	return scsi_self_test_read(page, len, &got);
}

static void test_scsi(void **state)
{
	(void)state;
	assert_int_equal(scsi(0, 404), 0);
	assert_int_equal(got.state, SELF_TEST_PASSED);
	assert_int_equal(scsi(1, 404), 0);
	assert_int_equal(got.state, SELF_TEST_ABORTED);
	assert_int_equal(scsi(15, 404), 0);
	assert_int_equal(got.state, SELF_TEST_RUNNING);
	assert_int_equal(scsi(7, 24), 0);
	assert_int_equal(got.state, SELF_TEST_FAILED_NOW);
	assert_true(got.lba_known);
	assert_int_equal(got.lba, 77);
	assert_int_equal(scsi(9, 404), 0);
	assert_int_equal(got.state, SELF_TEST_UNKNOWN);
	/* cut short, another page */
	assert_int_equal(scsi(0, 23), -EBADMSG);
	scsi(0, 404);
	page[0] = 0x0d;
	assert_int_equal(scsi_self_test_read(page, 404, &got), -EBADMSG);
	/* no test was ever run */
	fresh();
	page[0] = 0x10;
	page[3] = 20;
	page[5] = 1;
	assert_int_equal(scsi_self_test_read(page, 24, &got), 0);
	assert_int_equal(got.state, SELF_TEST_UNKNOWN);
}

static enum self_test_state nvme(uint8_t current, uint8_t result)
{
	fresh();
	page[0] = current;
	page[1] = 30;
	page[4] = result;
	page[4 + 2] = 2;
	page[4 + 16] = 5;
	nvme_self_test_read(page, &got);
	return got.state;
}

static void test_nvme(void **state)
{
	(void)state;
	assert_int_equal(nvme(1, 0x10), SELF_TEST_RUNNING);
	assert_int_equal(got.done_percent, 30);
	assert_int_equal(nvme(0, 0x10), SELF_TEST_PASSED);
	assert_int_equal(nvme(0, 0x21), SELF_TEST_ABORTED);
	assert_int_equal(nvme(0, 0x27), SELF_TEST_FAILED_NOW);
	assert_true(got.lba_known);
	assert_int_equal(got.lba, 5);
	assert_int_equal(nvme(0, 0x1f), SELF_TEST_UNKNOWN);
	/* a log that was never filled says nothing of a test that passed */
	fresh();
	nvme_self_test_read(page, &got);
	assert_int_equal(got.state, SELF_TEST_UNKNOWN);
}

/* What stood there before is no result of the test that was begun. */
static void test_an_old_result_is_no_result(void **state)
{
	const struct self_test before = { .state = SELF_TEST_PASSED,
					  .code = 2,
					  .mark = 7 };
	struct self_test now = before;

	(void)state;
	assert_false(self_test_is_news(&now, &before, false));
	assert_true(self_test_is_news(&now, &before, true));
	now.mark = 8;
	assert_true(self_test_is_news(&now, &before, false));
	now = (struct self_test){ .state = SELF_TEST_FAILED_NOW, .mark = 7 };
	assert_true(self_test_is_news(&now, &before, false));
}

/* Another one may have ended ours and begun a test of its own. */
static void test_a_short_test_is_no_extended_one(void **state)
{
	struct self_test t = { .state = SELF_TEST_PASSED, .code = 1 };

	(void)state;
	self_test_match(&t, false);
	assert_int_equal(t.state, SELF_TEST_PASSED);
	self_test_match(&t, true);
	assert_int_equal(t.state, SELF_TEST_ABORTED);
	t = (struct self_test){ .state = SELF_TEST_PASSED, .code = 0 };
	self_test_match(&t, false);
	assert_int_equal(t.state, SELF_TEST_PASSED);
	self_test_match(&t, true);
	assert_int_equal(t.state, SELF_TEST_UNKNOWN);
	t.state = SELF_TEST_PASSED;
	t.code = 2;
	self_test_match(&t, true);
	assert_int_equal(t.state, SELF_TEST_PASSED);
}

static void test_which_test_it_was(void **state)
{
	uint32_t mark;

	(void)state;
	fresh();
	page[0] = 1;
	page[508] = 1;
	page[2] = 2;
	sum_up();
	got = (struct self_test){ .state = SELF_TEST_PASSED };
	ata_self_test_where(page, &got);
	assert_int_equal(got.code, 2);
	assert_false(got.lba_known);
	mark = got.mark;
	page[508] = 2;
	page[2 + 24] = 1;
	sum_up();
	ata_self_test_where(page, &got);
	assert_int_equal(got.code, 1);
	assert_int_not_equal(got.mark, mark);
	fresh();
	page[0] = 0x10;
	page[3] = 20;
	page[5] = 1;
	page[8] = 2 << 5;
	page[11] = 9;
	assert_int_equal(scsi_self_test_read(page, 24, &got), 0);
	assert_int_equal(got.code, 2);
	assert_int_equal(got.state, SELF_TEST_PASSED);
	fresh();
	page[4] = 1 << 4;
	nvme_self_test_read(page, &got);
	assert_int_equal(got.code, 1);
	mark = got.mark;
	page[4 + 4] = 1;
	nvme_self_test_read(page, &got);
	assert_int_not_equal(got.mark, mark);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_old_result_is_no_result),
		cmocka_unit_test(test_a_short_test_is_no_extended_one),
		cmocka_unit_test(test_which_test_it_was),
		cmocka_unit_test(test_ata),
		cmocka_unit_test(test_ata_says_where),
		cmocka_unit_test(test_scsi),
		cmocka_unit_test(test_nvme),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
