/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why: the question, and its answer as plain values. As in reply.c every text
 * is there and every index is checked, whatever an agent of another version
 * sent. Decides nothing.
 */
#include "explain.h"

#include <errno.h>

#include "hale/base.h"
#include "hale/cause.h"

#include "answer.h"
#include "ask.h"
#include "proto/codec_explain.h"
#include "resolve.h"

/* --- asking --- */

int explain_ask(struct hale *h, const struct hale_cause_query *q,
		struct hale_reply **ret_reply)
{
	_cleanup_free_ uint8_t *mem = malloc(CODEC_ARENA_BUILD);
	struct codec_arena a = { .mem = mem, .size = CODEC_ARENA_BUILD };
	Hale__V1__Request *m = mem ? codec_request_explain(&a, q) : NULL;

	return m ? ask_question(h, m, ret_reply) : -ENOMEM;
}

int explain_retested(struct hale *h, uint32_t pid,
		     struct hale_reply **ret_reply)
{
	uint8_t mem[512];
	struct codec_arena a = { .mem = mem, .size = sizeof(mem) };
	Hale__V1__ControlRequest c;
	Hale__V1__Request *q;

	hale__v1__control_request__init(&c);
	c.action = HALE__V1__CONTROL_REQUEST__ACTION__RETESTED;
	c.pid = pid;
	q = codec_request_control(&a, &c);
	return q ? ask_question(h, q, ret_reply) : -ENOMEM;
}

static const char *text(const char *s)
{
	return s ? s : "";
}

static int ask_resolved(struct hale *h, const struct hale_explain_options *o,
			struct hale_cause_query *q,
			struct hale_reply **ret_reply)
{
	int r = 0;

	q->scope.host = o->host && o->n_paths == 0;
	q->scope.container = o->container;
	q->since_ns = o->since_ns;
	q->until_ns = o->until_ns;
	HALE_SET(q->subject, text(o->subject));
	HALE_SET(q->cgroup, text(o->cgroup));
	if (o->n_paths > 0)
		r = resolve_request(NULL, o->paths, o->n_paths, &q->scope);
	return r < 0 ? r : explain_ask(h, q, ret_reply);
}

int hale_explain(struct hale *h, const struct hale_explain_options *o,
		 struct hale_reply **ret_reply)
{
	static const struct hale_explain_options defaults;
	_cleanup_free_ struct hale_cause_query *q = NULL;

	if (o && o->size != sizeof(*o))
		return -EINVAL;
	q = calloc(1, sizeof(*q));
	return q ? ask_resolved(h, o ? o : &defaults, q, ret_reply) : -ENOMEM;
}

/* --- structs --- */

const Hale__V1__ExplainReply *explain_reply(const struct hale_reply *r)
{
	return r->pb->body_case == HALE__V1__REPLY__BODY_EXPLAIN
		       ? r->pb->explain
		       : NULL;
}

bool explain_cause(const struct hale_reply *r, size_t i,
		   struct hale_cause *ret_cause)
{
	const Hale__V1__ExplainReply *x = explain_reply(r);
	const char *why;

	if (!x || i >= x->n_causes)
		return false;
	if (codec_read_cause(x->causes[i], ret_cause, &why) < 0)
		memset(ret_cause, 0, sizeof(*ret_cause));
	return true;
}

bool explain_death(const struct hale_reply *r, size_t i,
		   struct hale_victim *ret_victim)
{
	const Hale__V1__ExplainReply *x = explain_reply(r);
	const char *why;

	if (!x || i >= x->n_deaths)
		return false;
	if (codec_read_victim(x->deaths[i], ret_victim, &why) < 0)
		memset(ret_victim, 0, sizeof(*ret_victim));
	return true;
}

/* --- public values --- */

static const Hale__V1__Cause *cause_at(const struct hale_reply *r, size_t i)
{
	const Hale__V1__ExplainReply *x = explain_reply(r);

	return x && i < x->n_causes ? x->causes[i] : NULL;
}

static const char *confidence(Hale__V1__Confidence c)
{
	return hale_confidence_name((enum hale_confidence)c);
}

bool hale_reply_cause(const struct hale_reply *r, size_t i,
		      struct hale_cause_entry *ret)
{
	const Hale__V1__Cause *c = cause_at(r, i);

	if (!c)
		return false;
	*ret = (struct hale_cause_entry){
		.headline = text(c->headline),
		.confidence = confidence(c->confidence),
		.build = text(c->build),
		.prevents = text(c->prevents),
		.every_build = c->every_build,
		.n_steps = c->n_steps,
		.n_paths = c->n_paths,
		.steps_total = c->steps_total,
		.paths_total = c->paths_total,
	};
	return true;
}

const char *hale_reply_cause_path(const struct hale_reply *r, size_t cause,
				  size_t i)
{
	const Hale__V1__Cause *c = cause_at(r, cause);

	return c && i < c->n_paths ? text(c->paths[i]) : NULL;
}

/* The mapping that failed, where that is known. */
static const char *faulted(const Hale__V1__Victim *v)
{
	for (size_t i = 0; i < v->n_files; i++) {
		if (v->files[i]->faulted)
			return text(v->files[i]->path);
	}
	return "";
}

static void fill_death(const Hale__V1__Victim *v, struct hale_death_entry *ret)
{
	*ret = (struct hale_death_entry){
		.time_ns = v->time_ns,
		.pid = v->pid,
		.signal = v->signal,
		.code_known = v->code_known,
		.code = v->code,
		.dumped = v->dumped,
		.comm = text(v->comm),
		.exe = text(v->exe),
		.cgroup = text(v->cgroup),
		.file = faulted(v),
	};
}

bool hale_reply_death(const struct hale_reply *r, size_t i,
		      struct hale_death_entry *ret)
{
	const Hale__V1__ExplainReply *x = explain_reply(r);

	if (!x || i >= x->n_deaths)
		return false;
	fill_death(x->deaths[i], ret);
	return true;
}

static const char *relation(Hale__V1__Relation r)
{
	static const char *const names[HALE_RELATION_COUNT] = {
		[HALE_RELATION_ROOT] = "root",
		[HALE_RELATION_SAME_PART] = "same part",
		[HALE_RELATION_BENEATH] = "beneath",
		[HALE_RELATION_RESTS] = "rests on",
		[HALE_RELATION_MAPPED] = "mapped",
		[HALE_RELATION_SAME_PROCESS] = "same process",
		[HALE_RELATION_HOST] = "host",
		[HALE_RELATION_NEAR] = "near",
	};

	return (unsigned int)r < HALE_RELATION_COUNT ? names[r] : "";
}

bool hale_reply_cause_step(const struct hale_reply *r, size_t cause, size_t i,
			   struct hale_step_entry *ret)
{
	const Hale__V1__Cause *c = cause_at(r, cause);
	const Hale__V1__CauseStep *s;
	Hale__V1__Victim none;

	if (!c || i >= c->n_steps)
		return false;
	s = c->steps[i];
	hale__v1__victim__init(&none);
	*ret = (struct hale_step_entry){
		.relation = relation(s->relation),
		.confidence = confidence(s->confidence),
		.text = text(s->text),
		/* who follows it upwards comes to an end */
		.from = s->from < i ? s->from : 0,
		.redone = s->redone,
		.death = s->victim != NULL,
		.has_finding = s->finding != NULL,
	};
	reply_fill_finding(s->finding, &ret->finding);
	fill_death(s->victim ? s->victim : &none, &ret->victim);
	return true;
}
