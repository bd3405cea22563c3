/* SPDX-License-Identifier: Apache-2.0 */
/* SCSI sense data and log pages, NVMe pages: healthy, failing, torn, hostile.
 */
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

struct sense_case {
	const char *name;
	uint8_t bytes[22];
	int r;
	uint8_t key, asc, ascq;
	bool asleep;
};

static const struct sense_case senses[] = {
	{ "nothing", { 0x70 }, 0, 0, 0, 0, false },
	{ "fixed, stopped",
	  { 0x70, 0, 2, 0, 0, 0, 0, 10, 0, 0, 0, 0, 4, 2 },
	  0,
	  2,
	  4,
	  2,
	  true },
	{ "descriptor, stopped", { 0x72, 2, 4, 2 }, 0, 2, 4, 2, true },
	{ "becoming ready", { 0x72, 2, 4, 1 }, 0, 2, 4, 1, false },
	{ "standby by timer", { 0x72, 0, 0x5e, 2 }, 0, 0, 0x5e, 2, true },
	{ "standby_y", { 0x72, 0, 0x5e, 0xa }, 0, 0, 0x5e, 0xa, true },
	{ "idle", { 0x72, 0, 0x5e, 1 }, 0, 0, 0x5e, 1, false },
	{ "idle_c turns slower", { 0x72, 0, 0x5e, 7 }, 0, 0, 0x5e, 7, false },
	{ "of an earlier command", { 0x71, 0, 6 }, 0, 6, 0, 0, false },
	{ "vendor's own", { 0x7f, 0, 6 }, -EBADMSG, 0, 0, 0, false },
	{ "zeros", { 0 }, -EBADMSG, 0, 0, 0, false },
};

static void test_sense(void **state)
{
	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(senses); i++) {
		const struct sense_case *c = &senses[i];
		struct sense s = { 0 };

		print_message("%s\n", c->name);
		assert_int_equal(sense_read(c->bytes, 22, &s), c->r);
		assert_int_equal(s.key, c->key);
		assert_int_equal(s.asc, c->asc);
		assert_int_equal(s.ascq, c->ascq);
		assert_int_equal(sense_asleep(&s), c->asleep);
		assert_false(s.ata);
	}
	assert_int_equal(sense_read(senses[1].bytes, 7, &(struct sense){ 0 }),
			 -EBADMSG);
}

/* The registers of an ATA command, in both formats. */
static void test_sense_of_ata(void **state)
{
	static const uint8_t descriptor[22] = {
		0x72, 1,  0, 0x1d, 0, 0,    0, 14, /* then the descriptor */
		9,    12, 0, 0,	   0, 0x80, 0, 1,  0, 0xf4, 0, 0x2c, 0xa0, 0x50
	};
	static const uint8_t fixed[18] = { 0x70, 0, 1, 0,    0x50, 0xa0, 0x80,
					   10,	 0, 1, 0xf4, 0x2c, 0,	 0x1d };
	struct sense s;

	(void)state;
	assert_int_equal(sense_read(descriptor, 22, &s), 0);
	assert_true(s.ata);
	assert_int_equal(s.ata_count, 0x80);
	assert_int_equal(s.ata_status, 0x50);
	assert_int_equal(s.ata_lba[1], 0xf4);
	assert_int_equal(s.ata_lba[2], 0x2c);
	assert_int_equal(sense_read(descriptor, 21, &s), 0);
	assert_false(s.ata); /* cut off */
	assert_int_equal(sense_read(fixed, 18, &s), 0);
	assert_true(s.ata);
	assert_int_equal(s.ata_count, 0x80);
	assert_int_equal(s.ata_lba[1], 0xf4);
	assert_int_equal(s.ata_lba[2], 0x2c);
}

