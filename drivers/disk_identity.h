/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DRIVERS_DISK_IDENTITY_H
#define DRIVERS_DISK_IDENTITY_H

/*
 * The stable name of a disk out of what its hardware says of itself. Shared by
 * the drivers storage (which asks udev's database, else sysfs) and udev (which
 * has the event's properties): one disk gets one name, whoever sees it.
 */

#include <stdbool.h>
#include <stddef.h>

#include "hale/fact.h"

#define DISK_WWN_MAX	96 /* SCSI wwid of 8-byte vendor + id, cut */
#define DISK_SERIAL_MAX 72 /* ATA 20, NVMe 20, SCSI VPD 80h up to 64 */

/* Raw, as read; "" where not known. */
struct disk_names {
	char wwn[DISK_WWN_MAX]; /* "0x5000c500…", "naa.…", "eui.…", "t10.…" */
	char model[HALE_UUID_MAX + 1];
	char serial[DISK_SERIAL_MAX];
	char nsid[12];		  /* NVMe namespace number */
	char path[HALE_PART_MAX]; /* bus path, the last resort */
};

/**
 * disk_identity() - "disk/naa.5000…", "disk/<model>_<serial>",
 *                   "disk/path-<bus path>"; "" where nothing is known
 * @dst: HALE_PART_MAX bytes.
 */
void disk_identity(const struct disk_names *names, char *dst);

/**
 * disk_bus_path() - "/devices/pci0000:00/0000:00:1f.2/ata3/…" to
 *                   "0000:00:1f.2-ata3-0:0:0"; "" for virtual devices
 */
void disk_bus_path(const char *devpath, char *dst, size_t size);

/* Strips leading and trailing blanks, in place. */
void disk_trim(char *text);

/* Fills empty fields of @names from a "t10.ATA     MODEL… SERIAL…" wwid. */
void disk_names_from_t10(const char *wwid, struct disk_names *names);

/* SCSI VPD pages, as sysfs hands them out (SPC-5 7.7.6 and 7.7.20). */
void disk_names_from_vpd83(const unsigned char *page, size_t len,
			   struct disk_names *names);
void disk_names_from_vpd80(const unsigned char *page, size_t len,
			   struct disk_names *names);

/**
 * disk_names_from_udev() - from udev's properties
 * @get: gives the value of a property, or NULL.
 */
void disk_names_from_udev(const char *(*get)(void *ctx, const char *key),
			  void *ctx, struct disk_names *names);

/* "a1b2c3d4:…" or "a1b2c3d4-…" to "array/a1b2c3d4…"; "" where it is neither */
void disk_array_identity(const char *uuid, char *dst);

/* Copies names and identity into the fact; texts made printable. */
void disk_describe(const struct disk_names *names, struct hale_device *device);

/* By the kernel's name alone; partitions are told apart by their caller. */
enum hale_block_kind disk_kind(const char *name);

#endif
