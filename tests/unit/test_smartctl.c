/* SPDX-License-Identifier: Apache-2.0 */
/*
 * smartctl's JSON as a reading: what it takes, what it leaves, and what it
 * says of documents that are none. The documents are our own.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hale/base.h"
#include "hale/smartctl.h"

static struct hale_disk_reading d;
static char error[SMARTCTL_ERROR_MAX];

static int read_text(const char *json)
{
	memset(&d, 0, sizeof(d));
	return smartctl_read(json, strlen(json), &d, error);
}

static void refused(const char *json, int r, const char *why)
{
	assert_int_equal(read_text(json), r);
	if (!strstr(error, why))
		fail_msg("\"%s\" does not say \"%s\"", error, why);
	assert_null(strchr(error, '\n'));
	/* what was there stays as it was */
	assert_int_equal(d.n_attributes, 0);
	assert_int_equal(d.known, 0);
}

static void knows(enum hale_disk_value v, uint64_t value)
{
	assert_true(hale_disk_knows(&d, v));
	assert_int_equal(d.value[v], value);
}

static const char ata[] =
	"{\"device\": {\"name\": \"/dev/sdq\", \"protocol\": \"ATA\"},"
	" \"model_name\": \"EXAMPLE HD 1\", \"serial_number\": \"E-1\","
	" \"firmware_version\": \"0.9\", \"rotation_rate\": 5900,"
	" \"smart_status\": {\"passed\": false},"
	" \"power_on_time\": {\"hours\": 4000, \"minutes\": 3},"
	" \"temperature\": {\"current\": 31, \"op_limit_max\": 60},"
	" \"ata_smart_attributes\": {\"table\": ["
	"  {\"id\": 5, \"name\": \"Reallocated_Sector_Ct\", \"value\": 8,"
	"   \"worst\": 7, \"thresh\": 36, \"flags\": {\"prefailure\": true},"
	"   \"raw\": {\"value\": 4295032833, \"string\": \"1 (1 1)\"}},"
	"  {\"id\": 198, \"name\": \"Host_Reads_GiB\", \"value\": 100,"
	"   \"worst\": 100, \"raw\": {\"value\": 71}}]},"
	" \"ata_smart_error_log\": {\"extended\": {\"count\": 3, \"table\": ["
	"  {\"lifetime_hours\": 3999, \"error_description\": \"Error: ICRC\"},"
	"  {\"lifetime_hours\": 3990, \"error_description\": \"Error: UNC 8\"},"
	"  {\"lifetime_hours\": 9, \"error_description\": \"Error: UNC\"}]}},"
	" \"ata_smart_self_test_log\": {\"standard\": {\"table\": ["
	"  {\"type\": {\"value\": 1}, \"status\": {\"value\": 0},"
	"   \"lifetime_hours\": 3950},"
	"  {\"type\": {\"value\": 1}, \"status\": {\"value\": 33}},"
	"  {\"type\": {\"value\": 1}, \"status\": {\"value\": 118},"
	"   \"lifetime_hours\": 3900, \"lba\": 4711},"
	"  {\"type\": {\"value\": 2}, \"status\": {\"value\": 0}},"
	"  {\"type\": {\"value\": 2}, \"status\": {\"value\": 112}}]}},"
	" \"ata_device_statistics\": {\"pages\": [{\"number\": 4, \"table\": ["
	"  {\"offset\": 8, \"value\": 12}, {\"offset\": 16, \"value\": 5}]}]}}";

