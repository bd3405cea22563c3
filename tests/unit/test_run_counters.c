/* SPDX-License-Identifier: Apache-2.0 */
/* The host's running totals, out of trees made by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/run/judge/counters.h"

#include "tree.h"

/* ext4 on sda1; btrfs on sdb; ext4 on a volume over sdc and sdd. */
static const char *const machine[] = {
	"block sda 8:0 /devices/sda",
	"block sda1 8:1 /devices/sda/sda1",
	"@sda1/partition = 1\\n",
	"@sda/device/ioerr_cnt = 0x1f\\n",
	"block sdb 8:16 /devices/sdb",
	"@sdb/device/ioerr_cnt = 0x1\\n",
	"block dm-0 254:0 /devices/virtual/block/dm-0",
	"block sdc 8:32 /devices/sdc",
	"@sdc/device/ioerr_cnt = 0x100\\n",
	"block sdd 8:48 /devices/sdd",
	"@sdd/device/ioerr_cnt = torn",
	"slave dm-0 sdc",
	"slave dm-0 sdd",
	"file sys/fs/ext4/sda1/errors_count = 2\\n",
	"file sys/fs/ext4/dm-0/errors_count = 5\\n",
	"file proc/vmstat = nr_free_pages 17\\noom_kill 3\\nunevictable 0\\n",
	"file proc/pressure/memory = some total=9\\nfull total=77\\n",
	"file proc/pressure/io = some avg10=0.00 total=9\\n",
	"file sys/devices/system/edac/mc/mc0/ce_count = 4\\n",
	"file sys/devices/system/edac/mc/mc0/ue_count = 1\\n",
	"file sys/devices/system/edac/mc/mc1/ce_count = 6\\n",
	"file sys/devices/system/edac/mc/power/control = auto\\n",
};

static void make(struct tree *t)
{
	tree_new(t);
	for (size_t i = 0; i < HALE_ARRAY_SIZE(machine); i++)
		tree_line(t, machine[i]);
}

static void paths_on(struct hale_scope_path *p, uint32_t major, uint32_t minor,
		     const char *source)
{
	memset(p, 0, sizeof(*p));
	p->major = major;
	p->minor = minor;
	HALE_SET(p->source, source);
}

static void totals(void **state)
{
	struct hale_scope_path *p = calloc(4, sizeof(*p));
	struct counters_disks d;
	struct counters c;
	struct tree t;

	(void)state;
	assert_non_null(p);
	make(&t);
	paths_on(&p[0], 8, 1, "/dev/sda1");
	paths_on(&p[1], 0, 40, "/dev/sdb");
	paths_on(&p[2], 254, 0, "/dev/mapper/vg-home");
	paths_on(&p[3], 8, 1, "/dev/sda1");
	counters_disks(t.root_fd, p, 4, &d);
	assert_int_equal(d.n, 6);
	counters_read(t.root_fd, &d, &c);
	assert_int_equal(c.disk_errors, 0x1f + 0x1 + 0x100);
	assert_int_equal(c.fs_errors, 7);
	assert_int_equal(c.oom_kills, 3);
	assert_int_equal(c.memory_full_us, 77);
	assert_true(c.io_full_us == UINT64_MAX);
	assert_int_equal(c.corrected, 10);
	assert_int_equal(c.uncorrected, 1);
	tree_remove(&t);
	free(p);
}

static void a_host_without_any(void **state)
{
	struct hale_scope_path *p = calloc(1, sizeof(*p));
	struct counters_disks d;
	struct counters c;
	struct tree t;

	(void)state;
	assert_non_null(p);
	tree_new(&t);
	paths_on(&p[0], 8, 1, "/dev/sda1");
	counters_disks(t.root_fd, p, 1, &d);
	counters_read(t.root_fd, &d, &c);
	assert_true(c.disk_errors == UINT64_MAX);
	assert_true(c.oom_kills == UINT64_MAX);
	assert_true(c.corrected == UINT64_MAX);
	tree_remove(&t);
	free(p);
}

static void what_is_not_known_has_not_grown(void **state)
{
	(void)state;
	assert_int_equal(counters_grown(3, 5), 2);
	assert_int_equal(counters_grown(5, 5), 0);
	assert_int_equal(counters_grown(5, 3), 0); /* set back: a new boot */
	assert_int_equal(counters_grown(UINT64_MAX, 3), 0);
	assert_int_equal(counters_grown(3, UINT64_MAX), 0);
}

/* A map that leads in a circle, or on and on, ends. */
static void circles_end(void **state)
{
	struct hale_scope_path *p = calloc(1, sizeof(*p));
	struct counters_disks d;
	struct tree t;
	char line[128];

	(void)state;
	assert_non_null(p);
	tree_new(&t);
	for (int i = 0; i < 20; i++) {
		snprintf(line, sizeof(line),
			 "block dm-%d 254:%d /devices/virtual/block/dm-%d", i,
			 i, i);
		tree_line(&t, line);
	}
	for (int i = 0; i < 20; i++) {
		snprintf(line, sizeof(line), "slave dm-%d dm-%d", i,
			 (i + 1) % 20);
		tree_line(&t, line);
		snprintf(line, sizeof(line), "slave dm-%d dm-%d", i,
			 (i + 7) % 20);
		tree_line(&t, line);
	}
	paths_on(&p[0], 254, 0, "/dev/dm-0");
	counters_disks(t.root_fd, p, 1, &d);
	assert_true(d.n > 1 && d.n <= COUNTERS_DISKS_MAX);
	tree_remove(&t);
	free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(totals),
		cmocka_unit_test(a_host_without_any),
		cmocka_unit_test(what_is_not_known_has_not_grown),
		cmocka_unit_test(circles_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
