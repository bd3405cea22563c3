/* SPDX-License-Identifier: Apache-2.0 */
/* See smart_pages.h. Places and widths are those of ACS-4, SPC-5, SBC-4 and NVM
 * Express 1.4, written down a second time: not taken from the code tested. */
#include <string.h>

#include "smart_pages.h"

void page_le(uint8_t *at, uint64_t value, size_t n)
{
	for (size_t i = 0; i < n; i++, value >>= 8)
		at[i] = (uint8_t)value;
}

void page_be(uint8_t *at, uint64_t value, size_t n)
{
	while (n--) {
		at[n] = (uint8_t)value;
		value >>= 8;
	}
}

void page_sum(uint8_t *sector)
{
	unsigned int sum = 0;

	for (unsigned int i = 0; i < 511; i++)
		sum += sector[i];
	sector[511] = (uint8_t)-sum;
}

static void ata_text(uint8_t *at, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		at[i ^ 1] = (uint8_t)(i < strlen(text) ? text[i] : ' ');
}

void page_identity(uint8_t *sector)
{
	memset(sector, 0, 512);
	sector[0] = 0x40; /* word 0: a disk */
	ata_text(sector + 20, "T1", 20);
	ata_text(sector + 46, "FW01", 8);
	ata_text(sector + 54, "TEST HDD 4000", 40);
	page_le(sector + 82 * 2, 0x0001, 2); /* SMART */
	page_le(sector + 84 * 2, 0x4023, 2); /* logs, self-tests, GPL */
	page_le(sector + 85 * 2, 0x0001, 2); /* SMART is on */
	page_le(sector + 217 * 2, 7200, 2);
	sector[510] = 0xa5;
	page_sum(sector);
}

void page_attributes(uint8_t *sector)
{
	memset(sector, 0, 512);
	sector[0] = 0x10;
	page_sum(sector);
}

void page_attribute(uint8_t *sector, unsigned int row, uint8_t id, uint64_t raw)
{
	uint8_t *at = sector + 2 + 12 * row;

	at[0] = id;
	page_le(at + 1, 0x0033, 2);
	at[3] = 100;
	at[4] = 99;
	page_le(at + 5, raw, 6);
	page_sum(sector);
}

void page_threshold(uint8_t *sector, unsigned int row, uint8_t id,
		    uint8_t threshold)
{
	sector[0] = 0x10;
	sector[2 + 12 * row] = id;
	sector[3 + 12 * row] = threshold;
	page_sum(sector);
}

void page_directory(uint8_t *sector, const uint8_t *logs, size_t n)
{
	memset(sector, 0, 512);
	sector[0] = 1;
	for (size_t i = 0; i + 1 < n; i += 2)
		sector[logs[i] * 2] = logs[i + 1];
}

void page_statistics(uint8_t *log)
{
	static const uint8_t ends[] = {
		0, 0x38, 0, 0x40, 0x18, 0x70, 0x20, 0x10
	};

	memset(log, 0, 8 * (size_t)512);
	log[0] = 1;
	log[8] = 7;
	for (uint8_t i = 0; i < 8; i++) {
		uint8_t *page = log + i * (size_t)512;

		page[0] = 1;
		page[2] = i;
		if (i)
			log[9 + i - 1] = i;
		for (unsigned int at = 8; i && at < ends[i]; at += 8)
			page[at + 7] = 0xc0;
	}
}

void page_statistic(uint8_t *log, unsigned int page, unsigned int at,
		    uint64_t value, uint8_t flags)
{
	uint8_t *p = log + page * (size_t)512 + at;

	page_le(p, value, 7);
	p[7] = flags;
}

void page_error(uint8_t *sector, unsigned int entry, uint8_t error,
		unsigned int hours)
{
	uint8_t *at = sector + 2 + entry * (size_t)90 + 60;

	sector[0] = 1;
	sector[1] = (uint8_t)(entry + 1);
	at[1] = error;
	at[7] = 0x51;
	page_le(at + 28, hours, 2);
	page_sum(sector);
}

void page_self_test(uint8_t *sector, unsigned int entry, uint8_t kind,
		    uint8_t result, unsigned int hours)
{
	uint8_t *at = sector + 2 + entry * (size_t)24;

	sector[0] = 1;
	sector[508] = (uint8_t)(entry + 1);
	at[0] = kind;
	at[1] = (uint8_t)(result << 4);
	page_le(at + 2, hours, 2);
	page_le(at + 5, 123456, 4);
	page_sum(sector);
}

size_t page_log(uint8_t *page, uint8_t number)
{
	memset(page, 0, 4);
	page[0] = number;
	return 4;
}

size_t page_parameter(uint8_t *page, unsigned int code, const void *value,
		      size_t len)
{
	size_t at = 4 + ((size_t)page[2] << 8 | page[3]);

	page_be(page + at, code, 2);
	page[at + 2] = 0x03;
	page[at + 3] = (uint8_t)len;
	memcpy(page + at + 4, value, len);
	page_be(page + 2, at + len, 2);
	return at + 4 + len;
}

void page_nvme_identity(uint8_t *page)
{
	memset(page, 0, 4096);
	memcpy(page + 4, "N1                  ", 20);
	memcpy(page + 24, "TEST NVMe                               ", 40);
	memcpy(page + 64, "1.0     ", 8);
	page_le(page + 256, 1 << 4, 2); /* device self-test */
	page[262] = 63;			/* 64 errors in the log */
	page_le(page + 266, 273 + 70, 2);
	page_le(page + 268, 273 + 85, 2);
}

void page_nvme_health(uint8_t *page)
{
	memset(page, 0, 512);
	page_le(page + 1, 273 + 40, 2);
	page[3] = 100;
	page[4] = 10;
	page[5] = 3;
	page_le(page + 128, 4000, 8);
	page_le(page + 144, 12, 8);
}
