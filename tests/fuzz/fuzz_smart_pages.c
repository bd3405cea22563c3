/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What disks answer: the first byte chooses the page that the rest is taken
 * for, ATA's sectors get the checksum that they need to be read at all. What
 * comes out is a valid fact with values in their ranges, whatever came in.
 */
#include <stdlib.h>
#include <string.h>

#include "hale/base.h"
#include "hale/driver.h"

#include "drivers/smart/pages.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	SECTORS = 5,
	ROOM = SECTORS * ATA_SECTOR + NVME_IDENTIFY_LEN
};

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void sum(uint8_t *sector)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < ATA_SECTOR - 1; i++)
		n += sector[i];
	sector[ATA_SECTOR - 1] = (uint8_t)-n;
}

static void ata_identity(const uint8_t *page, struct hale_disk_reading *d)
{
	struct ata_identity id;

	if (ata_identity_read(page, ATA_SECTOR, &id) < 0)
		return;
	HALE_SET(d->model, id.model);
	HALE_SET(d->serial, id.serial);
	HALE_SET(d->firmware, id.firmware);
}

static void ata_statistics(const uint8_t *page, struct hale_disk_reading *d)
{
	for (unsigned int i = 0; i < 8; i++)
		ata_statistics_read(page, i, d);
	ata_statistics_has(page, page[4]);
}

static void ata(unsigned int what, uint8_t *page, struct hale_disk_reading *d)
{
	for (size_t i = 0; i < SECTORS; i++)
		sum(page + i * ATA_SECTOR);
	switch (what) {
	case 0:
		ata_identity(page, d);
		break;
	case 1:
		ata_attributes_read(page, page + ATA_SECTOR, d);
		break;
	case 2:
		ata_statistics(page, d);
		break;
	case 3:
		ata_error_log_read(page, d);
		ata_extended_error_log_read(page, SECTORS, d);
		break;
	case 4:
		ata_self_test_log_read(page, d);
		ata_extended_self_test_log_read(page, SECTORS - 1, d);
		break;
	default:
		ata_sct_status_read(page, d);
		ata_log_sectors(page, page[2]);
		break;
	}
}

/* Exactly @size bytes, so that one beyond them is caught. */
static void scsi(unsigned int what, const uint8_t *data, size_t size,
		 struct hale_disk_reading *d)
{
	uint8_t *exact = malloc(size ? size : 1);
	struct sense s;

	memcpy(exact, data, size);
	if (what == 0 && sense_read(exact, size, &s) == 0) {
		check(s.key < 16);
		sense_asleep(&s);
	} else if (size > 0) {
		scsi_page_read(exact, size, (enum scsi_page)(exact[0] & 0x3f),
			       d);
		scsi_page_listed(exact, size, SCSI_PAGE_EXCEPTIONS);
		scsi_defects_read(exact, size, d);
	}
	free(exact);
}

static void nvme(const uint8_t *page, struct hale_disk_reading *d)
{
	struct nvme_identity id;

	nvme_identity_read(page, d, &id);
	if (nvme_health_read(page, d) == 0)
		check(d->value[HALE_DISK_SPARE] <= 100);
	nvme_errors_read(page, 16, d);
	nvme_self_tests_read(page, d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hale_fact f = { .kind = HALE_FACT_DISK_READING };
	struct hale_disk_reading *d = &f.u.disk;
	static uint8_t room[ROOM];
	unsigned int what;

	if (size == 0)
		return 0;
	what = data[0] % 10;
	data++, size--;
	HALE_SET(d->part, "sda");
	memset(room, 0, sizeof(room));
	memcpy(room, data, size < sizeof(room) ? size : sizeof(room));
	if (what < 6)
		ata(what, room, d);
	else if (what < 8)
		scsi(what - 6, data, size, d);
	else
		nvme(room, d);
	check(hale_fact_valid(&f));
	check(!hale_disk_knows(d, HALE_DISK_TEMPERATURE) ||
	      d->value[HALE_DISK_TEMPERATURE] <= 255);
	return 0;
}
