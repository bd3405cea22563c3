/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The error and self-test logs of ATA disks (ACS-4 9.4, 9.6, 9.10, 9.15): rings
 * of entries whose newest an index names, from 1. Pure. Each sector has its
 * checksum, and one torn sector makes the log unreadable.
 */
#include <errno.h>

#include "hale/base.h"

#include "ata_sum.h"
#include "bytes.h"
#include "pages.h"

/* How a ring lies in its sectors. */
struct ring {
	unsigned int first, entry, a_sector; /* bytes, bytes, entries */
	unsigned int error;		     /* of its error data structure */
	unsigned int status, hours;	     /* of these, in that structure */
};

static const struct ring summary_errors = { 2, 90, 5, 60, 7, 28 };
static const struct ring extended_errors = { 4, 124, 4, 90, 11, 32 };
static const struct ring self_tests = { 2, 24, 21, 0, 0, 0 };
static const struct ring extended_self_tests = { 4, 26, 19, 0, 0, 0 };

enum {
	ERROR_ICRC = 0x80,
	ERROR_UNC = 0x40,
	STATUS_ERR = 0x01
};

/* The entry that is @age entries old; @newest from 0. */
static const uint8_t *entry_of(const uint8_t *log, const struct ring *r,
			       unsigned int total, unsigned int at)
{
	at %= total;
	return log + (size_t)(at / r->a_sector) * ATA_SECTOR + r->first +
	       (size_t)(at % r->a_sector) * r->entry;
}

static bool sums_right(const uint8_t *log, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!ata_sum_right(log + i * ATA_SECTOR))
			return false;
	}
	return n > 0 && !bytes_blank(log, ATA_SECTOR);
}

/* A sector that was not found (IDNF) may be beyond the end: whoever asked for
 * it was wrong, not the disk. */
struct error_counts {
	uint64_t media, link, hours;
};

static void count_error(const uint8_t *entry, const struct ring *r,
			struct error_counts *c)
{
	const uint8_t *error = entry + r->error;
	bool failed = error[r->status] & STATUS_ERR;

	if (failed && (error[1] & ERROR_UNC)) {
		if (c->media++ == 0)
			c->hours = bytes_le(error + r->hours, 2);
	} else if (failed && (error[1] & ERROR_ICRC)) {
		c->link++;
	}
}

static int read_errors(const uint8_t *log, size_t n, const struct ring *r,
		       unsigned int newest, struct hale_disk_reading *d)
{
	unsigned int total = (unsigned int)n * r->a_sector;
	struct error_counts c = { 0 };

	if (newest > total)
		return -EBADMSG;
	for (unsigned int i = 0; newest && i < total; i++)
		count_error(entry_of(log, r, total, newest - 1 + total - i), r,
			    &c);
	hale_disk_set(d, HALE_DISK_ERROR_LOG_UNC, c.media);
	hale_disk_set(d, HALE_DISK_ERROR_LOG_ICRC, c.link);
	if (c.media)
		hale_disk_set(d, HALE_DISK_ERROR_LOG_LAST_HOURS, c.hours);
	return 0;
}

int ata_error_log_read(const uint8_t *page, struct hale_disk_reading *d)
{
	if (!sums_right(page, 1))
		return -EBADMSG;
	return read_errors(page, 1, &summary_errors, page[1], d);
}

int ata_extended_error_log_read(const uint8_t *page, size_t n,
				struct hale_disk_reading *d)
{
	if (!sums_right(page, n))
		return -EBADMSG;
	return read_errors(page, n, &extended_errors,
			   (unsigned int)bytes_le(page + 2, 2), d);
}

enum {
	TEST_EXTENDED = 2, /* without bit 7, which says "captive" */
	RESULT_PASSED = 0,
	RESULT_UNKNOWN_ELEMENT = 4, /* to 8: failed, and by what */
	RESULT_READ = 7,
	RESULT_HANDLING = 8
};

static void read_test(const uint8_t *entry, unsigned int lba_width,
		      struct self_test *t)
{
	unsigned int result = entry[1] >> 4;
	uint64_t none = UINT64_MAX >> (64 - 8 * lba_width);

	*t = (struct self_test){
		.failed = result >= RESULT_UNKNOWN_ELEMENT &&
			  result <= RESULT_HANDLING,
		.passed_in_full = result == RESULT_PASSED &&
				  (entry[0] & 0x7f) == TEST_EXTENDED,
		.hours = bytes_le(entry + 2, 2),
		.lba = bytes_le(entry + 5, lba_width),
	};
	t->lba_known = result == RESULT_READ && t->lba != none;
}

enum {
	TESTS_MAX = 4 * 19
};

static int read_tests(const uint8_t *log, size_t n, const struct ring *r,
		      unsigned int newest, struct hale_disk_reading *d)
{
	unsigned int total = (unsigned int)n * r->a_sector;
	struct self_test tests[TESTS_MAX];
	size_t found = 0;

	if (newest > total || total > TESTS_MAX)
		return -EBADMSG;
	for (unsigned int i = 0; newest && i < total; i++) {
		const uint8_t *entry =
			entry_of(log, r, total, newest - 1 + total - i);

		if (!bytes_blank(entry, r->entry))
			read_test(entry, r == &self_tests ? 4 : 6,
				  &tests[found++]);
	}
	self_tests_count(tests, found, d);
	return 0;
}

int ata_self_test_log_read(const uint8_t *page, struct hale_disk_reading *d)
{
	if (!sums_right(page, 1))
		return -EBADMSG;
	return read_tests(page, 1, &self_tests, page[508], d);
}

int ata_extended_self_test_log_read(const uint8_t *page, size_t n,
				    struct hale_disk_reading *d)
{
	if (!sums_right(page, n))
		return -EBADMSG;
	return read_tests(page, n, &extended_self_tests,
			  (unsigned int)bytes_le(page + 2, 2), d);
}
