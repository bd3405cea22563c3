/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose turn it is. Decides when a user has taken enough of the loop's time
 * with questions, so that who asks at line rate waits and everybody else finds
 * the loop asleep. Must never hold up who may control the agent, and never
 * anybody for what others did. Invariant: a client that is held up is woken by
 * the timer, at the latest when its user's time is paid.
 */
#include <time.h>

#include "hale/base.h"

#include "agent/daemon/clock.h"
#include "agent/daemon/gate.h"

/* Six hundred builds that begin at once take 30 to 60 ms. */
#define BURST_NS (200 * HALE_NS_PER_MS)
#define SHARE	 10 /* beyond that, one part of the time in so many */
#define LEAST_NS HALE_NS_PER_MS

static uint64_t owed(const struct gate_spender *s, uint64_t now_ns)
{
	uint64_t paid_ns = (now_ns - s->at_ns) / SHARE;

	return s->spent_ns > paid_ns ? s->spent_ns - paid_ns : 0;
}

/* The user's own place, or that of who owes least. */
static struct gate_spender *place_of(struct gate *g, uid_t uid, uint64_t now_ns)
{
	struct gate_spender *least = &g->spenders[0];

	for (size_t i = 0; i < GATE_SPENDERS; i++) {
		struct gate_spender *s = &g->spenders[i];

		if (s->at_ns != 0 && s->uid == uid)
			return s;
		if (owed(s, now_ns) < owed(least, now_ns))
			least = s;
	}
	return least;
}

uint64_t gate_work_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * HALE_NS_PER_S + (uint64_t)t.tv_nsec;
}

void gate_charge(struct gate *g, uid_t uid, uint64_t from_ns)
{
	uint64_t now_ns = clock_boot_ns();
	uint64_t took_ns = gate_work_ns() - from_ns;
	struct gate_spender *s = place_of(g, uid, now_ns);
	uint64_t left_ns = s->at_ns != 0 && s->uid == uid ? owed(s, now_ns) : 0;

	*s = (struct gate_spender){ .uid = uid,
				    .at_ns = now_ns,
				    .spent_ns = left_ns + took_ns };
}

bool gate_hold_up(struct gate_client *c)
{
	struct gate *g = c->gate;
	uint64_t now_ns = clock_boot_ns(), wait_ns;
	const struct gate_spender *s = place_of(g, c->uid, now_ns);

	if (c->may_control || s->at_ns == 0 || s->uid != c->uid ||
	    owed(s, now_ns) <= BURST_NS)
		return false;
	wait_ns = (owed(s, now_ns) - BURST_NS) * SHARE;
	c->held_up = true;
	loop_change(g->setup.loop, 0, &c->source);
	loop_timer_hasten(g->setup.loop, &g->pace,
			  wait_ns < LEAST_NS ? LEAST_NS : wait_ns);
	return true;
}

/* All of them: who still owes is held up again by the next that it says. */
void gate_go_on(void *gate)
{
	struct gate *g = gate;

	for (size_t i = 0; i < GATE_CLIENTS_MAX; i++) {
		struct gate_client *c = &g->clients[i];

		if (!gate_client_here(c) || !c->held_up)
			continue;
		c->held_up = false;
		loop_change(g->setup.loop,
			    EPOLLIN | (c->first ? (uint32_t)EPOLLOUT : 0),
			    &c->source);
	}
}
