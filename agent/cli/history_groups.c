/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hale history --by`: one line for each repository, host, cause or day.
 * Decides their order: days the newest first, all others by how many builds
 * they have. Must show every group, and take no longer than sorting does.
 */
#include <time.h>

#include "hale/base.h"

#include "history_stats.h"

#define DAY_TEXT   12
#define CAUSES_MAX 32 /* there are 18, and what strangers call theirs */
/* All of a line but its key. */
#define NUMBERS 60
#define KEY_MIN 20

/* Rows of one group stand together, the newest first. */
struct group {
	struct history_rows h;
	char day[DAY_TEXT];
};

struct sorted {
	const struct history_row *row;
	size_t place; /* in the order that they came in */
	enum history_by by;
	char day[DAY_TEXT];
};

static void day_of(const struct history_row *r, char ret[DAY_TEXT])
{
	time_t t = (time_t)(r->started_ns / HALE_NS_PER_S);
	struct tm tm;

	ret[0] = '\0';
	if (localtime_r(&t, &tm))
		strftime(ret, DAY_TEXT, "%Y-%m-%d", &tm);
}

static const char *key_of(const struct sorted *s)
{
	switch (s->by) {
	case HISTORY_REPO:
		return s->row->repo;
	case HISTORY_HOST:
		return s->row->host;
	case HISTORY_CAUSE:
		return history_passed(s->row) ? "" : s->row->cause;
	case HISTORY_DAY:
		return s->day;
	case HISTORY_ALL:
		break;
	}
	return "";
}

static int by_key(const void *a, const void *b)
{
	const struct sorted *x = a, *y = b;
	int r = strcmp(key_of(x), key_of(y));

	return r != 0 ? r : x->place < y->place ? -1 : x->place > y->place;
}

/* The largest first; of equals, and of days, the one with the newest build. */
static int by_size(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	if (!x->day[0] && x->h.n != y->h.n)
		return x->h.n < y->h.n ? 1 : -1;
	if (x->h.rows[0].started_ns == y->h.rows[0].started_ns)
		return 0;
	return x->h.rows[0].started_ns < y->h.rows[0].started_ns ? 1 : -1;
}

/* @rows and @groups hold as many as @s has; returns how many groups there are.
 */
static size_t split(const struct sorted *s, size_t n, struct history_row *rows,
		    struct group *groups)
{
	size_t n_groups = 0;

	for (size_t i = 0; i < n; i++) {
		struct group *g = &groups[n_groups];

		rows[i] = *s[i].row;
		if (i == 0 || strcmp(key_of(&s[i]), key_of(&s[i - 1])) != 0) {
			g->h = (struct history_rows){ .rows = &rows[i] };
			HALE_SET(g->day, s[i].day);
			n_groups++;
		}
		groups[n_groups - 1].h.n++;
	}
	return n_groups;
}

static const char *top_cause(const struct history_rows *h)
{
	size_t n[CAUSES_MAX] = { 0 }, known = 0, best = 0, k;
	const char *causes[CAUSES_MAX] = { "" };

	for (size_t i = 0; i < h->n; i++) {
		if (history_passed(&h->rows[i]))
			continue;
		for (k = 0; k < known; k++) {
			if (strcmp(causes[k], h->rows[i].cause) == 0)
				break;
		}
		if (k == CAUSES_MAX)
			continue;
		if (k == known)
			causes[known++] = h->rows[i].cause;
		n[k]++;
	}
	for (k = 1; k < known; k++)
		best = n[k] > n[best] ? k : best;
	return causes[best];
}

/* --- one line --- */

static void put_right(struct out *o, const char *text, size_t columns)
{
	for (size_t used = history_columns(text); used < columns; used++)
		out_raw(o, " ");
	out_text(o, text);
}

static void put_duration(struct out *o, uint64_t ns, size_t columns)
{
	struct out text = { 0 };
	char line[40] = "-";

	if (ns > 0) {
		history_duration(&text, ns);
		hale_copy(line, sizeof(line), text.text ? text.text : "",
			  text.len);
	}
	put_right(o, line, columns);
	out_done(&text);
}

static void put_line(struct out *o, const Hale__V1__HistoryGroup *m,
		     size_t wide)
{
	char count[16], rate[16];
	size_t used;

	snprintf(count, sizeof(count), "%u", m->builds);
	snprintf(rate, sizeof(rate), "%u %%",
		 m->builds > 0 ? m->passed * 100 / m->builds : 0);
	out_raw(o, "  ");
	used = history_cut_front(o, m->key, wide);
	for (; used < wide; used++)
		out_raw(o, " ");
	put_right(o, count, 7);
	put_right(o, rate, 8);
	put_duration(o, m->median_wall_ns, 12);
	put_duration(o, m->p95_wall_ns, 12);
	out_raw(o, m->cause[0] ? "  " : "");
	out_text(o, m->cause);
	out_raw(o, "\n");
}

static const char *shown_key(const struct group *g, enum history_by by)
{
	const struct sorted s = { .row = &g->h.rows[0], .by = by };
	const char *key = by == HISTORY_DAY ? g->day : key_of(&s);

	if (key[0])
		return key;
	return by == HISTORY_CAUSE ? "(passed)" : "(none)";
}

static void fill(const struct group *g, enum history_by by,
		 Hale__V1__HistoryGroup *m)
{
	static const char *const names[] = { "", "repo", "host", "cause",
					     "day" };
	struct stats_counts c;
	struct stats_span s;

	stats_count(&g->h, NULL, NULL, &c);
	stats_span(&g->h, NULL, NULL, &s);
	m->by = (char *)(uintptr_t)names[by];
	m->key = (char *)(uintptr_t)shown_key(g, by);
	m->builds = (uint32_t)c.builds;
	m->passed = (uint32_t)c.passed;
	m->suspect = (uint32_t)c.suspect;
	m->failed = (uint32_t)c.failed;
	m->refused = (uint32_t)c.refused;
	m->median_wall_ns = s.median_ns;
	m->p95_wall_ns = s.p95_ns;
	m->last_ns = c.last_ns;
	m->cause = (char *)(uintptr_t)top_cause(&g->h);
}

/* --- all of them --- */

static size_t key_columns(const struct group *groups, size_t n,
			  enum history_by by, size_t width)
{
	size_t most = width > NUMBERS + KEY_MIN ? width - NUMBERS : KEY_MIN;
	size_t wide = 12;

	for (size_t i = 0; i < n; i++) {
		size_t columns = history_columns(shown_key(&groups[i], by));

		wide = columns > wide ? columns : wide;
	}
	return wide < most ? wide : most;
}

static void put_groups(struct out *o, const struct history_options *opt,
		       const struct group *groups, size_t n, size_t width)
{
	struct history_export e = { .out = o, .format = opt->format };
	size_t wide = key_columns(groups, n, opt->by, width);

	if (opt->format == HISTORY_TEXT) {
		out_raw(o, "  ");
		history_pad(o, "", wide);
		out_raw(o, " builds  passed         p50         p95  "
			   "mostly failed by\n");
	}
	for (size_t i = 0; i < n; i++) {
		Hale__V1__HistoryGroup m;

		hale__v1__history_group__init(&m);
		fill(&groups[i], opt->by, &m);
		if (opt->format == HISTORY_TEXT)
			put_line(o, &m, wide);
		else
			history_export_group(&e, &m);
	}
}

void history_groups(struct out *o, const struct history_options *opt,
		    const struct history_rows *h, size_t width)
{
	_cleanup_free_ struct sorted *s = calloc(h->n + 1, sizeof(*s));
	_cleanup_free_ struct history_row *rows =
		calloc(h->n + 1, sizeof(*rows));
	_cleanup_free_ struct group *groups = calloc(h->n + 1, sizeof(*groups));
	size_t n;

	if (!s || !rows || !groups)
		return;
	for (size_t i = 0; i < h->n; i++) {
		s[i].row = &h->rows[i];
		s[i].place = i;
		s[i].by = opt->by;
		if (opt->by == HISTORY_DAY)
			day_of(&h->rows[i], s[i].day);
	}
	qsort(s, h->n, sizeof(*s), by_key);
	n = split(s, h->n, rows, groups);
	qsort(groups, n, sizeof(*groups), by_size);
	put_groups(o, opt, groups, n, width);
}
