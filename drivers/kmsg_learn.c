/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is learned of records that an earlier agent has taken in: what the
 * kernel leaves out ("callbacks suppressed") is like the last line that it let
 * through. Decides nothing, and says nothing of a fault. Invariant: what a core
 * was told by newer records is not replaced by what older ones say.
 */
#include "kmsg_judge.h"

void kmsg_judge_learn(struct hale_group *g, const struct hale_rules *rules,
		      const struct kmsg_record *r)
{
	struct hale_match m;
	struct hale_grouped grouped;

	if (hale_rules_match(rules, r->text, r->len, &m) && m.limiter != 0)
		hale_group_add(g, &m, r->time_ns, &grouped);
}

void kmsg_judge_teach(struct kmsg_judge *j, const struct hale_group *g)
{
	for (size_t i = 0; i < HALE_GROUP_LIMITERS; i++) {
		struct hale_group_limiter *l = &j->group.limiters[i];

		if (l->state == HALE_LIMITER_UNUSED)
			*l = g->limiters[i];
	}
}
