/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What leaves a host: a copy of what its rooms know, less what every host has
 * alike, less what policy keeps at home, cut until it fits. Must never change
 * the original, nor send what a reader would refuse. Invariant: the worst
 * findings are the last to be left out, and what is left out is counted.
 */
#include "codec_fleet.h"

#include <errno.h>

#include "hale/base.h"

#include "codec_fleet_vet.h"

/* A cut that leaves whole characters: vet prints what lies before it. */
static const char *cut(struct codec_arena *a, const char *text, size_t max)
{
	size_t len = strnlen(text, max + 1);
	char *copy;

	if (len <= max)
		return text;
	/* back over the rest of a character (10xxxxxx) that it would part */
	for (len = max; len > 0 && ((uint8_t)text[len] & 0xc0) == 0x80;)
		len--;
	copy = codec_alloc(a, len + 1);
	return copy ? memcpy(copy, text, len) : "";
}

static void prune_finding(struct codec_arena *a, const struct fleet_policy *p,
			  Hale__V1__Finding *f)
{
	if (f->evidence[0] && p->evidence_max == 0)
		f->withheld = true;
	f->evidence = codec_borrow(cut(a, f->evidence, p->evidence_max));
	f->meaning = f->advice = f->clears = codec_borrow("");
	if (!f->part)
		return;
	f->part->serial = codec_borrow(""); /* the id has it */
	if (!p->places)
		f->part->where = codec_borrow("");
}

/* Its condition and part are enough to find the whole among the findings. */
static Hale__V1__Finding *reference(struct codec_arena *a,
				    const Hale__V1__Finding *f)
{
	Hale__V1__Finding *m = codec_new(a, &hale__v1__finding__descriptor);
	Hale__V1__Part *part = codec_new(a, &hale__v1__part__descriptor);

	if (!m || !part)
		return NULL;
	m->condition = f->condition;
	m->effect = f->effect;
	m->part = part;
	part->id = f->part->id;
	part->alias = f->part->alias;
	return m;
}

static bool is_tellable(const Hale__V1__Finding *f)
{
	return f->condition[0] && f->part && f->part->id[0];
}

static int prune_reason(struct codec_arena *a, const struct fleet_policy *p,
			Hale__V1__Reason *r)
{
	if (!p->places)
		r->path = codec_borrow("");
	if (!r->finding)
		return 0;
	r->finding = is_tellable(r->finding) ? reference(a, r->finding) : NULL;
	return a->full ? -ENOMEM : 0;
}

/* --- which rows --- */

static bool is_worse(const Hale__V1__Finding *a, const Hale__V1__Finding *b)
{
	int x = a->muted ? 0 : (int)a->effect,
	    y = b->muted ? 0 : (int)b->effect;

	return x != y ? x > y : a->last_ns > b->last_ns;
}

/* The worst of those that can be told, worst first, into @list. */
static size_t choose(const Hale__V1__HostReport *m, Hale__V1__Finding **list)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n_findings; i++) {
		Hale__V1__Finding *f = m->findings[i];
		size_t at = n;

		if (!is_tellable(f))
			continue;
		while (at > 0 && is_worse(f, list[at - 1]))
			at--;
		if (at == FLEET_FINDINGS_MAX)
			continue;
		n += n < FLEET_FINDINGS_MAX;
		memmove(&list[at + 1], &list[at], (n - 1 - at) * sizeof(*list));
		list[at] = f;
	}
	return n;
}

/* Only what does not see all is told row by row. */
static size_t choose_senses(const Hale__V1__HostReport *m,
			    Hale__V1__Coverage **list, uint32_t *ret_live)
{
	size_t n = 0;

	*ret_live = 0;
	for (size_t i = 0; i < m->n_coverage; i++) {
		if (m->coverage[i]->sight == HALE__V1__SIGHT__SIGHT_LIVE)
			++*ret_live;
		else if (n < FLEET_SENSES_MAX)
			list[n++] = m->coverage[i];
	}
	return n;
}

/* A report that has only what is sent, of the caller's rows. */
static int select_rows(struct codec_arena *a, Hale__Fleet__V1__HostState *m)
{
	Hale__V1__HostReport *r = codec_alloc(a, sizeof(Hale__V1__HostReport));
	Hale__V1__Finding **findings =
		codec_alloc(a, (FLEET_FINDINGS_MAX + 1) * sizeof(*findings));
	Hale__V1__Coverage **senses =
		codec_alloc(a, FLEET_SENSES_MAX * sizeof(*senses));

	if (!r || !findings || !senses)
		return -ENOMEM;
	*r = *m->report;
	if (m->findings_total < r->n_findings)
		m->findings_total = (uint32_t)r->n_findings;
	if (r->n_coverage > 0)
		m->senses_total = (uint32_t)r->n_coverage;
	r->n_coverage = choose_senses(m->report, senses,
				      r->n_coverage > 0 ? &m->senses_live
							: &(uint32_t){ 0 });
	r->coverage = senses;
	r->n_findings = choose(m->report, findings);
	r->findings = findings;
	r->n_closed = 0;
	m->report = r;
	return 0;
}

