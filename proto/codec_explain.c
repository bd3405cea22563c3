/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Causes to messages and back. Decides nothing but what is refused: more than
 * there may be, words that no enum has, a step that follows from none before
 * it. Borrows all texts and takes all memory from an arena.
 */
#include "codec_explain.h"

#include <errno.h>

#include "hale/text.h"

_Static_assert((int)HALE__V1__CONFIDENCE__CERTAIN == HALE_CONFIDENCE_COUNT - 1,
	       "HALE_CONFIDENCE_COUNT");
_Static_assert((int)HALE__V1__RELATION__NEAR == HALE_RELATION_COUNT - 1,
	       "HALE_RELATION_COUNT");

/* --- to messages --- */

static Hale__V1__CauseStep *step(struct codec_arena *a,
				 const struct hale_cause_step *s)
{
	Hale__V1__CauseStep *m =
		codec_new(a, &hale__v1__cause_step__descriptor);

	if (!m)
		return NULL;
	m->relation = (Hale__V1__Relation)s->relation;
	m->confidence = (Hale__V1__Confidence)s->confidence;
	m->from = s->from;
	m->redone = s->redone;
	m->text = codec_borrow(s->text);
	if (s->finding.condition != HALE_CONDITION_NONE) {
		m->finding = codec_finding(a, &s->finding);
		if (!m->finding)
			return NULL;
	}
	if (!s->death)
		return m;
	m->victim = codec_victim(a, &s->victim);
	return m->victim ? m : NULL;
}

static bool steps(struct codec_arena *a, const struct hale_cause *c,
		  Hale__V1__Cause *m)
{
	m->steps = codec_alloc(a, HALE_CAUSE_STEPS_MAX * sizeof(*m->steps));
	if (!m->steps)
		return false;
	for (; m->n_steps < c->n_steps; m->n_steps++) {
		Hale__V1__CauseStep *s = step(a, &c->steps[m->n_steps]);

		if (!s)
			return false;
		m->steps[m->n_steps] = s;
	}
	return true;
}

Hale__V1__Cause *codec_cause(struct codec_arena *a, const struct hale_cause *c)
{
	Hale__V1__Cause *m = codec_new(a, &hale__v1__cause__descriptor);

	if (!m || !steps(a, c, m))
		return NULL;
	m->paths = codec_alloc(a, HALE_CAUSE_PATHS_MAX * sizeof(*m->paths));
	if (!m->paths)
		return NULL;
	for (; m->n_paths < c->n_paths; m->n_paths++)
		m->paths[m->n_paths] = codec_borrow(c->paths[m->n_paths]);
	m->paths_total = c->n_paths_total;
	m->headline = codec_borrow(c->headline);
	m->confidence = (Hale__V1__Confidence)c->confidence;
	m->build = codec_borrow(hale_build_cause_name(c->build));
	m->steps_total = c->n_steps_total;
	m->prevents = codec_borrow(c->prevents);
	m->every_build = c->every_build;
	return m;
}

/* @n victims as a list; NULL where the arena is full. */
static Hale__V1__Victim **victims(struct codec_arena *a,
				  const struct hale_victim *v, size_t n)
{
	Hale__V1__Victim **list = codec_alloc(a, (n + 1) * sizeof(*list));

	for (size_t i = 0; list && i < n; i++) {
		list[i] = codec_victim(a, &v[i]);
		if (!list[i])
			return NULL;
	}
	return list;
}

/* Everything is what is asked about where no path is and not the host. */
static bool scope(struct codec_arena *a, const struct hale_cause_query *q,
		  Hale__V1__ExplainRequest *m)
{
	Hale__V1__Request *check;

	if (q->scope.n_paths == 0 && !q->scope.host)
		return true;
	check = codec_request_check(a, &q->scope);
	if (check)
		m->scope = check->check;
	return check != NULL;
}

Hale__V1__Request *codec_request_explain(struct codec_arena *a,
					 const struct hale_cause_query *q)
{
	Hale__V1__Request *m = codec_new(a, &hale__v1__request__descriptor);
	Hale__V1__ExplainRequest *e =
		codec_new(a, &hale__v1__explain_request__descriptor);

	if (!m || !e || !scope(a, q, e))
		return NULL;
	e->subject = codec_borrow(q->subject);
	e->since_ns = q->since_ns;
	e->until_ns = q->until_ns;
	e->cgroup = codec_borrow(q->cgroup);
	e->victims = victims(a, q->victims, q->n_victims);
	if (!e->victims)
		return NULL;
	e->n_victims = q->n_victims;
	m->body_case = HALE__V1__REQUEST__BODY_EXPLAIN;
	m->explain = e;
	return m;
}

static bool reply_lists(struct codec_arena *a, const struct codec_explain *e,
			Hale__V1__ExplainReply *m)
{
	m->deaths = victims(a, e->deaths, e->n_deaths);
	if (!m->deaths)
		return false;
	m->n_deaths = e->n_deaths;
	if (!e->cause)
		return true;
	m->causes = codec_alloc(a, sizeof(*m->causes));
	if (!m->causes)
		return false;
	m->causes[0] = codec_cause(a, e->cause);
	m->n_causes = 1;
	return m->causes[0] != NULL;
}

