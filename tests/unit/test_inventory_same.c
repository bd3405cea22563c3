/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is it the same thing as before? Duplicates, names used again, disks that tell
 * less and less of themselves, filesystems made anew, loops set up anew.
 */
#include "world_hosts.h"

static struct hale_device known(const char *identity, const char *serial)
{
	struct hale_device d = world_device("sdq", 65, 0, HALE_BLOCK_DISK);

	HALE_SET(d.identity, identity);
	HALE_SET(d.serial, serial);
	HALE_SET(d.devpath, "/devices/q/block/sdq");
	return d;
}

struct again {
	const char *identity, *serial, *then, *then_serial;
	uint64_t then_since_ns;
	const char *part; /* whose a line is after that */
};

static void duplicates_are_told_apart(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	world_whole_disk(
		&w, "sdc", "disk/same",
		"/devices/pci0000:00/0000:03:00.0/host2/2:0:0:0/block/sdc", 0);
	world_whole_disk(
		&w, "sdd", "disk/same",
		"/devices/pci0000:00/0000:04:00.0/host3/3:0:0:0/block/sdd", 0);
	world_whole_disk(&w, "sde", "disk/same", "/devices/x/block/sde", 0);
	world_whole_disk(&w, "sdf", "disk/same", "", 0);
	world_io_error(&w, HALE_REF_DISK, "sdc", w.now);
	world_io_error(&w, HALE_REF_DISK, "sdd", w.now);
	world_io_error(&w, HALE_REF_DISK, "sde", w.now);
	world_io_error(&w, HALE_REF_DISK, "sdf", w.now);
	assert_true(world_has(&w, "disk/same"));
	assert_int_equal(w.finding.count, 1);
	assert_true(world_has(&w, "disk/same@0000:04:00.0-3:0:0:0"));
	assert_true(world_has(&w, "disk/same@x"));
	assert_true(world_has(&w, "disk/same@sdf"));
	world_end(&w);
}

static void the_same_name_again(void **state)
{
	static const struct again cases[] = {
		{ "disk/a", "S1", "disk/a", "S1", 0, "disk/a" },
		/* udev announces late what storage has listed */
		{ "disk/a", "S1", "disk/a", "S1", START + MINUTE, "disk/a" },
		/* a dying disk: less and less is readable */
		{ "disk/a", "S1", "disk/model_S1", "S1", 0, "disk/a" },
		{ "disk/a", "S1", "disk/path-x", "", 0, "disk/a" },
		{ "disk/a", "S1", "", "", 0, "disk/a" },
		/* another disk, and its predecessor's removal was missed */
		{ "disk/a", "S1", "disk/b", "S2", 0, "disk/b" },
		{ "disk/a", "", "disk/b", "", 0, "disk/b" },
		{ "disk/a", "S1", "disk/b", "S2", START + MINUTE, "disk/b" },
		{ "disk/a", "S1", "", "", START + MINUTE, "disk/sdq" },
		/* only now it is known who it is */
		{ "", "", "disk/b", "S2", 0, "disk/b" },
		{ "disk/path-x", "", "disk/b", "S2", 0, "disk/b" },
	};

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(cases); i++) {
		struct hale_device d =
			known(cases[i].identity, cases[i].serial);
		struct world w;

		world_new(&w);
		world_add(&w, &d);
		world_io_error(&w, HALE_REF_DISK, "sdq", w.now);
		w.now += HOUR;
		d = known(cases[i].then, cases[i].then_serial);
		d.since_ns = cases[i].then_since_ns;
		world_add(&w, &d);
		world_io_error(&w, HALE_REF_DISK, "sdq", w.now);
		if (!world_has(&w, cases[i].part))
			fail_msg("case %zu: no finding of %s", i,
				 cases[i].part);
		world_end(&w);
	}
}

static void findings_follow_a_better_name(void **state)
{
	struct hale_device d = known("", "");
	struct world w;

	(void)state;
	world_new(&w);
	world_add(&w, &d);
	world_io_error(&w, HALE_REF_DISK, "sdq", w.now);
	d = known("disk/b", "S2");
	world_add(&w, &d);
	assert_false(world_has(&w, "disk/sdq"));
	assert_true(world_has(&w, "disk/b"));
	assert_int_equal(w.finding.count, 1);
	world_end(&w);
}

static void a_filesystem_learns_its_uuid(void **state)
{
	struct hale_device d =
		world_device("sdb2", 8, 18, HALE_BLOCK_PARTITION);
	struct world w;

	(void)state;
	world_new(&w);
	HALE_SET(d.disk, "sdb");
	world_add(&w, &d);
	world_event(&w, HALE_FS_ERROR, HALE_REF_FS, "sdb2");
	assert_non_null(world_finding(&w, "fs/naa.build-part2", HALE_FS_ERROR));
	HALE_SET(d.fs_uuid, "uuid-2");
	world_add(&w, &d);
	assert_non_null(world_finding(&w, "fs/uuid-2", HALE_FS_ERROR));
	assert_string_equal(w.finding.alias, "sdb2");
	/* a disk so bad that the UUID cannot be read any more */
	d.fs_uuid[0] = '\0';
	world_add(&w, &d);
	assert_non_null(world_finding(&w, "fs/uuid-2", HALE_FS_ERROR));
	assert_int_equal(w.finding.effect, HALE_EFFECT_BLOCKS);
	/* made anew: the old one is gone, and nothing stands on it */
	HALE_SET(d.fs_uuid, "uuid-3");
	world_add(&w, &d);
	assert_non_null(world_finding(&w, "fs/uuid-2", HALE_FS_ERROR));
	assert_int_equal(w.finding.effect, HALE_EFFECT_NOTES);
	world_end(&w);
}

