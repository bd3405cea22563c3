/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decodes what a disk says of itself: SCSI VPD pages 80h and 83h, the kernel's
 * "t10." spelling of one, and udev's properties. Every length in a page comes
 * from the device and is held against the bytes that are there; a page that
 * lies gives what was sound before the lie.
 */
#include "hale/base.h"
#include "hale/driver.h"

#include "disk_identity.h"

enum {
	VPD_HEADER = 4,
	DESIGNATOR_HEADER = 4
};
enum {
	ASSOCIATION_LUN = 0
};
enum {
	DESIGNATOR_T10 = 1,
	DESIGNATOR_EUI64 = 2,
	DESIGNATOR_NAA = 3
};

struct designator {
	unsigned int association, type;
	size_t len;
	const unsigned char *id;
};

/* How much of the page to believe: what it claims, within what there is. */
static size_t page_end(const unsigned char *page, size_t len, unsigned int code)
{
	size_t claimed;

	if (len < VPD_HEADER || page[1] != code)
		return 0;
	claimed = VPD_HEADER + (size_t)(page[2] << 8 | page[3]);
	return claimed < len ? claimed : len;
}

static bool next_designator(const unsigned char *page, size_t end, size_t *at,
			    struct designator *ret)
{
	const unsigned char *d = page + *at;

	if (*at + DESIGNATOR_HEADER > end ||
	    *at + DESIGNATOR_HEADER + d[3] > end)
		return false;
	ret->association = d[1] >> 4 & 3;
	ret->type = d[1] & 0xf;
	ret->len = d[3];
	ret->id = d + DESIGNATOR_HEADER;
	*at += DESIGNATOR_HEADER + ret->len;
	return true;
}

static void set_hex(char *dst, size_t size, const char *prefix,
		    const struct designator *d)
{
	size_t at = strlen(prefix);

	hale_copy(dst, size, prefix, at);
	for (size_t i = 0; i < d->len && at + 2 < size; i++, at += 2)
		snprintf(dst + at, size - at, "%02x", d->id[i]);
}

/* Vendor (8), then for libata model (40) and serial (20): SAT-4 10.3.5 */
static void set_ata(const char *id, size_t len, struct disk_names *n)
{
	enum {
		VENDOR = 8,
		MODEL = 40,
		SERIAL = 20
	};

	if (len < VENDOR + MODEL || strncmp(id, "ATA     ", VENDOR) != 0)
		return;
	hale_copy(n->model, sizeof(n->model), id + VENDOR, MODEL);
	disk_trim(n->model);
	len -= VENDOR + MODEL;
	if (len && !n->serial[0])
		hale_copy(n->serial, sizeof(n->serial), id + VENDOR + MODEL,
			  len < SERIAL ? len : SERIAL);
	disk_trim(n->serial);
}

void disk_names_from_t10(const char *wwid, struct disk_names *names)
{
	if (strncmp(wwid, "t10.", 4) == 0)
		set_ata(wwid + 4, strlen(wwid + 4), names);
}

/* NAA before EUI-64, the longer one of a kind: as sd and udev choose. */
static unsigned int rank(const struct designator *d)
{
	if (d->type == DESIGNATOR_NAA && (d->len == 8 || d->len == 16))
		return 2 + (d->len == 16);
	return d->type == DESIGNATOR_EUI64 && d->len >= 8;
}

void disk_names_from_vpd83(const unsigned char *page, size_t len,
			   struct disk_names *names)
{
	size_t end = page_end(page, len, 0x83), at = VPD_HEADER;
	unsigned int best = 0;
	struct designator d;

	while (next_designator(page, end, &at, &d)) {
		if (d.association != ASSOCIATION_LUN)
			continue;
		if (d.type == DESIGNATOR_T10)
			set_ata((const char *)d.id, d.len, names);
		if (rank(&d) <= best)
			continue;
		best = rank(&d);
		set_hex(names->wwn, sizeof(names->wwn),
			d.type == DESIGNATOR_NAA ? "naa." : "eui.", &d);
	}
}

void disk_names_from_vpd80(const unsigned char *page, size_t len,
			   struct disk_names *names)
{
	size_t end = page_end(page, len, 0x80);

	if (end <= VPD_HEADER || names->serial[0])
		return;
	hale_copy(names->serial, sizeof(names->serial),
		  (const char *)page + VPD_HEADER, end - VPD_HEADER);
	disk_trim(names->serial);
}

/* The first of these properties that is set, into one field of @names. */
struct udev_source {
	size_t offset, size;
	const char *keys[4];
};

#define NAME(member)                                                           \
	offsetof(struct disk_names, member),                                   \
		sizeof(((struct disk_names *)0)->member)

static const struct udev_source udev_sources[] = {
	{ NAME(wwn), { "ID_WWN_WITH_EXTENSION", "ID_WWN" } },
	{ NAME(model), { "ID_MODEL", "ID_NAME" } },
	{ NAME(serial), { "ID_SCSI_SERIAL", "ID_SERIAL_SHORT", "ID_SERIAL" } },
	{ NAME(nsid), { "ID_NSID" } },
	{ NAME(path), { "ID_PATH" } },
};

void disk_names_from_udev(const char *(*get)(void *ctx, const char *key),
			  void *ctx, struct disk_names *names)
{
	for (size_t i = 0; i < HALE_ARRAY_SIZE(udev_sources); i++) {
		const struct udev_source *s = &udev_sources[i];
		const char *value = NULL;

		for (size_t k = 0; !value && k < 4 && s->keys[k]; k++)
			value = get(ctx, s->keys[k]);
		if (value)
			hale_copy((char *)names + s->offset, s->size, value,
				  strlen(value));
	}
	for (char *c = names->model; *c; c++) {
		if (*c == '_')
			*c = ' ';
	}
	disk_trim(names->model);
	disk_trim(names->serial);
}
