/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_FLEET_PICTURE_SUM_H
#define HALE_FLEET_PICTURE_SUM_H

/* The picture in numbers, and what of it changed. Included by picture.h. */

struct picture_counts {
	uint32_t hosts;
	uint32_t by_verdict[PICTURE_VERDICTS];
	uint32_t quarantined;
	uint64_t refused; /* hosts that found no place */
	uint64_t stale;	  /* messages older than what was known */
	uint64_t cut;	  /* rows of hosts that found no place */
	uint64_t change;  /* number of the last change */
	uint64_t now_ns;
	uint64_t bytes; /* of memory, as asked of malloc */
};

void picture_counts(const struct picture *p, struct picture_counts *ret);

/**
 * picture_changes() - which hosts changed, newest change first
 * @after: a number that picture_counts() gave as @change; 0: all hosts.
 * @cursor: PICTURE_NONE at first.
 *
 * A heartbeat that says nothing new is no change. A picture that is fed between
 * two calls of one walk may give a host twice, never leave one out that changed
 * before the walk began.
 *
 * Return: a host's index; PICTURE_NONE at the end.
 */
uint32_t picture_changes(const struct picture *p, uint64_t after,
			 uint32_t *cursor);

/* Hosts were forgotten after that number: who shows the picture reads it anew.
 */
bool picture_shrank(const struct picture *p, uint64_t after);

#endif
