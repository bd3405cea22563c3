/* SPDX-License-Identifier: Apache-2.0 */
/* ATA pages: healthy, failing, torn, hostile. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "hale/base.h"

#include "drivers/smart/pages.h"

#include "smart_pages.h"

#define assert_value(d, v, n)                                                  \
	do {                                                                   \
		assert_true(hale_disk_knows(&(d), (v)));                       \
		assert_int_equal((d).value[v], (n));                           \
	} while (0)

static void test_identity(void **state)
{
	struct ata_identity id;
	uint8_t page[512];

	(void)state;
	page_identity(page);
	assert_int_equal(ata_identity_read(page, sizeof(page), &id), 0);
	assert_string_equal(id.model, "TEST HDD 4000");
	assert_string_equal(id.serial, "T1");
	assert_string_equal(id.firmware, "FW01");
	assert_true(id.smart && id.smart_on && id.gpl && id.error_log);
	assert_true(id.rotational);
	page[217 * 2] = 1, page[217 * 2 + 1] = 0;
	page_sum(page);
	assert_int_equal(ata_identity_read(page, sizeof(page), &id), 0);
	assert_false(id.rotational);
	page[60] ^= 0xff; /* torn */
	assert_int_equal(ata_identity_read(page, sizeof(page), &id), -EBADMSG);
	memset(page, 0, sizeof(page));
	assert_int_equal(ata_identity_read(page, sizeof(page), &id), -EBADMSG);
	page_identity(page);
	assert_int_equal(ata_identity_read(page, 100, &id), -EBADMSG);
}

/* Names are firmware's: whatever is in them can be printed. */
static void test_identity_hostile_text(void **state)
{
	struct ata_identity id;
	uint8_t page[512];

	(void)state;
	page_identity(page);
	memset(page + 54, 0x1b, 40);
	page_sum(page);
	assert_int_equal(ata_identity_read(page, sizeof(page), &id), 0);
	assert_int_equal(strlen(id.model), 40);
	assert_true(strspn(id.model, "?") == 40);
}

static void test_attributes(void **state)
{
	struct hale_disk_reading d = { 0 };
	uint8_t data[512], thresholds[512] = { 0 };

	(void)state;
	page_attributes(data);
	page_attribute(data, 0, 5, 8);
	page_attribute(data, 3, 197, UINT64_C(0xa1b2c3d4e5f6));
	page_threshold(thresholds, 0, 197, 12); /* in another row */
	page_threshold(thresholds, 1, 5, 36);
	assert_int_equal(ata_attributes_read(data, thresholds, &d), 0);
	assert_int_equal(d.n_attributes, 2);
	assert_int_equal(d.attributes[0].id, 5);
	assert_int_equal(d.attributes[0].value, 100);
	assert_int_equal(d.attributes[0].worst, 99);
	assert_int_equal(d.attributes[0].flags, 0x33);
	assert_int_equal(d.attributes[0].raw, 8);
	assert_true(d.attributes[0].threshold_known);
	assert_int_equal(d.attributes[0].threshold, 36);
	assert_true(d.attributes[1].raw == UINT64_C(0xa1b2c3d4e5f6));
	assert_int_equal(d.attributes[1].threshold, 12);
}

/* A torn threshold is not a threshold of 0, and a torn row is no row. */
static void test_attributes_torn(void **state)
{
	struct hale_disk_reading d = { 0 };
	uint8_t data[512], thresholds[512] = { 0 };

	(void)state;
	page_attributes(data);
	assert_int_equal(ata_attributes_read(data, NULL, &d), -ENODATA);
	page_attribute(data, 0, 5, 8);
	page_threshold(thresholds, 0, 5, 36);
	thresholds[3] = 0;
	assert_int_equal(ata_attributes_read(data, thresholds, &d), 0);
	assert_false(d.attributes[0].threshold_known);
	data[8] ^= 1;
	d.n_attributes = 0;
	assert_int_equal(ata_attributes_read(data, NULL, &d), -EBADMSG);
	assert_int_equal(d.n_attributes, 0);
	memset(data, 0, sizeof(data)); /* its sum is right */
	assert_int_equal(ata_attributes_read(data, NULL, &d), -EBADMSG);
}

