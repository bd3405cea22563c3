/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ATA pages of one sector: who the disk is, its attributes, its temperatures,
 * which logs it has. Pure. A page with a checksum is believed only if that is
 * right; one without has a version or a signature to be known by. What is
 * not believed leaves no value behind, above all no zero.
 */
#include <errno.h>

#include "hale/base.h"
#include "hale/text.h"

#include "../disk_identity.h"
#include "ata_sum.h"
#include "bytes.h"
#include "pages.h"

enum {
	ATTRIBUTE_ROW = 12,
	ATTRIBUTES_AT = 2
};

/* Text of ATA: two characters a word, the first in the upper byte. */
static void read_text(const uint8_t *page, unsigned int word, char *dst,
		      size_t len)
{
	char text[41];

	for (size_t i = 0; i < len && i < sizeof(text) - 1; i++)
		text[i] = (char)page[word * 2 + (i ^ 1)];
	text[len] = '\0';
	hale_print_text(dst, len + 1, text, strnlen(text, len));
	disk_trim(dst);
}

static bool bit(const uint8_t *page, unsigned int word, unsigned int n)
{
	return bytes_le(page + word * 2, 2) >> n & 1;
}

/* Words 83, 84 and 87 are valid where bit 14 is set and bit 15 is not. */
static bool valid(const uint8_t *page, unsigned int word)
{
	return bit(page, word, 14) && !bit(page, word, 15);
}

int ata_identity_read(const uint8_t *page, size_t len,
		      struct ata_identity *ret_identity)
{
	struct ata_identity id = { 0 };

	if (len < ATA_SECTOR || bytes_blank(page, ATA_SECTOR))
		return -EBADMSG;
	/* word 255: where its lower byte is A5h, the upper is a checksum */
	if (page[510] == 0xa5 && !ata_sum_right(page))
		return -EBADMSG;
	if (bit(page, 0, 15)) /* a packet device, a CFA card */
		return -ENODATA;
	id.smart = bit(page, 82, 0);
	id.smart_on = bit(page, 85, 0);
	id.error_log = valid(page, 84) && bit(page, 84, 0);
	id.self_test = valid(page, 84) && bit(page, 84, 1);
	id.gpl = valid(page, 84) && bit(page, 84, 5);
	id.rotational = bytes_le(page + 217 * 2, 2) != 1;
	read_text(page, 27, id.model, 40);
	read_text(page, 10, id.serial, 20);
	read_text(page, 23, id.firmware, 8);
	*ret_identity = id;
	return 0;
}

static const uint8_t *threshold_of(const uint8_t *page, uint8_t id)
{
	for (unsigned int i = 0; i < HALE_DISK_ATTRIBUTES_MAX; i++) {
		const uint8_t *row = page + ATTRIBUTES_AT + i * ATTRIBUTE_ROW;

		if (row[0] == id)
			return row + 1;
	}
	return NULL;
}

static void read_row(const uint8_t *row, const uint8_t *thresholds,
		     struct hale_disk_attribute *a)
{
	const uint8_t *threshold = NULL;

	if (thresholds)
		threshold = threshold_of(thresholds, row[0]);
	*a = (struct hale_disk_attribute){
		.id = row[0],
		.flags = (uint16_t)bytes_le(row + 1, 2),
		.value = row[3],
		.worst = row[4],
		.raw = bytes_le(row + 5, 6),
		.threshold = threshold ? *threshold : (uint8_t)0,
		.threshold_known = threshold != NULL,
	};
}

int ata_attributes_read(const uint8_t *data, const uint8_t *thresholds,
			struct hale_disk_reading *d)
{
	if (!ata_sum_right(data) || bytes_blank(data, ATA_SECTOR))
		return -EBADMSG;
	if (thresholds &&
	    (!ata_sum_right(thresholds) || bytes_blank(thresholds, ATA_SECTOR)))
		thresholds = NULL;
	d->n_attributes = 0;
	for (unsigned int i = 0; i < HALE_DISK_ATTRIBUTES_MAX; i++) {
		const uint8_t *row = data + ATTRIBUTES_AT + i * ATTRIBUTE_ROW;

		if (row[0])
			read_row(row, thresholds,
				 &d->attributes[d->n_attributes++]);
	}
	return d->n_attributes ? 0 : -ENODATA;
}

unsigned int ata_log_sectors(const uint8_t *directory, unsigned int log)
{
	if (log == 0 || log > 0xff || bytes_le(directory, 2) != 1)
		return 0; /* word 0 is the version, and it is 1 */
	return (unsigned int)bytes_le(directory + log * 2, 2);
}

int ata_sct_status_read(const uint8_t *page, struct hale_disk_reading *d)
{
	uint64_t version = bytes_le(page, 2);
	unsigned int t = page[200]; /* signed; 80h: not known */

	if (version != 2 && version != 3)
		return -EBADMSG;
	if (t == 0 || t > INT8_MAX) /* in the cold no disk worries */
		return -ENODATA;
	hale_disk_set(d, HALE_DISK_TEMPERATURE, t);
	return 0;
}
