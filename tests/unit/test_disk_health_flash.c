/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The word over a disk: what flash, NVMe and SCSI have of their own.
 */
#include "disks.h"

static void flash_retires_blocks_all_its_life(void **state)
{
	struct hale_disk_reading d = disk_flash();

	(void)state;
	disk_attribute(&d, 5, 100, 524);
	disk_attribute(&d, 196, 100, 22);
	disk_attribute(&d, 198, 100, 4711); /* host reads, of some */
	disk_attribute(&d, 197, 100, 1);    /* shown now and then by some */
	assert_int_equal(judge(&d), HALE_DISK_HEALTHY);
	disk_attribute(&d, 187, 100, 3);
	assert_int_equal(judge(&d), HALE_DISK_PREFAIL);
}

static void two_sources_have_to_agree(void **state)
{
	struct hale_disk_reading d = disk_flash();

	(void)state;
	/* the device statistics alone, against the attribute */
	disk_attribute(&d, 187, 100, 0);
	hale_disk_set(&d, HALE_DISK_UNCORRECTABLE, 102);
	assert_int_equal(judge(&d), HALE_DISK_HEALTHY);
	/* retired blocks bear them out */
	disk_attribute(&d, 5, 99, 84);
	assert_int_equal(judge(&d), HALE_DISK_PREFAIL);
	says("102 errors");
	/* a rate that looks like a count */
	d = disk_flash();
	disk_attribute(&d, 187, 107, 15235630);
	assert_int_equal(judge(&d), HALE_DISK_HEALTHY);
	/* only one of them is there */
	d = disk_spinning();
	hale_disk_set(&d, HALE_DISK_UNCORRECTABLE, 4);
	assert_int_equal(judge(&d), HALE_DISK_PREFAIL);
}

static void statistics_that_are_wrong_once_are_no_witness(void **state)
{
	struct hale_disk_reading d = disk_flash();

	(void)state;
	disk_attribute(&d, 187, 100, 0);
	hale_disk_set(&d, HALE_DISK_UNCORRECTABLE, 0);
	hale_disk_set(&d, HALE_DISK_CRC_ERRORS, 140);
	assert_int_equal(judge(&d), HALE_DISK_LINK);
	hale_disk_set(&d, HALE_DISK_UNCORRECTABLE, 61);
	assert_int_equal(judge(&d), HALE_DISK_HEALTHY);
	/* the attribute is the disk's own word for it */
	disk_attribute(&d, 199, 100, 140);
	assert_int_equal(judge(&d), HALE_DISK_LINK);
}

/* A counter that has reached its end looks like one that is not there. */
static void a_full_counter_is_not_filler(void **state)
{
	struct hale_disk_reading d = disk_flash();
	struct hale_disk_attribute *a = disk_attribute(&d, 187, 100, 0xffff);

	(void)state;
	disk_attribute(&d, 5, 100, 17);
	assert_int_equal(judge(&d), HALE_DISK_HEALTHY);
	a->value = a->worst = 0;
	assert_int_equal(judge(&d), HALE_DISK_PREFAIL);
	says("65535 errors");
	/* nothing else of it is damaged */
	d.attributes[1].raw = 0;
	assert_int_equal(judge(&d), HALE_DISK_HEALTHY);
}

/* Of some makers the ids mean something else; smartctl knows more of them. */
static void other_meanings_are_not_judged(void **state)
{
	struct hale_disk_reading d = disk_flash();

	(void)state;
	HALE_SET(d.model, "OCZ-VECTOR150");
	disk_attribute(&d, 187, 100, 31); /* unreadable pages of its flash */
	disk_attribute(&d, 197, 100, 12);
	disk_attribute(&d, 199, 100, 8421); /* host writes */
	assert_int_equal(judge(&d), HALE_DISK_HEALTHY);
	HALE_SET(d.model, "EXAMPLE SSD");
	assert_int_equal(judge(&d), HALE_DISK_PREFAIL);
	for (uint32_t i = 0; i < d.n_attributes; i++)
		d.attributes[i].foreign = true;
	assert_int_equal(judge(&d), HALE_DISK_HEALTHY);
}

