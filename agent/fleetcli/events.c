/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fleet's events as lines. Decides what of a message is told in one line.
 * Invariant: memory is bounded; of more events than fit the oldest fall out,
 * and are counted. Pure.
 */
#include "events.h"

#include <errno.h>
#include <time.h>

#include "hale/base.h"
#include "hale/text.h"

#include "agent/cli/cli.h"
#include "agent/cli/history.h"

int events_init(struct events *l, size_t max)
{
	*l = (struct events){ .max = max };
	l->list = calloc(max, sizeof(*l->list));
	return l->list ? 0 : -ENOMEM;
}

void events_done(struct events *l)
{
	free(l->list);
	l->list = NULL;
	l->n = 0;
}

static struct event *next(struct events *l)
{
	if (l->n < l->max)
		return &l->list[l->n++];
	l->left_out++;
	l->first = (l->first + 1) % l->max;
	return &l->list[(l->first + l->max - 1) % l->max];
}

const struct event *events_at(const struct events *l, size_t i)
{
	return i < l->n ? &l->list[(l->first + i) % l->max] : NULL;
}

static int by_time(const void *a, const void *b)
{
	const struct event *x = a, *y = b;

	return x->at_ns < y->at_ns ? -1 : x->at_ns > y->at_ns;
}

void events_sort(struct events *l)
{
	if (l->n > 0)
		qsort(l->list, l->n, sizeof(*l->list), by_time);
	l->first = 0;
}

/* --- out of messages --- */

static void set(char *to, size_t size, const char *text)
{
	hale_print_text(to, size, text, strlen(text));
}

#define SET(field, text) set((field), sizeof(field), (text))

static void add_finding(struct event *to,
			const Hale__Fleet__V1__FindingEvent *m)
{
	static const char *const whats[] = { "", "opened", "changed",
					     "closed" };
	const Hale__V1__Finding *f = m->finding;
	size_t what = (size_t)m->what < HALE_ARRAY_SIZE(whats) ? m->what : 0;

	SET(to->host, m->host);
	SET(to->what, whats[what]);
	SET(to->condition, f->condition);
	SET(to->part, f->part->alias[0] ? f->part->alias : f->part->id);
	SET(to->text, f->closed[0] ? f->closed : f->evidence);
}

static void add_build(struct event *to, const Hale__Fleet__V1__BuildOutcome *m)
{
	static const char *const whats[] = { "unknown", "passed", "failed",
					     "refused", "suspect" };
	size_t what =
		(size_t)m->outcome < HALE_ARRAY_SIZE(whats) ? m->outcome : 0;
	struct out took = { 0 };

	SET(to->host, m->host);
	SET(to->what, whats[what]);
	SET(to->condition, m->cause);
	snprintf(to->part, sizeof(to->part), "build of ");
	for (size_t i = 0; i < m->repo.len && i < 4; i++)
		snprintf(to->part + strlen(to->part), 3, "%02x",
			 m->repo.data[i]);
	if (m->ended_ns > m->started_ns && m->started_ns > 0) {
		out_raw(&took, "after ");
		out_duration(&took, m->ended_ns - m->started_ns);
	}
	hale_copy(to->text, sizeof(to->text), took.text ? took.text : "",
		  took.len);
	out_done(&took);
}

static void add_order(struct event *to, const Hale__Fleet__V1__Order *m)
{
	SET(to->what, m->action == HALE__FLEET__V1__ORDER__ACTION__QUARANTINE
			      ? "quarantine"
			      : "release");
	SET(to->condition, "ordered");
	SET(to->part, m->who);
	SET(to->text, m->reason);
}

struct event *events_add(struct events *l, const struct source_event *e,
			 const void *m)
{
	struct event *to;

	if (e->stream == SOURCE_STATE || e->stream == SOURCE_STREAMS)
		return NULL;
	to = next(l);
	memset(to, 0, sizeof(*to));
	to->at_ns = e->received_ns;
	to->stream = e->stream;
	SET(to->id, e->id);
	if (e->stream == SOURCE_FINDINGS)
		add_finding(to, m);
	else if (e->stream == SOURCE_BUILDS)
		add_build(to, m);
	else
		add_order(to, m);
	if (!to->host[0])
		SET(to->host, e->id);
	return to;
}

/* --- lines --- */

/* In the local time zone for people, in UTC for programs. */
static void put_time(struct out *o, uint64_t ns, bool utc)
{
	time_t t = (time_t)(ns / HALE_NS_PER_S);
	char text[32] = "";
	struct tm tm;

	if (utc && gmtime_r(&t, &tm))
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	else if (localtime_r(&t, &tm))
		strftime(text, sizeof(text), "%d %b %H:%M:%S  ", &tm);
	out_raw(o, text);
}

static void put_padded(struct out *o, const char *text, size_t columns)
{
	history_pad(o, text, columns);
	out_raw(o, "  ");
}

void event_text(struct out *o, const struct event *e, bool host)
{
	put_time(o, e->at_ns, false);
	if (host)
		put_padded(o, e->host, 12);
	put_padded(o, e->what, 7);
	if (e->condition[0]) {
		out_text(o, e->condition);
		out_raw(o, " ");
	}
	out_raw(o, e->stream == SOURCE_ORDERS ? "by " : "");
	out_text(o, e->part);
	if (e->text[0]) {
		out_raw(o, e->stream == SOURCE_BUILDS ? " " : ": ");
		out_text(o, e->text);
	}
	out_raw(o, "\n");
}

static const char *kind(const struct event *e)
{
	return e->stream == SOURCE_FINDINGS ? "finding"
	       : e->stream == SOURCE_BUILDS ? "build"
					    : "order";
}

void event_json(struct out *o, const struct event *e)
{
	struct out line = { 0 };

	out_raw(&line, "{");
	rows_json_text(&line, "kind", kind(e));
	rows_json_number(&line, "atNs", e->at_ns);
	rows_json_text(&line, "host", e->host);
	rows_json_text(&line, "id", e->id);
	rows_json_text(&line, "what", e->what);
	if (e->stream != SOURCE_ORDERS)
		rows_json_text(&line,
			       e->stream == SOURCE_BUILDS ? "cause"
							  : "condition",
			       e->condition);
	rows_json_text(&line, e->stream == SOURCE_ORDERS ? "who" : "part",
		       e->part);
	rows_json_text(&line, "text", e->text);
	out_raw(&line, "}\n");
	out_append(o, &line);
	out_done(&line);
}

void event_csv_head(struct out *o)
{
	out_raw(o, "at,kind,host,what,condition,part,text,id\r\n");
}

void event_csv(struct out *o, const struct event *e)
{
	const char *const fields[] = { kind(e),	     e->host, e->what,
				       e->condition, e->part, e->text };

	put_time(o, e->at_ns, true);
	for (size_t i = 0; i < HALE_ARRAY_SIZE(fields); i++) {
		out_raw(o, ",");
		history_csv(o, fields[i]);
	}
	out_raw(o, ",");
	out_raw(o, e->id);
	out_raw(o, "\r\n");
}
