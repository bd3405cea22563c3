/* SPDX-License-Identifier: Apache-2.0 */
/* Disks lost under a filesystem, superblocks turned read-only, and the way down
 * as people see it. */
#include "world_hosts.h"

#include "agent/core/topology.h"

static void write_map(struct world *w, bool read_only, bool writable)
{
	struct hale_fact f = world_mount_fact(8, 17, "ext4", "/home/ci");

	w->now += SECOND;
	world_map(w, HALE_FACT_MAP_BEGIN);
	world_mount(w, 8, 1, "ext4", "/");
	f.u.mount.read_only = read_only;
	f.u.mount.writable = writable;
	world_fact(w, "storage", &f);
	world_layer(w, "8:1", "8:0", "partition");
	world_layer(w, "8:17", "8:16", "partition");
	world_map(w, HALE_FACT_MAP_END);
}

static void a_disk_lost_under_a_filesystem(void **state)
{
	const struct hale_finding *f;
	struct world w;

	(void)state;
	world_new(&w);
	w.now += MINUTE;
	world_remove(&w, "sdb1", 17);
	world_remove(&w, "sdb", 16);
	f = world_finding(&w, "disk/naa.build", HALE_DISK_OFFLINE);
	assert_non_null(f);
	assert_string_equal(f->alias, "sdb");
	assert_int_equal(f->effect, HALE_EFFECT_BLOCKS);
	assert_fitness(HALE_UNFIT, world_check_build(&w));
	assert_fitness(HALE_FIT, world_check_root(&w));
	/* the map as the kernel has it now: the mount, but no sdb in sysfs */
	world_map(&w, HALE_FACT_MAP_BEGIN);
	world_mount(&w, 8, 1, "ext4", "/");
	world_layer(&w, "8:1", "8:0", "partition");
	world_mount(&w, 8, 17, "ext4", "/home/ci");
	world_map(&w, HALE_FACT_MAP_END);
	assert_fitness(HALE_UNFIT, world_check_build(&w));
	/* the disk is back under another name: the mount is still lost */
	w.now += MINUTE;
	world_disk(&w, "sdc", 32, "disk/naa.build");
	assert_fitness(HALE_UNFIT, world_check_build(&w));
	/* unmounted: nothing stands on the lost one any more */
	world_map(&w, HALE_FACT_MAP_BEGIN);
	world_mount(&w, 8, 1, "ext4", "/");
	world_layer(&w, "8:1", "8:0", "partition");
	world_map(&w, HALE_FACT_MAP_END);
	assert_null(world_finding(&w, "disk/naa.build", HALE_DISK_OFFLINE));
	world_end(&w);
}

static void a_disk_that_nobody_uses_may_leave(void **state)
{
	struct world w;

	(void)state;
	world_stack_begin(&w);
	world_stack_end(&w);
	world_remove(&w, "sdd", 48);
	assert_null(world_finding(&w, "disk/naa.d", HALE_DISK_OFFLINE));
	assert_fitness(HALE_FIT, world_check_host(&w));
	world_end(&w);
}

static void a_volume_keeps_its_lost_disk(void **state)
{
	struct world w;

	(void)state;
	world_stack_begin(&w);
	world_layered(&w, "dm-0", 253, 0, HALE_BLOCK_DM);
	world_mount(&w, 253, 0, "ext4", "/data");
	world_layer(&w, "253:0", "8:16", "linear");
	world_layer(&w, "253:0", "8:32", "linear");
	world_stack_end(&w);
	world_remove(&w, "sdb", 16);
	world_map(&w, HALE_FACT_MAP_BEGIN);
	world_mount(&w, 8, 1, "ext4", "/");
	world_mount(&w, 253, 0, "ext4", "/data");
	world_layer(&w, "253:0", "8:32", "linear");
	world_map(&w, HALE_FACT_MAP_END);
	assert_fitness(HALE_UNFIT, world_check(&w, "/data", 253, 0));
	assert_int_equal(world_reason(&w, 0)->finding.condition,
			 HALE_DISK_OFFLINE);
	world_end(&w);
}

