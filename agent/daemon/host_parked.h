/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_HOST_PARKED_H
#define HALE_HOST_PARKED_H

/* Parts that a driver did not come back from; a piece of host_slot.h. */

#include "hale/fact.h"

#include "agent/daemon/child.h"

struct slot;

/* Children that sit in the kernel, each in a part of its own: more than these
 * and it is the driver that is stuck. */
#define SLOT_PARKED_MAX 4

/* A part that a run did not come back from: it is left out of the following
 * ones. */
struct slot_parked {
	struct slot *slot;
	bool used;
	bool skipped;	       /* a run without this part has begun */
	struct child *child;   /* that is stuck there; NULL: it has ended */
	uint64_t since_ns;     /* agent time */
	struct hale_fact fact; /* "fs.hung holds", said in each run */
};

/* @s->asked is where its run was lost; @s->child, where it is
 * @stuck, stays there and another takes its place. False: there is no room, or
 * the driver went there although it was told not to. */
bool slot_park(struct slot *s, bool stuck);
/* Before a run: what it is to leave out. */
void slot_list_skips(struct slot *s);
/* After a good one: says again what still holds, and lets go of the rest. */
void slot_say_parked(struct slot *s);
/* After one that was lost as well: asks those again that may be asked. */
void slot_retry_parked(struct slot *s);
uint32_t slot_count_parked(const struct slot *s);

#endif
