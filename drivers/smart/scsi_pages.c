/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SCSI log pages (SPC-5 7.3, SBC-4 6.4): lists of parameters, each a number, a
 * length and that many bytes. Pure. One row says what a parameter of a page
 * means; a parameter that ends beyond its page ends the page.
 */
#include <errno.h>

#include "hale/base.h"

#include "bytes.h"
#include "pages.h"

enum {
	HEADER = 4,
	TEST_PARAMETERS = 20,
	SCAN_PARAMETERS = 0x800
};

struct parameter {
	unsigned int code;
	const uint8_t *value;
	size_t len;
};

/* Parameters of one page; @at is where the next one begins. */
struct walk {
	const uint8_t *page;
	size_t end, at;
};

static bool next(struct walk *w, struct parameter *ret)
{
	const uint8_t *p = w->page + w->at;

	if (w->at + HEADER > w->end || w->at + HEADER + p[3] > w->end)
		return false;
	ret->code = (unsigned int)bytes_be(p, 2);
	ret->len = p[3];
	ret->value = p + HEADER;
	w->at += HEADER + ret->len;
	return true;
}

size_t scsi_page_length(const uint8_t *page, size_t len)
{
	return len < HEADER ? 0 : HEADER + (size_t)bytes_be(page + 2, 2);
}

bool scsi_page_listed(const uint8_t *page, size_t len, enum scsi_page number)
{
	size_t end = scsi_page_length(page, len);

	if (len < HEADER || (page[0] & 0x3f) != SCSI_PAGE_SUPPORTED)
		return false;
	for (size_t i = HEADER; i < len && i < end; i++) {
		if ((page[i] & 0x3f) == number)
			return true;
	}
	return false;
}

static uint64_t counter(const struct parameter *p)
{
	for (size_t i = 8; i < p->len; i++) {
		if (p->value[i - 8]) /* longer than ours, and full */
			return UINT64_MAX;
	}
	return p->len > 8 ? bytes_be(p->value + p->len - 8, 8)
			  : bytes_be(p->value, p->len);
}

static void take_write(const struct parameter *p, struct hale_disk_reading *d)
{
	if (p->code == 6 && p->len)
		hale_disk_set(d, HALE_DISK_WRITE_UNCORRECTED, counter(p));
}

static void take_read(const struct parameter *p, struct hale_disk_reading *d)
{
	if (p->code == 6 && p->len)
		hale_disk_set(d, HALE_DISK_READ_UNCORRECTED, counter(p));
}

static void take_verify(const struct parameter *p, struct hale_disk_reading *d)
{
	if (p->code == 6 && p->len)
		hale_disk_set(d, HALE_DISK_VERIFY_UNCORRECTED, counter(p));
}

static void take_non_medium(const struct parameter *p,
			    struct hale_disk_reading *d)
{
	if (p->code == 0 && p->len)
		hale_disk_set(d, HALE_DISK_NON_MEDIUM, counter(p));
}

/* FFh: not known. Of a reference temperature, 0 is none too. */
static void take_temperature(const struct parameter *p,
			     struct hale_disk_reading *d)
{
	if (p->len < 2 || p->value[1] == 0xff || p->value[1] == 0)
		return;
	if (p->code == 0)
		hale_disk_set(d, HALE_DISK_TEMPERATURE, p->value[1]);
	else if (p->code == 1)
		hale_disk_set(d, HALE_DISK_TEMPERATURE_LIMIT, p->value[1]);
}

static void take_solid_state(const struct parameter *p,
			     struct hale_disk_reading *d)
{
	if (p->code == 1 && p->len >= 4)
		hale_disk_set(d, HALE_DISK_ENDURANCE_USED, p->value[3]);
}

/*
 * Parameter 0 is the scan's state, with the minutes of power-on; the others are
 * what it found. Counted are blocks that still cannot be read: waiting for a
 * write (1), or not to be reassigned by the disk (4) or by us (8).
 */
static void take_scan(const struct parameter *p, struct hale_disk_reading *d)
{
	unsigned int reassigned;

	if (p->code == 0 && p->len >= 4) {
		hale_disk_set(d, HALE_DISK_POWER_ON_HOURS,
			      bytes_be(p->value, 4) / 60);
		if (!hale_disk_knows(d, HALE_DISK_SCAN_ERRORS))
			hale_disk_set(d, HALE_DISK_SCAN_ERRORS, 0);
		return;
	}
	if (p->code == 0 || p->code > SCAN_PARAMETERS || p->len < 20)
		return;
	reassigned = p->value[4] >> 4;
	if ((p->value[4] & 0xf) == 3 &&
	    (reassigned == 1 || reassigned == 4 || reassigned == 8))
		hale_disk_set(d, HALE_DISK_SCAN_ERRORS,
			      d->value[HALE_DISK_SCAN_ERRORS] + 1);
}

