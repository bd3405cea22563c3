/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How findings ended: the last few, each with the reason, so that a person who
 * changed a disk sees that it was noticed. Decides nothing about ends. Must
 * never keep more than a handful: what ended an hour ago is history's.
 * Invariant: one record for (part, condition), that of its last end.
 */
#include "ledger.h"
#include "middle.h"

const char *ledger_end_text(enum ledger_end why)
{
	switch (why) {
	case LEDGER_OVER:
		return "over";
	case LEDGER_EXPIRED:
		return "long enough ago";
	case LEDGER_CLEARED:
		return MIDDLE_CLEARED;
	case LEDGER_REPLACED:
		return "part replaced";
	case LEDGER_VERIFIED:
		return "verified";
	}
	return "";
}

/* Its own former record, an empty one, or the oldest. */
static struct ledger_ended *place(struct ledger *l,
				  const struct ledger_entry *e)
{
	struct ledger_ended *oldest = &l->ended[0];

	for (size_t i = 0; i < LEDGER_ENDED_MAX; i++) {
		struct ledger_ended *r = &l->ended[i];

		if (r->e.condition == e->condition &&
		    strcmp(r->e.part, e->part) == 0)
			return r;
		if (r->at_ns < oldest->at_ns)
			oldest = r;
	}
	return oldest;
}

static void end(struct ledger *l, const struct ledger_entry *e,
		const struct ledger_ended *record)
{
	struct ledger_entry ended = *e;
	struct ledger_ended *r;

	ended.replaced = false;
	if (ledger_effect(l, &ended) == HALE_EFFECT_NONE)
		return;
	r = place(l, e);
	*r = *record;
	r->e = ended;
}

void ledger_end(struct ledger *l, const struct ledger_entry *e,
		enum ledger_end why, uint64_t now_ns)
{
	const struct ledger_ended record = { .why = why, .at_ns = now_ns };

	end(l, e, &record);
}

void ledger_end_how(struct ledger *l, const struct ledger_entry *e,
		    const char *how, uint64_t now_ns)
{
	struct ledger_ended record = { .why = LEDGER_VERIFIED,
				       .at_ns = now_ns };

	HALE_SET(record.how, how);
	end(l, e, &record);
}

static bool is_back(struct ledger *l, const struct ledger_ended *r)
{
	const struct ledger_entry *e =
		ledger_find(l, r->e.part, (enum hale_condition)r->e.condition);

	return e && ledger_effect(l, e) != HALE_EFFECT_NONE;
}

/* Newest first; one that holds again has not ended. */
const struct ledger_ended *ledger_ended(struct ledger *l, size_t i,
					uint64_t now_ns)
{
	const struct ledger_ended *sorted[LEDGER_ENDED_MAX] = { NULL };
	size_t n = 0;

	for (size_t k = 0; k < LEDGER_ENDED_MAX; k++) {
		const struct ledger_ended *r = &l->ended[k];
		size_t at = n;

		if (r->at_ns == 0 || now_ns - r->at_ns >= LEDGER_ENDED_NS ||
		    is_back(l, r))
			continue;
		for (; at > 0 && sorted[at - 1]->at_ns < r->at_ns; at--)
			sorted[at] = sorted[at - 1];
		sorted[at] = r;
		n++;
	}
	return i < n ? sorted[i] : NULL;
}
