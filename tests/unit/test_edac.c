/* SPDX-License-Identifier: Apache-2.0 */
/* The driver edac over recorded roots, and what the firmware says of memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "drivers/edac.h"

#include "facts.h"
#include "tree.h"

extern const struct hale_driver edac_driver;

static void print(void *sink, const struct hale_fact *f)
{
	assert_true(facts_print(sink, f));
}

static char *facts_of(const struct tree *t)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	struct hale_probe p = { .root_fd = t->root_fd,
				.event_fd = -1,
				.now_ns = HALE_NS_PER_S,
				.emit = print,
				.sink = out };

	assert_int_equal(edac_driver.sample(&p), 0);
	fclose(out);
	return text;
}

static void fixtures(void **state)
{
	static const char *const names[] = { "edac/dimms",   "edac/ranks",
					     "edac/csrows",  "edac/torn",
					     "edac/virtual", "edac/container",
					     "edac/pages",   "edac/hostile" };

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(names); i++) {
		struct tree t;
		char *facts;

		tree_unpack(names[i], &t);
		facts = facts_of(&t);
		tree_remove(&t);
		tree_expect(names[i], facts);
		free(facts);
	}
}

/* A memory array (type 16) behind a BIOS (type 0) that has a text. */
static const uint8_t ecc_table[] = {
	0,   5,	 0, 0, 1, 'B', 'I', 'O', 'S', 0,    0,	  /* type 0 */
	16,  15, 0, 1, 3, 3,   6,   0,	 0,   0x80, 0xfe, /* multi-bit ECC */
	0,   0,	 4, 0, 0, 0,				  /* … no texts */
	127, 4,	 0, 2, 0, 0,
};

static void the_firmware_knows_of_ecc(void **state)
{
	uint8_t table[sizeof(ecc_table)];

	(void)state;
	memcpy(table, ecc_table, sizeof(table));
	assert_int_equal(edac_dmi_ecc(table, sizeof(table)), EDAC_ECC_PRESENT);
	table[11 + 6] = 3;
	assert_int_equal(edac_dmi_ecc(table, sizeof(table)), EDAC_ECC_NONE);
	table[11 + 6] = 2;
	assert_int_equal(edac_dmi_ecc(table, sizeof(table)), EDAC_ECC_UNKNOWN);
	table[11 + 6] = 6;
	table[11 + 5] = 4; /* of a video card */
	assert_int_equal(edac_dmi_ecc(table, sizeof(table)), EDAC_ECC_UNKNOWN);
}

/* Cut off anywhere, in memory of its own, so that a step too far shows. */
static void a_torn_table_says_nothing_wrong(void **state)
{
	(void)state;
	for (size_t len = 0; len < sizeof(ecc_table); len++) {
		uint8_t *table = malloc(len ? len : 1);
		enum edac_ecc ecc;

		memcpy(table, ecc_table, len);
		ecc = edac_dmi_ecc(table, len);
		assert_true(ecc == EDAC_ECC_UNKNOWN || len >= 11 + 15);
		free(table);
	}
}

static void the_reason_follows_the_firmware(void **state)
{
	struct tree t;
	char *facts;

	(void)state;
	tree_new(&t);
	tree_line(&t, "dir sys/devices/system");
	tree_line(&t, "dir sys/firmware/dmi/tables");
	tree_file(&t, "sys/firmware/dmi/tables/DMI", ecc_table,
		  sizeof(ecc_table));
	facts = facts_of(&t);
	assert_non_null(
		strstr(facts, "the memory has ECC, but no EDAC driver"));
	assert_non_null(strstr(facts, "load the EDAC module"));
	free(facts);
	tree_remove(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fixtures),
		cmocka_unit_test(the_firmware_knows_of_ecc),
		cmocka_unit_test(a_torn_table_says_nothing_wrong),
		cmocka_unit_test(the_reason_follows_the_firmware),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
