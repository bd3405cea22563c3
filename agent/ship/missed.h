/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_SHIP_MISSED_H
#define HALE_SHIP_MISSED_H

/*
 * Findings that ended while the store took nothing: the agent tells of each for
 * an hour only, and a disk may be full for longer. In memory, within bounds;
 * the oldest go first, and are counted.
 */

#include "hale.pb-c.h"

#define MISSED_MAX	 512
#define MISSED_BYTES_MAX (512 * 1024)

struct missed {
	size_t n, bytes;
	uint64_t dropped;
	Hale__V1__Finding *findings[MISSED_MAX]; /* the oldest first */
};

/* A copy; one that is known already is kept as @m has it now. */
void missed_keep(struct missed *s, const Hale__V1__Finding *m);
void missed_done(struct missed *s);

#endif
