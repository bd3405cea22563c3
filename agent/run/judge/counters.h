/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RUN_COUNTERS_H
#define HALE_RUN_COUNTERS_H

/*
 * The host's own running totals, read before and after: what grew in between
 * needs no agent to be known. Reading takes well under a millisecond and never
 * touches a disk.
 */

#include "hale/verdict.h"

#define COUNTERS_DISKS_MAX 16

/* Whose counters: block devices of the scope, by device number. */
struct counters_disks {
	uint32_t n;
	struct counters_disk {
		uint32_t major, minor;
		bool filesystem; /* one stands on it: its error count too */
	} disk[COUNTERS_DISKS_MAX];
};

/* UINT64_MAX: not known here. */
struct counters {
	uint64_t oom_kills; /* /proc/vmstat oom_kill, memory cgroups' too */
	uint64_t memory_full_us; /* /proc/pressure: "full" total */
	uint64_t io_full_us;
	uint64_t corrected, uncorrected; /* EDAC, all controllers */
	uint64_t disk_errors; /* commands that a disk of the scope failed; some
			       * of them are harmless: never proof by itself */
	uint64_t fs_errors;   /* ext4's own count of what it found damaged */
};

/**
 * counters_disks() - the disks under a scope's filesystems
 * @root_fd: holds proc and sys; fixtures are another folder.
 *
 * Partitions, dm and md are followed down; what lies beneath a file (loop) is
 * left to the agent, who knows the storage map.
 */
void counters_disks(int root_fd, const struct hale_scope_path *paths, size_t n,
		    struct counters_disks *ret);
void counters_read(int root_fd, const struct counters_disks *disks,
		   struct counters *ret);
/* By how much a total has grown; 0 where either is not known. */
uint64_t counters_grown(uint64_t before, uint64_t after);

#endif
