/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parts of a scope that a required sense cannot see, though it sees others: the
 * one disk behind a USB bridge, of which nobody knows its health. Decides that
 * an answer about what stands on it is not known. Never looks beyond the walk
 * at hand: a blind disk elsewhere is no matter of this scope.
 */
#include "scope.h"

static bool is_it(const struct inventory *inv, const struct closure_node *n,
		  const char *part)
{
	if (strcmp(n->part, part) == 0 || strcmp(n->fs, part) == 0)
		return true;
	return n->device &&
	       strcmp(inventory_text(inv, n->device, INVENTORY_NAME), part) ==
		       0;
}

static bool is_under(const struct middle *m, const char *part)
{
	const struct closure *c = &m->closure;

	for (uint32_t i = 0; i < c->n; i++) {
		if (is_it(&m->inventory, &c->nodes[i], part))
			return true;
	}
	return false;
}

void scope_mark_blind(struct judgment *j, const struct mark *where)
{
	const struct middle *m = j->m;
	struct hale_coverage c;
	char story[HALE_EVIDENCE_MAX];

	if (m->coverage.n_parts == 0)
		return;
	for (size_t i = 0; coverage_get(&m->coverage, i, &c); i++) {
		if (!c.part[0] || c.sight != HALE_SIGHT_BLIND ||
		    !(m->policy.required_senses & 1U << c.sense) ||
		    coverage_sees(&m->coverage, c.sense, c.part, c.driver) ||
		    !is_under(m, c.part))
			continue;
		coverage_tell(&c, story, sizeof(story));
		verdict_missing(j, where, story);
	}
}
