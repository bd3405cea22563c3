/* SPDX-License-Identifier: Apache-2.0 */
/* The catalogue: names there and back, and entries that make sense. */
#include "world.h"

static void names_there_and_back(void **state)
{
	(void)state;
	for (int i = 1; i < HALE_CONDITION_COUNT; i++) {
		enum hale_condition c = (enum hale_condition)i;
		const char *name = hale_condition_info(c)->name;

		assert_int_equal(hale_condition_from_name(name, strlen(name)),
				 c);
	}
	assert_int_equal(hale_condition_from_name("disk.medium_error", 17),
			 HALE_DISK_MEDIUM_ERROR);
	assert_int_equal(hale_condition_from_name("disk.medium_error", 16),
			 HALE_CONDITION_NONE);
	assert_int_equal(hale_condition_from_name("disk.medium_errors", 18),
			 HALE_CONDITION_NONE);
	assert_int_equal(hale_condition_from_name("", 0), HALE_CONDITION_NONE);
	assert_int_equal(hale_condition_from_name("none", 4),
			 HALE_CONDITION_NONE);
}

static void out_of_range_has_a_name_too(void **state)
{
	(void)state;
	assert_string_equal(hale_condition_info(HALE_CONDITION_COUNT)->name,
			    "none");
	assert_string_equal(
		hale_condition_info((enum hale_condition)100000)->name, "none");
	assert_string_equal(hale_effect_name(HALE_EFFECT_BLOCKS), "blocks");
	assert_string_equal(hale_effect_name(HALE_EFFECT_COUNT), "none");
}

static void symptoms_do_not_block(void **state)
{
	static const enum hale_condition harmless[] = { HALE_PROCESS_SIGBUS,
							HALE_PROCESS_CRASHES,
							HALE_MEMORY_LIMIT };

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(harmless); i++)
		assert_int_equal(hale_condition_info(harmless[i])->effect,
				 HALE_EFFECT_NOTES);
}

/* A dying disk is still dying after a reboot. */
static void what_a_reboot_does_not_mend(void **state)
{
	static const enum hale_condition lasting[] = {
		HALE_DISK_MEDIUM_ERROR,	 HALE_DISK_SMART_FAILING, HALE_FS_ERROR,
		HALE_MEMORY_UNCORRECTED, HALE_MEMORY_POISONED,
	};

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(lasting); i++)
		assert_false(hale_condition_info(lasting[i])->reboot_clears);
	assert_true(hale_condition_info(HALE_DISK_OFFLINE)->reboot_clears);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_there_and_back),
		cmocka_unit_test(out_of_range_has_a_name_too),
		cmocka_unit_test(symptoms_do_not_block),
		cmocka_unit_test(what_a_reboot_does_not_mend),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