static void ata_is_read(void **state)
{
	(void)state;
	assert_int_equal(read_text(ata), 0);
	assert_int_equal(d.protocol, HALE_DISK_ATA);
	assert_int_equal(d.ref, HALE_REF_DISK);
	assert_string_equal(d.part, "sdq");
	assert_string_equal(d.model, "EXAMPLE HD 1");
	assert_string_equal(d.serial, "E-1");
	assert_string_equal(d.firmware, "0.9");
	assert_true(d.rotational);
	knows(HALE_DISK_PASSED, 0);
	knows(HALE_DISK_POWER_ON_HOURS, 4000);
	knows(HALE_DISK_TEMPERATURE, 31);
	knows(HALE_DISK_TEMPERATURE_LIMIT, 60);
	knows(HALE_DISK_UNCORRECTABLE, 12);
	assert_int_equal(d.n_attributes, 2);
	assert_int_equal(d.attributes[0].id, 5);
	assert_int_equal(d.attributes[0].value, 8);
	assert_int_equal(d.attributes[0].worst, 7);
	assert_int_equal(d.attributes[0].threshold, 36);
	assert_int_equal(d.attributes[0].flags, 1);
	assert_int_equal(d.attributes[0].raw, 4295032833);
	assert_true(d.attributes[0].threshold_known);
	assert_false(d.attributes[0].foreign);
	assert_false(d.attributes[1].threshold_known);
	assert_true(d.attributes[1].foreign);
}

/* The newest that counts; up to the last test that went over all of it. */
static void logs_are_read_newest_first(void **state)
{
	(void)state;
	assert_int_equal(read_text(ata), 0);
	knows(HALE_DISK_ERROR_LOG_UNC, 2);
	knows(HALE_DISK_ERROR_LOG_ICRC, 1);
	knows(HALE_DISK_ERROR_LOG_LAST_HOURS, 3990);
	knows(HALE_DISK_SELF_TEST_FAILED, 1);
	knows(HALE_DISK_SELF_TEST_HOURS, 3900);
	knows(HALE_DISK_SELF_TEST_LBA, 4711);
}

/* What could not be read counts, by its older name, too; what the host asked
 * for wrongly, or what was lost on the way, does not. */
static void errors_of_the_medium_count(void **state)
{
	(void)state;
	assert_int_equal(
		read_text(
			"{\"smart_status\": {\"passed\": true},"
			" \"ata_smart_error_log\": {\"summary\": {"
			" \"table\": ["
			"  {\"lifetime_hours\": 90,"
			"   \"error_description\": \"Error: IDNF at LBA\"},"
			"  {\"lifetime_hours\": 80,"
			"   \"error_description\": \"Error: AMNF 1 sectors\"},"
			"  {\"lifetime_hours\": 70,"
			"   \"error_description\": \"Error: ABRT\"}]}}}"),
		0);
	knows(HALE_DISK_ERROR_LOG_UNC, 1);
	knows(HALE_DISK_ERROR_LOG_LAST_HOURS, 80);
}

static void nvme_health_alone_is_enough(void **state)
{
	(void)state;
	assert_int_equal(
		read_text("{\"nvme_smart_health_information_log\": {"
			  "\"critical_warning\": 4, \"available_spare\": 12,"
			  "\"available_spare_threshold\": 10,"
			  "\"percentage_used\": 99,"
			  "\"media_errors\": 479615345916448342016}}"),
		0);
	assert_int_equal(d.protocol, HALE_DISK_NVME);
	assert_false(d.rotational);
	knows(HALE_DISK_CRITICAL_WARNING, 4);
	knows(HALE_DISK_SPARE, 12);
	knows(HALE_DISK_SPARE_LIMIT, 10);
	knows(HALE_DISK_ENDURANCE_USED, 99);
	/* beyond 64 bits: not a count */
	assert_false(hale_disk_knows(&d, HALE_DISK_MEDIA_ERRORS));
}

