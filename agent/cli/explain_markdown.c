/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Causes for a ticket, as CommonMark. Decides the layout, and how text from
 * elsewhere is kept from being markup: as a code span where it is quoted, and
 * escaped character by character where it stands in a sentence. No text makes a
 * link, a picture, HTML, a mention or a line of its own.
 */
#include <string.h>

#include "hale/base.h"

#include "explain.h"
#include "render.h"

/* Longest run of backticks in it: the fence has one more. */
static size_t longest_run(const char *text)
{
	size_t best = 0, run = 0;

	for (; *text; text++) {
		run = *text == '`' ? run + 1 : 0;
		if (run > best)
			best = run;
	}
	return best;
}

static void fence(struct out *o, size_t n)
{
	while (n-- > 0)
		out_raw(o, "`");
}

/* The spaces keep a backtick at an end apart from the fence; one of each is
 * taken away by who reads it. */
static void code(struct out *o, const char *text)
{
	size_t n = longest_run(text) + 1;

	if (!text[0])
		return;
	fence(o, n);
	out_raw(o, n > 1 ? " " : "");
	out_text(o, text);
	out_raw(o, n > 1 ? " " : "");
	fence(o, n);
}

/* What is looked for when escapes are gone: HTML; mentions and numbers of
 * issues, kept apart from their sign by a space of no width; addresses. */
static const char *entity(const char *at)
{
	static const struct {
		const char *what, *instead;
	} entities[] = {
		{ "&", "&amp;" },    { "<", "&lt;" },	  { ">", "&gt;" },
		{ "@", "@&#8203;" }, { "#", "#&#8203;" }, { "://", "&#58;" },
	};

	for (size_t i = 0; i < HALE_ARRAY_SIZE(entities); i++) {
		if (strncmp(at, entities[i].what, strlen(entities[i].what)) ==
		    0)
			return entities[i].instead;
	}
	return strncasecmp(at, "www.", 4) == 0 ? "w&#8203;" : NULL;
}

static void words(struct out *o, const char *text)
{
	static const char marks[] = "\\`*_{}[]!|~$^";
	struct out clean = { 0 };

	out_text(&clean, text);
	out_append(&clean, &(struct out){ .text = (char[1]){ 0 }, .len = 1 });
	for (size_t i = 0; clean.text && clean.text[i]; i++) {
		char one[3] = { clean.text[i] };
		const char *instead = entity(clean.text + i);

		if (instead) {
			out_raw(o, instead);
			continue;
		}
		if (strchr(marks, one[0])) {
			one[1] = one[0];
			one[0] = '\\';
		}
		out_raw(o, one);
	}
	out_done(&clean);
}

static void item(struct out *o, const char *name, const char *text)
{
	if (!text[0])
		return;
	out_raw(o, "- **");
	out_raw(o, name);
	out_raw(o, ":** ");
	words(o, text);
	out_raw(o, "\n");
}

static void quoted(struct out *o, const char *text)
{
	if (!text[0])
		return;
	out_raw(o, "   - ");
	code(o, text);
	out_raw(o, "\n");
}

static void step(struct out *o, const struct hale_reply *r, size_t cause,
		 size_t i, uint64_t now_ns)
{
	struct hale_step_entry s;
	struct out what = { 0 }, when = { 0 };

	if (!hale_reply_cause_step(r, cause, i, &s))
		return;
	explain_what(&what, &s);
	explain_when(&when, &s, now_ns);
	/* terminated by a text that is none of theirs */
	out_append(&what, &(struct out){ .text = (char[1]){ 0 }, .len = 1 });
	out_append(&when, &(struct out){ .text = (char[1]){ 0 }, .len = 1 });
	out_number(o, i + 1);
	out_raw(o, ". **");
	words(o, what.text ? what.text : "");
	out_raw(o, "**, ");
	words(o, when.text ? when.text : "");
	if (i > 0) {
		out_raw(o, "; follows from ");
		out_number(o, s.from + 1);
		out_raw(o, ", ");
		words(o, s.confidence);
	}
	out_raw(o, "\n");
	if (s.text[0]) {
		out_raw(o, "   - ");
		words(o, s.text);
		out_raw(o, "\n");
	}
	quoted(o, s.finding.evidence);
	out_done(&what);
	out_done(&when);
}

static void touched(struct out *o, const struct hale_reply *r, size_t cause,
		    const struct hale_cause_entry *c)
{
	const char *whom = explain_whom(c);

	if (!whom[0] && c->n_paths == 0)
		return;
	out_raw(o, "- **Touches:** ");
	out_raw(o, whom);
	for (size_t i = 0; i < c->n_paths; i++) {
		out_raw(o, i > 0 ? ", " : whom[0] ? "; " : "");
		code(o, hale_reply_cause_path(r, cause, i));
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
	if (m.n > 0)
		out_raw(o, "- **Builds:** ");
	for (uint32_t i = 0; i < m.n; i++) {
		out_raw(o, i > 0 ? "; " : "");
		explain_say_repo(o, &m.repos[i], code);
	}
	if (m.n_more > 0) {
		out_raw(o, "; and ");
		out_number(o, m.n_more);
		out_raw(o, " more");
	}
	if (m.n > 0)
		out_raw(o, "\n");
}

static void cause(struct out *o, const struct hale_reply *r, size_t i,
		  const struct explain_view *v)
{
	struct hale_cause_entry c;

	if (!hale_reply_cause(r, i, &c))
		return;
	out_raw(o, "\n### ");
	words(o, c.headline);
	out_raw(o, "\n\n");
	item(o, "Sure", c.confidence);
	item(o, "As a build's cause", c.build);
	touched(o, r, i, &c);
	builds(o, r, i, v);
	item(o, "To do", explain_advice(r, i));
	item(o, "Clears when", explain_clears(r, i));
	item(o, "Prevents it", c.prevents);
	out_raw(o, "\nWhat happened:\n\n");
	for (size_t k = 0; k < c.n_steps; k++)
		step(o, r, i, k, v->now_ns);
	if (c.steps_total > c.n_steps) {
		out_raw(o, "\nAnd ");
		out_number(o, c.steps_total - c.n_steps);
		out_raw(o, " more that follow from these.\n");
	}
}

static void head(struct out *o, const struct hale_summary *s)
{
	out_raw(o, "## ");
	out_raw(o, render_fitness(s->fitness));
	out_raw(o, ": ");
	words(o, s->host);
	out_raw(o, "\n");
	if (s->note[0]) {
		out_raw(o, "\n");
		words(o, s->note);
		out_raw(o, "\n");
	}
}

void explain_markdown(struct out *o, const struct hale_reply *r,
		      const struct explain_view *v)
{
	struct hale_cause_entry c;
	struct hale_summary s;
	size_t n = 0, asides = 0;

	hale_reply_summary(r, &s);
	head(o, &s);
	for (size_t i = 0; hale_reply_cause(r, i, &c); i++) {
		if (!v->all && explain_is_aside(r, i))
			continue;
		cause(o, r, i, v);
		n++;
	}
	for (size_t i = 0; hale_reply_cause(r, i, &c); i++) {
		if (v->all || !explain_is_aside(r, i))
			continue;
		out_raw(o, asides++ == 0 ? "\nAlso noted:\n\n- " : "- ");
		words(o, c.headline);
		out_raw(o, "\n");
	}
	if (s.causes_total > n + asides) {
		out_raw(o, "\nAnd ");
		out_number(o, s.causes_total - n - asides);
		out_raw(o, " more.\n");
	}
}
