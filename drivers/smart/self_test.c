/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the self-tests of a disk come to, whatever protocol they were told in:
 * failures that a later test over the whole disk did not take back. Pure.
 */
#include "pages.h"

void self_tests_count(const struct self_test *tests, size_t n,
		      struct hale_disk_reading *d)
{
	uint64_t failed = 0;

	for (size_t i = 0; i < n && !tests[i].passed_in_full; i++) {
		if (!tests[i].failed)
			continue;
		if (failed++)
			continue;
		hale_disk_set(d, HALE_DISK_SELF_TEST_HOURS, tests[i].hours);
		if (tests[i].lba_known)
			hale_disk_set(d, HALE_DISK_SELF_TEST_LBA, tests[i].lba);
	}
	hale_disk_set(d, HALE_DISK_SELF_TEST_FAILED, failed);
}