static void take_exception(const struct parameter *p,
			   struct hale_disk_reading *d)
{
	if (p->code != 0 || p->len < 2)
		return;
	hale_disk_set(d, HALE_DISK_IE_ASC, p->value[0]);
	hale_disk_set(d, HALE_DISK_IE_ASCQ, p->value[1]);
	if (p->len >= 3 && p->value[2] != 0xff && p->value[2] != 0 &&
	    !hale_disk_knows(d, HALE_DISK_TEMPERATURE))
		hale_disk_set(d, HALE_DISK_TEMPERATURE, p->value[2]);
}

struct page_kind {
	enum scsi_page number;
	void (*take)(const struct parameter *p, struct hale_disk_reading *d);
};

static const struct page_kind kinds[] = {
	{ SCSI_PAGE_WRITE_ERRORS, take_write },
	{ SCSI_PAGE_READ_ERRORS, take_read },
	{ SCSI_PAGE_VERIFY_ERRORS, take_verify },
	{ SCSI_PAGE_NON_MEDIUM, take_non_medium },
	{ SCSI_PAGE_TEMPERATURE, take_temperature },
	{ SCSI_PAGE_SOLID_STATE, take_solid_state },
	{ SCSI_PAGE_BACKGROUND_SCAN, take_scan },
	{ SCSI_PAGE_EXCEPTIONS, take_exception },
};

/* Results 4 to 7: a segment failed; 3 could not be completed for no reason of
 * the disk's. The newest is parameter 1; one never run is zeros. */
static void read_tests(struct walk *w, struct hale_disk_reading *d)
{
	struct self_test tests[TEST_PARAMETERS];
	struct parameter p;
	size_t n = 0;

	while (n < TEST_PARAMETERS && next(w, &p)) {
		unsigned int code, result;

		if (p.len < 16 || bytes_blank(p.value, 16))
			continue;
		code = p.value[0] >> 5;
		result = p.value[0] & 0xf;
		tests[n++] = (struct self_test){
			.failed = result >= 4 && result <= 7,
			/* extended, in the background or the foreground */
			.passed_in_full =
				result == 0 && (code == 2 || code == 6),
			.hours = bytes_be(p.value + 2, 2),
			.lba = bytes_be(p.value + 4, 8),
			.lba_known = bytes_be(p.value + 4, 8) != UINT64_MAX,
		};
	}
	self_tests_count(tests, n, d);
}

int scsi_page_read(const uint8_t *page, size_t len, enum scsi_page number,
		   struct hale_disk_reading *d)
{
	struct walk w = { .page = page, .at = HEADER };
	struct parameter p;

	if (len < HEADER || (page[0] & 0x3f) != number)
		return -EBADMSG;
	w.end = scsi_page_length(page, len);
	if (w.end > len)
		w.end = len;
	if (number == SCSI_PAGE_SELF_TESTS) {
		read_tests(&w, d);
		return 0;
	}
	for (size_t i = 0; i < HALE_ARRAY_SIZE(kinds); i++) {
		while (kinds[i].number == number && next(&w, &p))
			kinds[i].take(&p, d);
	}
	return w.at > HEADER ? 0 : -ENODATA;
}

/* SBC-4 5.23: how long a descriptor is depends on the format that the disk
 * chose, whatever it was asked for. */
int scsi_defects_read(const uint8_t *header, size_t len,
		      struct hale_disk_reading *d)
{
	static const uint8_t lengths[8] = { 4, 8, 8, 8, 8, 8, 0, 0 };
	size_t bytes;
	unsigned int size;

	if (len < HEADER || !(header[1] & 0x08)) /* no grown list came */
		return -ENODATA;
	size = lengths[header[1] & 7];
	bytes = (size_t)bytes_be(header + 2, 2);
	if (size == 0 || bytes % size)
		return -EBADMSG;
	hale_disk_set(d, HALE_DISK_REALLOCATED, bytes / size);
	return 0;
}
