/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DRIVERS_SMART_ATA_H
#define DRIVERS_SMART_ATA_H

/* ATA commands through SAT: the way under ata.c. */

#include "pages.h"
#include "smart.h"

/* ATA PASS-THROUGH (16), SAT-5 12.2.2: one command without data, or one that
 * reads. */
struct ata_task {
	uint8_t command, feature;
	uint64_t lba;
	bool extended; /* 48 bits */
};

/*
 * @buf: @sectors of it, zeroed; 0 for a command without data, whose registers
 *       come back in @ret_sense (may be NULL otherwise).
 * Return: 0; -EREMOTEIO: the disk, or who speaks for it, refused; else the
 * device cannot be reached: see smart_io.
 */
int ata_do(struct smart_visit *v, const struct ata_task *t, uint8_t *buf,
	   unsigned int sectors, struct sense *ret_sense);

/* A log from its beginning; by READ LOG EXT, or else by SMART READ LOG. */
int ata_read_log(struct smart_visit *v, bool gpl, unsigned int log,
		 uint8_t *buf, unsigned int sectors);

enum {
	ATA_CHECK_POWER_MODE = 0xe5,
	ATA_IDENTIFY = 0xec,
	ATA_SMART = 0xb0,
	ATA_READ_LOG_EXT = 0x2f
};
/* Features of SMART; LBA 23:8 has to hold a signature. */
enum {
	SMART_READ_DATA = 0xd0,
	SMART_READ_THRESHOLDS = 0xd1,
	SMART_READ_LOG = 0xd5,
	SMART_RETURN_STATUS = 0xda
};
#define SMART_SIGNATURE UINT64_C(0xc24f00)

#endif
