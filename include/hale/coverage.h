/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_COVERAGE_H
#define HALE_COVERAGE_H

/* What of a host is seen, by whom, and how well. */

#include "hale/observation.h"
#include "hale/words.h"

/* The senses that coverage speaks of. */
enum hale_sense {
	HALE_SENSE_BLOCK_ERRORS = 0, /* failed block requests */
	HALE_SENSE_FS_STATE,	     /* space, inodes, read-only */
	HALE_SENSE_STORAGE_MAP,	     /* which disk is under a path */
	HALE_SENSE_IDENTITY,	     /* stable names of disks */
	HALE_SENSE_KERNEL_LOG,	     /* memory, CPU, bus, filesystem errors */
	HALE_SENSE_PROCESS_DEATHS,   /* exits by signal */
	HALE_SENSE_DISK_HEALTH,	     /* what disks say of themselves: SMART */
	HALE_SENSE_MEMORY_ERRORS,    /* ECC counts, poisoned pages */
	HALE_SENSE_SENSORS,	     /* temperatures, fans, voltages */
	HALE_SENSE_ARRAYS,	     /* md, dm, btrfs: members and room */
	HALE_SENSE_PRESSURE,	     /* tasks that stall for memory or I/O */
	HALE_SENSE_NETWORK,	     /* links of the default route */
	HALE_SENSE_THERMAL,	     /* throttling, thermal zones */
	HALE_SENSE_CRASHES,	     /* how the previous boot ended */
	HALE_SENSE_CLOCK,	     /* jumps, synchronisation */
	HALE_SENSE_LIMITS,	     /* PIDs, open files, connections */
	HALE_SENSE_ENGINE,	     /* the container engine */
	HALE_SENSE_BACKING,	     /* the store under virtual disks */
	HALE_SENSE_HISTORY,	     /* builds and findings are recorded */
	HALE_SENSE_VICTIMS,	     /* what a dying process held */
	HALE_SENSE_STALLS,	     /* requests that never return */
	HALE_SENSE_SANDBOX,	     /* the agent's own, as far as it goes */
	HALE_SENSE_COUNT
};

/*
 * What a driver can see; the host adds the driver's name and period. With a
 * @part it is about that one only ("sdc: behind a USB bridge"); such rows are
 * said again in each run, after the row of the whole sense, which @part "" is.
 * A part that is seen (LIVE) need not be said; to say so ends its row at once.
 */
struct hale_coverage {
	enum hale_sense sense;
	enum hale_sight sight;
	uint64_t since_ns;
	uint32_t period_s; /* it is heard of so often; 0: on events only */
	char driver[HALE_NAME_MAX];
	char why[128];	  /* "kernel.dmesg_restrict is set"; "" when LIVE */
	char remedy[128]; /* "run haled as root"; may be "" */
	char part[HALE_PART_MAX]; /* "sdc", "mc0"; "": the sense as a whole */
};

/* @why, of a driver whose first look is still to come. */
#define HALE_NOT_YET "has not looked yet"

/* "block_errors", "fs_state", ...; "" for a value out of range. */
const char *hale_sense_name(enum hale_sense sense);

/* @name: @len bytes. Return: HALE_SENSE_COUNT where no sense is called so. */
enum hale_sense hale_sense_from_name(const char *name, size_t len);

#endif
