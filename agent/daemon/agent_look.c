/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is dying is looked at by the probe, at once, and its parent a second
 * later where that was too late. Decides nothing but when; how often is the
 * middle's (agent/core/victims.c) and the probe's (looks.c). Must never open
 * anything itself.
 */
#include "hale/base.h"

#include "agent/core/victims.h"
#include "agent/daemon/agent.h"
#include "agent/daemon/agent_look.h"

/* By then all is said of a death by those who saw it. */
#define DEATH_TICK_NS (VICTIMS_LATE_NS + HALE_NS_PER_S / 10)

void agent_look(struct agent *a, const struct hale_victim *v)
{
	if (middle_look(a->middle, v, clock_now_ns(&a->clock)))
		probe_look(&a->probe, v);
	loop_timer_hasten(&a->loop, &a->tick, DEATH_TICK_NS);
}

void agent_look_late(struct agent *a)
{
	const struct hale_victim *v;
	uint64_t now = clock_now_ns(&a->clock);

	while ((v = middle_late(a->middle, now)))
		probe_look(&a->probe, v);
}
