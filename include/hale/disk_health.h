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
	char text[HALE_EVIDENCE_MAX];  /* "8 pending sectors, 3 more than a
					* day ago" */
};

struct hale_disk_assessment {
	enum hale_assessment worst;
	uint32_t n_reasons; /* worst first */
	struct hale_disk_reason reasons[HALE_DISK_REASONS_MAX];
};

/**
 * hale_disk_judge() - what a reading says, alone and beside an earlier one
 * @now: the reading; @now->asleep gives HALE_DISK_UNREAD.
 * @before: an earlier one of the same disk, or NULL.
 */
void hale_disk_judge(const struct hale_disk_reading *now,
		     const struct hale_disk_reading *before,
		     struct hale_disk_assessment *ret_assessment);

/* "healthy", "link", "worn", "prefail", "failing"; "" for unread. */
const char *hale_assessment_name(enum hale_assessment a);

#endif
