/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What device-mapper's status lines say of legs and pools (forms: dm-raid.rst,
 * thin-provisioning.rst, dm-mpath.c), and when a pool is a danger.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "drivers/array/array.h"

struct legs_case {
	const char *status;
	bool known;
	uint32_t n, lost, bears;
	uint64_t dead;
};

static const struct legs_case raids[] = {
	{ "raid1 2 AA 1024/1024 idle 0 0 -", true, 2, 0, 1, 0 },
	{ "raid1 2 AD 1024/1024 idle 0 0 -", true, 2, 1, 1, 2 },
	{ "raid1 2 DD 1024/1024 idle 0 0 -", true, 2, 2, 1, 3 },
	{ "raid1 2 Aa 512/1024 recover 0 0 -", true, 2, 0, 1, 0 },
	{ "raid6_zr 4 A-DA 10/10 idle 0 0 -", true, 4, 2, 2, 6 },
	{ "raid0 2 AA 10/10 idle 0 0 -", true, 2, 0, 0, 0 },
	{ "raid1 3 AA 10/10", false, 0, 0, 0, 0 },
	{ "raid1 2 A? 10/10", false, 0, 0, 0, 0 },
	{ "raid1 99999999999999999999999 AA", false, 0, 0, 0, 0 },
	{ "raid1", false, 0, 0, 0, 0 },
	{ "", false, 0, 0, 0, 0 },
};

static void legs_of_a_raid(void **state)
{
	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(raids); i++) {
		const struct legs_case *c = &raids[i];
		struct dm_legs legs = { 0 };

		assert_int_equal(dm_status_raid(c->status, &legs), c->known);
		assert_int_equal(legs.n, c->n);
		assert_int_equal(legs.lost, c->lost);
		assert_int_equal(legs.bears, c->bears);
		assert_int_equal(legs.dead, c->dead);
	}
}

static void paths_of_a_multipath(void **state)
{
	struct dm_legs legs = { 0 };

	(void)state;
	assert_true(dm_status_multipath(
		"2 0 0 0 2 1 A 0 1 2 8:0 A 0 0 1 E 0 1 2 8:16 F 1 0 1 ", NULL,
		NULL, &legs));
	assert_int_equal(legs.n, 2);
	assert_int_equal(legs.lost, 1);
	assert_true(legs.lost <= legs.bears);
	assert_true(dm_status_multipath(
		"2 0 0 0 1 1 E 0 2 2 8:0 F 3 0 1 8:16 F 1 0 1 ", NULL, NULL,
		&legs));
	assert_true(legs.lost > legs.bears);
	assert_false(dm_status_multipath("no paths", NULL, NULL, &legs));
}

static void the_table_names_the_legs(void **state)
{
	static const char table[] =
		"raid1 3 0 region_size 1024 2 253:2 253:3 253:4 253:5";
	char dev[24] = "";

	(void)state;
	assert_true(dm_table_raid_leg(table, 0, dev, sizeof(dev)));
	assert_string_equal(dev, "253:3");
	assert_true(dm_table_raid_leg(table, 1, dev, sizeof(dev)));
	assert_string_equal(dev, "253:5");
	assert_false(dm_table_raid_leg(table, 2, dev, sizeof(dev)));
	assert_true(dm_table_raid_metadata(table, 1, dev, sizeof(dev)));
	assert_string_equal(dev, "253:4");
	assert_false(dm_table_raid_leg("raid1 1 0 2 - - 253:4 253:5", 0, dev,
				       sizeof(dev)));
	assert_false(dm_table_raid_leg("", 0, dev, sizeof(dev)));
}

struct pool_case {
	const char *status;
	bool known;
	enum dm_pool_mode mode;
	bool needs_check;
	uint64_t used, total;
};

