/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The agent and its history. Decides only how the state of the latter is told:
 * as coverage, which no verdict rests on unless the configuration requires it.
 * Must never believe ship's words further than their first digit.
 */
#include "hale/base.h"

#include "agent/daemon/agent.h"

static void tell(struct agent *a, enum hale_sight sight, const char *why)
{
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

/* "1the disk is full": a sight, and a line for people. */
void agent_take_history(struct agent *a, const char *text)
{
	char why[128];

	if (text[0] < '0' || text[0] > '2')
		return;
	hale_print_text(why, sizeof(why), text + 1, strlen(text + 1));
	tell(a, (enum hale_sight)(text[0] - '0'), why);
}
