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
	char driver[HALE_NAME_MAX];
};

/* What filesystems were measured: before it is known what rests on them. */
#define RESTS_ROOMS 64
/* Older is none: its number may have become another filesystem's. */
#define RESTS_ROOM_NS (5 * 60 * HALE_NS_PER_S)

struct rests_room {
	uint64_t key; /* of its number, "8:17"; 0: free */
	uint64_t time_ns;
	uint64_t avail_bytes, total_bytes, avail_inodes, total_inodes;
};

struct rests {
	uint32_t n;
	struct rests_row rows[RESTS_MAX];
	struct rests_room rooms[RESTS_ROOMS];
};

/* Takes in one fact. Return: true where a scope may now be another. */
bool rests_take(struct rests *rs, const char *driver,
		const struct hale_rests *f, uint64_t now_ns);

/* Keeps what was measured of a filesystem ("8:17"); a verdict asks for it only
 * where a need is to be held against it. */
void rests_measure(struct rests *rs, const struct hale_observation *o,
		   uint64_t now_ns);
/* NULL: it was not measured lately. */
const struct rests_room *rests_room(const struct rests *rs, uint32_t major,
				    uint32_t minor, uint64_t now_ns);

/* Does the host as a whole rest on this part? */
bool rests_host_on(const struct rests *rs, const char *part);

#endif
