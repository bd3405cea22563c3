/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the fleet knows of one host, for people: first what is wrong and what to
 * do about it, then what is not seen, then what the host is, then what
 * happened. Of what was never told it says so, or nothing. Pure.
 */
#include "hale/base.h"
#include "hale/condition.h"

#include "agent/cli/render.h"
#include "agent/lib/answer.h"
#include "show.h"

#define SKEW_NS (2 * HALE_NS_PER_S) /* below that it is the way's */

void show_count(struct show *s, const Hale__Fleet__V1__BuildOutcome *m)
{
	s->builds++;
	s->passed += m->outcome == HALE__V1__BUILD_RESULT__OUTCOME__PASSED ||
		     m->outcome == HALE__V1__BUILD_RESULT__OUTCOME__SUSPECT;
	s->host_faults += m->host_fault ? 1 : 0;
}

static void put_head(struct out *o, const struct show *s,
		     const struct picture_row *r)
{
	out_color(o, rows_color(r->verdict), picture_verdict_name(r->verdict));
	out_raw(o, "  ");
	out_text(o, r->name);
	out_raw(o, "   since ");
	out_raw(o, r->since_at_least ? "at least " : "");
	out_duration(o, s->now_ns > r->since_ns ? s->now_ns - r->since_ns : 0);
	if (r->heard_ns > 0) {
		out_raw(o, ", heard ");
		out_ago(o, r->heard_ns, s->now_ns);
	}
	out_raw(o, "\n");
}

static void put_line(struct out *o, const char *name, const char *value)
{
	if (!value[0])
		return;
	out_raw(o, "  ");
	out_raw(o, name);
	out_text(o, value);
	out_raw(o, "\n");
}

static void put_doubts(struct out *o, const struct show *s,
		       const struct picture_row *r)
{
	uint64_t off = (uint64_t)(r->skew_ns < 0 ? -r->skew_ns : r->skew_ns);

	if (r->verdict == PICTURE_SILENT) {
		out_raw(o, "  its last word was ");
		out_raw(o, picture_verdict_name(r->said));
		out_raw(o, r->said_why[0] ? ": " : "");
		out_text(o, r->said_why);
		out_raw(o, "\n");
	}
	if (off > SKEW_NS) {
		out_raw(o, "  its clock is ");
		out_duration(o, off);
		out_raw(o, r->skew_ns < 0 ? " behind the servers'\n"
					  : " ahead of the servers'\n");
	}
	if (s->namesakes > 0)
		out_raw(o, "  another host calls itself the same; this is the "
			   "one heard last\n");
	if (r->dropped > 0) {
		out_raw(o, "  ");
		out_number(o, r->dropped);
		out_raw(o, " findings or builds were never told: its spool was "
			   "full\n");
	}
}

/* --- findings --- */

/* Meaning and advice are the same on every host: they were not sent. */
static void put_advice(struct out *o, const char *condition)
{
	enum hale_condition c =
		hale_condition_from_name(condition, strlen(condition));

	if (c == HALE_CONDITION_NONE)
		return;
	put_line(o, "  means: ", hale_condition_info(c)->meaning);
	put_line(o, "  to do: ", hale_condition_info(c)->advice);
}

static void put_findings(struct out *o, const struct show *s)
{
	const Hale__V1__HostReport *r = s->state->report;
	struct hale_entry e;

	if (r->n_findings == 0)
		return;
	out_raw(o, "findings\n");
	for (size_t i = 0; i < r->n_findings; i++) {
		reply_fill_finding(r->findings[i], &e);
		render_entry(o, &e, s->state->sent_ns);
		put_advice(o, e.condition);
	}
	if (s->state->findings_total > r->n_findings) {
		out_raw(o, "  and ");
		out_number(o, s->state->findings_total - r->n_findings);
		out_raw(o, " more: hale status, on the host\n");
	}
}

/* Reasons that are no finding: what a verdict lacks. */
static void put_reasons(struct out *o, const struct show *s)
{
	const Hale__V1__Verdict *v = s->state->report->verdict;

	for (size_t i = 0; i < v->n_reasons; i++) {
		if (!v->reasons[i]->finding)
			put_line(o, "", v->reasons[i]->text);
	}
}

/* --- what it is --- */

static void put_coverage(struct out *o, const struct show *s)
{
	const Hale__V1__HostReport *r = s->state->report;

	if (s->state->senses_total == 0)
		return;
	out_raw(o, "sees  ");
	out_number(o, s->state->senses_live);
	out_raw(o, " of ");
	out_number(o, s->state->senses_total);
	out_raw(o, " senses fully\n");
	for (size_t i = 0; i < r->n_coverage; i++) {
		const Hale__V1__Coverage *c = r->coverage[i];

		out_raw(o, c->sight == HALE__V1__SIGHT__SIGHT_PARTIAL
				   ? "  partly "
				   : "  not ");
		out_text(o, c->sense);
		if (c->part[0]) {
			out_raw(o, " of ");
			out_text(o, c->part);
		}
		out_raw(o, c->why[0] ? ": " : "");
		out_text(o, c->why);
		out_raw(o, "\n");
	}
}

