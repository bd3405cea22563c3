/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DRIVERS_SMART_PAGES_H
#define DRIVERS_SMART_PAGES_H

/*
 * What devices answer, bytes to values. Pure. All pages come from firmware: a
 * length in a page is held against the bytes that are there, a checksum or
 * signature that is wrong makes the page unreadable (-EBADMSG) and leaves the
 * reading as it was. Also -ENODATA: well formed, and there is nothing in it.
 */

#include <stddef.h>

#include "hale/disk_reading.h"

#define ATA_SECTOR 512

/* ATA/ATAPI Command Set 4 (ACS-4), 7.12.7: IDENTIFY DEVICE */
struct ata_identity {
	bool smart, smart_on, error_log, self_test, gpl;
	bool rotational;
	char model[41], serial[21], firmware[9];
};
int ata_identity_read(const uint8_t *page, size_t len,
		      struct ata_identity *ret_identity);

/* SMART READ DATA and SMART READ THRESHOLDS, as ATA-5 to ATA-7 lay them out.
 * @thresholds may be NULL. */
int ata_attributes_read(const uint8_t *data, const uint8_t *thresholds,
			struct hale_disk_reading *d);

/* A log directory, log address 00h: how many sectors a log has. */
unsigned int ata_log_sectors(const uint8_t *directory, unsigned int log);

/* Device statistics (ACS-4 9.5): one page of log 04h. */
int ata_statistics_read(const uint8_t *page, unsigned int number,
			struct hale_disk_reading *d);
/* Page 00h: is there a page of that number? */
bool ata_statistics_has(const uint8_t *page, unsigned int number);

/* SCT status (ACS-4 8.3.2): temperatures. */
int ata_sct_status_read(const uint8_t *page, struct hale_disk_reading *d);

/* Summary SMART error log (01h), extended comprehensive error log (03h: @n
 * sectors, which begin with the first). */
int ata_error_log_read(const uint8_t *page, struct hale_disk_reading *d);
int ata_extended_error_log_read(const uint8_t *page, size_t n,
				struct hale_disk_reading *d);
/* SMART self-test log (06h), extended self-test log (07h). */
int ata_self_test_log_read(const uint8_t *page, struct hale_disk_reading *d);
int ata_extended_self_test_log_read(const uint8_t *page, size_t n,
				    struct hale_disk_reading *d);

/* One self-test, whatever protocol told of it. */
struct self_test {
	bool failed; /* by the medium, the mechanics or the electronics */
	bool passed_in_full;
	bool lba_known;
	uint64_t lba, hours;
};
/* Counts the failures since the last test that passed in full.
 * @tests: @n of them, the newest first. */
void self_tests_count(const struct self_test *tests, size_t n,
		      struct hale_disk_reading *d);

/* SPC-5 4.5: sense data, descriptor or fixed. */
struct sense {
	uint8_t key, asc, ascq;
	bool ata; /* the registers of an ATA command came with it (SAT-5 12.2.2)
		   */
	uint8_t ata_status, ata_error, ata_count,
		ata_lba[3]; /* 7:0, 15:8, 23:16 */
};
int sense_read(const uint8_t *bytes, size_t len, struct sense *ret_sense);
/* Does what REQUEST SENSE answered mean that the medium does not turn? */
bool sense_asleep(const struct sense *s);

/* SPC-5 7.3 and SBC-4 6.4: log pages, from their header on. */
enum scsi_page {
	SCSI_PAGE_SUPPORTED = 0x00,
	SCSI_PAGE_WRITE_ERRORS = 0x02,
	SCSI_PAGE_READ_ERRORS = 0x03,
	SCSI_PAGE_VERIFY_ERRORS = 0x05,
	SCSI_PAGE_NON_MEDIUM = 0x06,
	SCSI_PAGE_TEMPERATURE = 0x0d,
	SCSI_PAGE_SELF_TESTS = 0x10,
	SCSI_PAGE_SOLID_STATE = 0x11,
	SCSI_PAGE_BACKGROUND_SCAN = 0x15,
	SCSI_PAGE_EXCEPTIONS = 0x2f
};
bool scsi_page_listed(const uint8_t *page, size_t len, enum scsi_page number);
/* How long the page is that begins so: 4 + its claim, or 0. */
size_t scsi_page_length(const uint8_t *page, size_t len);
int scsi_page_read(const uint8_t *page, size_t len, enum scsi_page number,
		   struct hale_disk_reading *d);
/* READ DEFECT DATA (10): the grown list's header, and what follows. */
int scsi_defects_read(const uint8_t *header, size_t len,
		      struct hale_disk_reading *d);

/* NVM Express Base 1.4: 5.15.2.2, 5.14.1.1, 5.14.1.2, 5.14.1.6 */
#define NVME_IDENTIFY_LEN  4096
#define NVME_HEALTH_LEN	   512
#define NVME_ERROR_LEN	   64
#define NVME_SELF_TEST_LEN 564
struct nvme_identity {
	unsigned int errors; /* entries of the error log */
	bool self_test;
};
int nvme_identity_read(const uint8_t *page, struct hale_disk_reading *d,
		       struct nvme_identity *ret_identity);
int nvme_health_read(const uint8_t *page, struct hale_disk_reading *d);
int nvme_errors_read(const uint8_t *entries, size_t n,
		     struct hale_disk_reading *d);
int nvme_self_tests_read(const uint8_t *page, struct hale_disk_reading *d);

#endif
