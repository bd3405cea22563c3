/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What only one witness has told so far, to notes and back: a line of the log
 * that is read after a restart finds the tracepoint that was counted before it.
 * Decides that a witness has seen nothing between the two cores. Invariant: the
 * rings come back in the order in which things were heard.
 */
#include "running.h"

#include <errno.h>

static enum note_made make_witness(const struct middle *m, uint32_t i,
				   struct hale_memory_note *ret)
{
	const struct join_driver *d = &m->join.drivers[i];

	if (i >= JOIN_DRIVERS)
		return NOTE_OVER;
	if (!d->name[0])
		return NOTE_SKIPPED;
	return NOTE_PUT(ret,
			NOTE_NUMBERS(d->live, d->log, d->deaths, d->began_ns,
				     d->lost_ns),
			NOTE_TEXTS(d->name));
}

static int take_witness(struct middle *m, const struct hale_memory_note *n,
			uint64_t now_ns)
{
	struct join_driver *d = m->join.drivers;
	uint32_t i = 0;

	while (i < JOIN_DRIVERS && d[i].name[0] &&
	       strcmp(d[i].name, n->text[0]) != 0)
		i++;
	if (i == JOIN_DRIVERS || d[i].name[0] || !n->text[0][0])
		return -EINVAL;
	d[i] = (struct join_driver){
		.live = n->number[0] != 0,
		.log = n->number[1] != 0,
		.deaths = n->number[2] != 0,
		.began_ns = n->number[3],
		/* what happened while no core ran it may have missed */
		.lost_ns = now_ns,
	};
	HALE_SET(d[i].name, n->text[0]);
	return 0;
}

const struct note_kind note_witness = { make_witness, take_witness };

static enum note_made make_join(const struct middle *m, uint32_t i,
				struct hale_memory_note *ret)
{
	const struct join *j = &m->join;
	const struct join_entry *e = &j->entries[(j->next + i) % JOIN_MAX];

	if (i >= JOIN_MAX)
		return NOTE_OVER;
	if (e->join == HALE_JOIN_NONE)
		return NOTE_SKIPPED;
	return NOTE_PUT(ret, NOTE_NUMBERS(e->join, e->log, e->condition,
					  e->wild, e->count, e->lines, e->part,
					  e->key, e->time_ns, e->heard_ns));
}

static int take_join(struct middle *m, const struct hale_memory_note *note,
		     uint64_t now_ns)
{
	const uint64_t *n = note->number;
	const struct join_entry e = {
		.join = (uint8_t)n[0],
		.log = n[1] != 0,
		.condition = (uint16_t)n[2],
		.wild = (uint16_t)n[3],
		.count = (uint32_t)n[4],
		.lines = (uint32_t)n[5],
		.part = n[6],
		.key = n[7],
		.time_ns = n[8],
		.heard_ns = note_past(n[9], now_ns),
	};

	if (n[0] == HALE_JOIN_NONE || n[0] >= HALE_JOIN_COUNT ||
	    n[2] == HALE_CONDITION_NONE || n[2] >= HALE_CONDITION_COUNT ||
	    n[3] > UINT16_MAX || n[4] > UINT32_MAX || n[5] > UINT32_MAX ||
	    m->join.entries[m->join.next].join != HALE_JOIN_NONE)
		return -EINVAL;
	join_add(&m->join, &e);
	return 0;
}

const struct note_kind note_join = { make_join, take_join };

static enum note_made make_follow(const struct middle *m, uint32_t i,
				  struct hale_memory_note *ret)
{
	const struct join_follow *f = &m->join.follows[i];

	if (i >= JOIN_FOLLOW)
		return NOTE_OVER;
	if (f->part == 0)
		return NOTE_SKIPPED;
	return NOTE_PUT(ret, NOTE_NUMBERS(i, f->part, f->closer, f->closer_ns,
					  f->general, f->general_ns));
}

static int take_follow(struct middle *m, const struct hale_memory_note *note,
		       uint64_t now_ns)
{
	const uint64_t *n = note->number;

	(void)now_ns;
	if (n[0] >= JOIN_FOLLOW || n[2] >= HALE_CONDITION_COUNT ||
	    n[4] > UINT32_MAX || m->join.follows[n[0]].part != 0)
		return -EINVAL;
	m->join.follows[n[0]] = (struct join_follow){
		.part = n[1],
		.closer = (uint16_t)n[2],
		.closer_ns = n[3],
		.general = (uint32_t)n[4],
		.general_ns = n[5],
	};
	return 0;
}

const struct note_kind note_follow = { make_follow, take_follow };

static enum note_made make_death(const struct middle *m, uint32_t i,
				 struct hale_memory_note *ret)
{
	const struct join *j = &m->join;
	const struct join_death *d =
		&j->deaths[(j->next_death + i) % JOIN_DEATHS];

	if (i >= JOIN_DEATHS)
		return NOTE_OVER;
	if (d->pid == 0 && d->thread == 0)
		return NOTE_SKIPPED;
	return NOTE_PUT(ret,
			NOTE_NUMBERS(d->pid, d->thread, d->died, d->heard_ns),
			NOTE_TEXTS(d->part, d->text));
}

static int take_death(struct middle *m, const struct hale_memory_note *n,
		      uint64_t now_ns)
{
	struct join *j = &m->join;
	struct join_death *d = &j->deaths[j->next_death];

	if (n->number[0] > UINT32_MAX || n->number[1] > UINT32_MAX ||
	    d->pid != 0 || d->thread != 0)
		return -EINVAL;
	*d = (struct join_death){
		.pid = (uint32_t)n->number[0],
		.thread = (uint32_t)n->number[1],
		.died = n->number[2] != 0,
		.heard_ns = note_past(n->number[3], now_ns),
	};
	HALE_SET(d->part, n->text[0]);
	HALE_SET(d->text, n->text[1]);
	j->next_death = (j->next_death + 1) % JOIN_DEATHS;
	return 0;
}

const struct note_kind note_death = { make_death, take_death };

static enum note_made make_debt(const struct middle *m, uint32_t i,
				struct hale_memory_note *ret)
{
	const struct join *j = &m->join;
	const struct join_debt *d = &j->debts[(j->next_debt + i) % JOIN_DEBTS];

	if (i >= JOIN_DEBTS)
		return NOTE_OVER;
	if (d->count == 0)
		return NOTE_SKIPPED;
	return NOTE_PUT(ret, NOTE_NUMBERS(d->time_ns, d->count, d->warns));
}

static int take_debt(struct middle *m, const struct hale_memory_note *n,
		     uint64_t now_ns)
{
	struct join *j = &m->join;

	(void)now_ns;
	if (j->debts[j->next_debt].count != 0)
		return -EINVAL;
	j->debts[j->next_debt] = (struct join_debt){ n->number[0], n->number[1],
						     n->number[2] != 0 };
	j->next_debt = (j->next_debt + 1) % JOIN_DEBTS;
	return 0;
}

const struct note_kind note_debt = { make_debt, take_debt };