static int statistics(const uint8_t *log, struct hale_disk_reading *d)
{
	int r = 0;

	for (unsigned int i = 1; r == 0 && i < 8; i++) {
		if (ata_statistics_has(log, i))
			r = ata_statistics_read(log + i * (size_t)512, i, d);
	}
	return r;
}

static void test_statistics(void **state)
{
	struct hale_disk_reading d = { 0 };
	uint8_t log[8 * 512];

	(void)state;
	page_statistics(log);
	page_statistic(log, 1, 0x10, 30000, 0xc0);
	page_statistic(log, 3, 0x20, 16, 0xc0);
	page_statistic(log, 3, 0x38, 3, 0xc0);
	page_statistic(log, 4, 0x08, 2, 0xc0);
	page_statistic(log, 5, 0x08, 41, 0xc0);
	page_statistic(log, 5, 0x58, 60, 0xc0);
	page_statistic(log, 6, 0x18, 7, 0xc0);
	page_statistic(log, 7, 0x08, 103, 0xe0); /* normalised, too */
	assert_int_equal(statistics(log, &d), 0);
	assert_value(d, HALE_DISK_POWER_ON_HOURS, 30000);
	assert_value(d, HALE_DISK_REALLOCATED, 16);
	assert_value(d, HALE_DISK_PENDING, 3);
	assert_value(d, HALE_DISK_UNCORRECTABLE, 2);
	assert_value(d, HALE_DISK_TEMPERATURE, 41);
	assert_value(d, HALE_DISK_TEMPERATURE_LIMIT, 60);
	assert_value(d, HALE_DISK_CRC_ERRORS, 7);
	assert_value(d, HALE_DISK_ENDURANCE_USED, 103);
}

/* Neither what a disk does not support nor what is not valid now is a 0. */
static void test_statistics_unknown(void **state)
{
	struct hale_disk_reading d = { 0 };
	uint8_t log[8 * 512];

	(void)state;
	page_statistics(log);
	page_statistic(log, 3, 0x20, 0, 0x80); /* supported, not valid */
	page_statistic(log, 3, 0x38, 0, 0x40);
	page_statistic(log, 5, 0x08, 0xf6, 0xc0); /* -10 degrees */
	assert_int_equal(statistics(log, &d), 0);
	assert_false(hale_disk_knows(&d, HALE_DISK_REALLOCATED));
	assert_false(hale_disk_knows(&d, HALE_DISK_PENDING));
	assert_false(hale_disk_knows(&d, HALE_DISK_TEMPERATURE));
	log[512 * 3 + 2] = 4; /* another page came */
	assert_int_equal(statistics(log, &d), -EBADMSG);
	memset(log, 0xff, 512); /* 255 pages, says its list */
	assert_false(ata_statistics_has(log, 3));
}

static void test_error_log(void **state)
{
	struct hale_disk_reading d = { 0 };
	uint8_t page[512] = { 0 };

	(void)state;
	page_error(page, 0, 0x40, 100); /* UNC */
	page_error(page, 1, 0x84, 110); /* ICRC, ABRT */
	page_error(page, 2, 0x40, 120);
	page_error(page, 3, 0x10, 130); /* IDNF: beyond the end, maybe */
	page_error(page, 4, 0x04, 140); /* refused */
	assert_int_equal(ata_error_log_read(page, &d), 0);
	assert_value(d, HALE_DISK_ERROR_LOG_UNC, 2);
	assert_value(d, HALE_DISK_ERROR_LOG_ICRC, 1);
	assert_value(d, HALE_DISK_ERROR_LOG_LAST_HOURS, 120);
	page_error(page, 0, 0x40, 150); /* the ring has come round */
	assert_int_equal(ata_error_log_read(page, &d), 0);
	assert_value(d, HALE_DISK_ERROR_LOG_LAST_HOURS, 150);
}

