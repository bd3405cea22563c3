/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Structs to messages. A message here is a light thing: it borrows every text
 * from the struct it was built of, so building one copies numbers and pointers
 * only, and the whole of it lies in the caller's arena. Nothing here allocates,
 * blocks or fails halfway: a builder gives a complete message or NULL.
 * The enums of hale.proto and of include/hale have the same values; the
 * assertions below hold them together.
 */
#include "codec_verify.h"

#include <errno.h>

#include "codec_crash.h"
#include "codec_read.h"

_Static_assert((int)HALE__V1__FITNESS__UNFIT == (int)HALE_UNFIT &&
		       (int)HALE__V1__FITNESS__UNKNOWN == (int)HALE_UNKNOWN,
	       "Fitness");
_Static_assert((int)HALE__V1__EFFECT__EFFECT_BLOCKS == (int)HALE_EFFECT_BLOCKS,
	       "Effect");
_Static_assert((int)HALE__V1__SIGHT__SIGHT_LIVE == (int)HALE_SIGHT_LIVE,
	       "Sight");

/* @n pointers, one more so that none is NULL. */
static void *make_list(struct codec_arena *a, size_t n)
{
	return codec_alloc(a, (n + 1) * sizeof(void *));
}

static Hale__V1__Part *part(struct codec_arena *a, const struct hale_finding *f)
{
	Hale__V1__Part *m = codec_new(a, &hale__v1__part__descriptor);

	if (!m)
		return NULL;
	m->id = codec_borrow(f->part);
	m->alias = codec_borrow(f->alias);
	m->model = codec_borrow(f->model);
	m->serial = codec_borrow(f->serial);
	m->where = codec_borrow(f->where);
	return m;
}

/* What a check found itself lends its condition. Too little memory for a build
 * is none of a host whose tasks stall. */
static const struct hale_condition_info *words_of(const struct hale_finding *f)
{
	static const struct hale_condition_info need = {
		.meaning = "Less memory is available than is needed",
		.advice = "Wait until other jobs have ended, or build "
			  "elsewhere",
		.clears = "as much memory as is needed is available",
	};

	return f->condition == HALE_MEMORY_PRESSURE &&
			       strcmp(f->driver, "check") == 0
		       ? &need
		       : hale_condition_info(f->condition);
}

static void explain(Hale__V1__Finding *m, const struct hale_finding *f)
{
	const struct hale_condition_info *info = words_of(f);
	enum hale_condition c = f->condition;

	m->condition = codec_borrow(
		c == HALE_CONDITION_NONE ? "" : hale_condition_info(c)->name);
	m->meaning = codec_borrow(info->meaning);
	m->advice = codec_borrow(info->advice);
	m->clears = codec_borrow(info->clears);
}

Hale__V1__Finding *codec_finding(struct codec_arena *a,
				 const struct hale_finding *f)
{
	Hale__V1__Finding *m = codec_new(a, &hale__v1__finding__descriptor);

	if (!m)
		return NULL;
	m->part = part(a, f);
	if (!m->part)
		return NULL;
	explain(m, f);
	m->effect = (Hale__V1__Effect)f->effect;
	m->count = f->count;
	m->at_least = f->at_least;
	m->first_ns = f->first_ns;
	m->last_ns = f->last_ns;
	m->expires_ns = f->expires_ns;
	m->value = f->value;
	m->total = f->total;
	m->evidence = codec_borrow(f->evidence);
	m->driver = codec_borrow(f->driver);
	m->muted = f->muted;
	m->closed_ns = f->closed_ns;
	m->closed = codec_borrow(f->closed);
	m->withheld = f->withheld;
	if (f->closed_by)
		m->closed_by = codec_borrow(f->closed_by);
	return m;
}

static Hale__V1__Reason *reason(struct codec_arena *a,
				const struct hale_reason *r)
{
	Hale__V1__Reason *m = codec_new(a, &hale__v1__reason__descriptor);

	if (!m)
		return NULL;
	m->effect = (Hale__V1__Effect)r->effect;
	m->redundant = r->redundant;
	m->path = codec_borrow(r->path);
	m->via = codec_borrow(r->via);
	if (r->finding.condition == HALE_CONDITION_NONE) {
		m->text = codec_borrow(r->finding.evidence);
		return m;
	}
	m->finding = codec_finding(a, &r->finding);
	return m->finding ? m : NULL;
}

