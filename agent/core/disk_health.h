/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CORE_DISK_HEALTH_H
#define HALE_CORE_DISK_HEALTH_H

/* What the files of the judgment over disks share. */

#include "hale/base.h"
#include "hale/disk_health.h"

/* One reading under judgment. */
struct judging {
	const struct hale_disk_reading *d;
	const struct hale_disk_counts *before; /* or NULL */
	struct hale_disk_counts counts;
	struct hale_disk_assessment *out;
};

/* One more reason, printed; its condition says how bad it is. */
void judging_add(struct judging *j, enum hale_condition condition,
		 const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The row with this id whose meaning is the usual one; NULL: there is none. */
const struct hale_disk_attribute *
judging_attribute(const struct hale_disk_reading *d, uint8_t id);

/* A number that firmware puts where it has none: all ones, one byte repeated,
 * more than any disk could have counted. */
bool judging_is_filler(uint64_t raw);

/* Is the percentage of rated endurance that it gives one? */
bool judging_endurance(const struct hale_disk_reading *d);

/* Thresholds and what is left of flash, of the attribute table. */
void judging_attributes(struct judging *j);

/* By the disk's own limit, or by its attribute's threshold. */
void judging_temperature(struct judging *j);

/* The overall word: ATA and NVMe status, SCSI informational exceptions. */
void judging_status(struct judging *j);

#endif
