/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver storage over recorded roots. Each fixture says itself what must
 * come out of it; what cannot be recorded (long lines, many mounts, binary
 * pages) is made here. The invariant: whatever sysfs holds, the map that comes
 * out is well formed, whole, and says unmapped where it does not know.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "hale/base.h"
#include "hale/driver.h"

#include "facts.h"
#include "tree.h"

extern const struct hale_driver storage_driver;

static void print(void *sink, const struct hale_fact *f)
{
	assert_true(facts_print(sink, f));
}

/* A part that an earlier run did not come back from; "": none. */
static char skip[1][HALE_PART_MAX];

/* The driver's facts about a root, as text; freed by the caller. */
static char *facts_of(const struct tree *t, int *ret_result)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	struct hale_probe p = { .root_fd = t->root_fd,
				.event_fd = -1,
				.once = true,
				.now_ns = 1700000000 * HALE_NS_PER_S,
				.skip = (const char(*)[HALE_PART_MAX])skip,
				.n_skip = skip[0][0] != '\0',
				.emit = print,
				.sink = out };

	assert_int_equal(storage_driver.probe(&p), 0);
	*ret_result = storage_driver.sample(&p);
	storage_driver.remove(&p);
	fclose(out);
	return text;
}

static void run_fixture(void **state)
{
	const char *fixture = *state;
	struct tree t;
	char *facts;
	int r;

	tree_unpack(fixture, &t);
	facts = facts_of(&t, &r);
	tree_remove(&t);
	assert_int_equal(r, 0);
	tree_expect(fixture, facts);
	free(facts);
}

static void expect(const char *facts, const char *line)
{
	if (!strstr(facts, line))
		fail_msg("missing: %s\nfacts:\n%s", line, facts);
}

static unsigned int count(const char *text, const char *what)
{
	unsigned int n = 0;

	while ((text = strstr(text, what))) {
		n++;
		text += strlen(what);
	}
	return n;
}

/* A disk under /, as most tests need it. */
static void plain_root(struct tree *t)
{
	tree_new(t);
	tree_line(t, "block sda 8:0 /devices/pci0000:00/0000:00:1f.2/ata1/"
		     "host0/target0:0:0/0:0:0:0/block/sda");
	tree_line(t, "mount 900001 1 8:0 / / rw - ext4 /dev/sda rw");
}

static void test_one_filesystem_mounted_often(void **state)
{
	struct tree t;
	char line[128];
	char *facts;
	int r;

	(void)state;
	plain_root(&t);
	for (int i = 0; i < 3000; i++) {
		snprintf(line, sizeof(line),
			 "mount %d 900001 8:0 /d%d /bind/%d rw shared:%d - "
			 "ext4 /dev/sda rw",
			 910000 + i, i, i, i);
		tree_line(&t, line);
	}
	facts = facts_of(&t, &r);
	assert_int_equal(r, 0);
	assert_int_equal(count(facts, "mount 8:0 ext4 on=/ "), 1);
	assert_int_equal(count(facts, "\nmount "), 1);
	expect(facts, "coverage storage_map live");
	free(facts);
	tree_remove(&t);
}

/* More superblocks than are kept: the rest is counted and said. */
static void test_too_many_filesystems(void **state)
{
	struct tree t;
	char line[128];
	char *facts;
	int r;

	(void)state;
	plain_root(&t);
	for (int i = 0; i < 5000; i++) {
		snprintf(line, sizeof(line),
			 "mount %d 900001 0:%d / /t/%d rw - tmpfs tmpfs rw",
			 910000 + i, 100 + i, i);
		tree_line(&t, line);
	}
	facts = facts_of(&t, &r);
	assert_int_equal(r, 0);
	expect(facts, "mount 8:0 ext4 on=/ ");
	expect(facts, "coverage storage_map partial why=\"905 mounts did not "
		      "fit");
	free(facts);
	tree_remove(&t);
}

