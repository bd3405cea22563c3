/* SPDX-License-Identifier: Apache-2.0 */
/* Mounted, and on no device that there is: an agent that starts after its disk
 * was lost knows nothing of the disk, but sees that. */
#include "world.h"

/* "/" on sda1, and a filesystem on 8:17, which no driver has listed (yet). */
static void begin(struct world *w, const char *type, const char *source)
{
	struct hale_fact f = world_mount_fact(8, 17, type, "/home/ci");

	world_bare(w);
	world_see_all(w);
	HALE_SET(f.u.mount.source, source);
	world_disk(w, "sda", 0, "disk/naa.root");
	world_partition(w, "sda1", 1, "uuid-root");
	world_map(w, HALE_FACT_MAP_BEGIN);
	world_mount(w, 8, 1, "ext4", "/");
	world_layer(w, "8:1", "8:0", "partition");
	world_fact(w, "storage", &f);
	world_map(w, HALE_FACT_MAP_END);
}

/* The driver's last word of a pass: it has listed all there are. */
static void end(struct world *w, enum hale_sight sight)
{
	world_sight(w, "storage", HALE_SENSE_STORAGE_MAP, sight, "");
}

static const struct hale_finding *offline(struct world *w)
{
	return world_finding(w, "fs/ext4@/home/ci", HALE_DISK_OFFLINE);
}

static void mounted_on_nothing(void **state)
{
	struct world w;

	(void)state;
	begin(&w, "ext4", "/dev/sdb1");
	/* the listing may not be whole yet */
	assert_fitness(HALE_UNKNOWN, world_check_build(&w));
	end(&w, HALE_SIGHT_LIVE);
	assert_fitness(HALE_UNFIT, world_check_build(&w));
	assert_non_null(offline(&w));
	assert_string_equal(offline(&w)->alias, "/dev/sdb1");
	assert_string_equal(offline(&w)->evidence,
			    "ext4 on /home/ci is mounted from /dev/sdb1, which "
			    "is not among the kernel's devices");
	assert_fitness(HALE_FIT, world_check_root(&w));
	/* unmounted */
	world_map(&w, HALE_FACT_MAP_BEGIN);
	world_mount(&w, 8, 1, "ext4", "/");
	world_layer(&w, "8:1", "8:0", "partition");
	world_map(&w, HALE_FACT_MAP_END);
	end(&w, HALE_SIGHT_LIVE);
	assert_null(offline(&w));
	world_end(&w);
}

static void listed_after_all(void **state)
{
	struct world w;

	(void)state;
	begin(&w, "ext4", "/dev/sdb1");
	end(&w, HALE_SIGHT_LIVE);
	world_disk(&w, "sdb", 16, "disk/naa.build");
	world_partition(&w, "sdb1", 17, "uuid-build");
	assert_null(offline(&w));
	assert_fitness(HALE_FIT, world_check_build(&w));
	world_end(&w);
}

static void not_all_were_listed(void **state)
{
	struct world w;

	(void)state;
	begin(&w, "ext4", "/dev/sdb1");
	end(&w, HALE_SIGHT_PARTIAL);
	world_sight(&w, "udev", HALE_SENSE_STORAGE_MAP, HALE_SIGHT_LIVE, "");
	assert_null(offline(&w));
	assert_int_not_equal(HALE_FIT, world_check_build(&w));
	world_end(&w);
}

static void no_device_is_meant(void **state)
{
	struct world w;

	(void)state;
	begin(&w, "fuse.x", "x");
	end(&w, HALE_SIGHT_LIVE);
	assert_fitness(HALE_UNKNOWN, world_check_build(&w));
	world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mounted_on_nothing),
		cmocka_unit_test(listed_after_all),
		cmocka_unit_test(not_all_were_listed),
		cmocka_unit_test(no_device_is_meant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