static void a_mirror_goes_on_without_a_lost_leg(void **state)
{
	struct world w;

	(void)state;
	world_mirror(&w);
	world_remove(&w, "sdb", 16);
	assert_fitness(HALE_DEGRADED, world_check(&w, "/data", 9, 0));
	world_map(&w, HALE_FACT_MAP_BEGIN);
	world_mount(&w, 8, 1, "ext4", "/");
	world_mount(&w, 9, 0, "xfs", "/data");
	world_layer(&w, "9:0", "8:32", "raid1");
	world_map(&w, HALE_FACT_MAP_END);
	assert_fitness(HALE_FIT, world_check(&w, "/data", 9, 0));
	world_end(&w);
}

static void mirror_layer(struct world *w, uint32_t minor, bool redundant)
{
	struct hale_fact f = world_layer_fact(9, 0, 8, minor, "raid1");

	f.u.layer.redundant = redundant;
	world_fact(w, "storage", &f);
}

/* md has given sdb up for its bad sector; sdc is all that is left of md0. */
static void the_last_good_leg_of_a_mirror_is_lost(void **state)
{
	const struct hale_reason *r;
	struct world w;

	(void)state;
	world_stack_begin(&w);
	world_layered(&w, "md0", 9, 0, HALE_BLOCK_MD);
	world_mount(&w, 9, 0, "xfs", "/data");
	mirror_layer(&w, 16, true);
	mirror_layer(&w, 32, false);
	world_stack_end(&w);
	world_event(&w, HALE_DISK_MEDIUM_ERROR, HALE_REF_DISK, "sdb");
	assert_fitness(HALE_DEGRADED, world_check(&w, "/data", 9, 0));
	world_remove(&w, "sdc", 32);
	for (int pass = 0; pass < 2; pass++) {
		assert_fitness(HALE_UNFIT, world_check(&w, "/data", 9, 0));
		r = world_reason(&w, 0);
		assert_int_equal(r->finding.condition, HALE_DISK_OFFLINE);
		assert_string_equal(r->finding.part, "disk/naa.c");
		/* and so it stays when sysfs has forgotten sdc */
		world_map(&w, HALE_FACT_MAP_BEGIN);
		world_mount(&w, 8, 1, "ext4", "/");
		world_layer(&w, "8:1", "8:0", "partition");
		world_mount(&w, 9, 0, "xfs", "/data");
		mirror_layer(&w, 16, true);
		world_stack_end(&w);
	}
	world_end(&w);
}

static void a_superblock_that_turns_read_only(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	/* by choice: the mount is read-only too */
	write_map(&w, true, false);
	assert_fitness(HALE_FIT, world_check_build(&w));
	write_map(&w, false, true);
	/* by error */
	write_map(&w, true, true);
	assert_fitness(HALE_UNFIT, world_check_build(&w));
	assert_int_equal(world_reason(&w, 0)->finding.condition,
			 HALE_FS_READONLY);
	assert_string_equal(world_reason(&w, 0)->finding.part, "fs/uuid-build");
	write_map(&w, true, true);
	assert_fitness(HALE_UNFIT, world_check_build(&w));
	/* and writable again */
	write_map(&w, false, true);
	assert_fitness(HALE_FIT, world_check_build(&w));
	world_end(&w);
}

static void the_same_map_again_is_no_news(void **state)
{
	uint64_t generation;
	struct world w;

	(void)state;
	world_new(&w);
	write_map(&w, false, true);
	generation = middle_generation(w.m);
	write_map(&w, false, true);
	assert_int_equal(middle_generation(w.m), generation);
	write_map(&w, true, true);
	assert_true(middle_generation(w.m) > generation);
	world_end(&w);
}

static void hops_of_what_is_not_mapped(void **state)
{
	struct hale_scope_path p = world_path("/tank", 0, 60, "zfs");
	struct hale_hop hops[8];
	struct world w;

	(void)state;
	world_stack_begin(&w);
	world_mount(&w, 0, 60, "zfs", "/tank");
	world_layer(&w, "0:60", "0:0", "?zfs");
	world_stack_end(&w);
	assert_int_equal(middle_hops(w.m, &p, hops, 8), 2);
	assert_string_equal(hops[1].via, "zfs");
	assert_string_equal(hops[1].detail, "its disks are not known");
	/* a filesystem of the client's own namespace */
	p = world_path("/tmp", 0, 99, "tmpfs");
	HALE_SET(p.source, "tmpfs");
	assert_int_equal(middle_hops(w.m, &p, hops, 8), 1);
	assert_string_equal(hops[0].part, "fs/tmpfs@/tmp");
	assert_string_equal(hops[0].name, "tmpfs");
	world_end(&w);
}

