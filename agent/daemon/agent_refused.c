/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the log says of those who may not clear or reload. Decides which of
 * their tries is a line. Must never let somebody without rights fill the log,
 * nor hide a try altogether: what is not told is counted in the next line.
 */
#include "hale/base.h"

#include "agent/daemon/agent.h"
#include "agent/daemon/log.h"

/* Of one user, a line in... */
#define APART_NS (60 * HALE_NS_PER_S)

/* The same user's next ones within a minute, and those of more users than
 * there is room for, are only counted: anyone may ask, and often. */
void agent_note_refused(struct agent *a, const struct gate_client *c)
{
	uint64_t now = clock_boot_ns();
	struct agent_refusal *place = NULL;

	a->answer.refused.count++;
	a->answer.refused.uid = c->uid;
	a->answer.refused.last_ns = clock_now_ns(&a->clock);

	for (size_t i = 0; i < AGENT_REFUSALS; i++) {
		struct agent_refusal *r = &a->refusals[i];
		bool late = r->said_ns == 0 || now - r->said_ns >= APART_NS;

		if (!late && r->uid == c->uid) {
			place = NULL;
			break;
		}
		place = late ? r : place;
	}
	if (!place) {
		a->refused_unsaid++;
		return;
	}
	*place = (struct agent_refusal){ .uid = c->uid, .said_ns = now };
	log_line(LOG_LEVEL_WARNING,
		 "refused a control request uid=%u pid=%d unsaid_before=%u",
		 (unsigned int)c->uid, (int)c->pid, a->refused_unsaid);
	a->refused_unsaid = 0;
}
