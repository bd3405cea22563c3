/* SPDX-License-Identifier: Apache-2.0 */
/* What is in a scope: paths, swap, and the host's own by default or by choice.
 */
#include <errno.h>

#include "world.h"

static void paths_that_are_not_known(void **state)
{
	struct hale_scope_path p = world_path("/mnt/x", 8, 99, "xfs");
	struct hale_scope_request none = { 0 };
	struct world w;

	(void)state;
	world_new(&w);
	assert_fitness(HALE_UNKNOWN, world_check_path(&w, &p));
	world_assert_story(&w, "/mnt/x: xfs 8:99 is not in the storage map");
	assert_string_equal(world_reason(&w, 0)->path, "/mnt/x");
	p.unresolved = true;
	assert_fitness(HALE_UNKNOWN, world_check_path(&w, &p));
	world_assert_story(&w, "/mnt/x: its filesystem did not answer in time");
	p.error = EACCES;
	assert_fitness(HALE_UNKNOWN, world_check_path(&w, &p));
	world_assert_story(&w, "/mnt/x: permission denied");
	p.error = ENOENT;
	assert_fitness(HALE_UNKNOWN, world_check_path(&w, &p));
	world_assert_story(&w, "/mnt/x: a symbolic link on the way leads "
			       "nowhere");
	middle_judge(w.m, &none, w.now, &w.verdict);
	assert_fitness(HALE_UNKNOWN, w.verdict.fitness);
	/* a container's own tmpfs or a server needs no map */
	p = world_path("/tmp", 0, 77, "tmpfs");
	assert_fitness(HALE_FIT, world_check_path(&w, &p));
	p = world_path("/srv/nfs", 0, 78, "nfs4");
	assert_fitness(HALE_FIT, world_check_path(&w, &p));
	/* mounted in the client's namespace only, but its disk is known */
	p = world_path("/mnt/y", 8, 16, "ext4");
	assert_fitness(HALE_FIT, world_check_path(&w, &p));
	world_event(&w, HALE_DISK_IO_ERROR, HALE_REF_DISK, "sdb");
	assert_fitness(HALE_UNFIT, world_check_path(&w, &p));
	world_end(&w);
}

/* 0:39 was a tmpfs when the map was made; the kernel gives it out again. */
static void a_number_with_another_type_is_not_known(void **state)
{
	struct hale_scope_path p = world_path("/w", 0, 39, "tmpfs");
	struct hale_hop hops[8];
	struct world w;

	(void)state;
	world_new(&w);
	world_map(&w, HALE_FACT_MAP_BEGIN);
	world_mount(&w, 8, 1, "ext4", "/");
	world_mount(&w, 8, 17, "ext4", "/home/ci");
	world_mount(&w, 0, 39, "tmpfs", "/w");
	world_mount(&w, 0, 40, "overlay", "/o");
	world_layer(&w, "0:40", "8:17", "overlay-upper");
	world_map(&w, HALE_FACT_MAP_END);
	assert_fitness(HALE_FIT, world_check_path(&w, &p));
	p = world_path("/w", 0, 39, "overlay");
	assert_false(middle_knows(w.m, &p));
	assert_fitness(HALE_UNKNOWN, world_check_path(&w, &p));
	world_assert_story(&w, "/w: overlay 0:39 is not in the storage map");
	/* nor does the new one rest on what the old one rested on */
	world_event(&w, HALE_DISK_IO_ERROR, HALE_REF_DISK, "sdb");
	p = world_path("/o", 0, 40, "tmpfs");
	assert_fitness(HALE_FIT, world_check_path(&w, &p));
	assert_int_equal(middle_hops(w.m, &p, hops, 8), 1);
	p = world_path("/o", 0, 40, "overlay");
	assert_fitness(HALE_UNFIT, world_check_path(&w, &p));
	world_end(&w);
}

