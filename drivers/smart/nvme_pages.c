/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NVMe pages (NVM Express Base 1.4). Pure. They carry no checksum: a page that
 * is blank, or whose numbers no device can have, was not written by one, and is
 * unreadable as a whole.
 */
#include <errno.h>

#include "hale/base.h"
#include "hale/text.h"

#include "../disk_identity.h"
#include "bytes.h"
#include "pages.h"

enum {
	KELVIN = 273,
	HOTTEST = 200 + KELVIN, /* above it, it is no temperature */
	SPARE_MAX = 100
};

static void read_text(const uint8_t *from, size_t len, char *dst, size_t size)
{
	hale_print_text(dst, size, (const char *)from,
			strnlen((const char *)from, len));
	disk_trim(dst);
}

static void take_kelvin(uint64_t kelvin, enum hale_disk_value v,
			struct hale_disk_reading *d)
{
	if (kelvin > KELVIN && kelvin <= HOTTEST)
		hale_disk_set(d, v, kelvin - KELVIN);
}

int nvme_identity_read(const uint8_t *page, struct hale_disk_reading *d,
		       struct nvme_identity *ret_identity)
{
	if (bytes_blank(page, 512))
		return -EBADMSG;
	read_text(page + 4, 20, d->serial, sizeof(d->serial));
	read_text(page + 24, 40, d->model, sizeof(d->model));
	read_text(page + 64, 8, d->firmware, sizeof(d->firmware));
	take_kelvin(bytes_le(page + 266, 2), HALE_DISK_TEMPERATURE_LIMIT, d);
	take_kelvin(bytes_le(page + 268, 2), HALE_DISK_TEMPERATURE_CRITICAL, d);
	*ret_identity = (struct nvme_identity){
		.errors = page[262] + 1u,
		.self_test = bytes_le(page + 256, 2) >> 4 & 1,
	};
	return 0;
}

/* 16 bytes; who counts beyond 64 bits has counted enough. */
static uint64_t counter(const uint8_t *p)
{
	return bytes_le(p + 8, 8) ? UINT64_MAX : bytes_le(p, 8);
}

int nvme_health_read(const uint8_t *page, struct hale_disk_reading *d)
{
	uint64_t kelvin = bytes_le(page + 1, 2);

	if (bytes_blank(page, NVME_HEALTH_LEN) || page[3] > SPARE_MAX ||
	    page[4] > SPARE_MAX || kelvin > HOTTEST)
		return -EBADMSG;
	hale_disk_set(d, HALE_DISK_CRITICAL_WARNING, page[0]);
	take_kelvin(kelvin, HALE_DISK_TEMPERATURE, d);
	hale_disk_set(d, HALE_DISK_SPARE, page[3]);
	hale_disk_set(d, HALE_DISK_SPARE_LIMIT, page[4]);
	hale_disk_set(d, HALE_DISK_ENDURANCE_USED, page[5]);
	hale_disk_set(d, HALE_DISK_POWER_ON_HOURS, counter(page + 128));
	hale_disk_set(d, HALE_DISK_UNSAFE_SHUTDOWNS, counter(page + 144));
	hale_disk_set(d, HALE_DISK_MEDIA_ERRORS, counter(page + 160));
	return 0;
}

/* Write fault, unrecovered read, guard check (figure 128): the medium. What
 * hosts ask wrongly (invalid field, log page, opcode) is in this log too. */
static bool of_the_medium(const uint8_t *entry)
{
	unsigned int status = (unsigned int)bytes_le(entry + 12, 2) >> 1;
	unsigned int type = status >> 8 & 7, code = status & 0xff;

	return type == 2 && code >= 0x80 && code <= 0x82;
}

int nvme_errors_read(const uint8_t *entries, size_t n,
		     struct hale_disk_reading *d)
{
	uint64_t media = 0;

	for (size_t i = 0; i < n; i++) {
		const uint8_t *entry = entries + i * NVME_ERROR_LEN;

		if (bytes_le(entry, 8) != 0) /* an entry that is in use */
			media += of_the_medium(entry);
	}
	hale_disk_set(d, HALE_DISK_ERROR_LOG_UNC, media);
	return 0;
}

enum {
	TEST_LEN = 28,
	TEST_ENTRIES = 20,
	TEST_UNUSED = 0xf,
	TEST_EXTENDED = 2,
	LBA_VALID = 1 << 1
};

/* Results 6 and 7: a segment failed; 5 is an error of the test itself. */
int nvme_self_tests_read(const uint8_t *page, struct hale_disk_reading *d)
{
	struct self_test tests[TEST_ENTRIES];
	size_t n = 0;

	for (unsigned int i = 0; i < TEST_ENTRIES; i++) {
		const uint8_t *entry = page + 4 + (size_t)i * TEST_LEN;
		unsigned int result = entry[0] & 0xf, code = entry[0] >> 4;

		if (result == TEST_UNUSED || bytes_blank(entry, TEST_LEN))
			continue;
		tests[n++] = (struct self_test){
			.failed = result == 6 || result == 7,
			.passed_in_full = result == 0 && code == TEST_EXTENDED,
			.hours = bytes_le(entry + 4, 8),
			.lba = bytes_le(entry + 16, 8),
			.lba_known = entry[2] & LBA_VALID,
		};
	}
	self_tests_count(tests, n, d);
	return 0;
}
