/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The word over a disk: a rule a test. Rotating disks, and all alike.
 */
#include "disks.h"

static void nothing_said_is_no_word(void **state)
{
	struct hale_disk_reading d = { 0 };

	(void)state;
	assert_int_equal(judge(&d), HALE_DISK_UNREAD);
	assert_string_equal(hale_assessment_name(said.worst), "");
	d = disk_spinning();
	d.asleep = true;
	hale_disk_set(&d, HALE_DISK_PASSED, 0);
	assert_int_equal(judge(&d), HALE_DISK_UNREAD);
	assert_int_equal(said.n_reasons, 0);
}

/* What frightens people, and proves nothing. */
static void frightening_numbers_are_healthy(void **state)
{
	static const struct {
		uint8_t id, value;
		uint64_t raw;
	} rows[] = {
		{ 1, 117, 132804560 },	      /* errors over reads */
		{ 7, 60, 47244640257 },	      /* seeks, packed */
		{ 195, 20, 132804560 },	      /* as 1 */
		{ 188, 100, 0x000200030005 }, /* three counters */
		{ 187, 100, 0x00160000 },     /* upper words only */
		{ 190, 60, 0x281c0028 },      /* minimum, maximum, now */
		{ 194, 40, 0x0000000900280028 },
		{ 9, 1, 0x00a100004e20 }, /* minutes above the hours */
		{ 193, 1, 900000 },
		{ 191, 1, 5000 },
		{ 4, 1, 100000 },
		{ 5, 100, 0x000007d00000 }, /* 0 (2000) */
		{ 197, 100, 0x64646464 },   /* filler */
		{ 198, 100, 0xffff },
		{ 199, 200, 7 },
		{ 240, 100, 0x9d0e00003a98 },
	};
	struct hale_disk_reading d = disk_spinning();

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(rows); i++)
		disk_attribute(&d, rows[i].id, rows[i].value, rows[i].raw);
	assert_int_equal(judge(&d), HALE_DISK_HEALTHY);
	assert_int_equal(said.n_reasons, 0);
}

static void its_own_word_comes_first(void **state)
{
	struct hale_disk_reading d = disk_spinning();

	(void)state;
	disk_attribute(&d, 197, 100, 12);
	hale_disk_set(&d, HALE_DISK_PASSED, 0);
	assert_int_equal(judge(&d), HALE_DISK_FAILING);
	assert_int_equal(said.reasons[0].condition, HALE_DISK_SMART_FAILING);
	assert_int_equal(said.reasons[1].condition, HALE_DISK_SMART_PREFAIL);
	says("12 sectors that cannot be read now");
}

static void thresholds_of_damage_count(void **state)
{
	struct hale_disk_reading d = disk_spinning();
	struct hale_disk_attribute *a = disk_attribute(&d, 5, 5, 31000);

	(void)state;
	a->threshold = 36;
	a->flags = 1;
	assert_int_equal(judge(&d), HALE_DISK_FAILING);
	says("attribute 5, reallocated sectors, is at 5, its threshold is 36");
	/* once below, above again */
	a->value = 100;
	a->raw = 0;
	assert_int_equal(judge(&d), HALE_DISK_PREFAIL);
	says("was at 5 once");
	/* of old age, and damage all the same */
	a->flags = 0;
	a->value = 5;
	assert_int_equal(judge(&d), HALE_DISK_PREFAIL);
	a->threshold = 0; /* never fails */
	assert_int_equal(judge(&d), HALE_DISK_HEALTHY);
	a->threshold = 254;
	assert_int_equal(judge(&d), HALE_DISK_HEALTHY);
}

static void thresholds_of_age_and_heat_do_not(void **state)
{
	static const uint8_t ids[] = { 4, 9, 12, 190, 193, 194, 225 };

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(ids); i++) {
		struct hale_disk_reading d = disk_spinning();
		struct hale_disk_attribute *a =
			disk_attribute(&d, ids[i], 1, 30);

		a->threshold = 20;
		a->flags = 1;
		assert_int_equal(judge(&d), HALE_DISK_HEALTHY);
	}
}

static void a_slow_start_is_past(void **state)
{
	struct hale_disk_reading d = disk_spinning();
	struct hale_disk_attribute *a = disk_attribute(&d, 3, 90, 4000);

	(void)state;
	a->threshold = 25;
	a->worst = 1;
	a->flags = 1;
	assert_int_equal(judge(&d), HALE_DISK_HEALTHY);
}