static void put_rooms(struct out *o, const Hale__Fleet__V1__Capacity *c)
{
	for (size_t i = 0; i < c->n_rooms; i++) {
		out_raw(o, "; ");
		out_text(o, c->rooms[i]->where);
		out_raw(o, " ");
		out_size(o, c->rooms[i]->available_bytes);
		out_raw(o, " of ");
		out_size(o, c->rooms[i]->total_bytes);
	}
}

static void put_capacity(struct out *o, const struct show *s)
{
	const Hale__Fleet__V1__Capacity *c = s->state->capacity;

	if (!c)
		return;
	out_raw(o, "has   ");
	out_number(o, c->cpus);
	out_raw(o, c->cpus == 1 ? " CPU, " : " CPUs, ");
	out_size(o, c->memory_bytes);
	out_raw(o, " memory; available: memory ");
	out_size(o, c->memory_available_bytes);
	put_rooms(o, c);
	out_raw(o, "\n");
}

static void put_disks(struct out *o, const struct show *s)
{
	for (size_t i = 0; i < s->state->n_models; i++) {
		const Hale__Fleet__V1__Model *m = s->state->models[i];

		out_raw(o, "  ");
		out_text(o, m->model[0] ? m->model : "(no model)");
		if (m->firmware[0]) {
			out_raw(o, ", firmware ");
			out_text(o, m->firmware);
		}
		out_raw(o, "  ");
		out_text(o, m->part);
		out_raw(o, "\n");
	}
}

static void put_labels(struct out *o, const struct show *s)
{
	for (size_t i = 0; i < s->state->n_labels; i++) {
		out_raw(o, " ");
		out_text(o, s->state->labels[i]->key);
		out_raw(o, "=");
		out_text(o, s->state->labels[i]->value);
	}
}

static void put_identity(struct out *o, const struct show *s,
			 const struct picture_row *r)
{
	out_raw(o, "is    ");
	out_raw(o, s->id);
	out_raw(o, "\n     ");
	if (s->state)
		put_labels(o, s);
	out_raw(o, "  hale ");
	out_text(o, r->version[0] ? r->version : "?");
	if (r->boot[0]) {
		out_raw(o, ", boot ");
		out_text(o, r->boot);
	}
	out_raw(o, "\n");
}

/* --- what happened --- */

static void put_spool(struct out *o, const struct show *s)
{
	const Hale__Fleet__V1__Spool *p = s->state->spool;

	if (!p ||
	    (p->findings_waiting + p->builds_waiting == 0 && !p->trouble[0]))
		return;
	out_raw(o, "spool ");
	out_number(o, p->findings_waiting + p->builds_waiting);
	out_raw(o, " messages wait on the host");
	if (p->trouble[0]) {
		out_raw(o, ": ");
		out_text(o, p->trouble);
	}
	out_raw(o, "\n");
}

static void put_builds(struct out *o, const struct show *s)
{
	if (s->builds == 0)
		return;
	out_raw(o, "builds  ");
	out_number(o, s->passed);
	out_raw(o, " of ");
	out_number(o, s->builds);
	out_raw(o, " passed; ");
	out_number(o, s->host_faults);
	out_raw(o, " failed by this host's fault\n");
}

static void put_events(struct out *o, struct show *s)
{
	size_t from =
		s->events.n > s->limit ? s->events.n - (size_t)s->limit : 0;

	if (s->events.n == 0)
		return;
	events_sort(&s->events);
	out_raw(o, "lately\n");
	if (from > 0) {
		out_raw(o, "  ");
		out_number(o, from + s->events.left_out);
		out_raw(o, " before that: --limit\n");
	}
	for (size_t i = from; i < s->events.n; i++) {
		out_raw(o, "  ");
		event_text(o, events_at(&s->events, i), false);
	}
}

void show_text(struct out *o, struct show *s, const struct picture_row *r)
{
	struct out why = { 0 };
	char *line;

	put_head(o, s, r);
	rows_why(&why, r);
	line = strndup(why.text ? why.text : "", why.len);
	/* the findings say it all over again */
	if (line &&
	    (r->quarantine != PICTURE_FREE || !s->state ||
	     s->state->report->n_findings == 0 || r->verdict == PICTURE_SILENT))
		put_line(o, "", line);
	free(line);
	out_done(&why);
	put_doubts(o, s, r);
	if (s->state) {
		put_reasons(o, s);
		put_findings(o, s);
		put_coverage(o, s);
		put_capacity(o, s);
		put_disks(o, s);
		put_spool(o, s);
	}
	put_identity(o, s, r);
	put_builds(o, s);
	put_events(o, s);
}
