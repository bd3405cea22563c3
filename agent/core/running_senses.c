/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What drivers see, and who died: to notes and back. Decides nothing. Invariant
 * of coverage.c kept: a row of a part stands behind one of its whole sense.
 */
#include "running.h"

#include <errno.h>

static enum note_made make_driver(const struct middle *m, uint32_t i,
				  struct hale_memory_note *ret)
{
	const struct coverage_driver *d = &m->coverage.drivers[i];

	if (i >= m->coverage.n_drivers)
		return NOTE_OVER;
	return NOTE_PUT(ret, NOTE_NUMBERS(d->heard_ns, d->period_s, d->stale),
			NOTE_TEXTS(d->name));
}

static int take_driver(struct middle *m, const struct hale_memory_note *n,
		       uint64_t now_ns)
{
	struct coverage *cov = &m->coverage;
	struct coverage_driver *d = &cov->drivers[cov->n_drivers];

	if (cov->n_drivers == COVERAGE_DRIVERS_MAX || !n->text[0][0] ||
	    n->number[1] > UINT32_MAX)
		return -EINVAL;
	for (uint32_t i = 0; i < cov->n_drivers; i++) {
		if (strcmp(cov->drivers[i].name, n->text[0]) == 0)
			return -EINVAL;
	}
	*d = (struct coverage_driver){
		.heard_ns = note_past(n->number[0], now_ns),
		.period_s = (uint32_t)n->number[1],
		.stale = n->number[2] != 0,
	};
	HALE_SET(d->name, n->text[0]);
	cov->n_drivers++;
	return 0;
}

const struct note_kind note_driver = { make_driver, take_driver };

static enum note_made make_sense(const struct middle *m, uint32_t i,
				 struct hale_memory_note *ret)
{
	const struct coverage_row *row = &m->coverage.rows[i];

	if (i >= m->coverage.n)
		return NOTE_OVER;
	return NOTE_PUT(ret,
			NOTE_NUMBERS(row->driver, row->sense, row->sight,
				     row->since_ns, row->said, row->unsaid,
				     row->unsaid_now),
			NOTE_TEXTS(row->part, row->why, row->remedy));
}

/* Is there a place for it: the only one of its name, behind its whole? */
static bool sense_fits(const struct coverage *cov,
		       const struct hale_memory_note *n)
{
	bool whole = !n->text[0][0];

	for (uint32_t i = 0; i < cov->n; i++) {
		const struct coverage_row *row = &cov->rows[i];

		if (row->driver != n->number[0] || row->sense != n->number[1])
			continue;
		if (strcmp(row->part, n->text[0]) == 0)
			return false;
		whole |= !row->part[0];
	}
	return whole && cov->n < COVERAGE_MAX &&
	       (!n->text[0][0] || cov->n_parts < COVERAGE_PARTS_MAX);
}

static int take_sense(struct middle *m, const struct hale_memory_note *n,
		      uint64_t now_ns)
{
	struct coverage *cov = &m->coverage;
	struct coverage_row *row = &cov->rows[cov->n];

	if (n->number[0] >= cov->n_drivers ||
	    n->number[1] >= HALE_SENSE_COUNT ||
	    n->number[2] >= HALE_SIGHT_COUNT || n->number[5] > UINT16_MAX ||
	    n->number[6] > UINT16_MAX || !sense_fits(cov, n))
		return -EINVAL;
	*row = (struct coverage_row){
		.driver = (uint8_t)n->number[0],
		.sense = (uint8_t)n->number[1],
		.sight = (uint8_t)n->number[2],
		.since_ns = note_past(n->number[3], now_ns),
		.said = n->number[4] != 0,
		.unsaid = (uint16_t)n->number[5],
		.unsaid_now = (uint16_t)n->number[6],
		.resumed = true,
	};
	HALE_SET(row->part, n->text[0]);
	HALE_SET(row->why, n->text[1]);
	HALE_SET(row->remedy, n->text[2]);
	cov->n++;
	cov->n_parts += row->part[0] != '\0';
	return 0;
}

const struct note_kind note_sense = { make_sense, take_sense };

/* --- victims: the latest first, each followed by its files --- */

static enum note_made make_victim(const struct middle *m, uint32_t i,
				  struct hale_memory_note *ret)
{
	const struct victims_entry *e;
	const struct hale_victim *v;

