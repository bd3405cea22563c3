/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides how long somebody has to wait who asks too often. Must never forget a
 * debt, nor let one grow for what was not done. Invariant: in any stretch of
 * time no more is let through than the burst and one in each_ns.
 */
#include "agent/super/pace.h"

uint64_t pace_wait_ns(struct pace *p, const struct pace_rule *rule,
		      uint64_t now_ns)
{
	uint64_t from = p->paid_ns > now_ns ? p->paid_ns : now_ns;
	uint64_t next = from + rule->each_ns;
	uint64_t ahead = rule->each_ns * rule->burst;

	if (next > now_ns + ahead)
		return next - now_ns - ahead;
	p->paid_ns = next;
	return 0;
}