static void test_exceptions(void **state)
{
	struct hale_disk_reading d = { 0 };
	uint8_t page[64];
	size_t n;

	(void)state;
	page_log(page, 0x2f);
	n = page_parameter(page, 0, (uint8_t[]){ 0x5d, 0x10, 41, 0 }, 4);
	assert_int_equal(scsi_page_read(page, n, SCSI_PAGE_EXCEPTIONS, &d), 0);
	assert_value(d, HALE_DISK_IE_ASC, 0x5d);
	assert_value(d, HALE_DISK_IE_ASCQ, 0x10);
	assert_value(d, HALE_DISK_TEMPERATURE, 41);
	d.known = 0;
	/* another page than was asked for, and one cut off */
	assert_int_equal(scsi_page_read(page, n, SCSI_PAGE_TEMPERATURE, &d),
			 -EBADMSG);
	assert_int_equal(scsi_page_read(page, 7, SCSI_PAGE_EXCEPTIONS, &d),
			 -ENODATA);
	assert_int_equal(scsi_page_read(page, 3, SCSI_PAGE_EXCEPTIONS, &d),
			 -EBADMSG);
	assert_int_equal(d.known, 0);
}

static void test_counters(void **state)
{
	static const uint8_t big[10] = { 0, 1, 0, 0, 0, 0, 0, 0, 0, 0 };
	static const uint8_t nine[9] = { 0, 0, 0, 0, 0, 0, 0, 1, 2 };
	struct hale_disk_reading d = { 0 };
	uint8_t page[128];
	size_t n;

	(void)state;
	page_log(page, 0x03);
	page_parameter(page, 3, (uint8_t[]){ 9, 9 }, 2);
	n = page_parameter(page, 6, (uint8_t[]){ 0, 0, 1, 5 }, 4);
	assert_int_equal(scsi_page_read(page, n, SCSI_PAGE_READ_ERRORS, &d), 0);
	assert_value(d, HALE_DISK_READ_UNCORRECTED, 261);
	page_log(page, 0x02);
	n = page_parameter(page, 6, nine, sizeof(nine));
	assert_int_equal(scsi_page_read(page, n, SCSI_PAGE_WRITE_ERRORS, &d),
			 0);
	assert_value(d, HALE_DISK_WRITE_UNCORRECTED, 258);
	page_log(page, 0x05);
	n = page_parameter(page, 6, big, sizeof(big));
	assert_int_equal(scsi_page_read(page, n, SCSI_PAGE_VERIFY_ERRORS, &d),
			 0);
	assert_true(d.value[HALE_DISK_VERIFY_UNCORRECTED] == UINT64_MAX);
	page_log(page, 0x06);
	n = page_parameter(page, 0, (uint8_t[]){ 0, 3 }, 2);
	assert_int_equal(scsi_page_read(page, n, SCSI_PAGE_NON_MEDIUM, &d), 0);
	assert_value(d, HALE_DISK_NON_MEDIUM, 3);
}

static void test_temperature_and_wear(void **state)
{
	struct hale_disk_reading d = { 0 };
	uint8_t page[128];
	size_t n;

	(void)state;
	page_log(page, 0x0d);
	page_parameter(page, 0, (uint8_t[]){ 0, 0xff }, 2); /* not known */
	n = page_parameter(page, 1, (uint8_t[]){ 0, 65 }, 2);
	assert_int_equal(scsi_page_read(page, n, SCSI_PAGE_TEMPERATURE, &d), 0);
	assert_false(hale_disk_knows(&d, HALE_DISK_TEMPERATURE));
	assert_value(d, HALE_DISK_TEMPERATURE_LIMIT, 65);
	page[9] = 38;
	assert_int_equal(scsi_page_read(page, n, SCSI_PAGE_TEMPERATURE, &d), 0);
	assert_value(d, HALE_DISK_TEMPERATURE, 38);
	page_log(page, 0x11);
	n = page_parameter(page, 1, (uint8_t[]){ 0, 0, 0, 97 }, 4);
	assert_int_equal(scsi_page_read(page, n, SCSI_PAGE_SOLID_STATE, &d), 0);
	assert_value(d, HALE_DISK_ENDURANCE_USED, 97);
}

static size_t scan_entry(uint8_t *page, unsigned int code, uint8_t how)
{
	uint8_t value[20] = { 0, 0, 0, 1, how, 0x11, 0 };

	return page_parameter(page, code, value, sizeof(value));
}