/* The mounts changed, and the map does not have it yet. */
static void a_late_map_knows_disks_only(void **state)
{
	struct hale_scope_request req = { .n_paths = 1, .map_late = true };
	struct world w;

	(void)state;
	world_new(&w);
	world_map(&w, HALE_FACT_MAP_BEGIN);
	world_mount(&w, 8, 1, "ext4", "/");
	world_mount(&w, 0, 41, "tmpfs", "/t");
	world_mount(&w, 0, 40, "overlay", "/o");
	world_layer(&w, "0:40", "8:1", "overlay-upper");
	world_map(&w, HALE_FACT_MAP_END);
	req.paths[0] = world_path("/o", 0, 40, "overlay");
	middle_judge(w.m, &req, w.now, &w.verdict);
	assert_fitness(HALE_UNKNOWN, w.verdict.fitness);
	world_assert_story(&w, "/o: overlay 0:40: the mounts changed just now");
	/* what does not change its number at each mount is still known */
	req.paths[0] = world_path("/", 8, 1, "ext4");
	middle_judge(w.m, &req, w.now, &w.verdict);
	assert_fitness(HALE_FIT, w.verdict.fitness);
	/* and what has no disk needs no map */
	req.paths[0] = world_path("/t", 0, 41, "tmpfs");
	middle_judge(w.m, &req, w.now, &w.verdict);
	assert_fitness(HALE_FIT, w.verdict.fitness);
	world_end(&w);
}

static void diskless_scope_needs_no_block_errors(void **state)
{
	struct hale_scope_request req = { .n_paths = 1 };
	struct world w;

	(void)state;
	world_new(&w);
	world_sight(&w, "kmsg", HALE_SENSE_BLOCK_ERRORS, HALE_SIGHT_BLIND,
		    "gone");
	req.paths[0] = world_path("/tmp", 0, 77, "tmpfs");
	middle_judge(w.m, &req, w.now, &w.verdict);
	assert_fitness(HALE_FIT, w.verdict.fitness);
	world_end(&w);
}

static void swap_is_in_every_scope(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	world_disk(&w, "sdc", 32, "disk/naa.swap");
	world_partition(&w, "sdc1", 33, "uuid-swap");
	world_map(&w, HALE_FACT_MAP_BEGIN);
	world_mount(&w, 8, 1, "ext4", "/");
	world_mount(&w, 8, 33, "swap", "/dev/sdc1");
	world_map(&w, HALE_FACT_MAP_END);
	assert_fitness(HALE_FIT, world_check_root(&w));
	world_event(&w, HALE_DISK_MEDIUM_ERROR, HALE_REF_DISK, "sdc1");
	assert_fitness(HALE_UNFIT, world_check_root(&w));
	assert_string_equal(world_reason(&w, 0)->path, "");
	assert_string_equal(world_reason(&w, 0)->via, "swap on sdc1");
	world_end(&w);
}

static void swap_file_needs_no_room(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	world_map(&w, HALE_FACT_MAP_BEGIN);
	world_mount(&w, 8, 1, "ext4", "/");
	world_mount(&w, 8, 17, "ext4", "/home/ci");
	world_mount(&w, 8, 17, "swap", "/home/ci/swapfile");
	world_map(&w, HALE_FACT_MAP_END);
	world_measure(&w, HALE_METRIC_FS_BYTES, "8:17", 0, 100 * HALE_GIB);
	assert_fitness(HALE_FIT, world_check_root(&w));
	assert_fitness(HALE_UNFIT, world_check_build(&w));
	world_event(&w, HALE_DISK_IO_ERROR, HALE_REF_DISK, "sdb");
	assert_fitness(HALE_UNFIT, world_check_root(&w));
	world_end(&w);
}

static void policy_changes_effects(void **state)
{
	struct hale_policy policy;
	struct world w;

	(void)state;
	world_new(&w);
	world_event(&w, HALE_DISK_MEDIUM_ERROR, HALE_REF_DISK, "sdb");
	hale_policy_default(&policy);
	policy.effect[HALE_DISK_MEDIUM_ERROR] = HALE_EFFECT_WARNS;
	middle_set_policy(w.m, &policy);
	assert_fitness(HALE_DEGRADED, world_check_build(&w));
	policy.effect[HALE_DISK_MEDIUM_ERROR] = HALE_EFFECT_NOTES;
	middle_set_policy(w.m, &policy);
	assert_fitness(HALE_FIT, world_check_build(&w));
	assert_non_null(
		world_finding(&w, "disk/naa.build", HALE_DISK_MEDIUM_ERROR));
	policy.effect[HALE_DISK_MEDIUM_ERROR] = HALE_EFFECT_NONE;
	middle_set_policy(w.m, &policy);
	assert_null(
		world_finding(&w, "disk/naa.build", HALE_DISK_MEDIUM_ERROR));
	world_end(&w);
}