static void flash_wears_out(void **state)
{
	struct hale_disk_reading d = disk_flash();
	struct hale_disk_attribute *a = disk_attribute(&d, 231, 3, 0);

	(void)state;
	assert_int_equal(judge(&d), HALE_DISK_WORN);
	says("attribute 231, life left: 3 % left");
	/* the standard's own percentage knows better, unless it is none */
	hale_disk_set(&d, HALE_DISK_ENDURANCE_USED, 12);
	assert_int_equal(judge(&d), HALE_DISK_HEALTHY);
	hale_disk_set(&d, HALE_DISK_ENDURANCE_USED, 255);
	assert_int_equal(judge(&d), HALE_DISK_WORN);
	a->value = a->worst = 97;
	assert_int_equal(judge(&d), HALE_DISK_HEALTHY);
	hale_disk_set(&d, HALE_DISK_ENDURANCE_USED, 101);
	assert_int_equal(judge(&d), HALE_DISK_WORN);
	says("101 % of its rated endurance is used");
	/* the same page of a disk that spins */
	d.rotational = true;
	assert_int_equal(judge(&d), HALE_DISK_HEALTHY);
}

/* Some firmware says what is left where it is asked what is used. */
static void what_is_left_is_not_taken_for_used(void **state)
{
	struct hale_disk_reading d = disk_flash();
	struct hale_disk_attribute *a = disk_attribute(&d, 201, 97, 1940);

	(void)state;
	hale_disk_set(&d, HALE_DISK_ENDURANCE_USED, 97);
	assert_int_equal(judge(&d), HALE_DISK_WORN); /* who knows what 201 is */
	a->threshold_known = true;
	a->threshold = 5; /* it is kept */
	assert_int_equal(judge(&d), HALE_DISK_HEALTHY);
	/* it may stand there for ever, and the page tell the truth */
	a->value = a->worst = 100;
	assert_int_equal(judge(&d), HALE_DISK_WORN);
	a->value = a->worst = 3;
	assert_int_equal(judge(&d), HALE_DISK_WORN);
	a->value = a->worst = 97;
	a->foreign = true;
	assert_int_equal(judge(&d), HALE_DISK_WORN);
}

/* A value of 3 is 3 % used, or 3 % left: the page of the standard knows. */
static void life_that_may_be_told_either_way_is_not_judged(void **state)
{
	struct hale_disk_reading d = disk_flash();
	struct hale_disk_attribute *a = disk_attribute(&d, 231, 3, 97);

	(void)state;
	assert_int_equal(judge(&d), HALE_DISK_HEALTHY);
	hale_disk_set(&d, HALE_DISK_ENDURANCE_USED, 97);
	assert_int_equal(judge(&d), HALE_DISK_WORN);
	d.known &= ~(UINT64_C(1) << HALE_DISK_ENDURANCE_USED);
	a->raw = 3;
	assert_int_equal(judge(&d), HALE_DISK_WORN);
	a->raw = UINT64_C(0x1700000001);
	assert_int_equal(judge(&d), HALE_DISK_WORN);
}

/* Flash without the attribute's meaning leaves 0 there. */
static void an_unused_life_is_none(void **state)
{
	struct hale_disk_reading d = disk_flash();

	(void)state;
	disk_attribute(&d, 177, 0, 3);
	disk_attribute(&d, 233, 0, 61);
	assert_int_equal(judge(&d), HALE_DISK_HEALTHY);
}

static void a_reserve_that_ran_out_is_worn(void **state)
{
	struct hale_disk_reading d = disk_flash();
	struct hale_disk_attribute *a = disk_attribute(&d, 232, 9, 0);

	(void)state;
	a->threshold = 10;
	assert_int_equal(judge(&d), HALE_DISK_WORN);
	a->flags = 1; /* the disk calls it a failure */
	assert_int_equal(judge(&d), HALE_DISK_FAILING);
}

static void nvme_warnings_are_failures_but_for_heat(void **state)
{
	static const uint64_t failing[] = { 0x01, 0x04, 0x08, 0x10, 0x20 };
	struct hale_disk_reading d = disk_nvme();

	(void)state;
	assert_int_equal(judge(&d), HALE_DISK_HEALTHY);
	for (size_t i = 0; i < HALE_ARRAY_SIZE(failing); i++) {
		hale_disk_set(&d, HALE_DISK_CRITICAL_WARNING, failing[i]);
		assert_int_equal(judge(&d), HALE_DISK_FAILING);
	}
	hale_disk_set(&d, HALE_DISK_CRITICAL_WARNING, 0x02);
	hale_disk_set(&d, HALE_DISK_PASSED, 0); /* as smartctl says it */
	hale_disk_set(&d, HALE_DISK_TEMPERATURE, 86);
	hale_disk_set(&d, HALE_DISK_TEMPERATURE_LIMIT, 84);
	assert_int_equal(judge(&d), HALE_DISK_HEALTHY);
	assert_int_equal(said.n_reasons, 1);
	assert_int_equal(said.reasons[0].condition, HALE_DISK_HOT);
	says("86 C, its limit is 84 C");
}