Hale__V1__Verdict *codec_verdict(struct codec_arena *a,
				 const struct hale_verdict *v)
{
	Hale__V1__Verdict *m = codec_new(a, &hale__v1__verdict__descriptor);

	if (!m)
		return NULL;
	m->fitness = (Hale__V1__Fitness)v->fitness;
	m->as_of_ns = v->as_of_ns;
	m->reasons_total = v->n_reasons_total;
	m->parts = v->n_parts;
	m->reasons = make_list(a, v->n_reasons);
	if (!m->reasons)
		return NULL;
	for (; m->n_reasons < v->n_reasons; m->n_reasons++) {
		Hale__V1__Reason *r = reason(a, &v->reasons[m->n_reasons]);

		if (!r)
			return NULL;
		m->reasons[m->n_reasons] = r;
	}
	return m;
}

Hale__V1__Coverage *codec_coverage(struct codec_arena *a,
				   const struct hale_coverage *c)
{
	Hale__V1__Coverage *m = codec_new(a, &hale__v1__coverage__descriptor);

	if (!m)
		return NULL;
	m->driver = codec_borrow(c->driver);
	m->sense = codec_borrow(hale_sense_name(c->sense));
	m->sight = (Hale__V1__Sight)c->sight;
	m->since_ns = c->since_ns;
	m->why = codec_borrow(c->why);
	m->remedy = codec_borrow(c->remedy);
	m->part = codec_borrow(c->part);
	m->period_s = c->period_s;
	return m;
}

/* @n findings as a list; NULL where the arena is full. */
static Hale__V1__Finding **findings(struct codec_arena *a,
				    const struct hale_finding *f, size_t n)
{
	Hale__V1__Finding **list = make_list(a, n);

	for (size_t i = 0; list && i < n; i++) {
		list[i] = codec_finding(a, &f[i]);
		if (!list[i])
			return NULL;
	}
	return list;
}

Hale__V1__Hop *codec_hop(struct codec_arena *a, const struct hale_hop *hop,
			 const struct hale_finding *f, size_t n)
{
	Hale__V1__Hop *m = codec_new(a, &hale__v1__hop__descriptor);

	if (!m)
		return NULL;
	m->depth = hop->depth;
	m->name = codec_borrow(hop->name);
	m->via = codec_borrow(hop->via);
	m->detail = codec_borrow(hop->detail);
	m->redundant = hop->redundant;
	m->findings = findings(a, f, n);
	if (!m->findings)
		return NULL;
	m->n_findings = n;
	if (hop->part[0] == '\0')
		return m;
	m->part = codec_new(a, &hale__v1__part__descriptor);
	if (!m->part)
		return NULL;
	m->part->id = codec_borrow(hop->part);
	return m;
}

static bool report_lists(struct codec_arena *a, const struct codec_report *r,
			 Hale__V1__HostReport *m)
{
	m->findings = findings(a, r->findings, r->n_findings);
	m->coverage = make_list(a, r->n_coverage);
	m->closed = findings(a, r->closed, r->n_closed);
	if (!m->findings || !m->coverage || !m->closed)
		return false;
	m->n_findings = r->n_findings;
	m->n_closed = r->n_closed;
	for (; m->n_coverage < r->n_coverage; m->n_coverage++) {
		Hale__V1__Coverage *c =
			codec_coverage(a, &r->coverage[m->n_coverage]);

		if (!c)
			return false;
		m->coverage[m->n_coverage] = c;
	}
	return true;
}

Hale__V1__HostReport *codec_report(struct codec_arena *a,
				   const struct codec_report *r)
{
	Hale__V1__HostReport *m =
		codec_new(a, &hale__v1__host_report__descriptor);

	if (!m || !report_lists(a, r, m))
		return NULL;
	m->host = codec_borrow(r->host);
	m->boot_id = codec_borrow(r->boot_id);
	m->version = codec_borrow(r->version);
	m->as_of_ns = r->as_of_ns;
	m->started_ns = r->started_ns;
	m->generation = r->generation;
	if (!r->verdict)
		return m;
	m->verdict = codec_verdict(a, r->verdict);
	return m->verdict ? m : NULL;
}

