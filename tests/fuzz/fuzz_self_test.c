/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Self-test pages, as any bytes: nothing is read past them, and a place is only
 * told of a test that failed.
 */
#include "agent/verify/self_test.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct self_test *t)
{
	if (t->lba_known && t->state != SELF_TEST_FAILED_NOW)
		abort();
	if (t->done_percent > 127 ||
	    (t->done_percent && t->state != SELF_TEST_RUNNING))
		abort();
}

static void whole_pages(const uint8_t *data)
{
	struct self_test t;

	ata_self_test_read(data, &t);
	check(&t);
	t = (struct self_test){ .state = SELF_TEST_FAILED_NOW };
	ata_self_test_where(data, &t);
	check(&t);
	(void)ata_self_test_offered(data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* as long as it is, and no byte longer */
	uint8_t *page = malloc(size ? size : 1);
	struct self_test t;

	if (!page)
		return 0;
	if (size > 0)
		memcpy(page, data, size);
	if (size >= 512)
		whole_pages(page);
	if (size >= 564) {
		nvme_self_test_read(page, &t);
		check(&t);
	}
	if (size >= 24) {
		scsi_self_test_read(page, size, &t);
		check(&t);
	}
	free(page);
	return 0;
}
