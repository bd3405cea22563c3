/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a device-mapper table has a leg to lose, by its status lines (forms:
 * dm-raid.rst, dm-raid1.c, dm-mpath.c). What is not understood is not spare.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "drivers/storage/array.h"

struct target_case {
	const char *type, *status, *via;
	bool redundant;
	unsigned int n_failed;
};

static const struct target_case cases[] = {
	{ "linear", "", "linear", false, 0 },
	{ "raid", "raid1 2 AA 1024/1024 idle 0 0 -", "raid1", true, 0 },
	{ "raid", "raid1 2 aa 12/1024 resync 0 0 -", "raid1", true, 0 },
	{ "raid", "raid1 2 AD 1024/1024 idle 0 0 -", "raid1", false, 0 },
	{ "raid", "raid1 3 AAD 1024/1024 idle 0 0 -", "raid1", true, 0 },
	{ "raid", "raid5_ls 3 AAA 10/10 idle 0 0 -", "raid5_ls", true, 0 },
	{ "raid", "raid5_ls 3 ADA 10/10 idle 0 0 -", "raid5_ls", false, 0 },
	{ "raid", "raid6_zr 4 ADAA 10/10 idle 0 0 -", "raid6_zr", true, 0 },
	{ "raid", "raid6_zr 4 ADAD 10/10 idle 0 0 -", "raid6_zr", false, 0 },
	{ "raid", "raid10 4 AAAA 10/10 idle 0 0 -", "raid10", true, 0 },
	{ "raid", "raid0 2 AA 10/10 idle 0 0 -", "raid0", false, 0 },
	{ "raid", "raid1 2", "raid1", false, 0 },
	{ "raid", "raid1 2 !! 1/1", "raid1", false, 0 },
	{ "raid", "", "raid", false, 0 },
	{ "mirror", "2 253:3 253:4 400/400 1 AA 3 disk 253:2 A", "mirror", true,
	  0 },
	{ "mirror", "2 253:3 253:4 400/400 1 AD 3 disk 253:2 A", "mirror",
	  false, 0 },
	{ "mirror", "99999999 253:3", "mirror", false, 0 },
	{ "multipath", "2 0 0 0 2 1 A 0 1 2 8:0 A 0 0 1 E 0 1 2 8:16 A 0 0 1 ",
	  "multipath", true, 0 },
	{ "multipath", "2 0 0 0 2 1 A 0 1 2 8:0 A 0 0 1 E 0 1 2 8:16 F 1 0 1 ",
	  "multipath", false, 1 },
	{ "multipath", "2 0 0 0 1 1 E 0 2 2 8:0 F 3 0 1 8:16 F 1 0 1 ",
	  "multipath", false, 0 },
	{ "multipath", "8:0", "multipath", false, 0 },
};

static void test_targets(void **state)
{
	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(cases); i++) {
		struct storage_array array = { 0 };

		storage_dm_target(&array, 0, cases[i].type, cases[i].status);
		assert_string_equal(array.via, cases[i].via);
		assert_int_equal(array.redundant, cases[i].redundant);
		assert_int_equal(array.n_failed, cases[i].n_failed);
	}
}

/* One plain segment makes the whole device depend on its disk. */
static void test_mixed_table(void **state)
{
	struct storage_array array = { 0 };

	(void)state;
	storage_dm_target(&array, 0, "raid", "raid1 2 AA 10/10 idle 0 0 -");
	storage_dm_target(&array, 1, "linear", "");
	assert_false(array.redundant);
	assert_string_equal(array.via, "dm");
}

static void test_failed_path_is_named(void **state)
{
	struct storage_array array = { 0 };

	(void)state;
	storage_dm_target(&array, 0, "multipath",
			  "2 0 0 0 1 1 A 0 2 2 8:0 A 0 0 1 8:16 F 1 0 1 ");
	assert_int_equal(array.failed[0].major, 8);
	assert_int_equal(array.failed[0].minor, 16);
}

#define S ((int64_t)HALE_NS_PER_S)

struct birth_case {
	int64_t node, null, boot; /* seconds: wall, wall, agent time */
	uint64_t since;
};

static const struct birth_case births[] = {
	/* booted at 1000 s, now it is 5000 s */
	{ 4000, 1001, 1000, 4000 },
	{ 1003, 1001, 1000, 0 },    /* came with the boot */
	{ 6000, 1001, 1000, 0 },    /* in the future: no date at all */
	{ 50, 1001, 1000, 0 },	    /* before the boot */
	{ 3100, 101, 1000, 3999 },  /* the clock was set forward by 900 s */
	{ 8200, 5201, 1000, 3999 }, /* and back */
};

static void test_births(void **state)
{
	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(births); i++) {
		const struct birth_case *c = &births[i];
		const struct hale_probe p = { .now_ns = 5000 * HALE_NS_PER_S,
					      .boot_to_agent_ns = c->boot * S };

		assert_int_equal(storage_birth_ns(c->node * S, c->null * S, &p),
				 c->since * HALE_NS_PER_S);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_targets),
		cmocka_unit_test(test_mixed_table),
		cmocka_unit_test(test_failed_path_is_named),
		cmocka_unit_test(test_births),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
