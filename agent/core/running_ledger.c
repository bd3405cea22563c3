/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of the ledger its rows do not say, and of the rooms that count, to notes
 * and back: measures, flags, ends, what others have told already. Decides that
 * after it no line is held back by its time: the position says exactly which
 * lines were counted. Must never find an entry by anything but its name.
 */
#include "running.h"

#include <errno.h>

#include "pool.h"

enum flag {
	ABSENT = 1,
	REPLACED = 2,
	LOADED = 4,
	LOST = 8,
	ABOVE = 16,
	OPEN = 32,
	AT_LEAST = 64,
};

static uint64_t flags_of(const struct ledger_entry *e)
{
	return (e->absent ? ABSENT : 0U) | (e->replaced ? REPLACED : 0U) |
	       (e->loaded ? LOADED : 0U) | (e->lost ? LOST : 0U) |
	       (e->decay.above ? ABOVE : 0U) | (e->open ? OPEN : 0U) |
	       (e->at_least ? AT_LEAST : 0U);
}

static uint64_t key_of(const struct ledger_entry *e)
{
	return text_key(e->part) ^ e->condition;
}

static enum note_made make_entry(const struct middle *m, uint32_t i,
				 struct hale_memory_note *ret)
{
	const struct ledger_entry *e = &m->ledger.entries[i];

	if (i >= m->ledger.n)
		return NOTE_OVER;
	return NOTE_PUT(ret,
			NOTE_NUMBERS(i, key_of(e), e->level, flags_of(e),
				     e->decay.level_ns, e->decay.at_ns,
				     e->resumed_ns, e->resumed_by),
			NOTE_TEXTS(e->alias, e->model, e->serial));
}

/* Its row came before it, most often at the same place. */
static struct ledger_entry *entry_of(struct ledger *l, uint64_t at,
				     uint64_t key)
{
	if (at < l->n && key_of(&l->entries[at]) == key)
		return &l->entries[at];
	for (uint32_t i = 0; i < l->n; i++) {
		if (key_of(&l->entries[i]) == key)
			return &l->entries[i];
	}
	return NULL;
}

static int take_entry(struct middle *m, const struct hale_memory_note *note,
		      uint64_t now_ns)
{
	const uint64_t *n = note->number;
	struct ledger_entry *e = entry_of(&m->ledger, n[0], n[1]);
	uint64_t window_ns;

	if (!e) /* it expired while nobody looked */
		return 0;
	window_ns = m->policy.rate[e->condition].window_ns;
	if (n[2] >= HALE_EFFECT_COUNT || n[4] > DECAY_WINDOWS_MAX * window_ns)
		return -EINVAL;
	e->level = (uint8_t)n[2];
	e->absent = n[3] & ABSENT;
	e->replaced = n[3] & REPLACED;
	e->loaded = n[3] & LOADED;
	e->lost = n[3] & LOST;
	e->open = (n[3] & OPEN) && e->count > 0;
	e->decay = (struct decay){ .level_ns = n[4],
				   .at_ns = note_past(n[5], now_ns),
				   .above = (n[3] & ABOVE) != 0 };
	e->resumed_ns = note_past(n[6], now_ns);
	e->resumed_by = n[7];
	/* a row has the names of the day */
	HALE_SET(e->alias, note->text[0]);
	HALE_SET(e->model, note->text[1]);
	HALE_SET(e->serial, note->text[2]);
	return 0;
}

const struct note_kind note_entry = { make_entry, take_entry };

static enum note_made make_settled(const struct middle *m, uint32_t i,
				   struct hale_memory_note *ret)
{
	const struct settled *s = &m->ledger.settled[i];

	if (i >= SETTLED_MAX)
		return NOTE_OVER;
	if (s->key == 0)
		return NOTE_SKIPPED;
	return NOTE_PUT(ret, NOTE_NUMBERS(i, s->key, s->time_ns));
}

static int take_settled(struct middle *m, const struct hale_memory_note *n,
			uint64_t now_ns)
{
	if (n->number[0] >= SETTLED_MAX)
		return -EINVAL;
	m->ledger.settled[n->number[0]] =
		(struct settled){ n->number[1],
				  note_past(n->number[2], now_ns) };
	return 0;
}

const struct note_kind note_settled = { make_settled, take_settled };

/* --- what ended lately --- */

static enum note_made make_ended(const struct middle *m, uint32_t i,
				 struct hale_memory_note *ret)
{
	const struct ledger_ended *r = &m->ledger.ended[i];
	const struct ledger_entry *e = &r->e;

