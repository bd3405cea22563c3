/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The agent and its history. Decides only how the state of the latter is told:
 * as coverage, which no verdict rests on unless the configuration requires it.
 */
#include "hale/base.h"

#include "agent/daemon/agent.h"
#include "agent/daemon/log.h"
#include "agent/daemon/process.h"

static void tell(void *data, enum hale_sight sight, const char *why)
{
	struct agent *a = data;
	struct hale_fact f = { .kind = HALE_FACT_COVERAGE };
	struct hale_coverage *c = &f.u.coverage;
	uint64_t now = clock_now_ns(&a->clock);

	c->sense = HALE_SENSE_HISTORY;
	c->sight = sight;
	c->since_ns = now;
	HALE_SET(c->driver, "ship");
	HALE_SET(c->why, why);
	if (sight != HALE_SIGHT_LIVE)
		HALE_SET(c->remedy, "builds run as ever; see haled's log");
	agent_sink(a, "ship", &f, now);
}

/* What it is, it becomes by exec: nothing large has to be given back. */
static void in_ship(void *data)
{
	(void)data;
	process_in_child();
}

void agent_start_ship(struct agent *a)
{
	const struct ship_setup setup = {
		.loop = &a->loop,
		.run_dir = a->options.run_dir,
		.state_dir = a->options.state_dir,
		.tell = tell,
		.in_child = in_ship,
		.data = a,
	};

	ship_start(&a->ship, &setup, a->config);
}
