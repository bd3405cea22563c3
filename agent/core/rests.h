/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CORE_RESTS_H
#define HALE_CORE_RESTS_H

/*
 * What rests on what where no storage layer tells: a container engine on the
 * filesystem of its data-root, the host on the interface of its default route.
 */

#include "hale/base.h"

#include "middle.h"

/* Two engines with two folders each, and the default routes of a router. */
#define RESTS_MAX 16

/* One that is not said again with its part's others has been given up; two
 * runs of one driver are further apart, the facts of one run are not. */
#define RESTS_ROUND_NS (60 * HALE_NS_PER_S)

struct rests_row {
	struct hale_rests r;
	uint64_t said_ns;
	/* of the filesystem, as it was measured last; total 0: not yet */
	uint64_t avail_bytes, total_bytes, avail_inodes, total_inodes;
	char driver[HALE_NAME_MAX];
};

struct rests {
	uint32_t n;
	struct rests_row rows[RESTS_MAX];
};

/* Takes in one fact. Return: true where a scope may now be another. */
bool rests_take(struct rests *rs, const char *driver,
		const struct hale_rests *f, uint64_t now_ns);

/* Keeps what was measured of a filesystem ("8:17") that something rests on;
 * a verdict asks for it only where a need is to be held against it. */
void rests_measure(struct rests *rs, const struct hale_observation *o);

/* Does the host as a whole rest on this part? */
bool rests_host_on(const struct rests *rs, const char *part);

#endif
