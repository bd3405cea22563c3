/* SPDX-License-Identifier: Apache-2.0 */
/* Loops: set up, detached and set up anew, and never the host's own matter. */
#include "world_hosts.h"

static void loop_map(struct world *w, bool mounted)
{
	world_map(w, HALE_FACT_MAP_BEGIN);
	world_mount(w, 8, 1, "ext4", "/");
	if (mounted) {
		world_mount(w, 7, 1, "ext4", "/x");
		world_layer(w, "7:1", "8:1", "loop");
	}
	world_map(w, HALE_FACT_MAP_END);
}

static void another_loop_of_the_same_name(void **state)
{
	struct hale_device d = world_device("loop0", 7, 0, HALE_BLOCK_LOOP);
	struct world w;

	(void)state;
	world_new(&w);
	HALE_SET(d.fs_uuid, "uuid-1");
	world_add(&w, &d);
	world_io_error(&w, HALE_REF_DISK, "loop0", w.now);
	assert_true(world_has(&w, "disk/loop0"));
	/* listed once more, still there */
	world_map(&w, HALE_FACT_MAP_BEGIN);
	world_map(&w, HALE_FACT_MAP_END);
	assert_int_equal(
		world_finding(&w, "disk/loop0", HALE_DISK_IO_ERROR)->effect,
		HALE_EFFECT_BLOCKS);
	/* not listed: detached */
	w.now += MINUTE;
	world_map(&w, HALE_FACT_MAP_BEGIN);
	world_map(&w, HALE_FACT_MAP_END);
	assert_int_equal(
		world_finding(&w, "disk/loop0", HALE_DISK_IO_ERROR)->effect,
		HALE_EFFECT_NOTES);
	w.now += MINUTE;
	world_add(&w, &d);
	assert_false(world_has(&w, "disk/loop0"));
	/* set up anew between two looks */
	world_io_error(&w, HALE_REF_DISK, "loop0", w.now);
	w.now += MINUTE;
	HALE_SET(d.fs_uuid, "uuid-2");
	world_add(&w, &d);
	assert_false(world_has(&w, "disk/loop0"));
	world_end(&w);
}

static void a_loop_in_use_is_there(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	world_layered(&w, "loop0", 7, 0, HALE_BLOCK_LOOP);
	for (int i = 0; i < 3; i++) {
		world_map(&w, HALE_FACT_MAP_BEGIN);
		world_mount(&w, 8, 1, "ext4", "/");
		world_mount(&w, 7, 0, "ext4", "/x");
		world_layer(&w, "7:0", "8:1", "loop");
		world_map(&w, HALE_FACT_MAP_END);
	}
	assert_fitness(HALE_FIT, world_check(&w, "/x", 7, 0));
	world_end(&w);
}

/* The log remembers a loop1 that was there before this one. */
static void a_loop_set_up_while_we_look(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	world_errors(&w, HALE_DISK_IO_ERROR, "loop1", 1, START - HOUR);
	world_event(&w, HALE_FS_ERROR, HALE_REF_FS, "loop1");
	assert_true(world_has(&w, "disk/unresolved-loop1"));
	/* gone before we came: nobody's matter, and no loop is the host's */
	assert_fitness(HALE_FIT, world_check_host(&w));
	w.now += MINUTE;
	world_map(&w, HALE_FACT_MAP_BEGIN);
	world_map(&w, HALE_FACT_MAP_END);
	w.now += MINUTE;
	world_layered(&w, "loop1", 7, 1, HALE_BLOCK_LOOP);
	loop_map(&w, true);
	assert_fitness(HALE_FIT, world_check(&w, "/x", 7, 1));
	/* this one fails too, leaves, and a third one comes */
	world_event(&w, HALE_DISK_IO_ERROR, HALE_REF_DISK, "loop1");
	world_event(&w, HALE_FS_ERROR, HALE_REF_FS, "loop1");
	assert_fitness(HALE_UNFIT, world_check(&w, "/x", 7, 1));
	assert_int_equal(w.verdict.n_reasons, 2);
	w.now += MINUTE;
	loop_map(&w, false);
	w.now += MINUTE;
	world_layered(&w, "loop1", 7, 1, HALE_BLOCK_LOOP);
	loop_map(&w, true);
	assert_fitness(HALE_FIT, world_check(&w, "/x", 7, 1));
	world_end(&w);
}

/* Detaching a loop makes an event that looks like any other change. */
static void a_change_is_no_listing(void **state)
{
	struct hale_device d = world_device("loop1", 7, 1, HALE_BLOCK_LOOP);
	struct world w;

	(void)state;
	world_new(&w);
	loop_map(&w, false);
	w.now += MINUTE;
	world_add(&w, &d);
	loop_map(&w, true);
	world_io_error(&w, HALE_REF_DISK, "loop1", w.now);
	assert_fitness(HALE_UNFIT, world_check(&w, "/x", 7, 1));
	w.now += SECOND;
	world_add(&w, &d);
	loop_map(&w, false);
	w.now += SECOND;
	world_add(&w, &d);
	loop_map(&w, true);
	assert_fitness(HALE_FIT, world_check(&w, "/x", 7, 1));
	world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(another_loop_of_the_same_name),
		cmocka_unit_test(a_loop_in_use_is_there),
		cmocka_unit_test(a_loop_set_up_while_we_look),
		cmocka_unit_test(a_change_is_no_listing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
