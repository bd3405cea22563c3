/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A report, and what changed between two. The verdict comes first, then what
 * it rests on, then findings that the host's scope does not meet. A finding is
 * known by its part and condition, whatever else of it changes.
 */
#include "report.h"

#include <string.h>

#include "render.h"

static bool same(const struct hale_entry *a, const struct hale_entry *b)
{
	return strcmp(a->condition, b->condition) == 0 &&
	       strcmp(a->part, b->part) == 0;
}

bool report_is_reason(const struct hale_reply *r, const struct hale_entry *e)
{
	struct hale_entry reason;

	for (size_t i = 0; hale_reply_reason(r, i, &reason); i++) {
		if (same(&reason, e))
			return true;
	}
	return false;
}

bool report_find(const struct hale_reply *r, const struct hale_entry *e,
		 struct hale_entry *ret)
{
	for (size_t i = 0; hale_reply_finding(r, i, ret); i++) {
		if (same(ret, e))
			return true;
	}
	return false;
}

static void findings_elsewhere(struct out *o, const struct hale_reply *r,
			       uint64_t now_ns)
{
	struct hale_entry e;
	bool any = false;

	for (size_t i = 0; hale_reply_finding(r, i, &e); i++) {
		if (report_is_reason(r, &e))
			continue;
		if (!any)
			out_raw(o, "elsewhere, or only noted\n");
		any = true;
		render_entry(o, &e, now_ns);
	}
}

/* A person who changed a disk wants to see that it was noticed. */
static void findings_closed(struct out *o, const struct hale_reply *r,
			    uint64_t now_ns)
{
	struct hale_entry e;

	for (size_t i = 0; hale_reply_closed(r, i, &e); i++) {
		if (i == 0)
			out_raw(o, "closed in the last hour\n");
		out_raw(o, "  ");
		render_name(o, &e);
		out_raw(o, ": ");
		out_text(o, e.closed);
		out_raw(o, ", ");
		out_ago(o, e.closed_ns, now_ns);
		if (e.closed_by[0]) {
			out_raw(o, " (");
			out_text(o, e.closed_by);
			out_raw(o, ")");
		}
		out_raw(o, "\n");
	}
}

/* Somebody tried what they may not. */
static void refused(struct out *o, const struct hale_summary *s,
		    uint64_t now_ns)
{
	if (s->refused == 0)
		return;
	out_raw(o, "refused: ");
	out_number(o, s->refused);
	out_raw(o, " to clear, reload or the like, without the right to; "
		   "last by uid ");
	out_number(o, s->refused_uid);
	out_raw(o, ", ");
	out_ago(o, s->refused_ns, now_ns);
	out_raw(o, "\n");
}

static const char *how_closed(const struct hale_reply *r,
			      const struct hale_entry *e)
{
	struct hale_entry closed;

	for (size_t i = 0; hale_reply_closed(r, i, &closed); i++) {
		if (same(&closed, e) && closed.closed[0])
			return closed.closed;
	}
	return "over";
}

static void about_agent(struct out *o, const struct hale_summary *s,
			uint64_t now_ns)
{
	if (s->scanned || !s->version[0])
		return;
	out_raw(o, "  hale ");
	out_text(o, s->version);
	if (s->started_ns) {
		out_raw(o, ", started ");
		out_ago(o, s->started_ns, now_ns);
	}
	out_raw(o, "\n");
}

void report_render(struct out *o, const struct hale_reply *r, size_t coverage,
		   uint64_t now_ns)
{
	struct hale_summary s;

	hale_reply_summary(r, &s);
	render_headline(o, &s, now_ns);
	about_agent(o, &s, now_ns);
	render_reasons(o, r, now_ns);
	findings_elsewhere(o, r, now_ns);
	if (s.n_reasons == 0 && s.n_findings == 0)
		out_raw(o, "  no findings\n");
	findings_closed(o, r, now_ns);
	refused(o, &s, now_ns);
	if (coverage)
		render_coverage(o, r, coverage);
	else
		render_coverage_brief(o, r);
}

/* --- changes --- */

static void line_head(struct out *o, const char *stamp, const char *mark)
{
	out_raw(o, stamp);
	out_raw(o, "  ");
	out_raw(o, mark);
}

static bool verdict_changed(const struct hale_reply *before,
			    const struct hale_reply *now)
{
	struct hale_summary a, b;

	if (!before)
		return true;
	hale_reply_summary(before, &a);
	hale_reply_summary(now, &b);
	return a.fitness != b.fitness;
}

void report_changes(struct out *o, const struct hale_reply *before,
		    const struct hale_reply *now, const char *stamp,
		    uint64_t now_ns)
{
	struct hale_entry e, other;
	struct hale_summary s;

	for (size_t i = 0; hale_reply_finding(now, i, &e); i++) {
		bool known = before && report_find(before, &e, &other);

		if (known && other.count == e.count &&
		    other.effect == e.effect && other.muted == e.muted)
			continue;
		line_head(o, stamp, known ? "* " : "+ ");
		render_brief(o, &e, now_ns);
	}
	for (size_t i = 0; before && hale_reply_finding(before, i, &e); i++) {
		if (report_find(now, &e, &other))
			continue;
		line_head(o, stamp, "- ");
		render_title(o, &e);
		out_raw(o, ": ");
		out_text(o, how_closed(now, &e));
		out_raw(o, "\n");
	}
	if (!verdict_changed(before, now))
		return;
	hale_reply_summary(now, &s);
	line_head(o, stamp, "");
	out_raw(o, render_fitness(s.fitness));
	out_raw(o, "  ");
	out_text(o, s.host);
	out_raw(o, "\n");
}