	if (i >= LEDGER_ENDED_MAX)
		return NOTE_OVER;
	if (r->at_ns == 0)
		return NOTE_SKIPPED;
	return NOTE_PUT(ret,
			NOTE_NUMBERS(i, r->why, r->at_ns, e->condition,
				     e->level, flags_of(e), e->count,
				     e->first_ns, e->last_ns, e->value,
				     e->total, e->seat),
			NOTE_TEXTS(e->part, e->alias, e->driver, e->model,
				   e->serial, e->evidence, r->how));
}

static bool ended_valid(const struct ledger *l,
			const struct hale_memory_note *note)
{
	const uint64_t *n = note->number;

	return n[0] < LEDGER_ENDED_MAX && l->ended[n[0]].at_ns == 0 &&
	       n[1] <= LEDGER_VERIFIED && n[2] != 0 &&
	       n[3] != HALE_CONDITION_NONE && n[3] < HALE_CONDITION_COUNT &&
	       n[4] < HALE_EFFECT_COUNT && n[6] > 0 && n[7] <= n[8] &&
	       note->text[0][0];
}

static int take_ended(struct middle *m, const struct hale_memory_note *note,
		      uint64_t now_ns)
{
	const uint64_t *n = note->number;
	struct ledger_ended *r;
	struct ledger_entry *e;

	if (!ended_valid(&m->ledger, note))
		return -EINVAL;
	r = &m->ledger.ended[n[0]];
	*r = (struct ledger_ended){ .why = (enum ledger_end)n[1],
				    .at_ns = note_past(n[2], now_ns) };
	e = &r->e;
	e->condition = (uint16_t)n[3];
	e->level = (uint8_t)n[4];
	e->absent = n[5] & ABSENT;
	e->open = n[5] & OPEN;
	e->decay.above = n[5] & ABOVE;
	e->at_least = n[5] & AT_LEAST;
	e->count = n[6];
	e->first_ns = note_past(n[7], now_ns);
	e->last_ns = note_past(n[8], now_ns);
	e->value = n[9];
	e->total = n[10];
	e->seat = n[11];
	HALE_SET(e->part, note->text[0]);
	HALE_SET(e->alias, note->text[1]);
	HALE_SET(e->driver, note->text[2]);
	HALE_SET(e->model, note->text[3]);
	HALE_SET(e->serial, note->text[4]);
	HALE_SET(e->evidence, note->text[5]);
	HALE_SET(r->how, note->text[6]);
	return 0;
}

const struct note_kind note_ended = { make_ended, take_ended };

/* --- counters, sectors --- */

static enum note_made make_counter(const struct middle *m, uint32_t i,
				   struct hale_memory_note *ret)
{
	const struct counter_row *row = &m->counters.rows[i];

	if (i >= COUNTERS_MAX)
		return NOTE_OVER;
	if (row->key == 0 || !row->shared)
		return NOTE_SKIPPED;
	return NOTE_PUT(ret, NOTE_NUMBERS(row->key, row->time_ns, row->pass_ns,
					  row->credit[0], row->credit[1],
					  row->credit[2]));
}

static int take_counter(struct middle *m, const struct hale_memory_note *note,
			uint64_t now_ns)
{
	const uint64_t *n = note->number;

	for (uint32_t i = 0; i < COUNTERS_MAX; i++) {
		struct counter_row *row = &m->counters.rows[i];

		if (row->key != n[0] || !row->shared)
			continue;
		row->time_ns = note_past(n[1], now_ns);
		row->pass_ns = note_past(n[2], now_ns);
		for (uint32_t k = 0; k <= COUNTER_PASSES; k++)
			row->credit[k] = n[3 + k];
	}
	return 0;
}

const struct note_kind note_counter = { make_counter, take_counter };

static enum note_made make_sectors(const struct middle *m, uint32_t i,
				   struct hale_memory_note *ret)
{
	const struct sectors_disk *d = &m->sectors.disks[i];

	if (i >= SECTORS_DISKS)
		return NOTE_OVER;
	if (!d->failing.part[0])
		return NOTE_SKIPPED;
	return NOTE_PUT(ret, NOTE_NUMBERS(d->failing.stamp),
			NOTE_TEXTS(d->failing.part));
}

/* Its stamp: whoever reads the list back just now has the right one. */
static int take_sectors(struct middle *m, const struct hale_memory_note *n,
			uint64_t now_ns)
{
	(void)now_ns;
	if (n->number[0] > m->sectors.stamp)
		return -EINVAL;
	for (uint32_t i = 0; i < SECTORS_DISKS; i++) {
		struct hale_failing *f = &m->sectors.disks[i].failing;

		if (f->part[0] && strcmp(f->part, n->text[0]) == 0)
			f->stamp = n->number[0];
	}
	return 0;
}

const struct note_kind note_sectors = { make_sectors, take_sectors };
