/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a disk's self-test stands, bytes to values. Pure, for any bytes. Decides
 * which results are a failure of the disk: one that was ended by a command or
 * a reset is none. Invariant: a page that says nothing is UNKNOWN, not passed.
 */
#include <errno.h>

#include "self_test.h"

#define ATA_STATUS  363
#define ATA_OFFERS  367
#define ATA_ENTRY   24
#define ATA_ENTRIES 21
#define ATA_NEWEST  508
#define SCSI_ENTRY  20
#define NVME_ENTRY  4

static uint64_t number_le(const uint8_t *p, size_t n)
{
	uint64_t value = 0;

	while (n--)
		value = value << 8 | p[n];
	return value;
}

static uint64_t number_be(const uint8_t *p, size_t n)
{
	uint64_t value = 0;

	for (size_t i = 0; i < n; i++)
		value = value << 8 | p[i];
	return value;
}

static bool sum_right(const uint8_t *sector)
{
	unsigned int sum = 0;

	for (size_t i = 0; i < 512; i++)
		sum += sector[i];
	return (sum & 0xff) == 0;
}

/* A page of nothing but zeros has never been filled. */
static bool is_blank(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (p[i] != 0)
			return false;
	}
	return true;
}

/* FNV-1a: it tells two states of a log apart. */
static uint32_t mark_of(const uint8_t *p, size_t n)
{
	uint32_t mark = 2166136261u;

	while (n--)
		mark = (mark ^ *p++) * 16777619u;
	return mark;
}

bool self_test_is_news(const struct self_test *now,
		       const struct self_test *before, bool ran)
{
	return ran || now->mark != before->mark || now->state != before->state;
}

void self_test_match(struct self_test *t, bool extended)
{
	if (t->state != SELF_TEST_PASSED)
		return;
	/* the short one is worth nothing but its word */
	if (t->code == 0 && extended)
		t->state = SELF_TEST_UNKNOWN;
	else if (t->code != 0 && t->code != (extended ? 2 : 1))
		t->state = SELF_TEST_ABORTED;
}

/* ACS-4, self-test execution status: 0 passed, 1 ended by the host, 2 by a
 * reset, 3 could not be done, 4 to 8 failed, 15 runs. */
static enum self_test_state ata_state(unsigned int status)
{
	if (status == 0)
		return SELF_TEST_PASSED;
	if (status == 1 || status == 2)
		return SELF_TEST_ABORTED;
	if (status >= 3 && status <= 8)
		return SELF_TEST_FAILED_NOW;
	return status == 15 ? SELF_TEST_RUNNING : SELF_TEST_UNKNOWN;
}

void ata_self_test_read(const uint8_t *data, struct self_test *ret)
{
	unsigned int left = data[ATA_STATUS] & 0xf;

	*ret = (struct self_test){ .state = SELF_TEST_UNKNOWN };
	if (is_blank(data, 512) || !sum_right(data))
		return;
	ret->state = ata_state(data[ATA_STATUS] >> 4);
	if (ret->state == SELF_TEST_RUNNING && left <= 10)
		ret->done_percent = 100 - left * 10;
}

bool ata_self_test_offered(const uint8_t *data)
{
	/* execute off-line immediate, and self-test routines */
	return (data[ATA_OFFERS] & 0x11) == 0x11 && sum_right(data);
}

void ata_self_test_where(const uint8_t *log, struct self_test *t)
{
	unsigned int newest = log[ATA_NEWEST];
	const uint8_t *e;

	if (newest == 0 || newest > ATA_ENTRIES || !sum_right(log))
		return;
	e = log + 2 + (newest - 1) * ATA_ENTRY;
	t->mark = mark_of(log, 512);
	t->code = e[0] & 0x7f; /* bit 7: it ran in the foreground */
	t->lba = number_le(e + 5, 4);
	t->lba_known = t->state == SELF_TEST_FAILED_NOW &&
		       ata_state(e[1] >> 4) == SELF_TEST_FAILED_NOW &&
		       t->lba != UINT32_MAX;
}

int scsi_self_test_read(const uint8_t *page, size_t len, struct self_test *ret)
{
	static const enum self_test_state states[16] = {
		[0] = SELF_TEST_PASSED,	    [1] = SELF_TEST_ABORTED,
		[2] = SELF_TEST_ABORTED,    [3] = SELF_TEST_FAILED_NOW,
		[4] = SELF_TEST_FAILED_NOW, [5] = SELF_TEST_FAILED_NOW,
		[6] = SELF_TEST_FAILED_NOW, [7] = SELF_TEST_FAILED_NOW,
		[15] = SELF_TEST_RUNNING,
	};
	const uint8_t *e = page + 4;

	*ret = (struct self_test){ .state = SELF_TEST_UNKNOWN };
	if (len < 4 + SCSI_ENTRY || (page[0] & 0x3f) != 0x10 ||
	    number_be(page + 2, 2) < SCSI_ENTRY || number_be(e, 2) != 1)
		return -EBADMSG;
	ret->mark = mark_of(page, len);
	/* an entry that was never filled: no code, number or time */
	if (is_blank(e + 4, SCSI_ENTRY - 4))
		return 0;
	ret->state = states[e[4] & 0xf];
	/* background 1 and 2, foreground 5 and 6 */
	ret->code = (e[4] >> 5) & 3;
	ret->lba = number_be(e + 8, 8);
	ret->lba_known =
		ret->state == SELF_TEST_FAILED_NOW && ret->lba != UINT64_MAX;
	return 0;
}

void nvme_self_test_read(const uint8_t *page, struct self_test *ret)
{
	static const enum self_test_state states[16] = {
		[0] = SELF_TEST_PASSED,	    [1] = SELF_TEST_ABORTED,
		[2] = SELF_TEST_ABORTED,    [3] = SELF_TEST_ABORTED,
		[4] = SELF_TEST_ABORTED,    [5] = SELF_TEST_FAILED_NOW,
		[6] = SELF_TEST_FAILED_NOW, [7] = SELF_TEST_FAILED_NOW,
		[8] = SELF_TEST_ABORTED,    [9] = SELF_TEST_ABORTED,
	};
	const uint8_t *e = page + NVME_ENTRY;

	*ret = (struct self_test){ .state = SELF_TEST_UNKNOWN };
	ret->mark = mark_of(e, 20 * 28);
	if ((page[0] & 0xf) != 0) {
		ret->state = SELF_TEST_RUNNING;
		ret->done_percent = page[1] & 0x7f;
		return;
	}
	/* code 0: no such entry */
	if (e[0] >> 4 == 0)
		return;
	ret->state = states[e[0] & 0xf];
	ret->code = e[0] >> 4 <= 2 ? e[0] >> 4 : 3;
	ret->lba_known = ret->state == SELF_TEST_FAILED_NOW && e[2] & 2;
	ret->lba = number_le(e + 16, 8);
}
