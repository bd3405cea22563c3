/* SPDX-License-Identifier: Apache-2.0 */
/* Ways that end in the unknown or go in circles, and maps torn or too big. */
#include "world_hosts.h"

#include "agent/core/topology.h"

static bool says_left_out(struct world *w, const char *what)
{
	struct hale_coverage c;

	for (size_t i = 0; middle_coverage(w->m, i, &c); i++) {
		if (strcmp(c.driver, "core") == 0 && strstr(c.why, what))
			return true;
	}
	return false;
}

/* On 8:@lower_minor. */
static void number_layer(struct world *w, uint32_t major, uint32_t minor,
			 uint32_t lower_minor, const char *via)
{
	const struct hale_fact f =
		world_layer_fact(major, minor, 8, lower_minor, via);

	world_fact(w, "storage", &f);
}

static void unknown_layers_are_named(void **state)
{
	static const struct {
		uint32_t major, minor;
		const char *type, *via, *story;
	} cases[] = {
		{ 0, 60, "zfs", "?zfs", "zfs: /x: its disks are not known" },
		{ 0, 60, "fuse.fuse-overlayfs", "?fuse.fuse-overlayfs",
		  "fuse.fuse-overlayfs: /x: its disks are not known" },
		/* nothing said about it at all */
		{ 0, 60, "overlay", NULL,
		  "overlay: /x stands on something unknown" },
		{ 253, 9, "ext4", NULL, "dm-9 stands on something unknown" },
		{ 7, 9, "ext4", NULL, "loop9 stands on something unknown" },
		{ 9, 9, "ext4", NULL, "md9 stands on something unknown" },
		{ 8, 200, "ext4", "linear", "8:201 is not a known device" },
	};

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(cases); i++) {
		const struct hale_scope_path p = world_path(
			"/x", cases[i].major, cases[i].minor, cases[i].type);
		struct world w;

		world_stack_begin(&w);
		world_layered(&w, "dm-9", 253, 9, HALE_BLOCK_DM);
		world_layered(&w, "loop9", 7, 9, HALE_BLOCK_LOOP);
		world_layered(&w, "md9", 9, 9, HALE_BLOCK_MD);
		world_mount(&w, cases[i].major, cases[i].minor, cases[i].type,
			    "/x");
		if (cases[i].via)
			number_layer(&w, cases[i].major, cases[i].minor, 201,
				     cases[i].via);
		world_stack_end(&w);
		assert_fitness(HALE_UNKNOWN, world_check_path(&w, &p));
		assert_non_null(strstr(world_reason(&w, 0)->finding.evidence,
				       cases[i].story));
		assert_fitness(HALE_FIT, world_check_root(&w));
		world_end(&w);
	}
}

static void bottoms_without_a_disk(void **state)
{
	static const struct {
		const char *name;
		uint32_t major, minor;
		enum hale_block_kind kind;
	} cases[] = {
		{ "zram0", 252, 0, HALE_BLOCK_MEMORY },
		{ "nbd0", 43, 0, HALE_BLOCK_NETWORK },
		{ "sr0", 11, 0, HALE_BLOCK_OPTICAL },
	};

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(cases); i++) {
		struct world w;

		world_stack_begin(&w);
		world_layered(&w, cases[i].name, cases[i].major, cases[i].minor,
			      cases[i].kind);
		world_mount(&w, cases[i].major, cases[i].minor, "ext4", "/x");
		world_stack_end(&w);
		assert_fitness(HALE_FIT, world_check(&w, "/x", cases[i].major,
						     cases[i].minor));
		world_end(&w);
	}
}

static void a_partition_without_its_disk_is_unknown(void **state)
{
	struct world w;

	(void)state;
	world_stack_begin(&w);
	world_partition(&w, "sdx1", 161, "uuid-x");
	world_mount(&w, 8, 161, "ext4", "/x");
	world_stack_end(&w);
	assert_fitness(HALE_UNKNOWN, world_check(&w, "/x", 8, 161));
	world_end(&w);
}

