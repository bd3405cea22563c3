/* SPDX-License-Identifier: Apache-2.0 */
/* What a path rests on: stacks of every kind, and what redundancy bears. */
#include "world_hosts.h"

static void one_bad_leg_of_a_mirror_warns(void **state)
{
	struct world w;

	(void)state;
	world_mirror(&w);
	assert_fitness(HALE_FIT, world_check(&w, "/data", 9, 0));
	world_event(&w, HALE_DISK_MEDIUM_ERROR, HALE_REF_DISK, "sdb");
	assert_fitness(HALE_DEGRADED, world_check(&w, "/data", 9, 0));
	assert_true(world_reason(&w, 0)->redundant);
	assert_int_equal(world_reason(&w, 0)->effect, HALE_EFFECT_WARNS);
	assert_int_equal(world_reason(&w, 0)->finding.effect,
			 HALE_EFFECT_BLOCKS);
	/* a finding that only warns stays as it is */
	world_event(&w, HALE_DISK_TIMEOUT, HALE_REF_DISK, "sdc");
	assert_fitness(HALE_DEGRADED, world_check(&w, "/data", 9, 0));
	/* nobody mirrors the mirror */
	world_event(&w, HALE_ARRAY_FAILED, HALE_REF_ARRAY, "md0");
	assert_fitness(HALE_UNFIT, world_check(&w, "/data", 9, 0));
	assert_string_equal(world_reason(&w, 0)->finding.part, "array/md0");
	assert_false(world_reason(&w, 0)->redundant);
	assert_fitness(HALE_FIT, world_check_root(&w));
	world_end(&w);
}

static void all_bad_legs_of_a_mirror_block(void **state)
{
	struct world w;

	(void)state;
	world_mirror(&w);
	world_event(&w, HALE_DISK_MEDIUM_ERROR, HALE_REF_DISK, "sdb");
	world_event(&w, HALE_DISK_IO_ERROR, HALE_REF_DISK, "sdc");
	assert_fitness(HALE_UNFIT, world_check(&w, "/data", 9, 0));
	assert_int_equal(w.verdict.n_reasons, 2);
	assert_false(world_reason(&w, 0)->redundant);
	world_end(&w);
}

static void a_mirror_with_one_leg_is_none(void **state)
{
	struct world w;

	(void)state;
	world_stack_begin(&w);
	world_layered(&w, "md0", 9, 0, HALE_BLOCK_MD);
	world_mount(&w, 9, 0, "xfs", "/data");
	world_layer(&w, "9:0", "8:16", "raid1");
	world_stack_end(&w);
	world_event(&w, HALE_DISK_MEDIUM_ERROR, HALE_REF_DISK, "sdb");
	assert_fitness(HALE_UNFIT, world_check(&w, "/data", 9, 0));
	world_end(&w);
}

/* raid10 as md0 (sdb, sdc) and md1 (sdc, sdd) mirrored once more: md2 */
static void mirrors_of_mirrors(void **state)
{
	struct world w;

	(void)state;
	world_stack_begin(&w);
	world_layered(&w, "md0", 9, 0, HALE_BLOCK_MD);
	world_layered(&w, "md1", 9, 1, HALE_BLOCK_MD);
	world_layered(&w, "md2", 9, 2, HALE_BLOCK_MD);
	world_mount(&w, 9, 2, "xfs", "/data");
	world_layer(&w, "9:2", "9:0", "raid1");
	world_layer(&w, "9:2", "9:1", "raid1");
	world_layer(&w, "9:0", "8:16", "raid1");
	world_layer(&w, "9:0", "8:32", "raid1");
	world_layer(&w, "9:1", "8:32", "raid1");
	world_layer(&w, "9:1", "8:48", "raid1");
	world_stack_end(&w);
	world_event(&w, HALE_DISK_IO_ERROR, HALE_REF_DISK, "sdb");
	assert_fitness(HALE_DEGRADED, world_check(&w, "/data", 9, 2));
	world_event(&w, HALE_DISK_IO_ERROR, HALE_REF_DISK, "sdd");
	assert_fitness(HALE_DEGRADED, world_check(&w, "/data", 9, 2));
	world_event(&w, HALE_DISK_IO_ERROR, HALE_REF_DISK, "sdc");
	assert_fitness(HALE_UNFIT, world_check(&w, "/data", 9, 2));
	world_end(&w);
}

