/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What fails most, for people and for programs. Judgments first, each with its
 * proof and what to do; then plain numbers, and what each is a number of. Pure.
 */
#include "hale/base.h"

#include "agent/cli/history_columns.h"
#include "top.h"

#define NAME_COLUMNS 34

static void put_right(struct out *o, uint64_t n, size_t columns)
{
	struct out text = { 0 };

	rows_count(&text, n);
	for (size_t used = text.len; used < columns; used++)
		out_raw(o, " ");
	out_append(o, &text);
	out_done(&text);
}

/* --- judgments --- */

static void put_words(struct out *o, const char *text)
{
	if (!text[0])
		return;
	out_raw(o, "    ");
	out_text(o, text);
	out_raw(o, "\n");
}

static void put_judgment(struct out *o, const struct top *t,
			 const struct look *l, const struct judgment *g)
{
	char text[JUDGE_WORDS_MAX];

	out_raw(o, "  ");
	out_color(o, OUT_BOLD, judgment_kind_name(g->kind));
	out_raw(o, g->ended_ns ? "  ended " : "  since ");
	out_ago(o, g->ended_ns ? g->ended_ns : g->since_ns, t->now_ns);
	out_raw(o, "\n");
	judgment_words(l->picture, g, text);
	put_words(o, text);
	judgment_proof(g, text);
	put_words(o, text);
	judgment_advice(g, text);
	put_words(o, text);
}

static void put_judgments(struct out *o, const struct top *t,
			  const struct look *l)
{
	const struct judgment *g;

	for (uint32_t i = 0; (g = judge_at(l->judge, i)); i++) {
		out_raw(o, i == 0 ? "what only the fleet sees\n" : "");
		put_judgment(o, t, l, g);
	}
	if (!judge_at(l->judge, 0))
		out_raw(o, "no common cause, no black hole, no disk model that "
			   "stands out\n");
}

/* --- lists --- */

static uint64_t look_up(const struct counts *c, const char *name)
{
	for (size_t i = 0; i < c->n; i++) {
		if (strcmp(c->slots[i].name, name) == 0)
			return c->slots[i].all;
	}
	return 0;
}

static void put_left_out(struct out *o, size_t n, size_t limit)
{
	if (n <= limit)
		return;
	out_raw(o, "          and ");
	rows_count(o, n - limit);
	out_raw(o, " more: --limit\n");
}

static void put_standing(struct out *o, const struct top *t)
{
	const struct counts *c = &t->standing;

	if (c->n == 0)
		return;
	out_raw(o, "standing now, on so many hosts\n");
	for (size_t i = 0; i < c->n && i < t->limit; i++) {
		put_right(o, c->slots[i].all, 8);
		out_raw(o, "  ");
		out_text(o, c->slots[i].name);
		out_raw(o, "\n");
	}
	put_left_out(o, c->n, t->limit);
}

static void put_opened(struct out *o, const struct top *t)
{
	const struct counts *c = &t->opened;

	if (c->n == 0)
		return;
	out_raw(o, "begun in the last ");
	out_duration(o, t->now_ns - t->since_ns);
	out_raw(o, "\n");
	for (size_t i = 0; i < c->n && i < t->limit; i++) {
		put_right(o, c->slots[i].all, 8);
		out_raw(o, "  ");
		history_pad(o, c->slots[i].name, NAME_COLUMNS);
		out_raw(o, " on ");
		rows_count(o, look_up(&t->hit, c->slots[i].name));
		out_raw(o, " hosts\n");
	}
	put_left_out(o, c->n, t->limit);
}

/* Only what failed at all. */
static void put_failed(struct out *o, const struct top *t,
		       const struct counts *c, const char *title)
{
	size_t n = 0;

	while (n < c->n && c->slots[n].bad > 0)
		n++;
	for (size_t i = 0; i < n && i < t->limit; i++) {
		out_raw(o, i == 0 ? title : "");
		put_right(o, c->slots[i].bad, 8);
		out_raw(o, " of ");
		rows_count(o, c->slots[i].all);
		out_raw(o, "  ");
		out_text(o, c->slots[i].name);
		out_raw(o, "\n");
	}
	put_left_out(o, n, t->limit);
}