static void cycles_end(void **state)
{
	struct hale_scope_path p = world_path("/x", 7, 0, "ext4");
	struct hale_hop hops[64];
	struct world w;

	(void)state;
	world_stack_begin(&w);
	world_layered(&w, "loop0", 7, 0, HALE_BLOCK_LOOP);
	world_layered(&w, "loop1", 7, 1, HALE_BLOCK_LOOP);
	world_mount(&w, 7, 0, "ext4", "/x");
	world_mount(&w, 7, 1, "ext4", "/y");
	world_layer(&w, "7:0", "7:1", "loop");
	world_layer(&w, "7:1", "7:0", "loop");
	world_layer(&w, "7:1", "7:1", "loop");
	world_layer(&w, "7:1", "8:16", "loop");
	world_stack_end(&w);
	assert_fitness(HALE_FIT, world_check(&w, "/x", 7, 0));
	world_event(&w, HALE_DISK_IO_ERROR, HALE_REF_DISK, "sdb");
	assert_fitness(HALE_UNFIT, world_check(&w, "/x", 7, 0));
	assert_true(middle_hops(w.m, &p, hops, 64) < 10);
	world_end(&w);
}

static bool knows(const struct world *w, uint32_t major, uint32_t minor)
{
	const struct hale_scope_path p = world_path("/", major, minor, "");

	return middle_knows(w->m, &p);
}

static void a_map_that_is_not_ended_changes_nothing(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	world_map(&w, HALE_FACT_MAP_BEGIN);
	world_mount(&w, 8, 1, "ext4", "/");
	assert_true(knows(&w, 8, 17));
	assert_fitness(HALE_FIT, world_check_build(&w));
	/* the next child begins anew */
	world_map(&w, HALE_FACT_MAP_BEGIN);
	world_mount(&w, 0, 9, "tmpfs", "/tmp");
	world_map(&w, HALE_FACT_MAP_END);
	assert_true(knows(&w, 0, 9));
	assert_fitness(HALE_UNKNOWN, world_check_host(&w));
	/* and nothing counts outside of a map */
	world_mount(&w, 0, 10, "tmpfs", "/tmp2");
	world_layer(&w, "0:10", "8:16", "linear");
	world_map(&w, HALE_FACT_MAP_END);
	assert_false(knows(&w, 0, 10));
	world_end(&w);
}

static void maps_that_are_too_big(void **state)
{
	struct world w;

	(void)state;
	world_stack_begin(&w);
	for (uint32_t i = 0; i < MAP_MOUNTS_MAX + 10; i++)
		world_mount(&w, 0, 100 + i, "tmpfs", "/t");
	for (uint32_t i = 0; i < MAP_LAYERS_MAX + 10; i++)
		number_layer(&w, 7, 1000 + i, 0, "loop");
	world_stack_end(&w);
	assert_true(says_left_out(&w, "mounts left out"));
	assert_true(says_left_out(&w, "layers left out"));
	assert_false(says_left_out(&w, "devices left out"));
	/* with layers missing, no way down can be trusted */
	assert_fitness(HALE_UNKNOWN, world_check_root(&w));
	world_end(&w);
}

static void long_names_fill_the_map(void **state)
{
	char path[HALE_PATH_MAX];
	struct world w;

	(void)state;
	world_stack_begin(&w);
	for (uint32_t i = 0; i < 400; i++) {
		memset(path, 'a', sizeof(path));
		path[0] = '/';
		path[sizeof(path) - 1] = '\0';
		world_mount(&w, 0, 100 + i, "tmpfs", path);
	}
	world_stack_end(&w);
	assert_true(says_left_out(&w, "mounts left out"));
	assert_fitness(HALE_FIT, world_check_root(&w));
	world_end(&w);
}

static void too_many_devices_under_one_path(void **state)
{
	struct world w;

	(void)state;
	world_stack_begin(&w);
	world_layered(&w, "dm-0", 253, 0, HALE_BLOCK_DM);
	world_mount(&w, 253, 0, "ext4", "/x");
	for (uint32_t i = 0; i < 300; i++)
		number_layer(&w, 253, 0, 1000 + i, "linear");
	world_stack_end(&w);
	assert_fitness(HALE_UNKNOWN, world_check(&w, "/x", 253, 0));
	world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unknown_layers_are_named),
		cmocka_unit_test(bottoms_without_a_disk),
		cmocka_unit_test(a_partition_without_its_disk_is_unknown),
		cmocka_unit_test(cycles_end),
		cmocka_unit_test(a_map_that_is_not_ended_changes_nothing),
		cmocka_unit_test(maps_that_are_too_big),
		cmocka_unit_test(long_names_fill_the_map),
		cmocka_unit_test(too_many_devices_under_one_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
