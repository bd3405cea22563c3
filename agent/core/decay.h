/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CORE_DECAY_H
#define HALE_CORE_DECAY_H

/*
 * A leaky bucket that answers "more than N in a window". The level is kept in
 * ns: each event adds window / N, so a level above one window is a rate above
 * the limit. One window's worth leaks out whenever a whole window has passed
 * since the bucket last was empty, so that N + 1 events spread over a window
 * count as much as N + 1 in one burst.
 */

#include "hale/base.h"

#include "middle.h"

struct decay {
	uint64_t level_ns;
	uint64_t at_ns; /* start of the running window, agent time */
	bool above;	/* over the limit, and not yet back under half of it */
};

/* Fullest level, in windows: after any storm it is calm two windows later. */
#define DECAY_WINDOWS_MAX 2

/**
 * decay_add() - @count events at @time_ns
 * A rate with limit or window 0 is none: nothing changes. Times may come out
 * of order; an event older than the running window adds to that window.
 */
void decay_add(struct decay *d, const struct hale_rate *rate, uint64_t count,
	       uint64_t time_ns);

/**
 * decay_settle() - let time pass up to @now_ns
 * Return: true where @d->above changed.
 */
bool decay_settle(struct decay *d, const struct hale_rate *rate,
		  uint64_t now_ns);

/* When decay_settle() will next lower @above; UINT64_MAX: it is not above. */
uint64_t decay_due(const struct decay *d, const struct hale_rate *rate);

#endif