static void clones_of_a_filesystem(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	world_disk(&w, "sdc", 32, "disk/naa.clone");
	world_partition(&w, "sdc1", 33, "uuid-build");
	world_event(&w, HALE_FS_ERROR, HALE_REF_FS, "sdc1");
	assert_non_null(world_finding(&w, "fs/uuid-build@sdc1", HALE_FS_ERROR));
	assert_fitness(HALE_FIT, world_check_build(&w));
	world_event(&w, HALE_FS_ERROR, HALE_REF_FS, "sdb1");
	assert_fitness(HALE_UNFIT, world_check_build(&w));
	world_end(&w);
}

static void filesystems_by_number(void **state)
{
	static const struct {
		const char *name, *part;
	} cases[] = {
		{ "8:17", "fs/uuid-build" },
		{ "sdb1", "fs/uuid-build" },
		{ "sdb", "fs/naa.build" },
		{ "0:30", "fs/tmpfs@/tmp" },
		{ "9:9", "fs/unresolved-9:9" },
		{ "8:17x", "fs/unresolved-8:17x" },
		{ ":17", "fs/unresolved-:17" },
		{ "sdy1", "fs/unresolved-sdy1" },
	};

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(cases); i++) {
		struct world w;

		world_new(&w);
		world_map(&w, HALE_FACT_MAP_BEGIN);
		world_mount(&w, 8, 1, "ext4", "/");
		world_mount(&w, 8, 17, "ext4", "/home/ci");
		world_mount(&w, 0, 30, "tmpfs", "/tmp");
		world_map(&w, HALE_FACT_MAP_END);
		world_event(&w, HALE_FS_ERROR, HALE_REF_FS, cases[i].name);
		if (!world_finding(&w, cases[i].part, HALE_FS_ERROR))
			fail_msg("%s is not %s", cases[i].name, cases[i].part);
		world_end(&w);
	}
}

static void long_mount_points_stay_apart(void **state)
{
	char path[HALE_PATH_MAX];
	struct world w;

	(void)state;
	world_new(&w);
	world_map(&w, HALE_FACT_MAP_BEGIN);
	world_mount(&w, 8, 1, "ext4", "/");
	for (uint32_t i = 0; i < 2; i++) {
		memset(path, 'x', 150);
		path[0] = '/';
		path[149] = (char)('a' + i);
		path[150] = '\0';
		world_mount(&w, 0, 30 + i, "tmpfs", path);
	}
	world_map(&w, HALE_FACT_MAP_END);
	world_state(&w, HALE_FS_HUNG, HALE_REF_FS, "0:30", true);
	{
		struct hale_scope_path p = world_path("/x", 0, 31, "tmpfs");

		assert_fitness(HALE_FIT, world_check_path(&w, &p));
		p.minor = 30;
		assert_fitness(HALE_UNFIT, world_check_path(&w, &p));
	}
	world_end(&w);
}

/* What was said under two names of one disk becomes one finding. */
static void findings_of_two_names_meet(void **state)
{
	struct hale_device d = known("", "");
	struct world w;

	(void)state;
	world_new(&w);
	w.now += SECOND;
	world_errors(&w, HALE_DISK_LINK_ERROR, "ata9", 3, START);
	world_errors(&w, HALE_DISK_LINK_ERROR, "sdq", 1, START + SECOND);
	world_errors(&w, HALE_DISK_LINK_ERROR, "9:0:0:0", 5, START - SECOND);
	w.now += MINUTE;
	HALE_SET(d.identity, "disk/b");
	HALE_SET(d.devpath, "/devices/ata9/host8/9:0:0:0/block/sdq");
	world_add(&w, &d);
	assert_non_null(world_finding(&w, "disk/b", HALE_DISK_LINK_ERROR));
	assert_int_equal(w.finding.count, 9);
	assert_int_equal(w.finding.first_ns, START - SECOND);
	assert_int_equal(w.finding.last_ns, START + SECOND);
	assert_int_equal(w.finding.effect, HALE_EFFECT_WARNS);
	assert_string_equal(w.finding.evidence, "disk.link_error on sdq");
	world_end(&w);
}

/* What an operator cleared under one name does not return by another. */
static void cleared_findings_meet_nothing(void **state)
{
	struct hale_device d = known("disk/b", "");
	struct world w;

	(void)state;
	world_new(&w);
	world_errors(&w, HALE_DISK_IO_ERROR, "sdq", 1, START);
	world_event(&w, HALE_DISK_IO_ERROR, HALE_REF_PART, "disk/b");
	w.now += MINUTE;
	middle_clear(w.m, "disk/b", HALE_CONDITION_NONE, w.now);
	world_add(&w, &d);
	assert_false(world_has(&w, "disk/b"));
	assert_false(world_has(&w, "disk/unresolved-sdq"));
	world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(duplicates_are_told_apart),
		cmocka_unit_test(the_same_name_again),
		cmocka_unit_test(findings_follow_a_better_name),
		cmocka_unit_test(a_filesystem_learns_its_uuid),
		cmocka_unit_test(clones_of_a_filesystem),
		cmocka_unit_test(filesystems_by_number),
		cmocka_unit_test(long_mount_points_stay_apart),
		cmocka_unit_test(findings_of_two_names_meet),
		cmocka_unit_test(cleared_findings_meet_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