static int by_key(const void *a, const void *b)
{
	const Hale__Fleet__V1__Label *const *x = a, *const *y = b;

	return strcmp((*x)->key, (*y)->key);
}

/* --- a state --- */

static int prune_report(struct codec_arena *a, const struct fleet_policy *p,
			Hale__V1__HostReport *r)
{
	int e = 0;

	for (size_t i = 0; i < r->n_findings; i++)
		prune_finding(a, p, r->findings[i]);
	for (size_t i = 0; i < r->n_coverage; i++)
		r->coverage[i]->remedy = codec_borrow("");
	for (size_t i = 0; r->verdict && i < r->verdict->n_reasons && e == 0;
	     i++)
		e = prune_reason(a, p, r->verdict->reasons[i]);
	return e;
}

static int prune_state(struct codec_arena *a, const struct fleet_policy *p,
		       const Hale__Fleet__V1__HostState *from,
		       Hale__Fleet__V1__HostState **ret_m)
{
	Hale__Fleet__V1__HostState m = *from, *copy;
	int r;

	if (!m.report)
		return -EINVAL;
	r = select_rows(a, &m);
	if (r < 0)
		return r;
	copy = fleet_copy(a, &m.base);
	if (!copy)
		return -ENOMEM;
	if (copy->n_labels > 1)
		qsort(copy->labels, copy->n_labels, sizeof(*copy->labels),
		      by_key);
	for (size_t i = 0;
	     !p->places && copy->capacity && i < copy->capacity->n_rooms; i++)
		copy->capacity->rooms[i]->where = codec_borrow("");
	*ret_m = copy;
	return prune_report(a, p, copy->report);
}

/* Until it fits: first why a sense is blind, then findings, the last first. */
static void shed(Hale__Fleet__V1__HostState *m, size_t size)
{
	Hale__V1__HostReport *r = m->report;

	for (size_t i = 0; i < r->n_coverage &&
			   protobuf_c_message_get_packed_size(&m->base) > size;
	     i++)
		r->coverage[i]->why = codec_borrow("");
	while (r->n_findings > 0 &&
	       protobuf_c_message_get_packed_size(&m->base) > size)
		r->n_findings--;
}

/* --- any --- */

/* Its version, if it has none, and its own rows. */
static int prune(struct codec_arena *a, const struct fleet_policy *p,
		 const ProtobufCMessage *m, ProtobufCMessage **ret_m)
{
	const ProtobufCFieldDescriptor *f;
	Hale__Fleet__V1__HostState *state;
	int r = 0;

	if (m->descriptor == &hale__fleet__v1__host_state__descriptor) {
		r = prune_state(a, p, (const void *)m, &state);
		*ret_m = r < 0 ? NULL : &state->base;
	} else {
		*ret_m = fleet_copy(a, m);
		r = *ret_m ? 0 : -ENOMEM;
	}
	if (r < 0)
		return r;
	if (m->descriptor == &hale__fleet__v1__finding_event__descriptor) {
		Hale__Fleet__V1__FindingEvent *event = (void *)*ret_m;

		if (event->finding)
			prune_finding(a, p, event->finding);
	}
	f = protobuf_c_message_descriptor_get_field_by_name(m->descriptor,
							    "version");
	if (f) {
		uint32_t *at = (void *)((uint8_t *)*ret_m + f->offset);

		*at = *at == 0 ? FLEET_VERSION : *at;
	}
	return 0;
}

ssize_t fleet_pack(struct codec_arena *a, const struct fleet_policy *p,
		   const void *m, void *buf, size_t size)
{
	char why[FLEET_WHY_MAX];
	ProtobufCMessage *copy;
	int r;

	a->used = 0;
	a->full = false;
	r = prune(a, p, m, &copy);
	if (r == 0)
		r = fleet_vet(a, copy, why);
	if (r == 0 && fleet_lacks(copy, why))
		r = -EBADMSG;
	if (a->full)
		return -ENOMEM;
	if (r < 0)
		return r == -EBADMSG ? -EINVAL : r;
	if (copy->descriptor == &hale__fleet__v1__host_state__descriptor)
		shed((void *)copy, size);
	if (protobuf_c_message_get_packed_size(copy) > size)
		return -EMSGSIZE;
	return (ssize_t)protobuf_c_message_pack(copy, buf);
}
