/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host's verdict as it stands in a build's record: fitness, and so many of
 * its reasons as tell later why. Must never grow with what is wrong with the
 * host: advice and catalogue texts are left out, they are known by the
 * condition's name. Invariant: the worst reasons are those that are kept.
 */
#include "hale/base.h"
#include "hale/hale.h"

#include "agent/run/message.h"

/* A build's message may be 56 KiB, one of these is some 600 bytes. */
#define REASONS_MAX 4

static Hale__V1__Finding *finding_of(struct codec_arena *a,
				     const struct hale_entry *e)
{
	Hale__V1__Finding *m = codec_new(a, &hale__v1__finding__descriptor);
	Hale__V1__Part *part = codec_new(a, &hale__v1__part__descriptor);

	if (!m || !part)
		return NULL;
	part->id = message_text(a, e->part);
	part->alias = message_text(a, e->alias);
	m->part = part;
	m->condition = message_text(a, e->condition);
	m->evidence = message_safe_text(a, e->evidence);
	m->effect = (Hale__V1__Effect)e->effect;
	m->count = e->count;
	m->at_least = e->at_least;
	m->first_ns = e->first_ns;
	m->last_ns = e->last_ns;
	m->value = e->value;
	m->total = e->total;
	return part->id && part->alias && m->condition && m->evidence ? m
								      : NULL;
}

static Hale__V1__Reason *reason_of(struct codec_arena *a,
				   const struct hale_entry *e)
{
	Hale__V1__Reason *m = codec_new(a, &hale__v1__reason__descriptor);

	if (!m)
		return NULL;
	m->effect = (Hale__V1__Effect)e->effect;
	m->redundant = e->redundant;
	m->path = message_text(a, e->path);
	m->via = message_text(a, e->via);
	m->text = message_text(a, e->text);
	if (!m->path || !m->via || !m->text)
		return NULL;
	if (!e->condition[0])
		return m; /* a sense is missing */
	m->finding = finding_of(a, e);
	return m->finding ? m : NULL;
}

Hale__V1__Verdict *message_verdict(struct codec_arena *a,
				   const struct hale_reply *reply)
{
	Hale__V1__Verdict *v = codec_new(a, &hale__v1__verdict__descriptor);
	struct hale_summary sum;
	struct hale_entry e;

	if (!v || !reply)
		return v;
	hale_reply_summary(reply, &sum);
	v->fitness = (Hale__V1__Fitness)sum.fitness;
	v->as_of_ns = sum.as_of_ns;
	v->reasons_total = sum.reasons_total;
	v->parts = sum.parts;
	v->reasons = codec_alloc(a, REASONS_MAX * sizeof(Hale__V1__Reason *));
	if (!v->reasons)
		return NULL;
	while (v->n_reasons < REASONS_MAX &&
	       hale_reply_reason(reply, v->n_reasons, &e)) {
		Hale__V1__Reason *one = reason_of(a, &e);

		if (!one)
			return NULL;
		v->reasons[v->n_reasons++] = one;
	}
	return v;
}
