/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_VERIFY_PLAN_H
#define HALE_VERIFY_PLAN_H

/*
 * What of a disk is read, and in which order. Pure. First the sectors that
 * failed, one logical block at a time and several times over; then what the
 * failed requests may have reached and what lies beside; then all of the disk,
 * or its begin, its end and a random place in each of as many equal stretches
 * as the sample has pieces.
 */

#include "hale/verify.h"

#define PLAN_PIECE  (UINT64_C(1) << 20) /* one read: what a queue takes */
#define PLAN_BESIDE 8			/* blocks in front of a failed one */
/* A sector on the edge is read back once in a while: not three times running.
 */
#define PLAN_TIMES 3

enum plan_what {
	PLAN_FAILED, /* had failed */
	PLAN_BESIDE_IT,
	PLAN_REST,
};

struct plan_extent {
	uint64_t offset, len; /* bytes, of whole blocks */
	enum plan_what what;
	uint32_t step;	/* bytes of one read */
	uint32_t times; /* read so often */
};

struct plan_disk {
	uint64_t size;	/* bytes */
	uint32_t block; /* logical, bytes */
	uint32_t reach; /* bytes that one request may have */
};

struct plan {
	struct plan_disk disk;
	const struct hale_failing *failing; /* may be NULL */
	uint64_t sample;
	bool full;
	uint64_t seed;
	uint64_t at; /* which extent is next */
};

/* The next one; false: that was all. */
bool plan_next(struct plan *p, struct plan_extent *ret);
/* How many bytes will be read, each time counted. */
uint64_t plan_bytes(const struct plan *p);
/* Blocks in the list of those that failed, also where no disk is. */
uint64_t plan_failed_blocks(const struct plan *p);

#endif
