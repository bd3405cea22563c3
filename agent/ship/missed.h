/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_SHIP_MISSED_H
#define HALE_SHIP_MISSED_H

/*
 * Findings that ended while the store took nothing: the agent tells of each for
 * an hour only, and a disk may be full for longer. In memory, within bounds;
 * the oldest go first, and are counted. Where there is a file for it
 * (waiting.h) they outlive this process.
 */

#include "hale.pb-c.h"

#include "agent/ship/waiting.h"

#define MISSED_MAX	 512
#define MISSED_BYTES_MAX (512 * 1024)

struct missed {
	size_t n, bytes;
	uint64_t dropped;
	struct waiting *file;  /* NULL: there is none */
	int slots[MISSED_MAX]; /* in the file; negative: in none */
	Hale__V1__Finding *findings[MISSED_MAX]; /* the oldest first */
};

/* A copy; one that is known already is kept as @m has it now. */
void missed_keep(struct missed *s, const Hale__V1__Finding *m);
/* Likewise of packed bytes that lie in the file at @slot already. 0; -EBADMSG:
 * no finding, and nothing is kept. */
int missed_inherit(struct missed *s, int slot, const void *bytes, size_t len);
/* They are stored. */
void missed_stored(struct missed *s);
/* Lets go of the memory; the file keeps what it has. */
void missed_done(struct missed *s);

#endif