static void scsi_is_read(void **state)
{
	(void)state;
	assert_int_equal(
		read_text(
			"{\"device\": {\"protocol\": \"SCSI\"},"
			"\"scsi_model_name\": \"EXAMPLE SAS\","
			"\"smart_status\": {\"passed\": false,"
			"  \"scsi\": {\"asc\": 93, \"ascq\": 16}},"
			"\"temperature\": {\"current\": 40, \"drive_trip\": "
			"65},"
			"\"scsi_grown_defect_list\": 7,"
			"\"scsi_error_counter_log\": {"
			"  \"read\": {\"total_uncorrected_errors\": 2},"
			"  \"verify\": {\"total_uncorrected_errors\": 1}},"
			"\"scsi_pending_defects\": {\"count\": 3},"
			"\"scsi_background_scan\": {\"status\": {\"value\": 1},"
			"  \"result_1\": {\"sense_key\": {\"value\": 1}},"
			"  \"result_2\": {\"sense_key\": {\"value\": 3}}},"
			"\"scsi_self_test_0\": {\"code\": {\"value\": 1},"
			"  \"result\": {\"value\": 7},"
			"  \"power_on_time\": {\"hours\": 77}},"
			"\"scsi_self_test_1\": {\"code\": {\"value\": 2},"
			"  \"result\": {\"value\": 0}},"
			"\"scsi_self_test_2\": {\"result\": {\"value\": 7}}}"),
		0);
	assert_int_equal(d.protocol, HALE_DISK_SCSI);
	assert_string_equal(d.model, "EXAMPLE SAS");
	knows(HALE_DISK_IE_ASC, 0x5d);
	knows(HALE_DISK_IE_ASCQ, 0x10);
	knows(HALE_DISK_TEMPERATURE_LIMIT, 65);
	knows(HALE_DISK_REALLOCATED, 7);
	knows(HALE_DISK_PENDING, 3);
	knows(HALE_DISK_READ_UNCORRECTED, 2);
	knows(HALE_DISK_VERIFY_UNCORRECTED, 1);
	assert_false(hale_disk_knows(&d, HALE_DISK_WRITE_UNCORRECTED));
	knows(HALE_DISK_SCAN_ERRORS, 1);
	knows(HALE_DISK_SELF_TEST_FAILED, 1);
	knows(HALE_DISK_SELF_TEST_HOURS, 77);
}

static void the_exit_status_speaks_where_the_status_is_missing(void **state)
{
	(void)state;
	assert_int_equal(read_text("{\"smartctl\": {\"exit_status\": 8}}"), 0);
	knows(HALE_DISK_PASSED, 0);
	assert_int_equal(read_text("{\"smartctl\": {\"exit_status\": 8},"
				   "\"smart_status\": {\"passed\": true}}"),
			 0);
	knows(HALE_DISK_PASSED, 1);
}

static void a_disk_asleep_is_said_to_be(void **state)
{
	(void)state;
	assert_int_equal(
		read_text("{\"smartctl\": {\"exit_status\": 2, \"messages\": ["
			  "{\"string\": \"Device is in STANDBY mode, "
			  "exit(2)\"}]}}"),
		0);
	assert_true(d.asleep);
	assert_int_equal(d.known, 0);
}

static void nothing_read_is_said_with_the_reason(void **state)
{
	(void)state;
	refused("{\"smartctl\": {\"messages\": [{\"string\": \"/dev/sdq: "
		"Unknown USB bridge\"}]}}",
		-ENODATA, "Unknown USB bridge");
	refused("{\"device\": {}, \"smart_support\": {\"available\": false}}",
		-ENODATA, "smart_support.available is false");
	refused("{\"smartctl\": {}, \"temperature\": {\"current\": 30}}",
		-ENODATA, "--json -x");
}

static void what_is_not_smartctls_is_refused(void **state)
{
	(void)state;
	refused("", -EINVAL, "not JSON");
	refused("smartctl 7.3", -EINVAL, "not JSON");
	refused("[]", -EINVAL, "not an object");
	refused("{}", -EINVAL, "neither smart_status nor smartctl");
	refused("{\"smart_status\": {\"passed\": true}", -EINVAL, "not JSON");
	refused("{\"a\": 1, \"a\": 2}", -EINVAL, "duplicate");
	refused("{\"a\": \"\xff\"}", -EINVAL, "not JSON");
	refused("{\"a\": 1e999}", -EINVAL, "not JSON");
}

