/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Takes a count back out of a finding: what was counted there is known better
 * by now, and is told anew as what it is. Must never take back more than was
 * counted; a finding of which nothing is left was none.
 */
#include "ledger.h"
#include "pool.h"

bool ledger_take_back(struct ledger *l, const char *part, enum hale_condition c,
		      uint64_t count)
{
	struct ledger_entry *e = ledger_find(l, part, c);

	if (!e || !e->open || count == 0)
		return false;
	l->touched++;
	if (count >= e->count)
		return ledger_close(l, e);
	e->count -= count;
	return true;
}

bool ledger_told_before(const struct ledger *l, const char *part,
			const char *log)
{
	for (uint32_t i = 0; i < l->n; i++) {
		const struct ledger_entry *e = &l->entries[i];

		if (e->open && e->resumed_ns != 0 &&
		    e->resumed_by != text_key(log) &&
		    strcmp(e->part, part) == 0)
			return true;
	}
	return false;
}
