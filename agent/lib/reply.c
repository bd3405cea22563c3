/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers as plain values. Every text is there, if only as "", and every index
 * is checked, so that a caller can print whatever an agent of another version
 * sent. The exit code follows from the fitness here and is believed to nobody.
 */
#include <errno.h>
#include <stdio.h>

#include "hale/base.h"
#include "hale/verdict.h"

#include "answer.h"
#include "proto/json.h"

struct hale_reply *hale_reply_free(struct hale_reply *r)
{
	if (!r)
		return NULL;
	hale__v1__reply__free_unpacked(r->pb, NULL);
	free(r->note);
	free(r);
	return NULL;
}

static const char *text(const char *s)
{
	return s ? s : "";
}

static enum hale_fitness fitness(const Hale__V1__Verdict *v)
{
	switch (v->fitness) {
	case HALE__V1__FITNESS__FIT:
		return HALE_FIT;
	case HALE__V1__FITNESS__DEGRADED:
		return HALE_DEGRADED;
	case HALE__V1__FITNESS__UNFIT:
		return HALE_UNFIT;
	case HALE__V1__FITNESS__UNKNOWN:
	case _HALE__V1__FITNESS_IS_INT_SIZE:
		break;
	}
	return HALE_UNKNOWN; /* and what a newer agent may have invented */
}

static enum hale_effect effect(Hale__V1__Effect e)
{
	return (unsigned int)e < HALE_EFFECT_COUNT ? (enum hale_effect)e
						   : HALE_EFFECT_NONE;
}

static void sum_up_report(const Hale__V1__HostReport *r, struct hale_summary *s)
{
	s->host = text(r->host);
	s->version = text(r->version);
	s->as_of_ns = r->as_of_ns;
	s->started_ns = r->started_ns;
	s->generation = r->generation;
	s->n_findings = r->n_findings;
	s->n_coverage = r->n_coverage;
	s->refused = r->refused;
	s->refused_uid = r->refused_uid;
	s->refused_ns = r->refused_ns;
}

static void sum_up_body(const Hale__V1__Reply *pb, struct hale_summary *s)
{
	switch (pb->body_case) {
	case HALE__V1__REPLY__BODY_CHECK:
		s->host = text(pb->check->host);
		s->note = text(pb->check->note);
		break;
	case HALE__V1__REPLY__BODY_REPORT:
		sum_up_report(pb->report, s);
		break;
	case HALE__V1__REPLY__BODY_SCOPE:
		s->path = text(pb->scope->path);
		s->n_hops = pb->scope->n_hops;
		break;
	case HALE__V1__REPLY__BODY_CONTROL:
		s->error = pb->control->error;
		s->affected = pb->control->affected;
		s->note = text(pb->control->text);
		break;
	case HALE__V1__REPLY__BODY_EXPLAIN:
		s->host = text(pb->explain->host);
		s->note = text(pb->explain->note);
		s->as_of_ns = pb->explain->as_of_ns;
		s->n_causes = pb->explain->n_causes;
		s->causes_total = pb->explain->causes_total;
		s->n_deaths = pb->explain->n_deaths;
		break;
	case HALE__V1__REPLY__BODY_VERIFY:
		s->host = text(pb->verify->host);
		break;
	case HALE__V1__REPLY__BODY_ERROR:
		s->note = text(pb->error->text);
		break;
	case HALE__V1__REPLY__BODY__NOT_SET:
	case _HALE__V1__REPLY__BODY__CASE_IS_INT_SIZE:
		break;
	}
}

void hale_reply_summary(const struct hale_reply *r, struct hale_summary *ret)
{
	const Hale__V1__Verdict *v = answer_verdict(r->pb);

	*ret = (struct hale_summary){
		.host = "",
		.note = "",
		.version = "",
		.path = "",
		.error = r->error,
		.agent = r->agent,
		.scanned = r->scanned,
	};
	sum_up_body(r->pb, ret);
	if (r->note)
		ret->note = r->note;
	if (v) {
		ret->fitness = fitness(v);
		ret->reasons_total = v->reasons_total;
		ret->parts = v->parts;
		ret->n_reasons = v->n_reasons;
		if (v->as_of_ns)
			ret->as_of_ns = v->as_of_ns;
	}
	ret->exit_code = hale_exit_code(ret->fitness, r->strict);
}

