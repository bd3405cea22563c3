/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Another configuration while the agent runs: the supervisor had it read and
 * hands it over whole, or one line about what is wrong. Must never apply a part
 * of it. Invariant: the old configuration stays until a whole new one is here.
 */
#include <errno.h>

#include "hale/base.h"

#include "agent/daemon/agent.h"
#include "agent/daemon/log.h"

static void tell_waiting(struct agent *a, int error, const char *text)
{
	for (size_t i = 0; i < GATE_CLIENTS_MAX; i++) {
		struct gate_client *c = &a->gate.clients[i];

		if (!gate_client_here(c) || c->wait != GATE_DEFERRED ||
		    c->request)
			continue;
		c->wait = GATE_IDLE;
		answer_control(&a->answer,
			       (struct answer_outcome){ error, 0, text },
			       agent_out, c);
	}
}

void agent_take_config(struct agent *a, const struct config *config)
{
	struct config *old = a->config;
	char doubt[CONFIG_ERROR_MAX];

	*a->other = *config;
	a->config = a->other;
	a->other = old;
	middle_set_policy(a->middle, &a->config->policy);
	/* thresholds count where they are measured against */
	agent_trigger(a, 1U << HALE_SENSE_FS_STATE, 0);
	gate_set_group(&a->gate, a->config->group_known, a->config->gid);
	gate_set_readers(&a->gate, a->config->readers_known,
			 a->config->readers);
	if (config_doubt(a->config, doubt))
		log_asked(LOG_LEVEL_WARNING, "%s", doubt);
	/* The old texts are still there, for the host to compare with. */
	agent_configure_drivers(a);
	tell_waiting(a, 0, "configuration read again");
}

void agent_keep_config(struct agent *a, const char *why)
{
	tell_waiting(a, EINVAL, why);
}
