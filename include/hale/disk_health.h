/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_DISK_HEALTH_H
#define HALE_DISK_HEALTH_H

/*
 * The judgment over what a disk says of itself: by evidence of damage, never
 * by a vendor's packed numbers. Pure; used by the middle and by `hale triage
 * smart` (agent/core/disk_health.c).
 */

#include "hale/disk_reading.h"

/* Worst word over a disk; ordered. */
enum hale_assessment {
	HALE_DISK_UNREAD = 0, /* it told nothing that could be judged */
	HALE_DISK_HEALTHY,
	HALE_DISK_LINK, /* the cable or the slot, not the disk */
	HALE_DISK_WORN,
	HALE_DISK_PREFAIL,
	HALE_DISK_FAILING,
	HALE_ASSESSMENT_COUNT
};

#define HALE_DISK_REASONS_MAX 6

struct hale_disk_reason {
	enum hale_condition condition; /* disk.smart_failing, _prefail,
					* worn_out, link_error, hot */
	char text[HALE_EVIDENCE_MAX];  /* "8 pending sectors, 3 more than 26 h
					* ago" */
};

struct hale_disk_assessment {
	enum hale_assessment worst; /* a disk that is hot only is healthy */
	uint32_t n_reasons;	    /* worst first */
	struct hale_disk_reason reasons[HALE_DISK_REASONS_MAX];
};

/*
 * The counters whose growth tells something, alike for all protocols and
 * without what cannot be true: what is to be remembered of a reading.
 */
enum hale_disk_count {
	HALE_DISK_COUNT_REALLOCATED = 0,
	HALE_DISK_COUNT_PENDING,
	HALE_DISK_COUNT_OFFLINE, /* uncorrectable in the offline scan */
	HALE_DISK_COUNT_UNCORRECTABLE,
	HALE_DISK_COUNT_CRC,
	HALE_DISK_COUNTS
};

struct hale_disk_counts {
	uint64_t time_ns; /* agent time of the reading */
	uint32_t known;	  /* 1 << HALE_DISK_COUNT_… */
	uint64_t count[HALE_DISK_COUNTS];
};

void hale_disk_count(const struct hale_disk_reading *d,
		     struct hale_disk_counts *ret_counts);

/* How far a counter has grown; 0 where either did not give it. */
uint64_t hale_disk_growth(const struct hale_disk_counts *now,
			  const struct hale_disk_counts *before,
			  enum hale_disk_count which);

/**
 * hale_disk_judge() - what a reading says, alone and beside an earlier one
 * @now: the reading; @now->asleep gives HALE_DISK_UNREAD.
 * @before: what was counted of the same disk earlier, or NULL.
 */
void hale_disk_judge(const struct hale_disk_reading *now,
		     const struct hale_disk_counts *before,
		     struct hale_disk_assessment *ret_assessment);

/* "healthy", "link", "worn", "prefail", "failing"; "" for unread. */
const char *hale_assessment_name(enum hale_assessment a);

#endif