/* The same disk also stands under the path without a mirror. */
static void one_plain_way_is_enough_to_block(void **state)
{
	struct world w;

	(void)state;
	world_stack_begin(&w);
	world_layered(&w, "md0", 9, 0, HALE_BLOCK_MD);
	world_layered(&w, "dm-0", 253, 0, HALE_BLOCK_DM);
	world_mount(&w, 253, 0, "ext4", "/data");
	world_layer(&w, "253:0", "9:0", "linear");
	world_layer(&w, "253:0", "8:16", "linear");
	world_layer(&w, "9:0", "8:16", "raid1");
	world_layer(&w, "9:0", "8:32", "raid1");
	world_stack_end(&w);
	world_event(&w, HALE_DISK_IO_ERROR, HALE_REF_DISK, "sdc");
	assert_fitness(HALE_DEGRADED, world_check(&w, "/data", 253, 0));
	world_event(&w, HALE_DISK_IO_ERROR, HALE_REF_DISK, "sdb");
	assert_fitness(HALE_UNFIT, world_check(&w, "/data", 253, 0));
	world_end(&w);
}

/* ext4 on crypt on LVM on a partition */
static void deep_stack(void **state)
{
	struct hale_scope_path p = world_path("/data", 253, 1, "ext4");
	struct hale_hop hops[16];
	struct world w;
	size_t n;

	(void)state;
	world_stack_begin(&w);
	world_partition(&w, "sdb1", 17, "uuid-pv");
	world_layered(&w, "dm-0", 253, 0, HALE_BLOCK_DM);
	world_layered(&w, "dm-1", 253, 1, HALE_BLOCK_DM);
	world_mount(&w, 253, 1, "ext4", "/data");
	world_layer(&w, "253:1", "253:0", "crypt");
	world_layer(&w, "253:0", "8:17", "linear");
	world_layer(&w, "8:17", "8:16", "partition");
	world_stack_end(&w);
	world_event(&w, HALE_DISK_IO_ERROR, HALE_REF_DISK, "sdb1");
	assert_fitness(HALE_UNFIT, world_check(&w, "/data", 253, 1));
	assert_string_equal(world_reason(&w, 0)->via, "ext4 on dm-1");

	n = middle_hops(w.m, &p, hops, 16);
	assert_int_equal(n, 6);
	assert_string_equal(hops[0].name, "dm-1");
	assert_string_equal(hops[0].via, "ext4");
	assert_string_equal(hops[0].part, "fs/dm-1");
	assert_string_equal(hops[0].detail, "/data");
	assert_int_equal(hops[0].depth, 0);
	assert_string_equal(hops[1].name, "dm-0");
	assert_string_equal(hops[1].via, "crypt");
	assert_string_equal(hops[2].name, "sdb1");
	assert_string_equal(hops[3].name, "sdb");
	assert_string_equal(hops[3].via, "partition");
	assert_string_equal(hops[3].part, "disk/naa.build");
	assert_string_equal(hops[3].detail, "WDC WD40EZRZ  serial naa.build");
	assert_int_equal(hops[3].depth, 3);
	assert_string_equal(hops[4].name, "ata2");
	assert_string_equal(hops[5].name, "0000:00:1f.2");
	assert_string_equal(hops[5].part, "pci/0000:00:1f.2");
	/* never more than there is room for */
	for (size_t max = 0; max < n; max++)
		assert_int_equal(middle_hops(w.m, &p, hops, max), max);
	world_end(&w);
}

static void loop_on_a_file(void **state)
{
	struct hale_scope_path p = world_path("/mnt/image", 7, 0, "ext4");
	struct hale_hop hops[16];
	struct world w;

	(void)state;
	world_stack_begin(&w);
	world_layered(&w, "loop0", 7, 0, HALE_BLOCK_LOOP);
	world_mount(&w, 8, 16, "xfs", "/images");
	world_mount(&w, 7, 0, "ext4", "/mnt/image");
	world_layer(&w, "7:0", "8:16", "loop");
	world_stack_end(&w);
	assert_fitness(HALE_FIT, world_check(&w, "/mnt/image", 7, 0));
	/* an error of the loop is not one of the disk under its file */
	world_event(&w, HALE_DISK_IO_ERROR, HALE_REF_DISK, "loop0");
	assert_fitness(HALE_UNFIT, world_check(&w, "/mnt/image", 7, 0));
	assert_string_equal(world_reason(&w, 0)->finding.part, "disk/loop0");
	assert_fitness(HALE_FIT, world_check(&w, "/images", 8, 16));
	/* filesystems on whole devices: both have hops of their own */
	assert_int_equal(middle_hops(w.m, &p, hops, 16), 6);
	assert_string_equal(hops[0].part, "fs/loop0");
	assert_string_equal(hops[1].part, "disk/loop0");
	assert_string_equal(hops[1].via, "loop");
	assert_string_equal(hops[2].detail, "/images");
	assert_string_equal(hops[3].part, "disk/naa.build");
	assert_string_equal(hops[3].via, "disk");
	assert_int_equal(hops[3].depth, 3);
	world_end(&w);
}

