/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CORE_VERIFIED_H
#define HALE_CORE_VERIFIED_H

/*
 * What a test proves. A test that failed to find a fault is not a proof that
 * there is none: only what it looked at is known, and only what had failed
 * before counts.
 */

#include "hale/verify.h"

#include "middle.h"

/* A disk to be tested, present now. */
struct hale_disk_target {
	char part[HALE_PART_MAX];
	char name[HALE_NAME_MAX]; /* "sde" */
	char model[HALE_UUID_MAX + 1];
	char serial[HALE_UUID_MAX + 1];
	uint32_t major, minor;
};

struct hale_target_query {
	const char *name; /* alias, part id or "major:minor"; "": @path */
	const struct hale_scope_path *path;
};

/* Which disks are meant; returns how many. failing.c */
size_t middle_targets(struct middle *m, const struct hale_target_query *q,
		      uint64_t now_ns, struct hale_disk_target *ret,
		      size_t max);
/* What is known to have failed of @part: never whole where it is not. */
void middle_failing(struct middle *m, const char *part,
		    struct hale_failing *ret_failing);

/* Why it does not end a finding of @c; NULL: it does.
 * @f: the disk's list now, NULL of memory. Pure. */
const char *verified_why_not(const struct hale_verification *v,
			     const struct hale_failing *f,
			     enum hale_condition c);

struct hale_outcome {
	uint32_t cleared;
	char text[HALE_OUTCOME_TEXT]; /* one line: what ended, what did not */
};

/**
 * middle_verified() - a test was made
 * Ends what it is evidence against, as if an operator had cleared it: what
 * happened until now does not come back. A fault that it found in memory
 * becomes memory.uncorrected, a disk that did not answer disk.stalled; what
 * else fails of a disk is in the log already.
 *
 * Return: true where a verdict may have changed.
 */
bool middle_verified(struct middle *m, const struct hale_verification *v,
		     uint64_t now_ns, struct hale_outcome *ret_outcome);

#endif