static void host_scope_by_default(void **state)
{
	struct hale_scope_path on_stick;
	struct hale_device stick;
	struct world w;

	(void)state;
	world_new(&w);
	stick = world_device("sdc", 8, 32, HALE_BLOCK_DISK);
	stick.removable = true;
	HALE_SET(stick.identity, "disk/stick");
	world_add(&w, &stick);
	world_disk(&w, "sdd", 48, "disk/naa.readonly");
	world_layered(&w, "loop0", 7, 0, HALE_BLOCK_LOOP);
	world_map(&w, HALE_FACT_MAP_BEGIN);
	world_mount(&w, 8, 1, "ext4", "/");
	world_mount(&w, 8, 32, "vfat", "/media/stick");
	world_mount(&w, 7, 0, "ext4", "/mnt/image");
	world_layer(&w, "7:0", "8:1", "loop");
	world_mount(&w, 0, 50, "fuse.gvfsd-fuse", "/run/user/1000/gvfs");
	world_layer(&w, "0:50", "0:0", "?fuse.gvfsd-fuse");
	world_mount(&w, 0, 51, "overlay", "/var/lib/docker/x/merged");
	world_layer(&w, "0:51", "0:0", "?overlay");
	{
		struct hale_fact f = world_mount_fact(8, 48, "ext4", "/ro");

		f.u.mount.writable = false;
		world_fact(&w, "storage", &f);
		f = world_mount_fact(0, 52, "nfs4", "/net/x");
		f.u.mount.remote = true;
		world_fact(&w, "storage", &f);
	}
	world_map(&w, HALE_FACT_MAP_END);
	world_event(&w, HALE_DISK_IO_ERROR, HALE_REF_DISK, "sdc");
	world_event(&w, HALE_DISK_IO_ERROR, HALE_REF_DISK, "sdd");
	world_event(&w, HALE_DISK_IO_ERROR, HALE_REF_DISK, "loop0");
	assert_fitness(HALE_FIT, world_check_host(&w));
	on_stick = world_path("/media/stick", 8, 32, "vfat");
	assert_fitness(HALE_UNFIT, world_check_path(&w, &on_stick));
	world_end(&w);
}

static void host_scope_with_unknown_storage(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	world_map(&w, HALE_FACT_MAP_BEGIN);
	world_mount(&w, 8, 1, "ext4", "/");
	world_mount(&w, 0, 40, "zfs", "/tank");
	world_layer(&w, "0:40", "0:0", "?zfs");
	world_map(&w, HALE_FACT_MAP_END);
	assert_fitness(HALE_UNKNOWN, world_check_host(&w));
	world_assert_story(&w, "zfs: /tank: its disks are not known");
	assert_fitness(HALE_FIT, world_check_root(&w));
	world_end(&w);

	/* no "/" in the map */
	world_new(&w);
	world_map(&w, HALE_FACT_MAP_BEGIN);
	world_mount(&w, 8, 17, "ext4", "/home/ci");
	world_map(&w, HALE_FACT_MAP_END);
	assert_fitness(HALE_UNKNOWN, world_check_host(&w));
	world_assert_story(&w, "/ is not in the storage map");
	world_end(&w);
}

static void host_scope_as_configured(void **state)
{
	struct hale_policy policy;
	struct world w;

	(void)state;
	world_new(&w);
	world_event(&w, HALE_DISK_IO_ERROR, HALE_REF_DISK, "sdb");
	hale_policy_default(&policy);
	policy.host_scope_set = true;
	middle_set_policy(w.m, &policy);
	assert_fitness(HALE_FIT, world_check_host(&w));
	policy.n_host_paths = 1;
	HALE_SET(policy.host_paths[0], "/home/ci/cache");
	middle_set_policy(w.m, &policy);
	assert_fitness(HALE_UNFIT, world_check_host(&w));
	HALE_SET(policy.host_paths[0], "/home/cix");
	middle_set_policy(w.m, &policy);
	assert_fitness(HALE_FIT, world_check_host(&w));
	world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_that_are_not_known),
		cmocka_unit_test(a_number_with_another_type_is_not_known),
		cmocka_unit_test(a_late_map_knows_disks_only),
		cmocka_unit_test(diskless_scope_needs_no_block_errors),
		cmocka_unit_test(swap_is_in_every_scope),
		cmocka_unit_test(swap_file_needs_no_room),
		cmocka_unit_test(policy_changes_effects),
		cmocka_unit_test(host_scope_by_default),
		cmocka_unit_test(host_scope_with_unknown_storage),
		cmocka_unit_test(host_scope_as_configured),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