static const struct pool_case pools[] = {
	{ "0 11/1024 5/160 - rw no_discard_passdown queue_if_no_space - 1024",
	  true, DM_POOL_WRITE, false, 5, 160 },
	{ "1 11/1024 160/160 - out_of_data_space discard_passdown "
	  "error_if_no_space - 1024",
	  true, DM_POOL_NO_SPACE, false, 160, 160 },
	{ "1 11/1024 9/160 - ro discard_passdown queue_if_no_space "
	  "needs_check 1024",
	  true, DM_POOL_READ_ONLY, true, 9, 160 },
	{ "Fail", true, DM_POOL_FAILED, false, 0, 0 },
	{ "Error", true, DM_POOL_FAILED, false, 0, 0 },
	{ "0 11/1024 5/160 - sideways x y z", false, 0, false, 0, 0 },
	{ "0 11 5/160 - rw", false, 0, false, 0, 0 },
	{ "", false, 0, false, 0, 0 },
};

static void pools_say_their_state(void **state)
{
	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(pools); i++) {
		const struct pool_case *c = &pools[i];
		struct dm_pool pool = { 0 };

		assert_int_equal(dm_status_thin_pool(c->status, &pool),
				 c->known);
		assert_int_equal(pool.mode, c->mode);
		assert_int_equal(pool.needs_check, c->needs_check);
		assert_int_equal(pool.used, c->used);
		assert_int_equal(pool.total, c->total);
	}
}

static void vdo_is_a_pool(void **state)
{
	struct dm_pool pool = { 0 };

	(void)state;
	assert_true(dm_status_vdo("/dev/sdb normal - online online 900 1000",
				  &pool));
	assert_int_equal(pool.used, 900);
	assert_int_equal(pool.total, 1000);
	assert_true(dm_status_vdo("/dev/sdb read-only - online online 9 1000",
				  &pool));
	assert_int_equal(pool.mode, DM_POOL_READ_ONLY);
	assert_false(dm_status_vdo("/dev/sdb normal", &pool));
}

/* 1 MiB blocks, a pool of 100 of them. */
struct judge_case {
	const char *name;
	uint64_t used, promised_mib, meta; /* of 100 */
	enum dm_pool_mode mode;
	bool unknown;
	const char *failed, *full, *low; /* NULL: must not hold */
};

static const struct judge_case judgments[] = {
	{ "room for all", 10, 50, 5, DM_POOL_WRITE, false, NULL, NULL, NULL },
	{ "promised much, used little", 10, 5000, 5, DM_POOL_WRITE, false, NULL,
	  NULL, NULL },
	{ "nearly full", 95, 50, 5, DM_POOL_WRITE, false, NULL, NULL,
	  "pool vg/pool: 95 % of its 100.0 MiB are given out; its volumes may "
	  "still want 50.0 MiB" },
	{ "nearly full, and all promises are kept", 95, 5, 5, DM_POOL_WRITE,
	  false, NULL, NULL, NULL },
	{ "full, and nobody wants more", 100, 0, 5, DM_POOL_WRITE, false, NULL,
	  NULL, NULL },
	{ "full", 100, 1, 5, DM_POOL_WRITE, false, NULL,
	  "pool vg/pool is full: all of its 100.0 MiB are given out; its "
	  "volumes may still want 1.0 MiB",
	  NULL },
	{ "full, nobody knows of whom", 100, 0, 5, DM_POOL_WRITE, true, NULL,
	  "pool vg/pool is full: all of its 100.0 MiB are given out", NULL },
	{ "writes wait", 100, 7, 5, DM_POOL_NO_SPACE, false, NULL,
	  "pool vg/pool is full: all of its 100.0 MiB are given out; its "
	  "volumes may still want 7.0 MiB",
	  NULL },
	{ "metadata", 10, 5, 85, DM_POOL_WRITE, false, NULL, NULL,
	  "pool vg/pool: 85 % of its metadata space is used" },
	{ "read-only", 10, 5, 100, DM_POOL_READ_ONLY, false,
	  "pool vg/pool is read-only: nothing new can be written to its "
	  "volumes (metadata is full)",
	  NULL, "pool vg/pool: 100 % of its metadata space is used" },
	{ "given up", 0, 0, 0, DM_POOL_FAILED, true,
	  "pool vg/pool: the kernel has given it up", NULL, NULL },
};

static void says(const char *name, const char *expected, const char *got)
{
	if (strcmp(expected ? expected : "", got) != 0)
		fail_msg("%s: \"%s\"", name, got);
}

