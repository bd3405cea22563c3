/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CONSOLE_SUPPLY_H
#define HALE_CONSOLE_SUPPLY_H

/*
 * Where the console's hosts come from: the fleet's servers, or a test. A supply
 * puts what changed on the screen whenever it is given a turn, and answers
 * about one host from memory. It never blocks.
 */

#include <stdbool.h>

#include "screen.h"

#include "fleet.pb-c.h"

#define SUPPLY_EVENTS_MAX 500 /* of a host's time line */
#define SUPPLY_BUILDS_MAX 200

/* All that is known of one host. */
struct supply_host {
	const Hale__Fleet__V1__HostState *state; /* NULL: none was ever read */
	uint64_t received_ns;  /* ns since the epoch: a server took it then */
	enum row_state judged; /* with what only the fleet sees */
	uint64_t judged_ns;    /* ns since the epoch: since then */
	bool connected;	       /* the servers hold a connection of it */
	bool connected_known;
	/* Newest first. */
	Hale__Fleet__V1__FindingEvent *const *events;
	size_t events_n;
	Hale__Fleet__V1__BuildOutcome *const *builds;
	size_t builds_n;
	bool cut; /* there are more of them */
};

struct supply {
	void *self;
	/* Readable when there is something to take; -1: never. */
	int (*fd)(void *self);
	/* ns since the epoch, by the clock that its times are of. */
	uint64_t (*now)(void *self);
	/* Takes it, and what time brought. Return: ns until it wants another
	 * turn in any case. */
	uint64_t (*turn)(void *self, struct screen *s);
	/* 0; -ENOENT: no such host. What it gives is the supply's, and is there
	 * until its next turn. */
	int (*host)(void *self, const char *id, struct supply_host *ret);
};

#endif