static void lost_sectors_count(void **state)
{
	static const struct {
		uint8_t id;
		uint64_t raw;
		const char *text;
	} rows[] = {
		{ 197, 1, "1 sector that cannot be read now" },
		{ 198, 3, "3 sectors that the disk's own scan" },
		{ 187, 42, "42 errors that could not be corrected" },
		{ 5, 9, "9 reallocated sectors" },
	};

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(rows); i++) {
		struct hale_disk_reading d = disk_spinning();

		disk_attribute(&d, rows[i].id, 100, rows[i].raw);
		assert_int_equal(judge(&d), HALE_DISK_PREFAIL);
		says(rows[i].text);
	}
}

static void one_bad_physical_sector_is_an_accident(void **state)
{
	struct hale_disk_reading d = disk_spinning();
	struct hale_disk_counts before = { .time_ns = DISKS_NOW - 26 * AN_HOUR,
					   .known = 1 };

	(void)state;
	disk_attribute(&d, 5, 100, 8);
	assert_int_equal(judge(&d), HALE_DISK_HEALTHY);
	/* but not if it happened since yesterday */
	hale_disk_judge(&d, &before, &said);
	assert_int_equal(said.worst, HALE_DISK_PREFAIL);
	says("8 reallocated sectors, 8 more than 26 h ago");
}

static void attempts_need_a_lost_sector(void **state)
{
	struct hale_disk_reading d = disk_spinning();

	(void)state;
	disk_attribute(&d, 5, 100, 0);
	disk_attribute(&d, 196, 100, 92);
	assert_int_equal(judge(&d), HALE_DISK_HEALTHY);
	hale_disk_set(&d, HALE_DISK_ERROR_LOG_UNC, 9);
	assert_int_equal(judge(&d), HALE_DISK_PREFAIL);
}

static void old_errors_are_history(void **state)
{
	struct hale_disk_reading d = disk_spinning();

	(void)state;
	hale_disk_set(&d, HALE_DISK_ERROR_LOG_UNC, 34);
	hale_disk_set(&d, HALE_DISK_ERROR_LOG_LAST_HOURS, 15000);
	assert_int_equal(judge(&d), HALE_DISK_HEALTHY);
	hale_disk_set(&d, HALE_DISK_ERROR_LOG_LAST_HOURS, 19990);
	assert_int_equal(judge(&d), HALE_DISK_PREFAIL);
	says("the last 10 h of operation ago");
	/* hours that run backwards prove nothing */
	hale_disk_set(&d, HALE_DISK_ERROR_LOG_LAST_HOURS, 20001);
	assert_int_equal(judge(&d), HALE_DISK_HEALTHY);
	/* the log's 16 bits have wrapped: 10 h before 70000 */
	hale_disk_set(&d, HALE_DISK_POWER_ON_HOURS, 70000);
	hale_disk_set(&d, HALE_DISK_ERROR_LOG_LAST_HOURS, 69990 - 65536);
	assert_int_equal(judge(&d), HALE_DISK_PREFAIL);
}

static void a_failed_self_test_counts(void **state)
{
	struct hale_disk_reading d = disk_spinning();

	(void)state;
	hale_disk_set(&d, HALE_DISK_SELF_TEST_FAILED, 0);
	assert_int_equal(judge(&d), HALE_DISK_HEALTHY);
	hale_disk_set(&d, HALE_DISK_SELF_TEST_FAILED, 2);
	hale_disk_set(&d, HALE_DISK_SELF_TEST_HOURS, 19900);
	hale_disk_set(&d, HALE_DISK_SELF_TEST_LBA, 150456);
	assert_int_equal(judge(&d), HALE_DISK_PREFAIL);
	says("2 failed self-tests, the last 100 h ago, at sector 150456");
}

static void a_cable_is_not_a_disk(void **state)
{
	struct hale_disk_reading d = disk_spinning();
	struct hale_disk_counts before = { .time_ns = DISKS_NOW - AN_HOUR / 2,
					   .known = 1 << HALE_DISK_COUNT_CRC };

	(void)state;
	disk_attribute(&d, 199, 200, 31363);
	assert_int_equal(judge(&d), HALE_DISK_LINK);
	assert_int_equal(said.reasons[0].condition, HALE_DISK_LINK_ERROR);
	d.attributes[0].raw = 5;
	before.count[HALE_DISK_COUNT_CRC] = 3;
	hale_disk_judge(&d, &before, &said);
	assert_int_equal(said.worst, HALE_DISK_LINK);
	says("5 transfers corrupted on the cable, 2 more within the hour");
	before.count[HALE_DISK_COUNT_CRC] = 5;
	hale_disk_judge(&d, &before, &said);
	assert_int_equal(said.worst, HALE_DISK_HEALTHY);
}