static void nvme_counts_its_media_errors(void **state)
{
	struct hale_disk_reading d = disk_nvme();

	(void)state;
	hale_disk_set(&d, HALE_DISK_MEDIA_ERRORS, 1);
	assert_int_equal(judge(&d), HALE_DISK_PREFAIL);
	/* what no disk has counted */
	hale_disk_set(&d, HALE_DISK_MEDIA_ERRORS, UINT64_MAX);
	assert_int_equal(judge(&d), HALE_DISK_HEALTHY);
	hale_disk_set(&d, HALE_DISK_MEDIA_ERRORS, UINT64_C(26) << 40);
	assert_int_equal(judge(&d), HALE_DISK_HEALTHY);
	hale_disk_set(&d, HALE_DISK_SPARE, 9);
	assert_int_equal(judge(&d), HALE_DISK_WORN);
	says("9 % of its spare blocks left, its limit is 10 %");
	hale_disk_set(&d, HALE_DISK_ENDURANCE_USED, 255); /* or more */
	judge(&d);
	says("255 % of its rated endurance");
}

static void scsi_predicts(void **state)
{
	struct hale_disk_reading d = disk_scsi();

	(void)state;
	assert_int_equal(judge(&d), HALE_DISK_HEALTHY);
	hale_disk_set(&d, HALE_DISK_IE_ASC, 0x5d);
	hale_disk_set(&d, HALE_DISK_IE_ASCQ, 0x10);
	assert_int_equal(judge(&d), HALE_DISK_FAILING);
	says("(asc 5d, ascq 10)");
	hale_disk_set(&d, HALE_DISK_IE_ASC, 0x0b);
	hale_disk_set(&d, HALE_DISK_IE_ASCQ, 0x05);
	hale_disk_set(&d, HALE_DISK_PASSED, 0);
	assert_int_equal(judge(&d), HALE_DISK_PREFAIL);
	/* of heat, and of the box it is in */
	hale_disk_set(&d, HALE_DISK_IE_ASCQ, 0x01);
	assert_int_equal(judge(&d), HALE_DISK_HEALTHY);
	assert_int_equal(said.reasons[0].condition, HALE_DISK_HOT);
	hale_disk_set(&d, HALE_DISK_IE_ASCQ, 0x02);
	assert_int_equal(judge(&d), HALE_DISK_HEALTHY);
	assert_int_equal(said.n_reasons, 0);
}

static void scsi_counts_what_it_lost(void **state)
{
	struct hale_disk_reading d = disk_scsi();

	(void)state;
	hale_disk_set(&d, HALE_DISK_REALLOCATED, 20);
	assert_int_equal(judge(&d), HALE_DISK_HEALTHY);
	hale_disk_set(&d, HALE_DISK_REALLOCATED, 400);
	assert_int_equal(judge(&d), HALE_DISK_PREFAIL);
	says("400 grown defects");
	d = disk_scsi();
	hale_disk_set(&d, HALE_DISK_READ_UNCORRECTED, 2);
	hale_disk_set(&d, HALE_DISK_VERIFY_UNCORRECTED, 1);
	assert_int_equal(judge(&d), HALE_DISK_PREFAIL);
	says("3 errors that could not be corrected");
	d = disk_scsi();
	hale_disk_set(&d, HALE_DISK_SCAN_ERRORS, 1);
	assert_int_equal(judge(&d), HALE_DISK_PREFAIL);
	says("1 medium error found by its background scan");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flash_retires_blocks_all_its_life),
		cmocka_unit_test(two_sources_have_to_agree),
		cmocka_unit_test(statistics_that_are_wrong_once_are_no_witness),
		cmocka_unit_test(a_full_counter_is_not_filler),
		cmocka_unit_test(other_meanings_are_not_judged),
		cmocka_unit_test(flash_wears_out),
		cmocka_unit_test(what_is_left_is_not_taken_for_used),
		cmocka_unit_test(
			life_that_may_be_told_either_way_is_not_judged),
		cmocka_unit_test(an_unused_life_is_none),
		cmocka_unit_test(a_reserve_that_ran_out_is_worn),
		cmocka_unit_test(nvme_warnings_are_failures_but_for_heat),
		cmocka_unit_test(nvme_counts_its_media_errors),
		cmocka_unit_test(scsi_predicts),
		cmocka_unit_test(scsi_counts_what_it_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
