/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an observation does to the ledger. Decides whether it is news (not
 * settled by later evidence, cleared by an operator, expired, or read a second
 * time) and then opens an entry or adds to it. Never judges a scope and never
 * asks what a part is. Invariant: at most one entry for (part, condition), and
 * first_ns <= last_ns <= the caller's now.
 */
#include "ledger.h"

static uint64_t add_capped(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

struct ledger_entry *ledger_find(struct ledger *l, const char *part,
				 enum hale_condition c)
{
	for (uint32_t i = 0; i < l->n; i++) {
		struct ledger_entry *e = &l->entries[i];

		if (e->condition == c && strcmp(e->part, part) == 0)
			return e;
	}
	return NULL;
}

static enum hale_effect lesser(enum hale_effect a, enum hale_effect b)
{
	return a < b ? a : b;
}

enum hale_effect ledger_effect(const struct ledger *l,
			       const struct ledger_entry *e)
{
	enum hale_condition c = (enum hale_condition)e->condition;
	enum hale_effect effect = l->policy->effect[c];

	if (!e->open || e->replaced)
		return HALE_EFFECT_NONE;
	effect = lesser(effect, (enum hale_effect)e->level);
	if (e->absent)
		effect = lesser(effect, HALE_EFFECT_NOTES);
	if (hale_condition_info(c)->life == HALE_LIFE_RATE && !e->decay.above)
		effect = lesser(effect, HALE_EFFECT_NOTES);
	return effect;
}

bool ledger_close(struct ledger *l, struct ledger_entry *e)
{
	bool was_open = e->open;

	e->open = false;
	e->lost = false;
	e->decay = (struct decay){ 0 };
	l->touched++;
	if (e->cleared_ns == 0) {
		struct ledger_entry *last = &l->entries[--l->n];

		if (e != last)
			*e = *last;
		memset(last, 0, sizeof(*last));
	}
	return was_open;
}

/* Was this record counted before, or forgotten by an operator's word? */
static bool known_before(const struct ledger_entry *e,
			 const struct ledger_input *in, uint64_t time_ns)
{
	uint64_t seq = in->log ? in->o->seq : 0;

	if (e->cleared_ns && time_ns <= e->cleared_ns)
		return true;
	if (seq == 0)
		return false;
	if (seq <= e->cleared_seq)
		return true;
	return e->open && time_ns <= e->resumed_ns;
}

static bool is_news(struct ledger *l, const struct ledger_entry *e,
		    const struct ledger_input *in, uint64_t time_ns)
{
	enum hale_condition c = in->o->condition;
	uint64_t keep_ns = l->policy->expires_ns[c];

	if (keep_ns && in->now_ns - time_ns >= keep_ns)
		return false;
	/* a look at the same time is another look, a line of it is not */
	if (time_ns + (in->o->kind == HALE_OBSERVED_STATE) <=
	    ledger_settled(l, in->part, c))
		return false;
	return !e || !known_before(e, in, time_ns);
}

static void entry_open(struct ledger_entry *e, const struct ledger_input *in,
		       uint64_t time_ns)
{
	e->open = true;
	e->absent = e->replaced = e->lost = e->at_least = false;
	e->level = (uint8_t)in->level;
	e->count = 0;
	e->first_ns = e->last_ns = time_ns;
	e->resumed_ns = 0;
	e->decay = (struct decay){ 0 };
	e->evidence[0] = '\0';
}

/* Adds the count; an event that counts nothing still opens what is closed. */
static void entry_count(struct ledger *l, struct ledger_entry *e,
			const struct ledger_input *in, uint64_t time_ns)
{
	const struct hale_observation *o = in->o;
	uint64_t count = o->kind == HALE_OBSERVED_EVENT ? o->count : 0;

	if (e->count == 0 && count == 0) {
		count = 1;
		e->at_least |= o->kind == HALE_OBSERVED_EVENT;
	}
	e->count = add_capped(e->count, count);
	e->at_least |= o->at_least;
	decay_add(&e->decay, &l->policy->rate[o->condition], count, time_ns);
	decay_settle(&e->decay, &l->policy->rate[o->condition], in->now_ns);
}

/* Newest evidence wins, and who looks at a state now is newer than the log,
 * whose clock may be ahead. Return: true where the text or numbers changed. */
static bool entry_prove(struct ledger_entry *e, const struct ledger_input *in,
			uint64_t time_ns)
{
	const struct hale_observation *o = in->o;
	bool changed;

	if (time_ns < e->last_ns && e->evidence[0] &&
	    o->kind != HALE_OBSERVED_STATE)
		return false;
	changed = e->value != o->value || e->total != o->total ||
		  (o->evidence[0] && strcmp(e->evidence, o->evidence) != 0);
	e->value = o->value;
	e->total = o->total;
	/* it stays with whose words are shown: they may not be for all */
	if (o->evidence[0] || !e->evidence[0])
		HALE_SET(e->driver, in->driver);
	if (o->evidence[0])
		HALE_SET(e->evidence, o->evidence);
	if (in->alias[0])
		HALE_SET(e->alias, in->alias);
	return changed;
}

static bool entry_add(struct ledger *l, struct ledger_entry *e,
		      const struct ledger_input *in, uint64_t time_ns)
{
	enum hale_effect before = ledger_effect(l, e);
	uint64_t count = e->count;
	bool changed = !e->open;

	if (!e->open) {
		entry_open(e, in, time_ns);
		count = 0;
	}
	changed |= e->level != (uint8_t)in->level;
	e->level = (uint8_t)in->level;
	e->loaded = false;
	entry_count(l, e, in, time_ns);
	changed |= entry_prove(e, in, time_ns);
	if (time_ns > e->last_ns)
		e->last_ns = time_ns;
	if (time_ns < e->first_ns)
		e->first_ns = time_ns;
	l->touched++;
	return changed || e->count != count || ledger_effect(l, e) != before;
}

/* A disk that answers one question may still owe the answer to another: whoever
 * waits for that says when it came. */
static bool is_anothers(const struct ledger_entry *e,
			const struct ledger_input *in)
{
	return e->condition == HALE_DISK_STALLED && !e->loaded &&
	       strcmp(e->driver, in->driver) != 0;
}

static bool take_over(struct ledger *l, const struct ledger_input *in,
		      uint64_t time_ns)
{
	struct ledger_entry *e = ledger_find(l, in->part, in->o->condition);

	/* no line of a log contradicts a measure */
	if (in->level != HALE_EFFECT_NONE)
		ledger_settle(l, in->part, in->o->condition, time_ns);
	if (!e || !e->open || time_ns < e->last_ns || is_anothers(e, in))
		return false;
	ledger_end(l, e, LEDGER_OVER, in->now_ns);
	return ledger_close(l, e);
}

bool ledger_take(struct ledger *l, const struct ledger_input *in)
{
	const struct hale_observation *o = in->o;
	uint64_t time_ns = o->time_ns;
	struct ledger_entry *e;

	if (time_ns == 0 || time_ns > in->now_ns)
		time_ns = in->now_ns;
	if (o->kind == HALE_OBSERVED_STATE) {
		if (o->quality != HALE_QUALITY_GOOD)
			return false;
		if (!o->holds)
			return take_over(l, in, time_ns);
	}
	e = ledger_find(l, in->part, o->condition);
	if (!is_news(l, e, in, time_ns))
		return false;
	if (!e)
		e = ledger_room(l, in->part, o->condition, in->now_ns);
	return e && entry_add(l, e, in, time_ns);
}
