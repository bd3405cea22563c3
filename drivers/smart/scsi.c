/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The conversation with a SCSI disk: REQUEST SENSE tells its power condition
 * without changing it, then the log pages that it lists. Nothing here touches
 * the medium. Invariant: a page that is refused or torn leaves its values
 * unknown; a disk that keeps no pages is not seen, not healthy.
 */
#include <errno.h>

#include "bytes.h"
#include "pages.h"
#include "smart.h"

enum {
	REQUEST_SENSE = 0x03,
	READ_DEFECTS = 0x37,
	LOG_SENSE = 0x4d,
	CURRENT_CUMULATIVE = 1 << 6,
	GROWN_LIST = 0x08, /* and format 0, which all disks know */
	KEY_RECOVERED = 1
};

/* All that is asked of the page with the longest entries: 340 of them. */
#define PAGE_MAX 8192
/* Old disks refuse, or worse, what does not fit into one byte. */
#define PAGE_FIRST 252

/* One disk. */
struct talk {
	struct smart_visit *v;
	size_t supported_len;
	unsigned int refused;
	uint8_t supported[PAGE_FIRST];
	uint8_t page[PAGE_MAX];
};

/* Return: 0; -EREMOTEIO: refused; else the disk cannot be reached. */
static int send(struct talk *t, struct smart_command *c)
{
	struct sense s;
	int r = smart_send(t->v, c);

	if (r < 0 || c->status == 0)
		return r;
	if (sense_read(c->sense, c->sense_len, &s) == 0 &&
	    s.key == KEY_RECOVERED)
		return 0;
	return -EREMOTEIO;
}

static int unreachable(struct talk *t, int r, const char *what)
{
	if (r == -EREMOTEIO || r == -EBUSY) {
		t->refused++;
		return 0;
	}
	smart_see_error(t->v->disk, r, what);
	return r;
}

/* Also a report of failure, where the disk is set to give it here (MRIE 6). */
static int ask_power(struct talk *t)
{
	uint8_t bytes[PAGE_FIRST] = { 0 };
	struct smart_command c = { .cdb = { REQUEST_SENSE, 0, 0, 0,
					    sizeof(bytes), 0 },
				   .cdb_len = 6,
				   .data = bytes,
				   .len = sizeof(bytes) };
	struct hale_disk_reading *d = &t->v->reading;
	struct sense s;
	int r = send(t, &c);

	if (r < 0)
		return unreachable(t, r, "REQUEST SENSE");
	if (sense_read(bytes, c.got, &s) < 0)
		return 0;
	d->asleep = sense_asleep(&s);
	if (s.asc == 0x5d || s.asc == 0x0b) {
		hale_disk_set(d, HALE_DISK_IE_ASC, s.asc);
		hale_disk_set(d, HALE_DISK_IE_ASCQ, s.ascq);
		t->v->known = true;
	}
	return 0;
}

static int log_sense(struct talk *t, enum scsi_page number, uint8_t *buf,
		     size_t size, size_t *ret_len)
{
	struct smart_command c = {
		.cdb = { LOG_SENSE, 0,
			 (uint8_t)(CURRENT_CUMULATIVE | (int)number), 0, 0, 0,
			 0, (uint8_t)(size >> 8), (uint8_t)size, 0 },
		.cdb_len = 10,
		.data = buf,
		.len = (uint32_t)size
	};
	int r;

	memset(buf, 0, size);
	r = send(t, &c);
	if (r == 0)
		*ret_len = c.got;
	return r;
}

static int fetch(struct talk *t, enum scsi_page number, size_t *ret_len)
{
	size_t claimed, len = 0;
	int r = log_sense(t, number, t->page, PAGE_FIRST, &len);

	if (r < 0)
		return r;
	claimed = scsi_page_length(t->page, len);
	if (claimed > PAGE_FIRST) {
		if (claimed > PAGE_MAX)
			claimed = PAGE_MAX;
		r = log_sense(t, number, t->page, claimed, &len);
	}
	if (r == 0)
		*ret_len = len;
	return r;
}

/* An exception that REQUEST SENSE told is not taken back by a page of zeros. */
static void merge_exception(struct talk *t, const struct hale_disk_reading *old)
{
	struct hale_disk_reading *d = &t->v->reading;

	if (!hale_disk_knows(old, HALE_DISK_IE_ASC) ||
	    d->value[HALE_DISK_IE_ASC] != 0)
		return;
	hale_disk_set(d, HALE_DISK_IE_ASC, old->value[HALE_DISK_IE_ASC]);
	hale_disk_set(d, HALE_DISK_IE_ASCQ, old->value[HALE_DISK_IE_ASCQ]);
}

