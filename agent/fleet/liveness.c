/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Life and order of words. Decides from when on a host counts as SILENT, and
 * whether a word is news. Must never look at a host's clock: one that is a year
 * off lives as long as any other. Invariant: within a spool numbers only grow,
 * and a spool that was left for another is not taken again while it is among
 * the last LIVENESS_SPOOLS.
 */
#include "agent/fleet/liveness.h"

#include "hale/base.h"

static uint64_t after(uint64_t t_ns, uint64_t seconds)
{
	uint64_t ns = seconds * HALE_NS_PER_S;

	return t_ns > UINT64_MAX - ns ? UINT64_MAX : t_ns + ns;
}

uint64_t liveness_deadline(const struct liveness *l)
{
	uint64_t period = l->period_s ? l->period_s : LIVENESS_PERIOD_S;
	uint64_t by_word, by_end;

	if (period > LIVENESS_PERIOD_MAX_S)
		period = LIVENESS_PERIOD_MAX_S;
	by_word = after(l->heard_ns,
			LIVENESS_PERIODS * period + LIVENESS_SLACK_S);
	if (l->gone_ns == 0 || l->gone_ns < l->heard_ns)
		return by_word;
	by_end = after(l->gone_ns, period + LIVENESS_SLACK_S);
	return by_end < by_word ? by_end : by_word;
}

bool liveness_newer(struct liveness_order *o, const struct told_order_no *no)
{
	uint64_t spool = no->spool;

	if (spool == o->spools[0] && no->seq <= o->seq && o->seq != 0)
		return false;
	for (size_t i = 1; i < LIVENESS_SPOOLS; i++)
		if (spool != o->spools[0] && spool != 0 &&
		    spool == o->spools[i])
			return false;
	if (spool != o->spools[0]) {
		for (size_t i = LIVENESS_SPOOLS - 1; i > 0; i--)
			o->spools[i] = o->spools[i - 1];
		o->spools[0] = spool;
	}
	o->seq = no->seq;
	return true;
}
