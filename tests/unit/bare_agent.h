/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BARE_AGENT_H
#define BARE_AGENT_H

/*
 * The core as one object, without drivers, supervisor, vault or sandbox: what
 * it knows is said by bare_agent_fault() and the like, and it is asked through
 * agent_request(). The table hale_drivers is its user's to define.
 */

#include "agent/daemon/agent.h"

/* Its gate listens at @path; NULL: where nobody finds it. It sees everything,
 * and is settled. */
struct agent *bare_agent_new(const char *path);
void bare_agent_free(struct agent *a);

void bare_agent_say(struct agent *a, const struct hale_fact *f);
void bare_agent_fault(struct agent *a, const char *part,
		      enum hale_condition condition);

#endif
