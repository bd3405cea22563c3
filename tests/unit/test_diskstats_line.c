/* SPDX-License-Identifier: Apache-2.0 */
/* What the driver diskstats takes for a disk, and for counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hale/base.h"

#include "drivers/diskstats_line.h"

static void names(void **state)
{
	static const char *const disks[] = {
		"sda",	     "sdaa", "vdb",  "xvda",	"nvme0n1",
		"nvme10n12", "nbd3", "rbd0", "mmcblk0",
	};
	static const char *const others[] = {
		"sda1",	  "vdb12",  "xvda1",	 "nvme0n1p1",	 "nvme0c0n1",
		"nbd3p1", "rbd0p1", "mmcblk0p2", "mmcblk0boot0", "dm-0",
		"md0",	  "loop0",  "zram0",	 "sr0",		 "fd0",
		"sd",	  "nvme",   "",		 "bcache0",
	};

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(disks); i++)
		assert_true(diskstats_is_disk(disks[i]));
	for (size_t i = 0; i < HALE_ARRAY_SIZE(others); i++)
		assert_false(diskstats_is_disk(others[i]));
}

static void inflight(void **state)
{
	static const char *const bad[] = { "",	   "x",
					   "1",	   "1 x",
					   "-1 0", "99999999999999999999 1" };
	struct diskstats_inflight w;

	(void)state;
	assert_true(diskstats_parse_inflight("       3       14\n", &w));
	assert_int_equal(w.reads, 3);
	assert_int_equal(w.writes, 14);
	for (size_t i = 0; i < HALE_ARRAY_SIZE(bad); i++)
		assert_false(diskstats_parse_inflight(bad[i], &w));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(inflight),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