struct question {
	enum scsi_page number;
	const char *name;
};

static const struct question questions[] = {
	{ SCSI_PAGE_EXCEPTIONS, "the exceptions page" },
	{ SCSI_PAGE_TEMPERATURE, "the temperature page" },
	{ SCSI_PAGE_WRITE_ERRORS, "the write error page" },
	{ SCSI_PAGE_READ_ERRORS, "the read error page" },
	{ SCSI_PAGE_VERIFY_ERRORS, "the verify error page" },
	{ SCSI_PAGE_NON_MEDIUM, "the non-medium error page" },
	{ SCSI_PAGE_SELF_TESTS, "the self-test page" },
	{ SCSI_PAGE_SOLID_STATE, "the solid state page" },
	{ SCSI_PAGE_BACKGROUND_SCAN, "the background scan page" },
};

static int ask_page(struct talk *t, const struct question *q)
{
	struct hale_disk_reading old = t->v->reading;
	size_t len = 0;
	int r;

	if (!scsi_page_listed(t->supported, t->supported_len, q->number))
		return 0;
	r = fetch(t, q->number, &len);
	if (r < 0)
		return unreachable(t, r, q->name);
	r = scsi_page_read(t->page, len, q->number, &t->v->reading);
	if (r == 0)
		t->v->known = true;
	else if (r != -ENODATA)
		t->refused++;
	if (q->number == SCSI_PAGE_EXCEPTIONS)
		merge_exception(t, &old);
	return 0;
}

/* How long the grown list is; only its header is read. */
static int ask_defects(struct talk *t)
{
	uint8_t header[4] = { 0 };
	struct smart_command c = { .cdb = { READ_DEFECTS, 0, GROWN_LIST, 0, 0,
					    0, 0, 0, sizeof(header), 0 },
				   .cdb_len = 10,
				   .data = header,
				   .len = sizeof(header) };
	int r;

	if (!t->v->reading.rotational || t->v->disk->virtual)
		return 0;
	r = send(t, &c);
	if (r == -EREMOTEIO || r == -EBUSY)
		return 0; /* many disks have no such list */
	if (r < 0)
		return unreachable(t, r, "READ DEFECT DATA");
	if (scsi_defects_read(header, c.got, &t->v->reading) == 0)
		t->v->known = true;
	return 0;
}

static int ask_pages(struct talk *t)
{
	int r = log_sense(t, SCSI_PAGE_SUPPORTED, t->supported,
			  sizeof(t->supported), &t->supported_len);

	if (r == -EREMOTEIO || r == -EBUSY)
		return 0;
	if (r < 0)
		return unreachable(t, r, "LOG SENSE");
	for (size_t i = 0; r == 0 && i < HALE_ARRAY_SIZE(questions); i++)
		r = ask_page(t, &questions[i]);
	return r < 0 ? r : ask_defects(t);
}

/* The disk's own word: it has none but its exceptions. */
static void set_passed(struct hale_disk_reading *d)
{
	if (hale_disk_knows(d, HALE_DISK_IE_ASC))
		hale_disk_set(d, HALE_DISK_PASSED,
			      d->value[HALE_DISK_IE_ASC] != 0x5d);
}

static void conclude(const struct talk *t)
{
	struct smart_disk *d = t->v->disk;

	set_passed(&t->v->reading);
	if (!t->v->known)
		smart_see(d, HALE_SIGHT_BLIND, "",
			  "it keeps no pages about its health");
	else if (t->refused)
		smart_see(d, HALE_SIGHT_PARTIAL, "",
			  "%u of its pages could not be read", t->refused);
}

int smart_scsi_ask(struct smart_visit *v)
{
	_cleanup_free_ struct talk *t = calloc(1, sizeof(*t));
	int r;

	if (!t)
		return -ENOMEM;
	t->v = v;
	v->reading.protocol = HALE_DISK_SCSI;
	r = ask_power(t);
	if (r < 0)
		return r;
	if (v->reading.asleep && !v->wake) {
		v->known = true;
		return 0;
	}
	v->reading.asleep = false;
	t->refused = 0; /* not all know REQUEST SENSE as a question */
	r = ask_pages(t);
	if (r == 0)
		conclude(t);
	return r;
}
