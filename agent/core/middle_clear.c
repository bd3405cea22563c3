/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An operator's word that something is over. Decides which findings are meant
 * by a name; asks for no proof. Invariant: what was cleared does not come back
 * by a record from before, read again.
 */
#include "core.h"

/* Does an operator who says @name mean this entry? */
static bool is_meant(const struct middle *m, const struct ledger_entry *e,
		     const char *name, const char *part)
{
	struct hale_finding f;

	if (strcmp(e->part, name) == 0 || strcmp(e->part, part) == 0)
		return true;
	report_finding(m, e, &f);
	return strcmp(f.alias, name) == 0 || strcmp(f.where, name) == 0;
}

uint32_t middle_clear(struct middle *m, const char *part,
		      enum hale_condition condition, uint64_t now_ns)
{
	const struct storage s = middle_storage(m);
	struct ledger *l = &m->ledger;
	uint32_t cleared = 0;
	struct name name;

	if (!part[0])
		return 0;
	naming_resolve(&s, HALE_REF_DISK, part, now_ns, &name);
	for (uint32_t i = l->n; i-- > 0;) {
		struct ledger_entry *e = &l->entries[i];

		if ((condition != HALE_CONDITION_NONE &&
		     e->condition != condition) ||
		    !e->open || !is_meant(m, e, part, name.part))
			continue;
		ledger_end(l, e, LEDGER_CLEARED, now_ns);
		e->cleared_ns = now_ns;
		e->cleared_seq = m->position;
		ledger_close(l, e);
		cleared++;
	}
	failing_sweep(m);
	m->generation += cleared > 0;
	return cleared;
}