static void room_under_a_loop_warns(void **state)
{
	struct world w;

	(void)state;
	world_stack_begin(&w);
	world_layered(&w, "loop0", 7, 0, HALE_BLOCK_LOOP);
	world_mount(&w, 8, 16, "xfs", "/images");
	world_mount(&w, 7, 0, "ext4", "/mnt/image");
	world_layer(&w, "7:0", "8:16", "loop");
	world_stack_end(&w);
	world_measure(&w, HALE_METRIC_FS_BYTES, "8:16", 0, 100 * HALE_GIB);
	assert_fitness(HALE_UNFIT, world_check(&w, "/images", 8, 16));
	assert_fitness(HALE_DEGRADED, world_check(&w, "/mnt/image", 7, 0));
	/* and a file that cannot be written to any more blocks */
	world_state(&w, HALE_FS_READONLY, HALE_REF_FS, "8:16", true);
	assert_fitness(HALE_UNFIT, world_check(&w, "/mnt/image", 7, 0));
	world_end(&w);
}

static void overlay_writes_to_its_upper_only(void **state)
{
	struct world w;

	(void)state;
	world_stack_begin(&w);
	world_mount(&w, 8, 16, "ext4", "/lower");
	world_mount(&w, 8, 32, "ext4", "/upper");
	world_mount(&w, 0, 50, "overlay", "/merged");
	world_layer(&w, "0:50", "8:16", "overlay-lower");
	world_layer(&w, "0:50", "8:32", "overlay-upper");
	world_stack_end(&w);
	assert_fitness(HALE_FIT, world_check(&w, "/merged", 0, 50));
	world_measure(&w, HALE_METRIC_FS_BYTES, "8:16", 0, 100 * HALE_GIB);
	world_state(&w, HALE_FS_READONLY, HALE_REF_FS, "8:16", true);
	assert_fitness(HALE_FIT, world_check(&w, "/merged", 0, 50));
	world_measure(&w, HALE_METRIC_FS_BYTES, "8:32", 0, 100 * HALE_GIB);
	assert_fitness(HALE_UNFIT, world_check(&w, "/merged", 0, 50));
	world_measure(&w, HALE_METRIC_FS_BYTES, "8:32", 90 * HALE_GIB,
		      100 * HALE_GIB);
	assert_fitness(HALE_FIT, world_check(&w, "/merged", 0, 50));
	/* it reads from the lower, though */
	world_event(&w, HALE_DISK_MEDIUM_ERROR, HALE_REF_DISK, "sdb");
	assert_fitness(HALE_UNFIT, world_check(&w, "/merged", 0, 50));
	world_end(&w);
}

static void btrfs_over_two_disks(void **state)
{
	struct hale_device d = world_device("sdb", 8, 16, HALE_BLOCK_DISK);
	const struct hale_finding *f;
	struct world w;

	(void)state;
	world_stack_begin(&w);
	HALE_SET(d.identity, "disk/naa.build");
	HALE_SET(d.fs_uuid, "uuid-pool");
	world_add(&w, &d);
	world_mount(&w, 0, 44, "btrfs", "/pool");
	world_layer(&w, "0:44", "8:16", "btrfs");
	world_layer(&w, "0:44", "8:32", "btrfs");
	world_stack_end(&w);
	/* the log names one of its devices */
	world_event(&w, HALE_FS_ERROR, HALE_REF_FS, "sdb");
	assert_fitness(HALE_UNFIT, world_check(&w, "/pool", 0, 44));
	f = world_finding(&w, "fs/uuid-pool", HALE_FS_ERROR);
	assert_non_null(f);
	assert_string_equal(f->where, "/pool");
	world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_bad_leg_of_a_mirror_warns),
		cmocka_unit_test(all_bad_legs_of_a_mirror_block),
		cmocka_unit_test(a_mirror_with_one_leg_is_none),
		cmocka_unit_test(mirrors_of_mirrors),
		cmocka_unit_test(one_plain_way_is_enough_to_block),
		cmocka_unit_test(deep_stack),
		cmocka_unit_test(loop_on_a_file),
		cmocka_unit_test(room_under_a_loop_warns),
		cmocka_unit_test(overlay_writes_to_its_upper_only),
		cmocka_unit_test(btrfs_over_two_disks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
