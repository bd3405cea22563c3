/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hale history --by`: one line for each repository, host, cause or day.
 * Decides their order: days as they come, all others by how many builds they
 * have.
 */
#include <time.h>

#include "hale/base.h"

#include "history_plot.h"
#include "history_stats.h"

#define DAY_TEXT 12

struct group {
	enum history_by by;
	const char *key;
};

static const char *key_text(const struct history_row *r, enum history_by by,
			    char day[DAY_TEXT])
{
	time_t t;
	struct tm tm;

	switch (by) {
	case HISTORY_REPO:
		return r->repo;
	case HISTORY_HOST:
		return r->host;
	case HISTORY_CAUSE:
		return history_passed(r) ? "" : r->cause;
	case HISTORY_DAY:
		t = (time_t)(r->started_ns / HALE_NS_PER_S);
		if (localtime_r(&t, &tm))
			strftime(day, DAY_TEXT, "%Y-%m-%d", &tm);
		return day;
	case HISTORY_ALL:
		break;
	}
	return "";
}

static bool of_group(const struct history_row *r, const void *data)
{
	const struct group *g = data;
	char day[DAY_TEXT] = "";

	return strcmp(key_text(r, g->by, day), g->key) == 0;
}

struct keys {
	char text[STATS_KEYS_MAX][HALE_REPO_MAX];
	size_t count[STATS_KEYS_MAX], n;
};

static void gather(const struct history_rows *h, enum history_by by,
		   struct keys *k)
{
	for (size_t i = 0; i < h->n; i++) {
		char day[DAY_TEXT] = "";
		const char *key = key_text(&h->rows[i], by, day);
		size_t at = 0;

		while (at < k->n && strcmp(k->text[at], key) != 0)
			at++;
		if (at == STATS_KEYS_MAX)
			continue;
		if (at == k->n) {
			HALE_SET(k->text[at], key);
			k->n++;
		}
		k->count[at]++;
	}
}

/* The largest that was not taken yet; days stay in their order. */
static size_t next_of(struct keys *k, enum history_by by)
{
	size_t best = k->n;

	for (size_t i = 0; i < k->n; i++) {
		if (k->count[i] == 0)
			continue;
		if (by == HISTORY_DAY)
			return i;
		if (best == k->n || k->count[i] > k->count[best])
			best = i;
	}
	return best;
}

static const char *top_cause(const struct history_rows *h,
			     const struct group *g)
{
	const char *best = "";
	size_t most = 0;

	for (size_t i = 0; i < h->n; i++) {
		size_t n = 0;

		if (history_passed(&h->rows[i]) || !of_group(&h->rows[i], g) ||
		    strcmp(h->rows[i].cause, best) == 0)
			continue;
		for (size_t j = i; j < h->n; j++)
			n += !history_passed(&h->rows[j]) &&
			     of_group(&h->rows[j], g) &&
			     strcmp(h->rows[j].cause, h->rows[i].cause) == 0;
		if (n > most) {
			most = n;
			best = h->rows[i].cause;
		}
	}
	return best;
}

static const char *shown_key(const struct group *g)
{
	if (g->key[0])
		return g->key;
	return g->by == HISTORY_CAUSE ? "(passed)" : "(none)";
}

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

	snprintf(count, sizeof(count), "%u", m->builds);
	snprintf(rate, sizeof(rate), "%u %%",
		 m->builds > 0 ? m->passed * 100 / m->builds : 0);
	out_raw(o, "  ");
	history_pad(o, m->key, wide);
	put_right(o, count, 7);
	put_right(o, rate, 8);
	put_duration(o, m->median_wall_ns, 12);
	put_duration(o, m->p95_wall_ns, 12);
	out_raw(o, "  ");
	out_text(o, m->cause);
	out_raw(o, "\n");
}

static void fill(const struct history_rows *h, const struct group *g,
		 Hale__V1__HistoryGroup *m)
{
	static const char *const names[] = { "", "repo", "host", "cause",
					     "day" };
	struct stats_counts c;
	struct stats_span s;

	stats_count(h, of_group, g, &c);
	stats_span(h, of_group, g, &s);
	m->by = (char *)(uintptr_t)names[g->by];
	m->key = (char *)(uintptr_t)shown_key(g);
	m->builds = (uint32_t)c.builds;
	m->passed = (uint32_t)c.passed;
	m->suspect = (uint32_t)c.suspect;
	m->failed = (uint32_t)c.failed;
	m->refused = (uint32_t)c.refused;
	m->median_wall_ns = s.median_ns;
	m->p95_wall_ns = s.p95_ns;
	m->last_ns = c.last_ns;
	m->cause = (char *)(uintptr_t)top_cause(h, g);
}

static size_t widest(const struct keys *k)
{
	size_t wide = 12;

	for (size_t i = 0; i < k->n; i++) {
		size_t n = history_columns(k->text[i]);

		wide = n > wide ? n : wide;
	}
	return wide < 40 ? wide : 40;
}

void history_groups(struct out *o, const struct history_options *opt,
		    const struct history_rows *h, size_t width)
{
	_cleanup_free_ struct keys *k = calloc(1, sizeof(*k));
	struct history_export e = { .out = o, .format = opt->format };
	size_t at, wide;

	(void)width;
	if (!k)
		return;
	gather(h, opt->by, k);
	wide = widest(k);
	if (opt->format == HISTORY_TEXT) {
		out_raw(o, "  ");
		history_pad(o, "", wide);
		out_raw(o, " builds  passed         p50         p95  "
			   "mostly failed by\n");
	}
	while ((at = next_of(k, opt->by)) < k->n) {
		struct group g = { .by = opt->by, .key = k->text[at] };
		Hale__V1__HistoryGroup m;

		hale__v1__history_group__init(&m);
		k->count[at] = 0;
		fill(h, &g, &m);
		if (opt->format == HISTORY_TEXT)
			put_line(o, &m, wide);
		else
			history_export_group(&e, &m);
	}
}
