/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_ALIVE_H
#define HALE_ALIVE_H

/*
 * Does the core answer? Pure: told the time (CLOCK_MONOTONIC, so that a suspend
 * is nobody's silence) and what came.
 */

#include <stdbool.h>
#include <stdint.h>

#include "hale/observation.h"

/* Between pings of a core that answers: two wake-ups each. */
#define ALIVE_EVERY_NS (5 * HALE_NS_PER_S)
/* It never waits for anything: an answer takes microseconds, and on a host that
 * is out of processors or memory, tenths of a second. */
#define ALIVE_PATIENCE_NS (3 * HALE_NS_PER_S)

enum alive_do {
	ALIVE_WAIT = 0,
	ALIVE_PING, /* with alive.number */
	ALIVE_END,  /* it hangs */
};

struct alive {
	uint64_t number;    /* of the last ping */
	uint64_t pinged_ns; /* 0: it was answered */
	uint64_t due_ns;    /* when alive_due() is to be asked next */
};

/* A new one: it is asked for a first sign at once. */
void alive_begin(struct alive *a, uint64_t now_ns);
void alive_pong(struct alive *a, uint64_t number);
/* What to do at @now_ns; sets due_ns. A supervisor that comes late to this was
 * stopped itself, and so perhaps was the core: it gets another chance. */
enum alive_do alive_due(struct alive *a, uint64_t now_ns);
/* Has it answered lately? */
bool alive_answers(const struct alive *a);

#endif