static void put_builds(struct out *o, const struct top *t)
{
	if (t->builds == 0)
		return;
	out_raw(o, "builds: ");
	rows_count(o, t->passed);
	out_raw(o, " of ");
	rows_count(o, t->builds);
	out_raw(o, " passed\n");
	for (size_t i = 0; i < t->causes.n && i < t->limit; i++) {
		put_right(o, t->causes.slots[i].all, 8);
		out_raw(o, "  ");
		out_text(o, t->causes.slots[i].name);
		out_raw(o, "\n");
	}
	put_left_out(o, t->causes.n, t->limit);
	put_failed(o, t, &t->builders, "hosts where builds failed\n");
	put_failed(o, t, &t->repos,
		   "repositories whose builds failed (by hash)\n");
}

static void sort_all(struct top *t)
{
	counts_sort(&t->standing);
	counts_sort(&t->opened);
	counts_sort(&t->hit);
	counts_sort(&t->builders);
	counts_sort(&t->repos);
	counts_sort(&t->causes);
}

void top_text(struct out *o, struct top *t, const struct look *l)
{
	struct picture_counts c;

	sort_all(t);
	picture_counts(l->picture, &c);
	rows_summary(o, &c, c.hosts);
	put_judgments(o, t, l);
	put_standing(o, t);
	put_opened(o, t);
	put_builds(o, t);
}

/* --- JSON: an object a line --- */

static void json_line(struct out *o, const char *kind, const char *name,
		      const struct count *c)
{
	struct out line = { 0 };

	out_raw(&line, "{");
	rows_json_text(&line, "kind", kind);
	rows_json_text(&line, "name", name);
	rows_json_number(&line, "count", c->all);
	rows_json_number(&line, "failed", c->bad);
	out_raw(&line, "}\n");
	out_append(o, &line);
	out_done(&line);
}

static void json_list(struct out *o, const struct top *t, const char *kind,
		      const struct counts *c)
{
	for (size_t i = 0; i < c->n && i < t->limit; i++)
		json_line(o, kind, c->slots[i].name, &c->slots[i]);
}

static void json_judgment(struct out *o, const struct look *l,
			  const struct judgment *g)
{
	struct out line = { 0 };
	struct picture_row r;
	char text[JUDGE_WORDS_MAX];

	out_raw(&line, "{");
	rows_json_text(&line, "kind", "judgment");
	rows_json_text(&line, "judgment", judgment_kind_name(g->kind));
	rows_json_text(&line, "cause", g->cause);
	rows_json_number(&line, "sinceNs", g->since_ns);
	rows_json_number(&line, "endedNs", g->ended_ns);
	if (g->host != PICTURE_NONE && picture_row(l->picture, g->host, &r)) {
		rows_json_text(&line, "host", r.name);
		rows_json_text(&line, "id", r.id);
	}
	rows_json_text(&line, "group", g->group.key);
	rows_json_text(&line, "value", g->group.value);
	rows_json_number(&line, "failed", g->group.failed);
	rows_json_number(&line, "of", g->group.of);
	judgment_words(l->picture, g, text);
	rows_json_text(&line, "text", text);
	judgment_proof(g, text);
	rows_json_text(&line, "proof", text);
	judgment_advice(g, text);
	rows_json_text(&line, "advice", text);
	out_raw(&line, "}\n");
	out_append(o, &line);
	out_done(&line);
}

void top_json(struct out *o, struct top *t, const struct look *l)
{
	const struct judgment *g;

	sort_all(t);
	for (uint32_t i = 0; (g = judge_at(l->judge, i)); i++)
		json_judgment(o, l, g);
	json_list(o, t, "standing", &t->standing);
	json_list(o, t, "opened", &t->opened);
	json_list(o, t, "cause", &t->causes);
	json_list(o, t, "host", &t->builders);
	json_list(o, t, "repo", &t->repos);
}