static void test_background_scan(void **state)
{
	static const uint8_t status[12] = { 0, 1, 0xd4, 0xc0 }; /* 120000 min */
	struct hale_disk_reading d = { 0 };
	uint8_t page[256];
	size_t n;

	(void)state;
	page_log(page, 0x15);
	n = page_parameter(page, 0, status, sizeof(status));
	assert_int_equal(scsi_page_read(page, n, SCSI_PAGE_BACKGROUND_SCAN, &d),
			 0);
	assert_value(d, HALE_DISK_POWER_ON_HOURS, 2000);
	assert_value(d, HALE_DISK_SCAN_ERRORS, 0);
	scan_entry(page, 1, 0x13);     /* waits to be rewritten */
	scan_entry(page, 2, 0x23);     /* was reassigned */
	scan_entry(page, 3, 0x51);     /* was recovered */
	n = scan_entry(page, 4, 0x43); /* could not be */
	assert_int_equal(scsi_page_read(page, n, SCSI_PAGE_BACKGROUND_SCAN, &d),
			 0);
	assert_value(d, HALE_DISK_SCAN_ERRORS, 2);
	d.known = 0, d.value[HALE_DISK_SCAN_ERRORS] = 0;
	/* the last entry says that it is longer than the page */
	assert_int_equal(
		scsi_page_read(page, n - 1, SCSI_PAGE_BACKGROUND_SCAN, &d), 0);
	assert_value(d, HALE_DISK_SCAN_ERRORS, 1);
}

static void test_self_tests(void **state)
{
	uint8_t failed[16] = { 2 << 5 | 7, 0, 0x10, 0, [8] = 0, [9] = 9 };
	uint8_t passed[16] = { 2 << 5, 0, 0x11, 0 };
	uint8_t brief[16] = { 1 << 5, 0, 0x12, 0 };
	uint8_t never[16] = { 0 };
	struct hale_disk_reading d = { 0 };
	uint8_t page[256];
	size_t n;

	(void)state;
	page_log(page, 0x10);
	page_parameter(page, 1, brief, 16); /* the newest */
	page_parameter(page, 2, failed, 16);
	n = page_parameter(page, 3, never, 16);
	assert_int_equal(scsi_page_read(page, n, SCSI_PAGE_SELF_TESTS, &d), 0);
	assert_value(d, HALE_DISK_SELF_TEST_FAILED, 1);
	assert_value(d, HALE_DISK_SELF_TEST_HOURS, 0x1000);
	page_log(page, 0x10);
	page_parameter(page, 1, passed, 16);
	n = page_parameter(page, 2, failed, 16);
	assert_int_equal(scsi_page_read(page, n, SCSI_PAGE_SELF_TESTS, &d), 0);
	assert_value(d, HALE_DISK_SELF_TEST_FAILED, 0);
}

static void test_lists_and_defects(void **state)
{
	static const uint8_t list[] = { 0, 0, 0, 3, 0x00, 0x0d, 0x2f, 0x15 };
	static const uint8_t header[] = { 0, 0x0d, 0, 40 };
	struct hale_disk_reading d = { 0 };

	(void)state;
	assert_true(scsi_page_listed(list, 8, SCSI_PAGE_EXCEPTIONS));
	assert_false(scsi_page_listed(list, 8, SCSI_PAGE_BACKGROUND_SCAN));
	assert_false(scsi_page_listed(list, 6, SCSI_PAGE_EXCEPTIONS));
	assert_false(scsi_page_listed(list, 2, SCSI_PAGE_EXCEPTIONS));
	assert_int_equal(scsi_page_length(list, 8), 7);
	assert_int_equal(scsi_page_length(list, 3), 0);
	assert_int_equal(scsi_defects_read(header, 4, &d), 0);
	assert_value(d, HALE_DISK_REALLOCATED, 5);
	d.known = 0;
	assert_int_equal(
		scsi_defects_read((uint8_t[]){ 0, 0x05, 0, 40 }, 4, &d),
		-ENODATA);
	assert_int_equal(
		scsi_defects_read((uint8_t[]){ 0, 0x0d, 0, 41 }, 4, &d),
		-EBADMSG);
	assert_int_equal(scsi_defects_read(header, 3, &d), -ENODATA);
	assert_int_equal(d.known, 0);
}

