/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides how long to wait before a process is started again: at once where it
 * had lived, longer each time where it had not. Must never give up: the host
 * needs its agent most where something is wrong with it.
 */
#include "hale/base.h"

#include "agent/super/backoff.h"

#define TRIES_MAX 1000

uint64_t backoff_next(struct backoff *b, const struct backoff_rule *rule,
		      uint64_t lived_ns, bool useful)
{
	uint64_t longest = useful ? rule->useful_ns : rule->longest_ns;
	uint64_t delay = rule->first_ns;
	uint32_t shift;

	if (lived_ns >= rule->healthy_ns)
		b->failures = 0;
	shift = b->failures;
	b->failures += b->failures < TRIES_MAX;
	if (shift < rule->at_once)
		return 0;
	for (shift -= rule->at_once; shift > 0 && delay < longest; shift--)
		delay *= 2;
	return delay < longest ? delay : longest;
}