	if (i >= m->victims.n)
		return NOTE_OVER;
	e = &m->victims.entries[m->victims.order[i]];
	v = &e->victim;
	return NOTE_PUT(ret,
			NOTE_NUMBERS(e->heard_ns, e->looked, e->asked,
				     e->judged, v->time_ns, v->pid, v->thread,
				     v->parent, v->group, v->session, v->signal,
				     v->code_known, v->address_known, v->dumped,
				     v->oom, v->oom_limit, v->uid_known,
				     (uint32_t)v->code, v->uid, v->address,
				     v->witnesses),
			NOTE_TEXTS(v->comm, v->exe, v->cgroup));
}

static struct hale_victim victim_of(const uint64_t *n, uint64_t now_ns)
{
	return (struct hale_victim){
		.time_ns = note_past(n[4], now_ns),
		.pid = (uint32_t)n[5],
		.thread = (uint32_t)n[6],
		.parent = (uint32_t)n[7],
		.group = (uint32_t)n[8],
		.session = (uint32_t)n[9],
		.signal = (uint32_t)n[10],
		.code_known = n[11] != 0,
		.address_known = n[12] != 0,
		.dumped = n[13] != 0,
		.oom = n[14] != 0,
		.oom_limit = n[15] != 0,
		.uid_known = n[16] != 0,
		.code = (int32_t)(uint32_t)n[17],
		.uid = (uint32_t)n[18],
		.address = n[19],
		.witnesses = (uint32_t)n[20] & 0xfU,
	};
}

static int take_victim(struct middle *m, const struct hale_memory_note *n,
		       uint64_t now_ns)
{
	struct victims *v = &m->victims;
	struct victims_entry *e = &v->entries[v->n];
	const uint64_t *x = n->number;

	/* what hale_fact_valid() asks of one that a driver tells */
	if (v->n == VICTIMS_MAX || x[0] == 0 || x[5] == 0 || x[10] > 64)
		return -EINVAL;
	*e = (struct victims_entry){
		.heard_ns = note_past(x[0], now_ns),
		.looked = x[1] != 0,
		.asked = x[2] != 0,
		.judged = x[3] != 0,
		.victim = victim_of(x, now_ns),
	};
	HALE_SET(e->victim.comm, n->text[0]);
	HALE_SET(e->victim.exe, n->text[1]);
	HALE_SET(e->victim.cgroup, n->text[2]);
	v->order[v->n] = (uint8_t)v->n;
	v->n++;
	return 0;
}

const struct note_kind note_victim = { make_victim, take_victim };

static enum note_made make_held(const struct middle *m, uint32_t i,
				struct hale_memory_note *ret)
{
	uint32_t which = i / HALE_VICTIM_FILES_MAX;
	uint32_t file = i % HALE_VICTIM_FILES_MAX;
	const struct hale_victim_file *f;
	const struct hale_victim *v;

	if (which >= m->victims.n)
		return NOTE_OVER;
	v = &m->victims.entries[m->victims.order[which]].victim;
	if (file >= v->n_files)
		return NOTE_SKIPPED;
	f = &v->files[file];
	return NOTE_PUT(ret,
			NOTE_NUMBERS(which, f->major, f->minor, f->held,
				     f->faulted, f->truncated, f->full),
			NOTE_TEXTS(f->path));
}

static int take_held(struct middle *m, const struct hale_memory_note *n,
		     uint64_t now_ns)
{
	const uint64_t *x = n->number;
	struct hale_victim_file *f;
	struct hale_victim *v;

	(void)now_ns;
	if (x[0] >= m->victims.n || x[3] >= HALE_HELD_COUNT ||
	    !note_is_number(x[1], x[2]))
		return -EINVAL;
	v = &m->victims.entries[x[0]].victim;
	if (v->n_files == HALE_VICTIM_FILES_MAX)
		return -EINVAL;
	f = &v->files[v->n_files++];
	*f = (struct hale_victim_file){
		.major = (uint32_t)x[1],
		.minor = (uint32_t)x[2],
		.held = (enum hale_held)x[3],
		.faulted = x[4] != 0,
		.truncated = x[5] != 0,
		.full = x[6] != 0,
	};
	HALE_SET(f->path, n->text[0]);
	return 0;
}

const struct note_kind note_held = { make_held, take_held };
