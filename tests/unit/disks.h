/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_DISKS_H
#define TESTS_UNIT_DISKS_H

/* Disks that nobody made, for tests of the judgment over them. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hale/base.h"
#include "hale/disk_health.h"

#define AN_HOUR	  (3600 * HALE_NS_PER_S)
#define DISKS_NOW (UINT64_C(1700000000) * HALE_NS_PER_S)

/* Healthy ones that tell little. */
struct hale_disk_reading disk_spinning(void);
struct hale_disk_reading disk_flash(void);
struct hale_disk_reading disk_nvme(void);
struct hale_disk_reading disk_scsi(void);

/* One more row; its threshold, 0, is the caller's to set. */
struct hale_disk_attribute *disk_attribute(struct hale_disk_reading *d,
					   uint8_t id, uint8_t value,
					   uint64_t raw);

/* What was said last. */
extern struct hale_disk_assessment said;
enum hale_assessment judge(const struct hale_disk_reading *d);
/* One of the reasons has this piece, or the test fails. */
void says(const char *piece);

#endif
