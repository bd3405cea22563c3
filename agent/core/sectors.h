/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CORE_SECTORS_H
#define HALE_CORE_SECTORS_H

/*
 * Which sectors of which disk failed, as long as a finding says that they do:
 * so that a test can read back just those. Bounded; where something is missing
 * in a list it says so, because a list that is not whole proves nothing.
 */

#include "hale/verify.h"

#define SECTORS_DISKS 16 /* that fail at the same time */
/* Failing sectors so near to each other are one range: a page of them. */
#define SECTORS_NEAR 8
/* Ranges are joined over so much at most where there is no room for one more:
 * 64 MiB, read again in a second. */
#define SECTORS_BRIDGE (UINT64_C(1) << 17)
/* What was lost so long before a disk's first failure may have been its. */
#define SECTORS_LOST_NS (600 * HALE_NS_PER_S)

struct sectors_disk {
	struct hale_failing failing; /* .part "": free */
	uint32_t unplaced;
};

struct sectors {
	uint64_t stamp;
	uint64_t lost_ns; /* when records were lost last, of whatever disk */
	uint32_t lost;	  /* and how: enum hale_sector_gap */
	struct sectors_disk disks[SECTORS_DISKS];
};

/* One failure that counts in a finding of @part. */
struct sectors_said {
	const char *part;
	const struct hale_observation *o; /* as its driver said it */
	bool witnessed; /* another driver sees every request, with its sector */
	uint64_t now_ns;
};

void sectors_take(struct sectors *s, const struct sectors_said *said);

/* Records are missing, of whatever disk: no list is whole any more. */
void sectors_lost(struct sectors *s, enum hale_sector_gap how, uint64_t now_ns);

/* @part came or went: what is being read may be another disk by now. */
void sectors_touch(struct sectors *s, const char *part, uint64_t now_ns);

/* What is known of @part, or NULL. */
const struct hale_failing *sectors_of(const struct sectors *s,
				      const char *part);

/* The failures of @from were those of @to. */
void sectors_rename(struct sectors *s, const char *from, const char *to);
/* It is over. */
void sectors_drop(struct sectors *s, const char *part);

/* Index from 0; false past the end. A row whose part is "" need not be kept. */
bool sectors_save(const struct sectors *s, size_t i,
		  struct hale_memory_sectors *ret_row);
int sectors_load(struct sectors *s, const struct hale_memory_sectors *row);

#endif
