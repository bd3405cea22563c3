/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host's state as the fleet gets it: the agent's last report and what the
 * reporter knows besides. Decides which changes are worth a message at once.
 * Must never make a report up: where the agent has said nothing yet, the
 * verdict is UNKNOWN and the agent is said to be silent.
 */
#include <errno.h>

#include "hale/base.h"

#include "agent/lib/answer.h"
#include "agent/report/report.h"

/* FNV-1a */
static uint64_t mix(uint64_t h, const void *bytes, size_t len)
{
	const uint8_t *at = bytes;

	for (size_t i = 0; i < len; i++)
		h = (h ^ at[i]) * UINT64_C(0x100000001b3);
	return (h ^ 0xff) * UINT64_C(0x100000001b3);
}

static uint64_t mix_text(uint64_t h, const char *text)
{
	return mix(h, text, strlen(text));
}

static uint64_t mix_finding(uint64_t h, const Hale__V1__Finding *f)
{
	h = mix_text(h, f->condition);
	h = mix_text(h, f->part ? f->part->id : "");
	h = mix(h, &f->first_ns, sizeof(f->first_ns));
	return mix(h, &f->effect, sizeof(f->effect));
}

static uint64_t mix_verdict(uint64_t h, const Hale__V1__Verdict *v)
{
	h = mix(h, &v->fitness, sizeof(v->fitness));
	for (size_t i = 0; i < v->n_reasons; i++) {
		const Hale__V1__Reason *m = v->reasons[i];

		h = mix(h, &m->effect, sizeof(m->effect));
		h = m->finding ? mix_finding(h, m->finding)
			       : mix_text(h, m->text);
	}
	return h;
}

uint64_t report_digest(const Hale__V1__HostReport *m)
{
	uint64_t h = mix_text(UINT64_C(0xcbf29ce484222325), m->boot_id);

	if (m->verdict)
		h = mix_verdict(h, m->verdict);
	for (size_t i = 0; i < m->n_findings; i++)
		h = mix_finding(h, m->findings[i]);
	for (size_t i = 0; i < m->n_coverage; i++) {
		h = mix_text(h, m->coverage[i]->sense);
		h = mix_text(h, m->coverage[i]->part);
		h = mix(h, &m->coverage[i]->sight,
			sizeof(m->coverage[i]->sight));
	}
	return h;
}

static Hale__Fleet__V1__Label *make_label(struct codec_arena *a,
					  const char *text)
{
	Hale__Fleet__V1__Label *m =
		codec_new(a, &hale__fleet__v1__label__descriptor);
	size_t len = strcspn(text, "=");

	if (!m)
		return NULL;
	m->key = codec_alloc(a, len + 1);
	if (!m->key)
		return NULL;
	memcpy(m->key, text, len);
	m->value = codec_borrow(text + len + (text[len] == '='));
	return m;
}

Hale__Fleet__V1__Label **report_labels(const struct report *r,
				       struct codec_arena *a)
{
	Hale__Fleet__V1__Label **list =
		codec_alloc(a, FLEET_LABELS_MAX * sizeof(*list));

	for (size_t i = 0; list && i < r->setup.n_labels; i++) {
		list[i] = make_label(a, r->setup.labels[i]);
		if (!list[i])
			return NULL;
	}
	return list;
}

static ssize_t pack(struct report *r, Hale__Fleet__V1__HostState *m, void *buf,
		    size_t size)
{
	struct codec_arena a = { .mem = r->arena, .size = FLEET_ARENA };
	_cleanup_free_ uint8_t *mem = malloc(FLEET_ARENA);
	struct codec_arena parts = { .mem = mem, .size = FLEET_ARENA };
	Hale__Fleet__V1__Spool *waiting = codec_alloc(&parts, sizeof(*waiting));

	if (!mem || !waiting)
		return -ENOMEM;
	hale__fleet__v1__spool__init(waiting);
	m->labels = report_labels(r, &parts);
	m->n_labels = m->labels ? r->setup.n_labels : 0;
	m->capacity = report_capacity(r, &parts);
	spool_tell(r->spool, waiting);
	m->spool = waiting;
	return fleet_pack(&a, FLEET_POLICY_DEFAULT, m, buf, size);
}

ssize_t report_state(struct report *r, void *buf, size_t size)
{
	Hale__Fleet__V1__HostState m;
	Hale__V1__HostReport none;
	Hale__V1__Verdict unknown = HALE__V1__VERDICT__INIT;
	struct spool_mark mark;
	int e = spool_mark(r->spool, &mark);

	hale__fleet__v1__host_state__init(&m);
	hale__v1__host_report__init(&none);
	if (e < 0)
		return e;
	none.host = r->host;
	none.boot_id = r->boot_id;
	none.verdict = &unknown;
	m.report = r->last ? r->last->pb->report : &none;
	m.id = r->id;
	m.spool_id = mark.spool_id;
	m.seq = mark.seq;
	m.sent_ns = report_real_ns();
	m.heartbeat_s = plan_heartbeat_s(&r->plan);
	m.agent_silent = r->silent || !r->last;
	return pack(r, &m, buf, size);
}
