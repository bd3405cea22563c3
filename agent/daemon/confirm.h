/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CONFIRM_H
#define HALE_CONFIRM_H

/*
 * When what the log says of a disk or a filesystem is worth a look at the disks
 * themselves: soon after it is new, and seldom. Pure: time is a parameter.
 */

#include "hale/observation.h"

#define CONFIRM_KNOWN_MAX 16

struct confirm_known {
	uint32_t gist;	/* of part and condition */
	uint64_t at_ns; /* 0: free */
};

struct confirm {
	uint64_t set_ns; /* when the last look is or was due; 0: none yet */
	struct confirm_known known[CONFIRM_KNOWN_MAX];
};

/**
 * confirm_delay() - the log says @o at @now_ns (CLOCK_BOOTTIME)
 * Return: after how many ns to look; UINT64_MAX: there is no need, or a look is
 * due already.
 */
uint64_t confirm_delay(struct confirm *c, const struct hale_observation *o,
		       uint64_t now_ns);

#endif