static void test_error_log_empty_or_torn(void **state)
{
	struct hale_disk_reading d = { 0 };
	uint8_t page[512] = { 0 };

	(void)state;
	page[0] = 1;
	page_sum(page);
	assert_int_equal(ata_error_log_read(page, &d), 0);
	assert_value(d, HALE_DISK_ERROR_LOG_UNC, 0);
	assert_false(hale_disk_knows(&d, HALE_DISK_ERROR_LOG_LAST_HOURS));
	d.known = 0;
	page[1] = 200; /* the newest of five */
	page_sum(page);
	assert_int_equal(ata_error_log_read(page, &d), -EBADMSG);
	page_error(page, 0, 0x40, 1);
	page[200] ^= 4;
	assert_int_equal(ata_error_log_read(page, &d), -EBADMSG);
	assert_int_equal(d.known, 0);
}

/* Five sectors of four, the newest in the second; ACS-4 table 233. */
static void test_extended_error_log(void **state)
{
	struct hale_disk_reading d = { 0 };
	uint8_t log[5 * 512] = { 0 };

	(void)state;
	page_le(log + 2, 6, 2);
	for (size_t i = 0; i < 6; i++) {
		uint8_t *e = log + i / 4 * 512 + 4 + i % 4 * 124 + 90;

		e[1] = i == 5 ? 0x84 : 0x40;
		e[11] = 0x51;
		page_le(e + 32, 200 + i, 2);
	}
	for (size_t i = 0; i < 5; i++) {
		log[i * 512] = 1;
		page_sum(log + i * 512);
	}
	assert_int_equal(ata_extended_error_log_read(log, 5, &d), 0);
	assert_value(d, HALE_DISK_ERROR_LOG_UNC, 5);
	assert_value(d, HALE_DISK_ERROR_LOG_ICRC, 1);
	assert_value(d, HALE_DISK_ERROR_LOG_LAST_HOURS, 204);
	log[4 * 512 + 9] = 1; /* one sector of them is torn */
	assert_int_equal(ata_extended_error_log_read(log, 5, &d), -EBADMSG);
}

struct test_case {
	const char *name;
	uint8_t kind[3], result[3]; /* oldest first */
	uint64_t failed;
	bool lba;
};

static const struct test_case tests[] = {
	{ "all passed", { 1, 2, 1 }, { 0, 0, 0 }, 0, false },
	{ "read failure", { 1, 2, 1 }, { 0, 7, 7 }, 2, true },
	{ "and a full one since", { 2, 2, 1 }, { 7, 0, 0 }, 0, false },
	{ "a short one takes nothing back", { 2, 1, 1 }, { 7, 0, 0 }, 1, true },
	{ "aborted, interrupted", { 2, 2, 2 }, { 1, 2, 3 }, 0, false },
	{ "electrical", { 2, 2, 2 }, { 5, 15, 1 }, 1, false },
	{ "captive", { 0x82, 1, 0x82 }, { 7, 0, 0 }, 0, false },
};

static void test_self_tests(void **state)
{
	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(tests); i++) {
		struct hale_disk_reading d = { 0 };
		uint8_t page[512] = { 0 };

		print_message("%s\n", tests[i].name);
		for (unsigned int k = 0; k < 3; k++)
			page_self_test(page, k, tests[i].kind[k],
				       tests[i].result[k], 1000 + k);
		assert_int_equal(ata_self_test_log_read(page, &d), 0);
		assert_value(d, HALE_DISK_SELF_TEST_FAILED, tests[i].failed);
		assert_int_equal(hale_disk_knows(&d, HALE_DISK_SELF_TEST_LBA),
				 tests[i].lba);
		if (tests[i].lba)
			assert_value(d, HALE_DISK_SELF_TEST_LBA, 123456);
	}
}