const char *reply_engine_path(const struct hale_reply *r, size_t i)
{
	if (r->pb->body_case != HALE__V1__REPLY__BODY_CHECK ||
	    i >= r->pb->check->n_engine_paths)
		return NULL;
	return r->pb->check->engine_paths[i];
}

/* --- findings --- */

static void fill_part(const Hale__V1__Part *p, struct hale_entry *e)
{
	e->part = p ? text(p->id) : "";
	e->alias = p ? text(p->alias) : "";
	e->model = p ? text(p->model) : "";
	e->serial = p ? text(p->serial) : "";
	e->where = p ? text(p->where) : "";
}

void reply_fill_finding(const Hale__V1__Finding *f, struct hale_entry *e)
{
	Hale__V1__Finding none;

	hale__v1__finding__init(&none);
	f = f ? f : &none;
	fill_part(f->part, e);
	e->condition = text(f->condition);
	e->effect = effect(f->effect);
	e->at_least = f->at_least;
	e->muted = f->muted;
	e->redundant = false;
	e->count = f->count;
	e->first_ns = f->first_ns;
	e->last_ns = f->last_ns;
	e->expires_ns = f->expires_ns;
	e->value = f->value;
	e->total = f->total;
	e->driver = text(f->driver);
	e->evidence = text(f->evidence);
	e->meaning = text(f->meaning);
	e->advice = text(f->advice);
	e->clears = text(f->clears);
	e->path = e->via = e->text = "";
	e->closed = text(f->closed);
	e->closed_ns = f->closed_ns;
	e->closed_by = text(f->closed_by);
	e->withheld = f->withheld;
}

bool hale_reply_reason(const struct hale_reply *r, size_t i,
		       struct hale_entry *ret)
{
	const Hale__V1__Verdict *v = answer_verdict(r->pb);
	const Hale__V1__Reason *reason;

	if (!v || i >= v->n_reasons)
		return false;
	reason = v->reasons[i];
	reply_fill_finding(reason->finding, ret);
	ret->effect = effect(reason->effect);
	ret->redundant = reason->redundant;
	ret->path = text(reason->path);
	ret->via = text(reason->via);
	ret->text = text(reason->text);
	return true;
}

bool hale_reply_finding(const struct hale_reply *r, size_t i,
			struct hale_entry *ret)
{
	if (r->pb->body_case != HALE__V1__REPLY__BODY_REPORT ||
	    i >= r->pb->report->n_findings)
		return false;
	reply_fill_finding(r->pb->report->findings[i], ret);
	return true;
}

bool hale_reply_closed(const struct hale_reply *r, size_t i,
		       struct hale_entry *ret)
{
	if (r->pb->body_case != HALE__V1__REPLY__BODY_REPORT ||
	    i >= r->pb->report->n_closed)
		return false;
	reply_fill_finding(r->pb->report->closed[i], ret);
	return true;
}

/* --- coverage and hops --- */

bool hale_reply_sense(const struct hale_reply *r, size_t i,
		      struct hale_sense_entry *ret)
{
	const Hale__V1__Coverage *c;

	if (r->pb->body_case != HALE__V1__REPLY__BODY_REPORT ||
	    i >= r->pb->report->n_coverage)
		return false;
	c = r->pb->report->coverage[i];
	*ret = (struct hale_sense_entry){
		.driver = text(c->driver),
		.sense = text(c->sense),
		.why = text(c->why),
		.remedy = text(c->remedy),
		.since_ns = c->since_ns,
		.part = text(c->part),
		.period_s = c->period_s,
		.sight = (unsigned int)c->sight < HALE_SIGHT_COUNT
				 ? (enum hale_sight)c->sight
				 : HALE_SIGHT_BLIND,
	};
	return true;
}