/* An overlay of very many layers, longer than a line may be. */
static void test_line_without_end(void **state)
{
	static char line[200000];
	struct tree t;
	char *facts;
	int r, n;

	(void)state;
	plain_root(&t);
	n = snprintf(line, sizeof(line),
		     "900002 900001 0:50 / /o rw - "
		     "overlay overlay rw,lowerdir=");
	memset(line + n, 'x', sizeof(line) - (size_t)n);
	strcpy(line + sizeof(line) - 60,
	       "\n900003 900001 0:51 / /after rw - tmpfs t rw\n");
	tree_file(&t, "proc/self/mountinfo", line, strlen(line));
	facts = facts_of(&t, &r);
	assert_int_equal(r, 0);
	expect(facts, "mount 0:50 overlay on=/o ");
	expect(facts, "layer 0:50 unmapped via=overlay");
	expect(facts, "mount 0:51 tmpfs on=/after ");
	free(facts);
	tree_remove(&t);
}

static void test_lines_that_are_no_mounts(void **state)
{
	static const char lines[] =
		"\n"
		"900002\n"
		"900003 1 8:x / /a rw - ext4 /dev/sda rw\n"
		"900004 1 99999999999:0 / /a rw - ext4 /dev/sda rw\n"
		"900005 1 8:0 / relative rw - ext4 /dev/sda rw\n"
		"900006 1 8:0 / /a rw no dash at all\n"
		"900007 1 8:0 / /a rw - ext4\n"
		"\xff\xfe\x01 1 8:0 / /a rw - ext4 /dev/sda rw\n"
		"900008 1 0:60 / /good rw - tmpfs  rw\n"
		"900009 1 0:61 / /last rw - tmpfs none rw";
	struct tree t;
	char *facts;
	int r;

	(void)state;
	plain_root(&t);
	tree_file(&t, "proc/self/mountinfo", lines, sizeof(lines) - 1);
	facts = facts_of(&t, &r);
	assert_int_equal(r, 0);
	assert_int_equal(count(facts, "\nmount "), 2);
	expect(facts, "mount 0:60 tmpfs on=/good source= writable");
	expect(facts, "mount 0:61 tmpfs on=/last source=none writable");
	expect(facts, "8 could not be read");
	free(facts);
	tree_remove(&t);
}

/* A name may hold what would cheat a terminal or break a line. */
static void test_hostile_names(void **state)
{
	struct tree t;
	char *facts;
	int r;

	(void)state;
	plain_root(&t);
	tree_line(&t, "mount 900002 900001 0:60 / /a\\012mount\\0408:0\\033[2J "
		      "rw - tmpfs /dev/s\\134x rw");
	facts = facts_of(&t, &r);
	assert_int_equal(r, 0);
	expect(facts, "mount 0:60 tmpfs on=/a?mount 8:0?[2J source=/dev/s\\x ");
	free(facts);
	tree_remove(&t);
}

static void test_garbage_in_every_attribute(void **state)
{
	static const char *const attributes[] = {
		"dev",
		"size",
		"removable",
		"wwid",
		"serial",
		"device/wwid",
		"device/vpd_pg83",
		"nsid",
		"md/level",
		"md/raid_disks",
		"md/degraded",
		"dm/uuid",
		"loop/backing_file",
		"device/vpd_pg80",
		"device/model",
	};
	static char big[1 << 20];
	struct tree t;
	char path[256];
	char *facts;
	int r;

	(void)state;
	srand(20240101);
	for (size_t i = 0; i < sizeof(big); i++)
		big[i] = (char)rand();
	for (size_t i = 0; i < HALE_ARRAY_SIZE(attributes); i++) {
		plain_root(&t);
		tree_line(&t, "block loop0 7:0 /devices/virtual/block/loop0");
		tree_line(&t, "block dm-0 253:0 /devices/virtual/block/dm-0");
		tree_line(&t, "block md0 9:0 /devices/virtual/block/md0");
		for (int j = 0; j < 3; j++) {
			static const char *const names[] = { "loop0", "dm-0",
							     "md0" };

			snprintf(path, sizeof(path),
				 "sys/devices/virtual/block/%s/%s", names[j],
				 attributes[i]);
			tree_file(&t, path, big, sizeof(big));
		}
		snprintf(path, sizeof(path), "sys/class/block/sda/%s",
			 attributes[i]);
		if (strchr(attributes[i], '/'))
			tree_line(&t, "@sda/device/x = y");
		if (strncmp(attributes[i], "md/", 3) != 0 &&
		    strncmp(attributes[i], "dm/", 3) != 0 &&
		    strncmp(attributes[i], "loop/", 5) != 0)
			tree_file(&t, path, big, sizeof(big));
		facts = facts_of(&t, &r);
		assert_int_equal(r, 0);
		expect(facts, "mount 8:0 ext4 on=/ ");
		expect(facts, "}\n");
		free(facts);
		tree_remove(&t);
	}
}

