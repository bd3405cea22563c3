/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Causes for a terminal: the root in one line, then what it led to, each step
 * under the one that it follows from, then what to do. Decides the layout only.
 * Never gives a text from outside to out_raw().
 */
#include <string.h>

#include "hale/base.h"

#include "explain.h"
#include "render.h"

#define LABEL 14

static void pad(struct out *o, size_t n)
{
	while (n-- > 0)
		out_raw(o, " ");
}

static void label(struct out *o, const char *name)
{
	size_t from = o->len;

	pad(o, 3);
	out_raw(o, name);
	while (o->len < from + 3 + LABEL)
		out_raw(o, " ");
}

static void field(struct out *o, const char *name, const char *text)
{
	if (!text[0])
		return;
	label(o, name);
	out_text(o, text);
	out_raw(o, "\n");
}

static void step(struct out *o, const struct hale_reply *r, size_t cause,
		 size_t i, uint64_t now_ns)
{
	size_t depth = explain_depth(r, cause, i);
	struct hale_step_entry s;

	if (!hale_reply_cause_step(r, cause, i, &s))
		return;
	/* deeper than a screen is wide: told all the same */
	pad(o, 3 + 2 * (depth < 10 ? depth : 10));
	if (i > 0)
		out_raw(o, "-> ");
	explain_what(o, &s);
	out_raw(o, ": ");
	explain_when(o, &s, now_ns);
	if (i > 0) {
		out_raw(o, "  [");
		out_text(o, s.confidence);
		out_raw(o, "]");
	}
	out_raw(o, "\n");
	for (int k = 0; k < 2; k++) {
		const char *text = k == 0		? s.text
				   : s.finding.withheld ? RENDER_WITHHELD
							: s.finding.evidence;

		if (!text[0])
			continue;
		pad(o, 3 + 2 * (depth < 10 ? depth : 10) + (i > 0 ? 3 : 2));
		if (k == 1)
			out_color(o, OUT_DIM, text);
		else
			out_text(o, text);
		out_raw(o, "\n");
	}
}

static void touched(struct out *o, const struct hale_reply *r, size_t cause,
		    const struct hale_cause_entry *c)
{
	const char *whom = explain_whom(c);

	if (!whom[0] && c->n_paths == 0)
		return;
	label(o, "touches");
	out_raw(o, whom);
	for (size_t i = 0; i < c->n_paths; i++) {
		out_raw(o, i > 0 ? " " : whom[0] ? ": " : "");
		out_text(o, hale_reply_cause_path(r, cause, i));
	}
	if (c->paths_total > c->n_paths) {
		out_raw(o, " and ");
		out_number(o, c->paths_total - c->n_paths);
		out_raw(o, " more");
	}
	out_raw(o, "\n");
}

static void builds(struct out *o, const struct hale_reply *r, size_t cause,
		   const struct explain_view *v)
{
	struct explain_met m;

	explain_met(v, r, cause, &m);
	for (uint32_t i = 0; i < m.n; i++) {
		label(o, i == 0 ? "builds" : "");
		explain_say_repo(o, &m.repos[i], out_text);
		if (i + 1 == m.n && m.n_more > 0) {
			out_raw(o, "; and ");
			out_number(o, m.n_more);
			out_raw(o, " more");
		}
		out_raw(o, "\n");
	}
}

static void cause(struct out *o, const struct hale_reply *r, size_t i,
		  size_t number, const struct explain_view *v)
{
	struct hale_cause_entry c;

	if (!hale_reply_cause(r, i, &c))
		return;
	out_raw(o, "\n");
	out_number(o, number);
	out_raw(o, ". ");
	out_color(o, OUT_BOLD, c.headline);
	out_raw(o, "\n");
	for (size_t k = 0; k < c.n_steps; k++)
		step(o, r, i, k, v->now_ns);
	if (c.steps_total > c.n_steps) {
		pad(o, 5);
		out_raw(o, "and ");
		out_number(o, c.steps_total - c.n_steps);
		out_raw(o, " more that follow from these\n");
	}
	touched(o, r, i, &c);
	builds(o, r, i, v);
	label(o, "sure");
	out_text(o, c.confidence);
	if (strcmp(c.build, "unknown") != 0) {
		out_raw(o, "; as a build's cause: ");
		out_text(o, c.build);
	}
	out_raw(o, "\n");
	field(o, "to do", explain_advice(r, i));
	field(o, "clears when", explain_clears(r, i));
	field(o, "prevents it", c.prevents);
}

/* In one line: it explains nothing else, and nobody need do anything now. */
static void aside(struct out *o, const struct hale_reply *r, size_t i,
		  uint64_t now_ns)
{
	struct hale_cause_entry c;
	struct hale_step_entry s;

	if (!hale_reply_cause(r, i, &c) || !hale_reply_cause_step(r, i, 0, &s))
		return;
	out_raw(o, "  ");
	out_text(o, c.headline);
	out_raw(o, ": ");
	explain_when(o, &s, now_ns);
	if (s.death) {
		out_raw(o, " [");
		out_text(o, s.confidence);
		out_raw(o, "]");
	}
	out_raw(o, "\n");
}

static size_t asides(struct out *o, const struct hale_reply *r, bool all,
		     uint64_t now_ns)
{
	struct hale_cause_entry c;
	size_t n = 0;

	for (size_t i = 0; hale_reply_cause(r, i, &c); i++) {
		if (all || !explain_is_aside(r, i))
			continue;
		if (n++ == 0)
			out_raw(o, "\nalso noted\n");
		aside(o, r, i, now_ns);
	}
	return n;
}

void explain_text(struct out *o, const struct hale_reply *r,
		  const struct explain_view *v)
{
	struct hale_cause_entry c;
	struct hale_summary s;
	size_t n = 0, told;

	hale_reply_summary(r, &s);
	for (size_t i = 0; hale_reply_cause(r, i, &c); i++) {
		if (v->all || !explain_is_aside(r, i))
			cause(o, r, i, ++n, v);
	}
	told = n + asides(o, r, v->all, v->now_ns);
	if (s.causes_total > told) {
		out_raw(o, "\nand ");
		out_number(o, s.causes_total - told);
		out_raw(o, " more: hale status\n");
	}
}