static void a_wrong_type_is_named(void **state)
{
	(void)state;
	refused("{\"smart_status\": {\"passed\": \"no\"}}", -EINVAL,
		"passed is not true or false");
	refused("{\"smart_status\": []}", -EINVAL,
		"smart_status is not an object");
	refused("{\"ata_smart_attributes\": {\"table\": {}}}", -EINVAL,
		"table is not an array");
	refused("{\"ata_smart_attributes\": {\"table\": [{\"id\": 1}, 7]}}",
		-EINVAL, "ata_smart_attributes.table[1] is not an object");
	refused("{\"ata_smart_attributes\": {\"table\": [{\"id\": 5,"
		"\"raw\": {\"value\": \"8\"}}]}}",
		-EINVAL, "ata_smart_attributes.table[0].value is not a number");
	refused("{\"nvme_smart_health_information_log\": {"
		"\"media_errors\": true}}",
		-EINVAL,
		"nvme_smart_health_information_log.media_errors is not a "
		"number");
	refused("{\"model_name\": 7, \"smart_status\": {\"passed\": true}}",
		-EINVAL, "model_name is not a string");
}

/* Numbers that no field can hold are as good as not given. */
static void numbers_out_of_range_are_left_out(void **state)
{
	(void)state;
	assert_int_equal(read_text("{\"smart_status\": {\"passed\": true},"
				   "\"temperature\": {\"current\": -4},"
				   "\"power_on_time\": {\"hours\": 1e300},"
				   "\"rotation_rate\": null,"
				   "\"ata_smart_attributes\": {\"table\": ["
				   "{\"id\": 0}, {\"id\": 256}, {\"id\": 197,"
				   "\"value\": 1000, \"thresh\": 999,"
				   "\"raw\": {\"value\": 281474976710656}}]}}"),
			 0);
	assert_false(hale_disk_knows(&d, HALE_DISK_TEMPERATURE));
	assert_false(hale_disk_knows(&d, HALE_DISK_POWER_ON_HOURS));
	assert_int_equal(d.n_attributes, 1);
	assert_int_equal(d.attributes[0].value, 254);
	assert_false(d.attributes[0].threshold_known);
	assert_int_equal(d.attributes[0].raw, UINT64_MAX);
}

static void depth_and_size_are_bounded(void **state)
{
	static char deep[100000], wide[SMARTCTL_JSON_MAX + 2];
	static char many[16384] = "{\"ata_smart_attributes\": {\"table\": [";
	size_t len = strlen(many);

	(void)state;
	memset(deep, '[', sizeof(deep));
	assert_int_equal(smartctl_read(deep, sizeof(deep), &d, error), -EINVAL);
	memset(wide, ' ', sizeof(wide));
	assert_int_equal(smartctl_read(wide, sizeof(wide), &d, error), -E2BIG);
	for (unsigned int i = 1; i <= 200; i++)
		len += (size_t)snprintf(many + len, sizeof(many) - len,
					"{\"id\": %u},", i);
	snprintf(many + len - 1, sizeof(many) - len, "]}}");
	assert_int_equal(read_text(many), 0);
	assert_int_equal(d.n_attributes, HALE_DISK_ATTRIBUTES_MAX);
}

static void texts_are_made_printable(void **state)
{
	(void)state;
	assert_int_equal(
		read_text("{\"smart_status\": {\"passed\": true},"
			  "\"device\": {\"name\": \"/dev/sd\\u001bq\"},"
			  "\"model_name\": \"A\\nB\\u202e\","
			  "\"serial_number\": \"0123456789012345678901234567890"
			  "123456789012345678901234567890\"}"),
		0);
	assert_string_equal(d.part, "sd?q");
	assert_string_equal(d.model, "A?B?");
	assert_int_equal(strlen(d.serial), sizeof(d.serial) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ata_is_read),
		cmocka_unit_test(logs_are_read_newest_first),
		cmocka_unit_test(errors_of_the_medium_count),
		cmocka_unit_test(nvme_health_alone_is_enough),
		cmocka_unit_test(scsi_is_read),
		cmocka_unit_test(
			the_exit_status_speaks_where_the_status_is_missing),
		cmocka_unit_test(a_disk_asleep_is_said_to_be),
		cmocka_unit_test(nothing_read_is_said_with_the_reason),
		cmocka_unit_test(what_is_not_smartctls_is_refused),
		cmocka_unit_test(a_wrong_type_is_named),
		cmocka_unit_test(numbers_out_of_range_are_left_out),
		cmocka_unit_test(depth_and_size_are_bounded),
		cmocka_unit_test(texts_are_made_printable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
