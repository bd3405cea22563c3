/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose finding a line of the log is: names that were another disk's before,
 * tokens of a device path, lines that come before their device is known.
 */
#include "world_hosts.h"

static void many_buses(struct world *w)
{
	world_whole_disk(w, "nvme0n1", "disk/eui.1",
			 "/devices/pci0000:00/0000:00:1d.0/0000:02:00.0/nvme/"
			 "nvme0/nvme0n1",
			 0);
	world_whole_disk(w, "nvme3n1", "disk/eui.3",
			 "/devices/virtual/nvme-subsystem/nvme-subsys3/"
			 "nvme3n1",
			 0);
	world_whole_disk(w, "sde", "disk/usb",
			 "/devices/pci0000:00/0000:00:14.0/usb2/2-1/2-1.3/"
			 "2-1.3:1.0/host6/target6:0:0/6:0:0:0/block/sde",
			 0);
	world_whole_disk(w, "vda", "disk/vd",
			 "/devices/pci0000:00/0000:00:04.0/virtio4/block/vda",
			 0);
	world_whole_disk(w, "sdh", "disk/hv",
			 "/devices/LNXSYSTM:00/VMBUS:00/"
			 "f8b3781a-1e82-4818-a1c3-63d806ec15bb/host0/"
			 "target0:0:0/0:0:0:9/block/sdh",
			 0);
	world_whole_disk(w, "mmcblk0", "disk/mmc",
			 "/devices/platform/mmc0/mmc0:0001/block/mmcblk0", 0);
}

static void names_and_tokens(void **state)
{
	static const struct {
		const char *name, *part;
	} cases[] = {
		{ "sdb", "disk/naa.build" },
		{ "sdb1", "disk/naa.build" },
		{ "sdb7", "disk/naa.build" }, /* never listed */
		{ "ata2", "disk/naa.build" },
		{ "ata2.00", "disk/naa.build" },
		{ "1:0:0:0", "disk/naa.build" },
		{ "host1", "disk/naa.build" },
		{ "nvme0", "disk/eui.1" },
		{ "nvme0n1", "disk/eui.1" },
		{ "nvme0n1p2", "disk/eui.1" },
		{ "nvme3", "disk/eui.3" }, /* by name: multipath */
		{ "0000:02:00.0", "disk/eui.1" },
		{ "2-1.3", "disk/usb" },
		{ "virtio4", "disk/vd" },
		{ "f8b3781a-1e82-4818-a1c3-63d806ec15bb", "disk/hv" },
		{ "mmcblk0p1", "disk/mmc" },
		/* both SATA disks hang on it */
		{ "0000:00:1f.2", "disk/unresolved-0000:00:1f.2" },
		{ "sdz", "disk/unresolved-sdz" },
		{ "ata", "disk/unresolved-ata" },
		{ "ata22", "disk/unresolved-ata22" },
		{ "", "disk/unresolved-" },
		{ "1", "disk/unresolved-1" },
		{ "p1", "disk/unresolved-p1" },
	};
	struct world w;

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(cases); i++) {
		world_new(&w);
		many_buses(&w);
		world_io_error(&w, HALE_REF_DISK, cases[i].name, w.now);
		if (!world_has(&w, cases[i].part))
			fail_msg("%s is not %s", cases[i].name, cases[i].part);
		world_end(&w);
	}
}

static void one_entry_whatever_the_alias(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	world_io_error(&w, HALE_REF_DISK, "sdb", w.now);
	world_io_error(&w, HALE_REF_DISK, "sdb1", w.now);
	world_io_error(&w, HALE_REF_DISK, "ata2.00", w.now);
	world_io_error(&w, HALE_REF_DISK, "8:17", w.now);
	world_io_error(&w, HALE_REF_PART, "disk/naa.build", w.now);
	assert_true(world_has(&w, "disk/naa.build"));
	assert_int_equal(w.finding.count, 5);
	assert_string_equal(w.finding.alias, "sdb");
	world_end(&w);
}

static void a_line_older_than_the_disk(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	w.now += HOUR;
	world_whole_disk(&w, "sdc", "disk/new", "/devices/x/block/sdc",
			 w.now - MINUTE);
	world_io_error(&w, HALE_REF_DISK, "sdc", w.now - 2 * MINUTE);
	assert_true(world_has(&w, "disk/unresolved-sdc"));
	assert_string_equal(w.finding.alias, "sdc");
	assert_false(world_has(&w, "disk/new"));
	/* never silently dropped: a warning for the host */
	assert_fitness(HALE_DEGRADED, world_check_host(&w));
	assert_fitness(HALE_FIT, world_check_build(&w));
	world_io_error(&w, HALE_REF_DISK, "sdc", w.now);
	assert_true(world_has(&w, "disk/new"));
	world_end(&w);
}

