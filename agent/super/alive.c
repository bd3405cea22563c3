/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides whether the core hangs. Must never take a supervisor that did not run
 * for a core that did not. Invariant: one that answers each ping within the
 * patience is never ended, and one that answers none is ended after period and
 * patience.
 */
#include "hale/base.h"

#include "agent/super/alive.h"

/* Further behind its time than that, the supervisor was not running. */
#define LATE_NS HALE_NS_PER_S

static enum alive_do ping(struct alive *a, uint64_t now_ns)
{
	a->number++;
	a->pinged_ns = now_ns;
	a->due_ns = now_ns + ALIVE_PATIENCE_NS;
	return ALIVE_PING;
}

void alive_begin(struct alive *a, uint64_t now_ns)
{
	a->pinged_ns = 0;
	a->due_ns = now_ns;
}

void alive_pong(struct alive *a, uint64_t number)
{
	if (a->pinged_ns == 0 || number != a->number)
		return;
	a->due_ns = a->pinged_ns + ALIVE_EVERY_NS;
	a->pinged_ns = 0;
}

enum alive_do alive_due(struct alive *a, uint64_t now_ns)
{
	if (now_ns < a->due_ns)
		return ALIVE_WAIT;
	if (a->pinged_ns == 0)
		return ping(a, now_ns);
	if (now_ns - a->due_ns >= LATE_NS) {
		a->pinged_ns = a->due_ns = now_ns + ALIVE_PATIENCE_NS;
		return ALIVE_WAIT;
	}
	return ALIVE_END;
}

bool alive_answers(const struct alive *a)
{
	return a->pinged_ns == 0;
}
