/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_DISK_READING_H
#define HALE_DISK_READING_H

/*
 * What a disk says of itself, whatever protocol it speaks: numbers, no
 * judgment. Filled by the smart driver and by the reader of smartctl's JSON;
 * judged in one place (hale/disk_health.h).
 */

#include "hale/observation.h"

enum hale_disk_protocol {
	HALE_DISK_ATA = 0,
	HALE_DISK_SCSI,
	HALE_DISK_NVME,
	HALE_DISK_PROTOCOL_COUNT
};

/* Values that a disk may or may not give; counts are over its lifetime. */
enum hale_disk_value {
	HALE_DISK_PASSED = 0, /* its own overall word: 1 well, 0 failing */
	HALE_DISK_POWER_ON_HOURS,
	HALE_DISK_TEMPERATURE,	     /* degrees Celsius, 0 to 200 */
	HALE_DISK_TEMPERATURE_LIMIT, /* the disk's own operating limit */
	HALE_DISK_TEMPERATURE_CRITICAL,
	HALE_DISK_REALLOCATED, /* sectors; of SCSI the grown defects */
	HALE_DISK_PENDING,     /* sectors that could not be read, as of now */
	HALE_DISK_OFFLINE_UNCORRECTABLE, /* sectors, as of the last scan */
	HALE_DISK_UNCORRECTABLE,  /* errors reported to the host; of ATA in the
				   * device statistics, as are the others
				   * above: rows of the attribute table are
				   * judged as they are */
	HALE_DISK_CRC_ERRORS,	  /* on the cable */
	HALE_DISK_TIMEOUTS,	  /* commands */
	HALE_DISK_MEDIA_ERRORS,	  /* NVMe: data integrity errors */
	HALE_DISK_ENDURANCE_USED, /* percent of the rated; may exceed 100 */
	HALE_DISK_SPARE,	  /* percent left */
	HALE_DISK_SPARE_LIMIT,	  /* percent; below it the disk warns */
	HALE_DISK_CRITICAL_WARNING, /* NVMe health log byte 0 */
	HALE_DISK_ERROR_LOG_UNC,    /* entries of the error log that are media
				     * errors (UNC; IDNF may be the host's) */
	HALE_DISK_ERROR_LOG_ICRC,   /* … that are interface CRC errors */
	HALE_DISK_ERROR_LOG_LAST_HOURS, /* power-on hours at the newest entry
					 * that is a media error */
	HALE_DISK_SELF_TEST_FAILED,	/* failed by the medium or the mechanics
					 * since the last that passed in full */
	HALE_DISK_SELF_TEST_HOURS,  /* power-on hours at the newest failure */
	HALE_DISK_SELF_TEST_LBA,    /* where that failed */
	HALE_DISK_IE_ASC,	    /* SCSI informational exception, */
	HALE_DISK_IE_ASCQ,	    /* e.g. 5d/10: failure prediction */
	HALE_DISK_READ_UNCORRECTED, /* SCSI error counter pages */
	HALE_DISK_WRITE_UNCORRECTED,
	HALE_DISK_VERIFY_UNCORRECTED,
	HALE_DISK_SCAN_ERRORS, /* SCSI background scan: media errors */
	HALE_DISK_NON_MEDIUM,
	HALE_DISK_UNSAFE_SHUTDOWNS,
	HALE_DISK_VALUE_COUNT
};

/* One row of the ATA attribute table. */
struct hale_disk_attribute {
	uint8_t id, value, worst, threshold; /* threshold 0: never fails */
	uint16_t flags;			     /* bit 0: pre-failure */
	bool threshold_known;
	bool foreign; /* smartctl knows that this disk means something else by
		       * this id */
	uint64_t raw; /* 48 bits, in the vendor's own format */
};

#define HALE_DISK_ATTRIBUTES_MAX 30 /* rows of the ATA table */

struct hale_disk_reading {
	enum hale_disk_protocol protocol;
	enum hale_ref ref; /* how @part names the disk */
	bool asleep;	   /* it was not woken: nothing else is known */
	bool rotational;
	uint64_t time_ns; /* agent time */
	uint64_t known;	  /* 1 << HALE_DISK_…: the values that it gave */
	uint64_t value[HALE_DISK_VALUE_COUNT];
	uint32_t n_attributes;
	struct hale_disk_attribute attributes[HALE_DISK_ATTRIBUTES_MAX];
	char part[HALE_PART_MAX];
	char model[HALE_UUID_MAX + 1];
	char serial[HALE_UUID_MAX + 1];
	char firmware[16];
};

static inline bool hale_disk_knows(const struct hale_disk_reading *d,
				   enum hale_disk_value v)
{
	return (d->known >> v & 1) != 0;
}

static inline void hale_disk_set(struct hale_disk_reading *d,
				 enum hale_disk_value v, uint64_t value)
{
	d->known |= UINT64_C(1) << v;
	d->value[v] = value;
}

#endif