static void a_disk_replaced_under_its_name(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	world_whole_disk(&w, "sdc", "disk/old", "/devices/a/block/sdc", 0);
	world_io_error(&w, HALE_REF_DISK, "sdc", w.now);
	w.now += MINUTE;
	world_remove(&w, "sdc", 32);
	/* a late line of the old one */
	world_io_error(&w, HALE_REF_DISK, "sdc", w.now + SECOND);
	w.now += MINUTE;
	/* the driver's grace reaches back to before the old one left */
	world_whole_disk(&w, "sdc", "disk/new", "/devices/b/block/sdc",
			 w.now - 2 * MINUTE);
	assert_true(world_has(&w, "disk/old"));
	assert_int_equal(w.finding.count, 2);
	assert_false(world_has(&w, "disk/new"));
	/* a line of before, read only now */
	world_io_error(&w, HALE_REF_DISK, "sdc", w.now - 90 * SECOND);
	assert_true(world_has(&w, "disk/old"));
	assert_int_equal(w.finding.count, 3);
	/* absent, not in its place: known still, and harmless */
	assert_int_equal(w.finding.effect, HALE_EFFECT_NOTES);
	assert_fitness(HALE_FIT, world_check_host(&w));
	world_io_error(&w, HALE_REF_DISK, "sdc", w.now);
	assert_true(world_has(&w, "disk/new"));
	assert_int_equal(w.finding.count, 1);
	world_end(&w);
}

static void a_part_that_was_replaced_is_closed(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	world_whole_disk(&w, "sdc", "disk/old", "/devices/ata9/block/sdc", 0);
	world_io_error(&w, HALE_REF_DISK, "sdc", w.now);
	w.now += MINUTE;
	world_remove(&w, "sdc", 32);
	assert_true(world_has(&w, "disk/old"));
	assert_int_equal(w.finding.effect, HALE_EFFECT_NOTES);
	world_whole_disk(&w, "sdd", "disk/new", "/devices/ata9/block/sdd",
			 w.now);
	assert_false(world_has(&w, "disk/old"));
	/* closed also for the next run */
	world_restart(&w, false);
	world_see_all(&w);
	assert_false(world_has(&w, "disk/old"));
	/* but a dying disk put back elsewhere is a dying disk */
	world_whole_disk(&w, "sde", "disk/old", "/devices/ata7/block/sde",
			 w.now);
	assert_true(world_has(&w, "disk/old"));
	assert_int_equal(w.finding.effect, HALE_EFFECT_BLOCKS);
	world_end(&w);
}

static void a_renamed_disk_keeps_its_findings(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	world_event(&w, HALE_DISK_MEDIUM_ERROR, HALE_REF_DISK, "sdb");
	world_restart(&w, false);
	world_see_all(&w);
	/* the next boot names them the other way round */
	world_disk(&w, "sda", 0, "disk/naa.build");
	world_partition(&w, "sda1", 1, "uuid-build");
	world_disk(&w, "sdb", 16, "disk/naa.root");
	world_partition(&w, "sdb1", 17, "uuid-root");
	world_map(&w, HALE_FACT_MAP_BEGIN);
	world_mount(&w, 8, 17, "ext4", "/");
	world_mount(&w, 8, 1, "ext4", "/home/ci");
	world_map(&w, HALE_FACT_MAP_END);
	assert_non_null(
		world_finding(&w, "disk/naa.build", HALE_DISK_MEDIUM_ERROR));
	assert_string_equal(w.finding.alias, "sda");
	{
		struct hale_scope_request req = { .n_paths = 1 };

		req.paths[0] = world_path("/", 8, 17, "ext4");
		middle_judge(w.m, &req, w.now, &w.verdict);
		assert_fitness(HALE_FIT, w.verdict.fitness);
		req.paths[0] = world_path("/home/ci", 8, 1, "ext4");
		middle_judge(w.m, &req, w.now, &w.verdict);
		assert_fitness(HALE_UNFIT, w.verdict.fitness);
	}
	world_end(&w);
}

static void lines_before_their_device(void **state)
{
	struct world w;

	(void)state;
	world_bare(&w);
	world_see_all(&w);
	world_io_error(&w, HALE_REF_DISK, "sdb1", w.now);
	world_io_error(&w, HALE_REF_DISK, "ata2", w.now + SECOND);
	world_event(&w, HALE_FS_ERROR, HALE_REF_FS, "sdb1");
	assert_true(world_has(&w, "disk/unresolved-sdb1"));
	assert_true(world_has(&w, "disk/unresolved-ata2"));
	w.now += MINUTE;
	world_disk(&w, "sdb", 16, "disk/naa.build");
	world_partition(&w, "sdb1", 17, "uuid-build");
	assert_false(world_has(&w, "disk/unresolved-sdb1"));
	assert_true(world_has(&w, "disk/naa.build"));
	assert_int_equal(w.finding.count, 2);
	assert_int_equal(w.finding.first_ns, START);
	assert_non_null(world_finding(&w, "fs/uuid-build", HALE_FS_ERROR));
	world_end(&w);
}

static void arrays_by_name(void **state)
{
	struct hale_device md = world_device("md0", 9, 0, HALE_BLOCK_MD);
	struct world w;

	(void)state;
	world_new(&w);
	HALE_SET(md.identity, "array/1234");
	world_event(&w, HALE_ARRAY_DEGRADED, HALE_REF_ARRAY, "md0");
	assert_non_null(
		world_finding(&w, "array/unresolved-md0", HALE_ARRAY_DEGRADED));
	world_add(&w, &md);
	assert_non_null(world_finding(&w, "array/1234", HALE_ARRAY_DEGRADED));
	world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_tokens),
		cmocka_unit_test(one_entry_whatever_the_alias),
		cmocka_unit_test(a_line_older_than_the_disk),
		cmocka_unit_test(a_disk_replaced_under_its_name),
		cmocka_unit_test(a_part_that_was_replaced_is_closed),
		cmocka_unit_test(a_renamed_disk_keeps_its_findings),
		cmocka_unit_test(lines_before_their_device),
		cmocka_unit_test(arrays_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