/* A virtio disk is asked for its serial, and may not answer. */
static void test_a_disk_that_may_hang_is_named_first(void **state)
{
	const char *named, *device;
	struct tree t;
	char *facts;
	int r;

	(void)state;
	tree_unpack("storage/virtio", &t);
	facts = facts_of(&t, &r);
	named = strstr(facts, "state disk.stalled disk=vda holds=0");
	device = strstr(facts, "device vda");
	assert_true(named && device && named < device);
	assert_null(strstr(facts, "disk.stalled disk=sda"));
	free(facts);
	HALE_SET(skip[0], "vda");
	facts = facts_of(&t, &r);
	skip[0][0] = '\0';
	assert_null(strstr(facts, "device vda"));
	assert_null(strstr(facts, "disk.stalled disk=vda"));
	expect(facts, "device vdb");
	expect(facts, "coverage storage_map live");
	free(facts);
	tree_remove(&t);
}

static void test_no_sysfs(void **state)
{
	struct tree t;
	char *facts;
	int r;

	(void)state;
	tree_new(&t);
	tree_line(&t, "mount 900001 1 8:0 / / rw - ext4 /dev/sda rw");
	facts = facts_of(&t, &r);
	assert_int_equal(r, 0);
	assert_int_equal(count(facts, "map {"), 0);
	expect(facts, "coverage storage_map blind why=\"there is no "
		      "/sys/class/block: a container?\" remedy=\"run haled on "
		      "the host, or give the container /sys\"");
	expect(facts, "coverage identity blind why=\"there is no ");
	free(facts);
	tree_remove(&t);
}

/* The real host: whatever it is, its root filesystem is in the map. */
static void test_this_host(void **state)
{
	struct tree t = { .root_fd = open("/", O_PATH | O_CLOEXEC) };
	char *facts;
	int r;

	(void)state;
	facts = facts_of(&t, &r);
	assert_int_equal(r, 0);
	expect(facts, " on=/ ");
	expect(facts, "coverage storage_map ");
	free(facts);
	close(t.root_fd);
}

int main(void)
{
	static char sata[] = "storage/sata", luks[] = "storage/lvm-luks-nvme",
		    raid[] = "storage/md-raid1-faulty",
		    levels[] = "storage/md-levels",
		    mpath[] = "storage/multipath", btrfs[] = "storage/btrfs",
		    overlay[] = "storage/overlay-loop-xfs",
		    virtio[] = "storage/virtio", zfs[] = "storage/zfs-fuse",
		    cycle[] = "storage/cycle", torn[] = "storage/torn",
		    udevdb[] = "storage/udev-database",
		    gone[] = "storage/disk-pulled", swap[] = "storage/swap",
		    other[] = "storage/mmc-usb-nvme-multipath";
#define RUN(name)                                                              \
	{                                                                      \
		name, run_fixture, NULL, NULL, name                            \
	}
	const struct CMUnitTest tests[] = {
		RUN(sata),
		RUN(luks),
		RUN(raid),
		RUN(levels),
		RUN(mpath),
		RUN(btrfs),
		RUN(overlay),
		RUN(virtio),
		RUN(zfs),
		RUN(cycle),
		RUN(torn),
		RUN(udevdb),
		RUN(gone),
		RUN(swap),
		RUN(other),
		cmocka_unit_test(test_one_filesystem_mounted_often),
		cmocka_unit_test(test_too_many_filesystems),
		cmocka_unit_test(test_line_without_end),
		cmocka_unit_test(test_lines_that_are_no_mounts),
		cmocka_unit_test(test_hostile_names),
		cmocka_unit_test(test_garbage_in_every_attribute),
		cmocka_unit_test(test_a_disk_that_may_hang_is_named_first),
		cmocka_unit_test(test_no_sysfs),
		cmocka_unit_test(test_this_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
