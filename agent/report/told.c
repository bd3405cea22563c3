/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From reports, which say what is, to events, which say what changed. Decides
 * that a finding opens once, closes once, and is told anew where its effect on
 * builds is another. Must never tell what is in the spool or at the server
 * already, nor pass over one that came and went between two reports.
 * Invariant: after a report without an error, what is kept here is what it
 * lists as open.
 */
#include "agent/report/told.h"

#include <errno.h>

#include "hale/base.h"

#define OPENED	HALE__FLEET__V1__FINDING_EVENT__WHAT__OPENED
#define CHANGED HALE__FLEET__V1__FINDING_EVENT__WHAT__CHANGED
#define CLOSED	HALE__FLEET__V1__FINDING_EVENT__WHAT__CLOSED

static char unseen[] = "it ended while nobody looked";

static bool same(const Hale__V1__Finding *a, const Hale__V1__Finding *b)
{
	return a->part && b->part && a->first_ns == b->first_ns &&
	       strcmp(a->condition, b->condition) == 0 &&
	       strcmp(a->part->id, b->part->id) == 0;
}

static size_t find(const struct told *t, const Hale__V1__Finding *f)
{
	size_t i = 0;

	while (i < t->n && !same(t->findings[i], f))
		i++;
	return i;
}

static const Hale__V1__Finding *listed(Hale__V1__Finding *const *list, size_t n,
				       const Hale__V1__Finding *f)
{
	for (size_t i = 0; i < n; i++) {
		if (same(list[i], f))
			return list[i];
	}
	return NULL;
}

static void drop(struct told *t, size_t i)
{
	hale__v1__finding__free_unpacked(t->findings[i], NULL);
	t->findings[i] = t->findings[--t->n];
}

static Hale__V1__Finding *copy(const Hale__V1__Finding *f)
{
	size_t len = hale__v1__finding__get_packed_size(f);
	_cleanup_free_ uint8_t *bytes = malloc(len + 1);

	if (!bytes)
		return NULL;
	hale__v1__finding__pack(f, bytes);
	return hale__v1__finding__unpack(NULL, len, bytes);
}

/* In place of number @i, or behind all. */
static int keep(struct told *t, size_t i, const Hale__V1__Finding *f)
{
	Hale__V1__Finding *c;

	if (i == TOLD_MAX)
		return -ENOSPC;
	c = copy(f);
	if (!c)
		return -ENOMEM;
	if (i < t->n)
		hale__v1__finding__free_unpacked(t->findings[i], NULL);
	else
		t->n++;
	t->findings[i] = c;
	return 0;
}

struct telling {
	struct told *t;
	const Hale__V1__HostReport *m;
	told_event_fn event;
	void *data;
	int n, error;
};

static bool tell(struct telling *g, int what, const Hale__V1__Finding *f)
{
	int r = g->event(g->data, what, f);

	if (r < 0 && g->error == 0)
		g->error = r;
	g->n += r >= 0;
	return r >= 0;
}

/* What the agent says of its end, or that it says nothing any more. */
static void tell_ended(struct telling *g, const Hale__V1__Finding *f)
{
	const Hale__V1__Finding *end = listed(g->m->closed, g->m->n_closed, f);
	Hale__V1__Finding lost = *f;

	lost.closed_ns = g->m->as_of_ns;
	lost.closed = unseen;
	if (tell(g, CLOSED, end ? end : &lost))
		drop(g->t, find(g->t, f));
}

static void tell_open(struct telling *g, const Hale__V1__Finding *f)
{
	size_t i = find(g->t, f);
	bool known = i < g->t->n;

	if (!f->part || (known && g->t->findings[i]->effect == f->effect))
		return;
	if (i < TOLD_MAX && tell(g, known ? CHANGED : OPENED, f)) {
		int r = keep(g->t, i, f);

		if (r < 0 && g->error == 0)
			g->error = r;
	}
}

/* It came and went since the last report. */
static bool passed_by(const struct told *t, const Hale__V1__Finding *f)
{
	return f->part && t->seen_ns != 0 && f->closed_ns > t->seen_ns &&
	       find(t, f) == t->n;
}

int told_report(struct told *t, const Hale__V1__HostReport *m,
		told_event_fn event, void *data)
{
	struct telling g = { t, m, event, data, 0, 0 };

	/* the oldest end first; what was told as open ends below */
	for (size_t i = m->n_closed; i-- > 0;) {
		if (passed_by(t, m->closed[i]))
			tell(&g, CLOSED, m->closed[i]);
	}
	for (size_t i = t->n; i-- > 0;) {
		if (!listed(m->findings, m->n_findings, t->findings[i]))
			tell_ended(&g, t->findings[i]);
	}
	for (size_t i = 0; i < m->n_findings; i++)
		tell_open(&g, m->findings[i]);
	if (g.error == 0)
		t->seen_ns = m->as_of_ns;
	return g.error < 0 ? g.error : g.n;
}

int told_apply(struct told *t, const Hale__Fleet__V1__FindingEvent *m)
{
	size_t i;

	if (!m->finding || !m->finding->part)
		return -EBADMSG;
	i = find(t, m->finding);
	t->seq = m->seq;
	if (m->what != CLOSED)
		return keep(t, i, m->finding);
	if (i < t->n)
		drop(t, i);
	return 0;
}

uint8_t *told_pack(const struct told *t, size_t *ret_len)
{
	Hale__Fleet__V1__HostState m;
	Hale__V1__HostReport report;
	uint8_t *bytes;

	hale__fleet__v1__host_state__init(&m);
	hale__v1__host_report__init(&report);
	report.as_of_ns = t->seen_ns;
	/* it is read only */
	report.findings = (Hale__V1__Finding **)(uintptr_t)t->findings;
	report.n_findings = t->n;
	m.report = &report;
	m.spool_id = t->spool_id;
	m.seq = t->seq;
	/* of these two there is no better place in that message */
	m.sent_ns = t->build;
	m.agent_silent = t->build_known;
	*ret_len = hale__fleet__v1__host_state__get_packed_size(&m);
	bytes = malloc(*ret_len + 1);
	if (bytes)
		hale__fleet__v1__host_state__pack(&m, bytes);
	return bytes;
}

static int take_all(struct told *t, const Hale__Fleet__V1__HostState *m)
{
	const Hale__V1__HostReport *report = m->report;
	int r = report ? 0 : -EBADMSG;

	for (size_t i = 0; r == 0 && i < report->n_findings; i++)
		r = report->findings[i]->part
			    ? keep(t, t->n, report->findings[i])
			    : -EBADMSG;
	if (r < 0)
		return r;
	t->seen_ns = report->as_of_ns;
	t->spool_id = m->spool_id;
	t->seq = m->seq;
	t->build = m->sent_ns;
	t->build_known = m->agent_silent;
	return 0;
}

int told_unpack(struct told *t, const void *bytes, size_t len)
{
	Hale__Fleet__V1__HostState *m =
		hale__fleet__v1__host_state__unpack(NULL, len, bytes);
	int r = m ? take_all(t, m) : -EBADMSG;

	if (r < 0)
		told_done(t);
	if (m)
		hale__fleet__v1__host_state__free_unpacked(m, NULL);
	return r;
}

void told_done(struct told *t)
{
	while (t->n > 0)
		drop(t, t->n - 1);
	t->seen_ns = t->spool_id = t->seq = t->build = 0;
	t->build_known = false;
}