Hale__V1__Reply *codec_reply_explain(struct codec_arena *a,
				     const struct codec_explain *e, bool last)
{
	Hale__V1__Reply *m = codec_new(a, &hale__v1__reply__descriptor);
	Hale__V1__ExplainReply *x =
		codec_new(a, &hale__v1__explain_reply__descriptor);

	if (!m || !x || !reply_lists(a, e, x))
		return NULL;
	x->host = codec_borrow(e->host);
	x->note = codec_borrow(e->note ? e->note : "");
	x->as_of_ns = e->as_of_ns;
	x->scanned = e->scanned;
	x->causes_total = e->causes_total;
	m->body_case = HALE__V1__REPLY__BODY_EXPLAIN;
	m->explain = x;
	m->last = last;
	if (!e->verdict)
		return m;
	x->verdict = codec_verdict(a, e->verdict);
	return x->verdict ? m : NULL;
}

/* --- to structs --- */

static void text(char *dst, size_t size, const char *src)
{
	hale_print_text(dst, size, src, strlen(src));
}

#define TEXT(array, src) text((array), sizeof(array), (src))

static const char *step_wrong(const Hale__V1__CauseStep *m, size_t i)
{
	if ((unsigned int)m->relation >= HALE_RELATION_COUNT)
		return "steps: relation is out of range";
	if ((unsigned int)m->confidence >= HALE_CONFIDENCE_COUNT)
		return "steps: confidence is out of range";
	if (i > 0 ? m->from >= i : m->from != 0)
		return "steps: one follows from none before it";
	if (!m->finding && !m->victim)
		return "steps: neither a finding nor a death";
	return NULL;
}

static int step_read(const Hale__V1__CauseStep *m, struct hale_cause_step *s,
		     const char **ret_why)
{
	int r = 0;

	memset(s, 0, sizeof(*s));
	s->relation = (enum hale_relation)m->relation;
	s->confidence = (enum hale_confidence)m->confidence;
	s->from = m->from;
	s->redone = m->redone;
	s->death = m->victim != NULL;
	TEXT(s->text, m->text);
	if (m->finding)
		r = codec_read_finding(m->finding, &s->finding, ret_why);
	if (r == 0 && m->victim)
		r = codec_read_victim(m->victim, &s->victim, ret_why);
	return r;
}

static const char *cause_wrong(const Hale__V1__Cause *m)
{
	if (!m)
		return "cause is missing";
	if ((unsigned int)m->confidence >= HALE_CONFIDENCE_COUNT)
		return "cause: confidence is out of range";
	if (m->n_steps == 0 || m->n_steps > HALE_CAUSE_STEPS_MAX)
		return "steps: none, or more than 12";
	if (m->n_paths > HALE_CAUSE_PATHS_MAX)
		return "paths: more than 8";
	for (size_t i = 0; i < m->n_steps; i++) {
		const char *why = step_wrong(m->steps[i], i);

		if (why)
			return why;
	}
	return NULL;
}

static void cause_fill(const Hale__V1__Cause *m, struct hale_cause *c)
{
	c->confidence = (enum hale_confidence)m->confidence;
	c->build = hale_build_cause_from_name(m->build, strlen(m->build));
	c->n_steps = (uint32_t)m->n_steps;
	c->n_steps_total = m->steps_total;
	c->every_build = m->every_build;
	c->n_paths = (uint32_t)m->n_paths;
	c->n_paths_total = m->paths_total;
	TEXT(c->headline, m->headline);
	TEXT(c->prevents, m->prevents);
	for (size_t i = 0; i < m->n_paths; i++)
		TEXT(c->paths[i], m->paths[i]);
}

int codec_read_cause(const Hale__V1__Cause *m, struct hale_cause *ret_c,
		     const char **ret_why)
{
	const char *why = cause_wrong(m);
	struct hale_cause_step last;

	/* what is refused is refused before anything is written */
	for (size_t i = 0; !why && i < m->n_steps; i++)
		step_read(m->steps[i], &last, &why);
	if (why) {
		*ret_why = why;
		return -EBADMSG;
	}
	memset(ret_c, 0, offsetof(struct hale_cause, steps));
	cause_fill(m, ret_c);
	for (size_t i = 0; i < m->n_steps; i++)
		step_read(m->steps[i], &ret_c->steps[i], &why);
	return 0;
}

static int explain_victims(const Hale__V1__ExplainRequest *m,
			   struct hale_victim *ret_victims,
			   const char **ret_why)
{
	for (size_t i = 0; i < m->n_victims; i++) {
		int r = codec_read_victim(m->victims[i], &ret_victims[i],
					  ret_why);

		if (r < 0)
			return r;
	}
	return 0;
}

static bool has_scope(const Hale__V1__ExplainRequest *m)
{
	return m->scope && (m->scope->n_paths > 0 || m->scope->host);
}

int codec_read_explain(const Hale__V1__ExplainRequest *m,
		       struct hale_cause_query *ret_q, const char **ret_why)
{
	struct hale_victim one;
	int r;

	if (!m || m->n_victims > HALE_CAUSE_VICTIMS_MAX) {
		*ret_why = m ? "victims: more than 16" : "explain is missing";
		return -EBADMSG;
	}
	for (size_t i = 0; i < m->n_victims; i++) {
		r = codec_read_victim(m->victims[i], &one, ret_why);
		if (r < 0)
			return r;
	}
	if (has_scope(m)) {
		r = codec_read_check(m->scope, &ret_q->scope, ret_why);
		if (r < 0)
			return r;
	} else {
		memset(&ret_q->scope, 0, sizeof(ret_q->scope));
	}
	TEXT(ret_q->subject, m->subject);
	TEXT(ret_q->cgroup, m->cgroup);
	ret_q->since_ns = m->since_ns;
	ret_q->until_ns = m->until_ns;
	ret_q->n_victims = (uint32_t)m->n_victims;
	return explain_victims(m, ret_q->victims, ret_why);
}