static void what_a_pool_means(void **state)
{
	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(judgments); i++) {
		const struct judge_case *c = &judgments[i];
		struct array_pool pool = {
			.state = { .mode = c->mode,
				   .used = c->used,
				   .total = 100,
				   .meta_used = c->meta,
				   .meta_total = 100 },
			.block_bytes = HALE_MIB,
			.promised_bytes = c->promised_mib * HALE_MIB,
			.promised_known = !c->unknown,
			.warn_percent = 90,
			.name = "vg/pool",
		};
		struct array_pool_judgment j;

		array_pool_judge(&pool, &j);
		says(c->name, c->failed, j.failed);
		says(c->name, c->full, j.full);
		says(c->name, c->low, j.low);
	}
}

/* Each has all it was promised, but to write into what it shares with another
 * it wants a block of its own. */
static void a_volume_and_its_snapshot(void **state)
{
	struct array_pool pool = {
		.state = { .used = 95, .total = 100, .meta_total = 100 },
		.block_bytes = HALE_MIB,
		.mapped_bytes = 180 * HALE_MIB,
		.promised_known = true,
		.warn_percent = 90,
		.name = "vg/pool",
	};
	struct array_pool_judgment j;

	(void)state;
	array_pool_judge(&pool, &j);
	says("shared",
	     "pool vg/pool: 95 % of its 100.0 MiB are given out; its volumes "
	     "may still want 85.0 MiB",
	     j.low);
	/* hardly anything is shared, and there is room for it */
	pool.mapped_bytes = 99 * HALE_MIB;
	array_pool_judge(&pool, &j);
	says("hardly shared", NULL, j.low);
}

static void names_of_lvm(void **state)
{
	static const struct {
		const char *uuid, *name, *text;
	} cases[] = {
		{ "LVM-x", "vg-root", "vg/root" },
		{ "LVM-x", "my--vg-my--lv", "my-vg/my-lv" },
		{ "LVM-x-tpool", "vg-pool-tpool", "vg/pool" },
		{ "LVM-x", "vg-root_rimage_0", "vg/root_rimage_0" },
		{ "mpath-3600", "mpatha", "mpatha" },
		{ "", "scratch", "scratch" },
		{ "LVM-x", "odd", "odd" },
		{ "LVM-x", "-", "-" },
	};

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(cases); i++) {
		char text[96];

		array_dm_print_name(cases[i].uuid, cases[i].name, text,
				    sizeof(text));
		assert_string_equal(text, cases[i].text);
	}
}

/* A kernel's answer, and one whose rows lead astray. */
static void rows_of_an_answer(void **state)
{
	struct dm_answer *a = calloc(1, sizeof(*a));
	struct dm_walk walk = { .answer = a };
	struct dm_target_spec spec = { .length = 8, .next = 64 };
	struct dm_target target;

	(void)state;
	assert_non_null(a);
	a->head.target_count = 2;
	strcpy(spec.target_type, "linear");
	memcpy(a->data, &spec, sizeof(spec));
	strcpy(a->data + sizeof(spec), "8:16 0");
	spec.next = 16; /* back */
	memcpy(a->data + 64, &spec, sizeof(spec));
	assert_true(dm_next(&walk, &target));
	assert_string_equal(target.type, "linear");
	assert_string_equal(target.params, "8:16 0");
	assert_int_equal(target.length, 8);
	assert_true(dm_next(&walk, &target));
	assert_false(dm_next(&walk, &target));
	/* beyond the end */
	spec.next = UINT32_MAX;
	memcpy(a->data, &spec, sizeof(spec));
	walk = (struct dm_walk){ .answer = a };
	assert_true(dm_next(&walk, &target));
	assert_false(dm_next(&walk, &target));
	free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(legs_of_a_raid),
		cmocka_unit_test(paths_of_a_multipath),
		cmocka_unit_test(the_table_names_the_legs),
		cmocka_unit_test(pools_say_their_state),
		cmocka_unit_test(vdo_is_a_pool),
		cmocka_unit_test(what_a_pool_means),
		cmocka_unit_test(a_volume_and_its_snapshot),
		cmocka_unit_test(names_of_lvm),
		cmocka_unit_test(rows_of_an_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
