/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SCSI sense data, in its two formats, and the registers of an ATA command that
 * a translation layer puts into either. Pure; a length that a device claims is
 * held against the bytes that it sent.
 */
#include <errno.h>

#include "hale/base.h"

#include "pages.h"

enum {
	FIXED = 0x70,
	DESCRIPTOR = 0x72, /* each plus 1: of an earlier command */
	ATA_STATUS_RETURN = 0x09,
	KEY_NOT_READY = 2
};

static void read_ata_descriptor(const uint8_t *d, struct sense *s)
{
	s->ata = true;
	s->ata_error = d[3];
	s->ata_count = d[5];
	s->ata_lba[0] = d[7];
	s->ata_lba[1] = d[9];
	s->ata_lba[2] = d[11];
	s->ata_status = d[13];
}

static int read_descriptors(const uint8_t *b, size_t len, struct sense *s)
{
	size_t end = 8 + (size_t)b[7];

	s->key = b[1] & 0xf;
	s->asc = b[2];
	s->ascq = b[3];
	if (end > len)
		end = len;
	for (size_t at = 8; at + 2 <= end; at += 2 + (size_t)b[at + 1]) {
		if (b[at] == ATA_STATUS_RETURN && at + 14 <= end)
			read_ata_descriptor(b + at, s);
	}
	return 0;
}

static int read_fixed(const uint8_t *b, size_t len, struct sense *s)
{
	s->key = b[2] & 0xf;
	if (len < 14) /* nothing but the key was sent */
		return 0;
	s->asc = b[12];
	s->ascq = b[13];
	if (s->asc != 0 || s->ascq != 0x1d)
		return 0;
	s->ata = true;
	s->ata_error = b[3];
	s->ata_status = b[4];
	s->ata_count = b[6];
	memcpy(s->ata_lba, b + 9, sizeof(s->ata_lba));
	return 0;
}

int sense_read(const uint8_t *bytes, size_t len, struct sense *ret_sense)
{
	struct sense s = { 0 };
	int r = -EBADMSG;

	if (len < 8)
		return -EBADMSG;
	if ((bytes[0] & 0x7e) == DESCRIPTOR)
		r = read_descriptors(bytes, len, &s);
	else if ((bytes[0] & 0x7e) == FIXED)
		r = read_fixed(bytes, len, &s);
	if (r == 0)
		*ret_sense = s;
	return r;
}

bool sense_asleep(const struct sense *s)
{
	/* SPC-5 table F.1, ASC 5Eh: standby_z and standby_y, by timer or by
	 * command; in the idle conditions the medium turns */
	static const uint8_t standby[] = { 0x02, 0x04, 0x09, 0x0a };

	if (s->key == KEY_NOT_READY && s->asc == 0x04)
		return s->ascq == 0x02 || s->ascq == 0x11; /* stopped */
	for (size_t i = 0; s->asc == 0x5e && i < sizeof(standby); i++) {
		if (s->ascq == standby[i])
			return true;
	}
	return false;
}
