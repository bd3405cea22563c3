/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FAKE_DISK_H
#define TESTS_FAKE_DISK_H

/*
 * Disks without hardware, behind the transport of the driver smart. Each
 * command that reaches one is written down: "sda ata e5", "sdb scsi 4d/2f",
 * "nvme0n1 nvme 2", "smartctl --json=c --scan".
 */

#include <stdio.h>

#include "drivers/smart/smart.h"

struct fake_disk {
	const char *name;
	int open_error;	   /* or negative errno of */
	int command_error; /* every command */
	/* ATA */
	uint8_t power; /* what CHECK POWER MODE counts; 0xff active */
	bool failing;  /* SMART RETURN STATUS */
	bool torn;     /* its attributes come damaged */
	bool no_smart, smart_off;
	bool no_ata; /* refuses all of it */
	/* SCSI */
	uint8_t sense[14]; /* of REQUEST SENSE; fixed */
	bool no_pages, only_temperature;
	bool attention;	   /* before each command that it does */
	uint8_t asc, ascq; /* of page 2Fh */
	/* NVMe */
	uint8_t warning;
	bool blank;
};

struct fake {
	struct smart_io io;
	const struct fake_disk *disks; /* ended by a NULL name */
	bool has_smartctl;
	const char *scan, *json; /* what smartctl prints */
	int smartctl_status;
	uint64_t now_ms, step_ms; /* of each command */
	bool attended;
	FILE *log;
	char *commands; /* the log, valid after fake_done() */
	size_t commands_len;
};

void fake_start(struct fake *f, const struct fake_disk *disks);
void fake_done(struct fake *f);

#endif