static void heat_is_held_against_its_own_limit(void **state)
{
	static const struct {
		uint64_t degrees, limit;
		uint32_t reasons;
	} rows[] = {
		{ 59, 60, 0 },	{ 60, 60, 1 },
		{ 60, 4, 0 },	/* no disk has this limit */
		{ 250, 60, 0 }, /* nor this temperature */
		{ 0, 60, 0 },
	};
	struct hale_disk_reading d = disk_spinning();

	(void)state;
	hale_disk_set(&d, HALE_DISK_TEMPERATURE, 59);
	assert_int_equal(judge(&d), HALE_DISK_HEALTHY);
	assert_int_equal(said.n_reasons, 0); /* it gave no limit */
	for (size_t i = 0; i < HALE_ARRAY_SIZE(rows); i++) {
		hale_disk_set(&d, HALE_DISK_TEMPERATURE, rows[i].degrees);
		hale_disk_set(&d, HALE_DISK_TEMPERATURE_LIMIT, rows[i].limit);
		assert_int_equal(judge(&d), HALE_DISK_HEALTHY);
		assert_int_equal(said.n_reasons, rows[i].reasons);
	}
}

/* Where it has no limit but the threshold of its attribute. */
static void heat_past_a_threshold_has_to_be_heat(void **state)
{
	struct hale_disk_reading d = disk_spinning();
	struct hale_disk_attribute *a = disk_attribute(&d, 190, 40, 60);

	(void)state;
	a->threshold = 45;
	judge(&d);
	assert_int_equal(said.n_reasons, 1);
	assert_int_equal(said.reasons[0].condition, HALE_DISK_HOT);
	a->raw = 50;
	judge(&d);
	assert_int_equal(said.n_reasons, 0);
}

static void more_reasons_than_room_keep_the_worst(void **state)
{
	struct hale_disk_reading d = disk_spinning();

	(void)state;
	disk_attribute(&d, 199, 200, 900);
	disk_attribute(&d, 197, 100, 1);
	disk_attribute(&d, 198, 100, 1);
	disk_attribute(&d, 187, 100, 1);
	disk_attribute(&d, 5, 100, 100);
	hale_disk_set(&d, HALE_DISK_SELF_TEST_FAILED, 1);
	hale_disk_set(&d, HALE_DISK_SCAN_ERRORS, 1);
	hale_disk_set(&d, HALE_DISK_PASSED, 0);
	hale_disk_set(&d, HALE_DISK_TEMPERATURE, 90);
	hale_disk_set(&d, HALE_DISK_TEMPERATURE_LIMIT, 60);
	assert_int_equal(judge(&d), HALE_DISK_FAILING);
	assert_int_equal(said.n_reasons, HALE_DISK_REASONS_MAX);
	assert_int_equal(said.reasons[0].condition, HALE_DISK_SMART_FAILING);
	for (uint32_t i = 1; i < said.n_reasons; i++)
		assert_int_equal(said.reasons[i].condition,
				 HALE_DISK_SMART_PREFAIL);
}

/* Rows that a torn table leaves: nothing falls over, nobody is blamed. */
static void a_torn_table_blames_nobody(void **state)
{
	struct hale_disk_reading d = disk_spinning();

	(void)state;
	for (unsigned int i = 0; i < HALE_DISK_ATTRIBUTES_MAX; i++)
		disk_attribute(&d, (uint8_t)(i * 9), 0xff, UINT64_MAX)->worst =
			0;
	d.n_attributes = 4000;
	d.known = UINT64_MAX;
	for (size_t i = 0; i < HALE_DISK_VALUE_COUNT; i++)
		d.value[i] = UINT64_MAX;
	hale_disk_set(&d, HALE_DISK_SELF_TEST_FAILED, 0);
	hale_disk_set(&d, HALE_DISK_SCAN_ERRORS, 0);
	assert_int_equal(judge(&d), HALE_DISK_HEALTHY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_said_is_no_word),
		cmocka_unit_test(frightening_numbers_are_healthy),
		cmocka_unit_test(its_own_word_comes_first),
		cmocka_unit_test(thresholds_of_damage_count),
		cmocka_unit_test(thresholds_of_age_and_heat_do_not),
		cmocka_unit_test(a_slow_start_is_past),
		cmocka_unit_test(lost_sectors_count),
		cmocka_unit_test(one_bad_physical_sector_is_an_accident),
		cmocka_unit_test(attempts_need_a_lost_sector),
		cmocka_unit_test(old_errors_are_history),
		cmocka_unit_test(a_failed_self_test_counts),
		cmocka_unit_test(a_cable_is_not_a_disk),
		cmocka_unit_test(heat_is_held_against_its_own_limit),
		cmocka_unit_test(heat_past_a_threshold_has_to_be_heat),
		cmocka_unit_test(more_reasons_than_room_keep_the_worst),
		cmocka_unit_test(a_torn_table_blames_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