static void test_nvme(void **state)
{
	struct hale_disk_reading d = { 0 };
	struct nvme_identity id;
	uint8_t page[4096];

	(void)state;
	page_nvme_identity(page);
	assert_int_equal(nvme_identity_read(page, &d, &id), 0);
	assert_string_equal(d.model, "TEST NVMe");
	assert_string_equal(d.serial, "N1");
	assert_int_equal(id.errors, 64);
	assert_true(id.self_test);
	assert_value(d, HALE_DISK_TEMPERATURE_LIMIT, 70);
	assert_value(d, HALE_DISK_TEMPERATURE_CRITICAL, 85);
	page_nvme_health(page);
	page[0] = 0x04;
	page_le(page + 160, 9, 8);
	page[144 + 8] = 1; /* more than 64 bits of unsafe shutdowns */
	assert_int_equal(nvme_health_read(page, &d), 0);
	assert_value(d, HALE_DISK_CRITICAL_WARNING, 4);
	assert_value(d, HALE_DISK_TEMPERATURE, 40);
	assert_value(d, HALE_DISK_SPARE, 100);
	assert_value(d, HALE_DISK_SPARE_LIMIT, 10);
	assert_value(d, HALE_DISK_ENDURANCE_USED, 3);
	assert_value(d, HALE_DISK_POWER_ON_HOURS, 4000);
	assert_value(d, HALE_DISK_MEDIA_ERRORS, 9);
	assert_true(d.value[HALE_DISK_UNSAFE_SHUTDOWNS] == UINT64_MAX);
}

static void test_nvme_torn(void **state)
{
	struct hale_disk_reading d = { 0 };
	struct nvme_identity id;
	uint8_t page[4096] = { 0 };

	(void)state;
	assert_int_equal(nvme_health_read(page, &d), -EBADMSG);
	assert_int_equal(nvme_identity_read(page, &d, &id), -EBADMSG);
	memset(page, 0xff, sizeof(page));
	assert_int_equal(nvme_health_read(page, &d), -EBADMSG);
	page_nvme_health(page);
	page[3] = 101; /* percent of spare */
	assert_int_equal(nvme_health_read(page, &d), -EBADMSG);
	page_nvme_health(page);
	page_le(page + 1, 0, 2); /* 0 K: it has no sensor */
	assert_int_equal(nvme_health_read(page, &d), 0);
	assert_false(hale_disk_knows(&d, HALE_DISK_TEMPERATURE));
}

static void test_nvme_logs(void **state)
{
	struct hale_disk_reading d = { 0 };
	uint8_t page[4 * 64] = { 0 }, tests[564] = { 0 };

	(void)state;
	page[0] = 3; /* invalid field: the host's */
	page_le(page + 12, 0x2 << 1, 2);
	page[64] = 2; /* unrecovered read */
	page_le(page + 64 + 12, 0x281 << 1 | 1, 2);
	page_le(page + 128 + 12, 0x281 << 1, 2); /* count 0: not in use */
	assert_int_equal(nvme_errors_read(page, 4, &d), 0);
	assert_value(d, HALE_DISK_ERROR_LOG_UNC, 1);
	for (size_t i = 0; i < 20; i++)
		tests[4 + 28 * i] = 0x0f;
	assert_int_equal(nvme_self_tests_read(tests, &d), 0);
	assert_value(d, HALE_DISK_SELF_TEST_FAILED, 0);
	tests[4] = 0x17;     /* short, failed */
	tests[4 + 2] = 0x02; /* at a known block */
	page_le(tests + 4 + 4, 321, 8);
	page_le(tests + 4 + 16, 777, 8);
	tests[4 + 28] = 0x11; /* aborted */
	assert_int_equal(nvme_self_tests_read(tests, &d), 0);
	assert_value(d, HALE_DISK_SELF_TEST_FAILED, 1);
	assert_value(d, HALE_DISK_SELF_TEST_HOURS, 321);
	assert_value(d, HALE_DISK_SELF_TEST_LBA, 777);
}

int main(void)
{
	const struct CMUnitTest all[] = {
		cmocka_unit_test(test_sense),
		cmocka_unit_test(test_sense_of_ata),
		cmocka_unit_test(test_exceptions),
		cmocka_unit_test(test_counters),
		cmocka_unit_test(test_temperature_and_wear),
		cmocka_unit_test(test_background_scan),
		cmocka_unit_test(test_self_tests),
		cmocka_unit_test(test_lists_and_defects),
		cmocka_unit_test(test_nvme),
		cmocka_unit_test(test_nvme_torn),
		cmocka_unit_test(test_nvme_logs),
	};

	return cmocka_run_group_tests(all, NULL, NULL);
}
