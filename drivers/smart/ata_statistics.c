/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device statistics log of ATA disks (ACS-4 9.5): counts with one meaning
 * for all vendors, where attributes have one for each. Pure. A statistic is
 * believed only where the disk says that it supports it and that it is valid.
 */
#include <errno.h>

#include "hale/base.h"

#include "bytes.h"
#include "pages.h"

enum {
	SUPPORTED = 0x80, /* in the uppermost byte of a statistic */
	VALID = 0x40
};

struct statistic {
	uint8_t page, at, width; /* bytes of the value */
	enum hale_disk_value value;
	uint64_t max; /* above it, it is none */
};

#define U32 UINT32_MAX

static const struct statistic statistics[] = {
	{ 1, 0x10, 4, HALE_DISK_POWER_ON_HOURS, U32 },
	{ 3, 0x20, 4, HALE_DISK_REALLOCATED, U32 },
	{ 3, 0x38, 4, HALE_DISK_PENDING, U32 },
	{ 4, 0x08, 4, HALE_DISK_UNCORRECTABLE, U32 },
	{ 5, 0x08, 1, HALE_DISK_TEMPERATURE, 127 }, /* signed */
	{ 5, 0x58, 1, HALE_DISK_TEMPERATURE_LIMIT, 127 },
	{ 6, 0x18, 4, HALE_DISK_CRC_ERRORS, U32 },
	{ 7, 0x08, 1, HALE_DISK_ENDURANCE_USED, 255 },
};

static void take(const uint8_t *page, const struct statistic *s,
		 struct hale_disk_reading *d)
{
	const uint8_t *at = page + s->at;
	uint64_t value = bytes_le(at, s->width);

	if ((at[7] & SUPPORTED) && (at[7] & VALID) && value <= s->max)
		hale_disk_set(d, s->value, value);
}

/* The header of each page: its number above a version, which begins at 1. */
static bool is_page(const uint8_t *page, unsigned int number)
{
	return page[2] == number && bytes_le(page, 2) != 0;
}

int ata_statistics_read(const uint8_t *page, unsigned int number,
			struct hale_disk_reading *d)
{
	if (!is_page(page, number))
		return -EBADMSG;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(statistics); i++) {
		if (statistics[i].page == number)
			take(page, &statistics[i], d);
	}
	return 0;
}

bool ata_statistics_has(const uint8_t *page, unsigned int number)
{
	size_t n = page[8];

	if (!is_page(page, 0))
		return false;
	for (size_t i = 0; i < n && 9 + i < ATA_SECTOR; i++) {
		if (page[9 + i] == number)
			return true;
	}
	return false;
}