static Hale__V1__Memory__Row *memory_row(struct codec_arena *a,
					 const struct hale_memory_row *row)
{
	Hale__V1__Memory__Row *m =
		codec_new(a, &hale__v1__memory__row__descriptor);

	if (!m)
		return NULL;
	m->finding = codec_finding(a, &row->finding);
	if (!m->finding)
		return NULL;
	m->cleared_ns = row->cleared_ns;
	m->cleared_seq = row->cleared_seq;
	m->level_ns = row->level_ns;
	m->open = row->open;
	m->seat = row->seat;
	return m;
}

static bool memory_counters(struct codec_arena *a,
			    const struct codec_memory *memory,
			    Hale__V1__Memory *m)
{
	m->counters = make_list(a, memory->n_counters);
	if (!m->counters)
		return false;
	for (; m->n_counters < memory->n_counters; m->n_counters++) {
		const struct hale_memory_counter *row =
			&memory->counters[m->n_counters];
		Hale__V1__Memory__Counter *c =
			codec_new(a, &hale__v1__memory__counter__descriptor);

		if (!c)
			return false;
		c->key = row->key;
		c->value = row->value;
		c->time_ns = row->time_ns;
		c->credit = row->credit;
		c->debt = row->debt;
		c->from_zero = row->from_zero;
		c->shared = row->shared;
		m->counters[m->n_counters] = c;
	}
	return true;
}

static Hale__V1__Memory__Disk__Counts *
memory_counts(struct codec_arena *a, const struct hale_memory_counts *c)
{
	Hale__V1__Memory__Disk__Counts *m =
		codec_new(a, &hale__v1__memory__disk__counts__descriptor);

	if (!m)
		return NULL;
	m->time_ns = c->time_ns;
	m->known = c->known;
	/* borrowed, as texts are */
	m->count = (uint64_t *)(uintptr_t)c->count;
	m->n_count = HALE_MEMORY_COUNTS;
	return m;
}

static bool memory_disks(struct codec_arena *a,
			 const struct codec_memory *memory, Hale__V1__Memory *m)
{
	m->disks = make_list(a, memory->n_disks);
	if (!m->disks)
		return false;
	for (; m->n_disks < memory->n_disks; m->n_disks++) {
		const struct hale_memory_disk *row = &memory->disks[m->n_disks];
		Hale__V1__Memory__Disk *d =
			codec_new(a, &hale__v1__memory__disk__descriptor);

		if (!d)
			return false;
		d->key = row->key;
		d->old = memory_counts(a, &row->old);
		d->recent = memory_counts(a, &row->recent);
		if (!d->old || !d->recent)
			return false;
		m->disks[m->n_disks] = d;
	}
	return true;
}

static bool memory_sectors(struct codec_arena *a,
			   const struct codec_memory *memory,
			   Hale__V1__Memory *m)
{
	m->sectors = make_list(a, memory->n_sectors);
	if (!m->sectors)
		return false;
	for (; m->n_sectors < memory->n_sectors; m->n_sectors++) {
		m->sectors[m->n_sectors] =
			codec_memory_sectors(a, &memory->sectors[m->n_sectors]);
		if (!m->sectors[m->n_sectors])
			return false;
	}
	return true;
}

Hale__V1__Memory *codec_memory(struct codec_arena *a,
			       const struct codec_memory *memory)
{
	Hale__V1__Memory *m = codec_new(a, &hale__v1__memory__descriptor);

	if (!m)
		return NULL;
	m->version = 1;
	m->boot_id = codec_borrow(memory->boot_id);
	m->position = memory->position;
	m->saved_ns = memory->saved_ns;
	m->boot_to_agent_ns = memory->boot_to_agent_ns;
	m->rows = make_list(a, memory->n_rows);
	if (!m->rows)
		return NULL;
	for (; m->n_rows < memory->n_rows; m->n_rows++) {
		Hale__V1__Memory__Row *row =
			memory_row(a, &memory->rows[m->n_rows]);

		if (!row)
			return NULL;
		m->rows[m->n_rows] = row;
	}
	return memory_counters(a, memory, m) && memory_disks(a, memory, m) &&
			       memory_sectors(a, memory, m) &&
			       codec_memory_crashes(a, memory, m)
		       ? m
		       : NULL;
}

ssize_t codec_pack(const void *m, void *buf, size_t size)
{
	size_t need;

	if (!m)
		return -ENOMEM;
	need = protobuf_c_message_get_packed_size(m);
	if (need > size)
		return -EMSGSIZE;
	return (ssize_t)protobuf_c_message_pack(m, buf);
}