static const Hale__V1__Hop *hop_at(const struct hale_reply *r, size_t i)
{
	if (r->pb->body_case != HALE__V1__REPLY__BODY_SCOPE ||
	    i >= r->pb->scope->n_hops)
		return NULL;
	return r->pb->scope->hops[i];
}

bool hale_reply_hop(const struct hale_reply *r, size_t i,
		    struct hale_hop_entry *ret)
{
	const Hale__V1__Hop *hop = hop_at(r, i);

	if (!hop)
		return false;
	*ret = (struct hale_hop_entry){
		.depth = hop->depth,
		.name = text(hop->name),
		.via = text(hop->via),
		.detail = text(hop->detail),
		.part = hop->part ? text(hop->part->id) : "",
		.model = hop->part ? text(hop->part->model) : "",
		.serial = hop->part ? text(hop->part->serial) : "",
		.redundant = hop->redundant,
		.n_findings = hop->n_findings,
	};
	return true;
}

bool hale_reply_hop_finding(const struct hale_reply *r, size_t hop, size_t i,
			    struct hale_entry *ret)
{
	const Hale__V1__Hop *h = hop_at(r, hop);

	if (!h || i >= h->n_findings)
		return false;
	reply_fill_finding(h->findings[i], ret);
	return true;
}

/* --- JSON --- */

static void put(void *sink, const char *s, size_t len)
{
	fwrite(s, 1, len, (FILE *)sink);
}

/* What a reader of JSON gets is what this library made of the answer. */
static const ProtobufCMessage *body(const struct hale_reply *r)
{
	struct hale_summary s;

	switch (r->pb->body_case) {
	case HALE__V1__REPLY__BODY_CHECK:
		hale_reply_summary(r, &s);
		r->pb->check->exit_code = (uint32_t)s.exit_code;
		r->pb->check->scanned = s.scanned;
		return &r->pb->check->base;
	case HALE__V1__REPLY__BODY_REPORT:
		return &r->pb->report->base;
	case HALE__V1__REPLY__BODY_SCOPE:
		return &r->pb->scope->base;
	case HALE__V1__REPLY__BODY_CONTROL:
		return &r->pb->control->base;
	case HALE__V1__REPLY__BODY_EXPLAIN:
		r->pb->explain->scanned = r->scanned;
		return &r->pb->explain->base;
	case HALE__V1__REPLY__BODY_VERIFY:
		return &r->pb->verify->base;
	case HALE__V1__REPLY__BODY_ERROR:
		return &r->pb->error->base;
	case HALE__V1__REPLY__BODY__NOT_SET:
	case _HALE__V1__REPLY__BODY__CASE_IS_INT_SIZE:
		break;
	}
	return &r->pb->base;
}

static bool has_note(const Hale__V1__Reply *pb)
{
	return pb->body_case == HALE__V1__REPLY__BODY_CHECK ||
	       pb->body_case == HALE__V1__REPLY__BODY_EXPLAIN;
}

/* Of a message that has one. Return: what stood there. */
static char *put_note(Hale__V1__Reply *pb, char *note)
{
	bool check = pb->body_case == HALE__V1__REPLY__BODY_CHECK;
	char *old = check ? pb->check->note : pb->explain->note;

	if (check)
		pb->check->note = note;
	else
		pb->explain->note = note;
	return old;
}

int hale_reply_json(const struct hale_reply *r, char **ret_text)
{
	bool noted = r->note && has_note(r->pb);
	char *out = NULL, *kept = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&out, &size);
	const struct json_sink sink = { .write = put, .sink = f };
	int err;

	if (!f)
		return -ENOMEM;
	if (noted)
		kept = put_note(r->pb, r->note);
	err = json_print(body(r), JSON_DEFAULTS, &sink);
	if (noted)
		put_note(r->pb, kept);
	if (fclose(f) != 0 && err == 0)
		err = -ENOMEM;
	if (err < 0) {
		free(out);
		return err;
	}
	*ret_text = out;
	return 0;
}