static void hops_of_a_mirror_on_usb(void **state)
{
	struct hale_device d = world_device("sde", 8, 64, HALE_BLOCK_DISK);
	struct hale_scope_path p = world_path("/data", 9, 0, "xfs");
	struct hale_hop hops[16];
	struct world w;
	size_t n;

	(void)state;
	world_stack_begin(&w);
	HALE_SET(d.identity, "disk/usb");
	HALE_SET(d.devpath,
		 "/devices/pci0000:00/0000:00:14.0/usb2/2-1/2-1.3/2-1.3:1.0/"
		 "host6/target6:0:0/6:0:0:0/block/sde");
	world_add(&w, &d);
	world_layered(&w, "md0", 9, 0, HALE_BLOCK_MD);
	world_mount(&w, 9, 0, "xfs", "/data");
	world_layer(&w, "9:0", "8:16", "raid1");
	world_layer(&w, "9:0", "8:64", "raid1");
	world_stack_end(&w);
	n = middle_hops(w.m, &p, hops, 16);
	assert_int_equal(n, 9);
	/* the array itself: findings of its members' loss stand there */
	assert_string_equal(hops[1].name, "md0");
	assert_string_equal(hops[1].part, "array/md0");
	assert_true(hops[2].redundant);
	assert_string_equal(hops[2].name, "sdb");
	assert_int_equal(hops[2].depth, 2);
	assert_string_equal(hops[5].name, "sde");
	assert_int_equal(hops[5].depth, 2);
	assert_string_equal(hops[6].part, "usb/2-1.3");
	assert_string_equal(hops[7].part, "usb/2-1");
	assert_string_equal(hops[8].part, "pci/0000:00:14.0");
	world_end(&w);
}

static void hops_of_a_lost_partition(void **state)
{
	struct hale_scope_path p = world_path("/home/ci", 8, 17, "ext4");
	struct hale_hop hops[16];
	struct world w;

	(void)state;
	world_new(&w);
	world_remove(&w, "sdb1", 17);
	world_remove(&w, "sdb", 16);
	world_map(&w, HALE_FACT_MAP_BEGIN);
	world_mount(&w, 8, 17, "ext4", "/home/ci");
	world_map(&w, HALE_FACT_MAP_END);
	assert_int_equal(middle_hops(w.m, &p, hops, 16), 4);
	assert_string_equal(hops[1].name, "sdb");
	assert_string_equal(hops[1].via, "partition");
	assert_string_equal(hops[1].detail,
			    "WDC WD40EZRZ  serial naa.build  (gone)");
	assert_int_equal(middle_hops(w.m, &p, hops, 1), 1);
	world_end(&w);

	/* a partition of nothing */
	world_new(&w);
	world_partition(&w, "sdx1", 161, "uuid-x");
	p = world_path("/x", 8, 161, "ext4");
	assert_int_equal(middle_hops(w.m, &p, hops, 16), 1);
	assert_string_equal(hops[0].part, "fs/uuid-x");
	world_end(&w);
}

static void no_way_is_endless(void **state)
{
	struct hale_scope_path p = world_path("/x", 253, 0, "ext4");
	struct hale_hop hops[64];
	struct world w;

	(void)state;
	world_stack_begin(&w);
	for (uint32_t i = 0; i < 40; i++) {
		const struct hale_fact f =
			world_layer_fact(253, i, 253, i + 1, "linear");

		world_fact(&w, "storage", &f);
	}
	world_stack_end(&w);
	assert_int_equal(middle_hops(w.m, &p, hops, 64), 17);
	assert_string_equal(hops[16].name, "253:16");
	world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_disk_lost_under_a_filesystem),
		cmocka_unit_test(a_disk_that_nobody_uses_may_leave),
		cmocka_unit_test(a_volume_keeps_its_lost_disk),
		cmocka_unit_test(a_mirror_goes_on_without_a_lost_leg),
		cmocka_unit_test(the_last_good_leg_of_a_mirror_is_lost),
		cmocka_unit_test(a_superblock_that_turns_read_only),
		cmocka_unit_test(the_same_map_again_is_no_news),
		cmocka_unit_test(hops_of_what_is_not_mapped),
		cmocka_unit_test(hops_of_a_mirror_on_usb),
		cmocka_unit_test(hops_of_a_lost_partition),
		cmocka_unit_test(no_way_is_endless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
