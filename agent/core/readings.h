/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CORE_READINGS_H
#define HALE_CORE_READINGS_H

/*
 * What is remembered of disks' readings: their counters a day or two ago, so
 * that growth is seen, over restarts as well.
 */

#include "hale/base.h"
#include "hale/disk_health.h"
#include "hale/memory.h"

#define READINGS_MAX 128 /* disks; more than a host of builds has */
/* Growth is held against a reading this old, up to twice as old: long enough
 * for a scan of the whole disk, short enough to be news. */
#define READINGS_AGE_NS (24 * 3600 * HALE_NS_PER_S)

struct readings_disk {
	uint64_t key; /* text_key() of the part; 0: free */
	struct hale_disk_counts old, recent;
};

struct readings {
	struct readings_disk disks[READINGS_MAX];
};

/* What to hold a new reading against: the oldest that is kept, or NULL. */
const struct hale_disk_counts *readings_before(const struct readings *r,
					       const char *part);

/* Does it tell all that the one before did? If not, that a thing is not said
 * does not mean that it is over. */
bool readings_whole(const struct hale_disk_counts *now,
		    const struct hale_disk_counts *before);

/* Keeps a new one. One that has counted backwards is another disk's. */
void readings_keep(struct readings *r, const char *part,
		   const struct hale_disk_counts *now);

/* What survives a restart; false past the end. */
bool readings_save(const struct readings *r, size_t i,
		   struct hale_memory_disk *ret_row);
/* -EINVAL: the row makes no sense. */
int readings_load(struct readings *r, const struct hale_memory_disk *row,
		  uint64_t now_ns);

#endif