static void test_self_tests_hostile(void **state)
{
	struct hale_disk_reading d = { 0 };
	uint8_t page[5 * 512] = { 0 };

	(void)state;
	page_self_test(page, 0, 1, 7, 5);
	page[508] = 22; /* of 21 */
	page_sum(page);
	assert_int_equal(ata_self_test_log_read(page, &d), -EBADMSG);
	memset(page, 0, sizeof(page));
	page[0] = 1;
	page_sum(page);
	assert_int_equal(ata_self_test_log_read(page, &d), 0);
	assert_value(d, HALE_DISK_SELF_TEST_FAILED, 0);
	d.known = 0;
	page_le(page + 2, 65535, 2);
	page_sum(page);
	assert_int_equal(ata_extended_self_test_log_read(page, 1, &d),
			 -EBADMSG);
	assert_int_equal(ata_extended_self_test_log_read(page, 5, &d),
			 -EBADMSG);
	assert_int_equal(d.known, 0);
}

static void test_extended_self_tests(void **state)
{
	struct hale_disk_reading d = { 0 };
	uint8_t page[512] = { 1 };

	(void)state;
	page_le(page + 2, 2, 2);
	page[4] = 2, page[5] = 0x70; /* extended, read failure */
	page_le(page + 6, 900, 2);
	page_le(page + 9, UINT64_C(0x123456789a), 6);
	page[30] = 1; /* short, passed */
	page_le(page + 32, 950, 2);
	page_sum(page);
	assert_int_equal(ata_extended_self_test_log_read(page, 1, &d), 0);
	assert_value(d, HALE_DISK_SELF_TEST_FAILED, 1);
	assert_value(d, HALE_DISK_SELF_TEST_HOURS, 900);
	assert_true(d.value[HALE_DISK_SELF_TEST_LBA] == UINT64_C(0x123456789a));
}

static void test_small_pages(void **state)
{
	static const uint8_t logs[] = { 0x04, 8, 0xe0, 1 };
	struct hale_disk_reading d = { 0 };
	uint8_t page[512];

	(void)state;
	page_directory(page, logs, sizeof(logs));
	assert_int_equal(ata_log_sectors(page, 0x04), 8);
	assert_int_equal(ata_log_sectors(page, 0x07), 0);
	assert_int_equal(ata_log_sectors(page, 0x104), 0);
	page[0] = 0; /* it has no version: not a directory */
	assert_int_equal(ata_log_sectors(page, 0x04), 0);
	memset(page, 0, sizeof(page));
	assert_int_equal(ata_sct_status_read(page, &d), -EBADMSG);
	page[0] = 3, page[200] = 35;
	assert_int_equal(ata_sct_status_read(page, &d), 0);
	assert_value(d, HALE_DISK_TEMPERATURE, 35);
	page[200] = 0x80;
	assert_int_equal(ata_sct_status_read(page, &d), -ENODATA);
}

int main(void)
{
	const struct CMUnitTest all[] = {
		cmocka_unit_test(test_identity),
		cmocka_unit_test(test_identity_hostile_text),
		cmocka_unit_test(test_attributes),
		cmocka_unit_test(test_attributes_torn),
		cmocka_unit_test(test_statistics),
		cmocka_unit_test(test_statistics_unknown),
		cmocka_unit_test(test_error_log),
		cmocka_unit_test(test_error_log_empty_or_torn),
		cmocka_unit_test(test_extended_error_log),
		cmocka_unit_test(test_self_tests),
		cmocka_unit_test(test_self_tests_hostile),
		cmocka_unit_test(test_extended_self_tests),
		cmocka_unit_test(test_small_pages),
	};

	return cmocka_run_group_tests(all, NULL, NULL);
}
