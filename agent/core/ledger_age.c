/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How entries end and move: expiry and decay as time passes, parts that turn
 * out to be another, parts that are gone, and what survives a restart. Decides
 * nothing about new observations. Invariant: loading what was saved, in the
 * same boot and at the same time, gives the same findings.
 */
#include <errno.h>

#include "ledger.h"
#include "pool.h"

/* Return: false where the entry is gone (another stands at its index now). */
static bool entry_age(struct ledger *l, struct ledger_entry *e, uint64_t now_ns,
		      bool *changed)
{
	uint64_t keep_ns = l->policy->expires_ns[e->condition];

	if ((!e->open || e->replaced) && now_ns - e->last_ns > LEDGER_KEEP_NS &&
	    now_ns - e->cleared_ns > LEDGER_KEEP_NS) {
		e->cleared_ns = 0;
		ledger_close(l, e);
		return false;
	}
	if (!e->open)
		return true;
	if (keep_ns && now_ns - e->last_ns >= keep_ns) {
		bool kept = e->cleared_ns != 0;

		*changed = true;
		ledger_end(l, e, LEDGER_EXPIRED, now_ns);
		ledger_close(l, e);
		return kept;
	}
	if (decay_settle(&e->decay, &l->policy->rate[e->condition], now_ns))
		*changed = true;
	return true;
}

static uint64_t entry_due(const struct ledger *l, const struct ledger_entry *e)
{
	uint64_t keep_ns = l->policy->expires_ns[e->condition];
	uint64_t due;

	if (!e->open)
		return UINT64_MAX;
	due = decay_due(&e->decay, &l->policy->rate[e->condition]);
	if (keep_ns && e->last_ns + keep_ns < due)
		due = e->last_ns + keep_ns;
	return due;
}

uint64_t ledger_age(struct ledger *l, uint64_t now_ns, bool *changed)
{
	uint64_t next = UINT64_MAX;
	uint64_t touched = l->touched;
	uint32_t i = 0;

	while (i < l->n) {
		struct ledger_entry *e = &l->entries[i];

		if (!entry_age(l, e, now_ns, changed))
			continue;
		if (entry_due(l, e) < next)
			next = entry_due(l, e);
		i++;
	}
	if (*changed && l->touched == touched)
		l->touched++;
	return next;
}

uint32_t ledger_forget(struct ledger *l, const char *part, uint64_t before_ns)
{
	uint32_t closed = 0;

	for (uint32_t i = l->n; i-- > 0;) {
		struct ledger_entry *e = &l->entries[i];

		if (e->last_ns < before_ns && strcmp(e->part, part) == 0 &&
		    ledger_close(l, e))
			closed++;
	}
	return closed;
}

static void entry_merge(struct ledger_entry *to,
			const struct ledger_entry *from)
{
	bool newer = !to->open || from->last_ns > to->last_ns;
	uint64_t count = from->count + (to->open ? to->count : 0);
	uint64_t first_ns = from->first_ns;

	if (to->open && to->first_ns < first_ns)
		first_ns = to->first_ns;
	if (newer) {
		struct ledger_entry old = *to;

		*to = *from;
		HALE_SET(to->part, old.part);
		to->cleared_ns = old.cleared_ns;
		to->cleared_seq = old.cleared_seq;
		to->decay.above |= old.decay.above;
		if (old.decay.level_ns > to->decay.level_ns)
			to->decay = old.decay;
	}
	to->at_least |= from->at_least;
	to->count = count;
	to->first_ns = first_ns;
}

void ledger_move(struct ledger *l, struct ledger_entry *e, const char *to)
{
	struct ledger_entry *same =
		ledger_find(l, to, (enum hale_condition)e->condition);

	l->touched++;
	if (!same) {
		HALE_SET(e->part, to);
		return;
	}
	if (e->open && e->last_ns > same->cleared_ns)
		entry_merge(same, e);
	e->cleared_ns = 0;
	ledger_close(l, e);
}

bool ledger_rename(struct ledger *l, const char *from, const char *to)
{
	bool renamed = false;

	for (uint32_t i = l->n; i-- > 0;) {
		struct ledger_entry *e = &l->entries[i];

		if (strcmp(e->part, from) != 0)
			continue;
		ledger_move(l, e, to);
		renamed = true;
	}
	return renamed;
}

static bool text_valid(const char *text, size_t size, bool may_be_empty)
{
	size_t len = strnlen(text, size);

	for (size_t i = 0; i < len && i < size; i++) {
		unsigned char byte = (unsigned char)text[i];

		if (byte < 0x20 || byte == 0x7f)
			return false;
	}
	return len < size && (len > 0 || may_be_empty);
}

#define TEXT_VALID(field) text_valid((field), sizeof(field), true)

static bool row_valid(const struct hale_memory_row *row)
{
	const struct hale_finding *f = &row->finding;

	if ((unsigned int)f->condition >= HALE_CONDITION_COUNT ||
	    f->condition == HALE_CONDITION_NONE)
		return false;
	if ((unsigned int)f->effect >= HALE_EFFECT_COUNT)
		return false;
	if (f->first_ns > f->last_ns || (row->open && f->count == 0))
		return false;
	return text_valid(f->part, sizeof(f->part), false) &&
	       TEXT_VALID(f->alias) && TEXT_VALID(f->model) &&
	       TEXT_VALID(f->serial) && TEXT_VALID(f->driver) &&
	       TEXT_VALID(f->evidence);
}

static void entry_texts(struct ledger_entry *e, const struct hale_finding *f)
{
	HALE_SET(e->alias, f->alias);
	HALE_SET(e->driver, f->driver);
	HALE_SET(e->model, f->model);
	HALE_SET(e->serial, f->serial);
	HALE_SET(e->evidence, f->evidence);
}

static void entry_load(struct ledger *l, struct ledger_entry *e,
		       const struct hale_memory_row *row, uint64_t now_ns)
{
	const struct hale_finding *f = &row->finding;
	const struct hale_rate *rate = &l->policy->rate[f->condition];

	e->open = row->open || row->cleared_ns == 0;
	e->replaced = !row->open && row->cleared_ns == 0;
	e->loaded = true;
	e->at_least = f->at_least;
	e->level = HALE_EFFECT_BLOCKS;
	/* of a measure: how far it went, until it is taken again */
	if ((f->condition == HALE_FS_FULL ||
	     f->condition == HALE_FS_INODES_FULL ||
	     f->condition == HALE_VIRT_BACKING_FULL) &&
	    f->effect == HALE_EFFECT_WARNS)
		e->level = HALE_EFFECT_WARNS;
	e->count = f->count;
	/* a clock set back over the restart must not make it immortal */
	e->last_ns = f->last_ns < now_ns ? f->last_ns : now_ns;
	e->first_ns = f->first_ns < e->last_ns ? f->first_ns : e->last_ns;
	e->value = f->value;
	e->total = f->total;
	if (rate->window_ns &&
	    row->level_ns <= DECAY_WINDOWS_MAX * rate->window_ns) {
		e->decay.level_ns = row->level_ns;
		e->decay.at_ns = e->last_ns;
		e->decay.above = row->level_ns > rate->window_ns ||
				 f->effect > HALE_EFFECT_NOTES;
	}
	decay_settle(&e->decay, rate, now_ns);
}

/* A reboot or the time that passed meanwhile ended it. */
static bool row_over(const struct ledger *l, const struct hale_memory_row *row,
		     bool same_boot, uint64_t now_ns)
{
	enum hale_condition c = row->finding.condition;
	uint64_t keep_ns = l->policy->expires_ns[c];
	uint64_t last_ns = row->finding.last_ns;

	if (!same_boot && hale_condition_info(c)->reboot_clears)
		return true;
	return keep_ns && last_ns < now_ns && now_ns - last_ns >= keep_ns;
}

int ledger_load(struct ledger *l, const struct hale_memory_row *row,
		bool same_boot, uint64_t now_ns)
{
	const struct hale_finding *f = &row->finding;
	enum hale_condition c = f->condition;
	struct ledger_entry *e;
	bool over;

	if (!row_valid(row))
		return -EINVAL;
	over = row_over(l, row, same_boot, now_ns);
	if (over && row->cleared_ns == 0)
		return 0;
	e = ledger_find(l, f->part, c);
	if (!e)
		e = ledger_room(l, f->part, c, now_ns);
	if (!e)
		return 0;
	entry_load(l, e, row, now_ns);
	e->open &= !over;
	entry_texts(e, f);
	e->cleared_ns = row->cleared_ns < now_ns ? row->cleared_ns : now_ns;
	e->cleared_seq = same_boot ? row->cleared_seq : 0;
	e->resumed_ns = same_boot ? e->last_ns : 0;
	e->resumed_by = text_key(e->driver);
	e->seat = row->seat;
	l->touched++;
	return 0;
}

void ledger_save(const struct ledger *l, const struct ledger_entry *e,
		 struct hale_memory_row *ret_row)
{
	struct hale_finding *f = &ret_row->finding;

	memset(ret_row, 0, sizeof(*ret_row));
	f->condition = (enum hale_condition)e->condition;
	f->effect = ledger_effect(l, e);
	f->at_least = e->at_least;
	f->count = e->count;
	f->first_ns = e->first_ns;
	f->last_ns = e->last_ns;
	f->value = e->value;
	f->total = e->total;
	HALE_SET(f->part, e->part);
	HALE_SET(f->alias, e->alias);
	HALE_SET(f->driver, e->driver);
	HALE_SET(f->model, e->model);
	HALE_SET(f->serial, e->serial);
	HALE_SET(f->evidence, e->evidence);
	ret_row->cleared_ns = e->cleared_ns;
	ret_row->cleared_seq = e->cleared_seq;
	ret_row->level_ns = e->decay.level_ns;
	ret_row->seat = e->seat;
	ret_row->open = e->open && !e->replaced;
}
