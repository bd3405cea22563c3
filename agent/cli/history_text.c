/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The history for people, within 80 columns: what passed, how long it took and
 * whether that changes, then what failed and why. Decides when a number is of
 * too few builds to be said without saying so. Pure: writes into an out.
 */
#include <time.h>

#include "hale/base.h"
#include "hale/text.h"

#include "agent/ship/rank.h"
#include "history_plot.h"
#include "history_stats.h"

#define FAILURES_SHOWN 10
#define LABEL	       10
#define WIDTH	       80
#define HEAD	       46 /* of the first line, all but the name */

/* --- words --- */

void history_time(char ret[20], uint64_t ns, uint64_t now_ns)
{
	time_t t = (time_t)(ns / HALE_NS_PER_S);
	time_t now = (time_t)(now_ns / HALE_NS_PER_S);
	struct tm tm, today;

	ret[0] = '\0';
	if (!localtime_r(&t, &tm) || !localtime_r(&now, &today))
		return;
	strftime(ret, 20,
		 tm.tm_year == today.tm_year ? "%d %b %H:%M" : "%d %b %Y", &tm);
}

void history_duration(struct out *o, uint64_t ns)
{
	uint64_t s = (ns + HALE_NS_PER_S / 2) / HALE_NS_PER_S;

	if (s < 60) {
		out_duration(o, ns);
	} else if (s < 3600) {
		out_number(o, s / 60);
		out_raw(o, " min ");
		out_number(o, s % 60);
		out_raw(o, " s");
	} else {
		out_number(o, s / 3600);
		out_raw(o, " h ");
		out_number(o, s % 3600 / 60);
		out_raw(o, " min");
	}
}

static void label(struct out *o, const char *text)
{
	out_raw(o, "  ");
	history_pad(o, text, LABEL);
	out_raw(o, " ");
}

static void few(struct out *o, size_t n)
{
	out_raw(o, "n = ");
	out_number(o, n);
	if (n < STATS_FEW)
		out_raw(o, ", too few");
}

/* --- the whole --- */

/* One more thing to say, on a line of its own where this one is full. */
static void piece(struct out *o, size_t *used, const char *sep,
		  const char *text)
{
	if (*used + strlen(sep) + strlen(text) > WIDTH) {
		out_raw(o, "\n");
		label(o, "");
		*used = LABEL + 3;
	} else {
		out_raw(o, sep);
		*used += strlen(sep);
	}
	out_raw(o, text);
	*used += strlen(text);
}

static void put_passed(struct out *o, const struct stats_counts *c)
{
	const struct {
		size_t n;
		const char *sep, *what;
	} more[] = {
		{ c->suspect, ", ", "of them suspect" },
		{ c->refused, "; ", "refused" },
		{ c->host_faults, "; ", "the host's fault" },
	};
	size_t used = LABEL + 3;
	char text[80];

	label(o, "passed");
	snprintf(text, sizeof(text), "%zu of %zu (%zu %%)", c->passed,
		 c->builds, c->builds > 0 ? c->passed * 100 / c->builds : 0);
	piece(o, &used, "", text);
	for (size_t i = 0; i < HALE_ARRAY_SIZE(more); i++) {
		snprintf(text, sizeof(text), "%zu %s", more[i].n, more[i].what);
		if (more[i].n > 0)
			piece(o, &used, more[i].sep, text);
	}
	snprintf(text, sizeof(text), "(n = %zu, too few)", c->builds);
	if (c->builds < STATS_FEW)
		piece(o, &used, "  ", text);
	out_raw(o, "\n");
}

static void put_span(struct out *o, const struct stats_span *s)
{
	out_raw(o, "p50 ");
	history_duration(o, s->median_ns);
	out_raw(o, ", p95 ");
	history_duration(o, s->p95_ns);
	out_raw(o, "  (");
	few(o, s->n);
	out_raw(o, ")");
}

static void put_durations(struct out *o, const struct history_rows *h)
{
	struct stats_span s;

	stats_span(h, NULL, NULL, &s);
	if (s.n == 0)
		return;
	label(o, "duration");
	put_span(o, &s);
	out_raw(o, "\n");
}

static bool of_repo(const struct history_row *r, const void *repo)
{
	return strcmp(r->repo, repo) == 0;
}

static const char *repo_of(const struct history_row *r)
{
	return r->repo;
}

static void put_change(struct out *o, const struct stats_change *c)
{
	bool slower = c->trend == TREND_SLOWER;

	out_color(o,
		  slower		     ? OUT_YELLOW
		  : c->trend == TREND_FASTER ? OUT_GREEN
					     : OUT_PLAIN,
		  slower		     ? "slower"
		  : c->trend == TREND_FASTER ? "faster"
					     : "steady");
	if (c->trend != TREND_STEADY) {
		out_raw(o, " by ");
		out_number(o, c->percent);
		out_raw(o, " %");
	}
	out_raw(o, ": p50 ");
	history_duration(o, c->recent_ns);
	out_raw(o, " (last ");
	out_number(o, c->recent);
	out_raw(o, "), ");
	history_duration(o, c->before_ns);
	out_raw(o, " (");
	out_number(o, c->before);
	out_raw(o, " before)\n");
}

/* Of one repository; of many, those alone that changed. */
static void put_trend(struct out *o, const struct history_rows *h, size_t width)
{
	struct stats_key repos[STATS_KEYS_MAX];
	size_t n = stats_keys(h, repo_of, repos);
	struct stats_change c;

	for (size_t i = 0; i < n; i++) {
		stats_change(h, of_repo, repos[i].key, &c);
		if (n > 1 &&
		    (c.trend == TREND_TOO_FEW || c.trend == TREND_STEADY))
			continue;
		label(o, "trend");
		if (n > 1) {
			history_cut_front(o,
					  repos[i].key[0] ? repos[i].key
							  : "(no repository)",
					  width - LABEL - 3);
			out_raw(o, "\n");
			label(o, "");
		}
		if (c.trend == TREND_TOO_FEW) {
			out_raw(o, "too few: ");
			out_number(o, c.recent + c.before);
			out_raw(o, " passed, 30 are needed\n");
		} else {
			put_change(o, &c);
		}
	}
}

static bool warm(const struct history_row *r, const void *data)
{
	(void)data;
	return stats_is_warm(r);
}

static bool cold(const struct history_row *r, const void *data)
{
	(void)data;
	return stats_is_cold(r);
}

static void put_cache(struct out *o, const struct history_rows *h)
{
	struct stats_span w, c;

	stats_span(h, warm, NULL, &w);
	stats_span(h, cold, NULL, &c);
	if (w.n + c.n == 0)
		return;
	label(o, "cache");
	out_raw(o, w.n > 0 ? "warm p50 " : "never warm");
	if (w.n > 0) {
		history_duration(o, w.median_ns);
		out_raw(o, " (");
		few(o, w.n);
		out_raw(o, ")");
	}
	out_raw(o, c.n > 0 ? ", cold p50 " : ", never cold");
	if (c.n > 0) {
		history_duration(o, c.median_ns);
		out_raw(o, " (");
		few(o, c.n);
		out_raw(o, ")");
	}
	out_raw(o, "\n");
}

static void put_peak(struct out *o, const char *name,
		     const struct history_rows *h, size_t offset)
{
	_cleanup_free_ uint64_t *values = calloc(h->n + 1, sizeof(*values));
	size_t n = 0;

	for (size_t i = 0; values && i < h->n; i++) {
		uint64_t value;

		memcpy(&value, (const char *)&h->rows[i] + offset,
		       sizeof(value));
		if (value > 0 && history_passed(&h->rows[i]))
			values[n++] = value;
	}
	if (n == 0)
		return;
	label(o, name);
	out_raw(o, "p95 ");
	out_size(o, rank_percent(values, n, 95));
	out_raw(o, " at the peak  (");
	few(o, n);
	out_raw(o, ")\n");
}

/* --- all of it --- */

static void put_head(struct out *o, const struct history_options *opt,
		     const struct history_rows *h, size_t width)
{
	uint64_t now = cli_now_ns();
	char from[20], to[20];

	history_time(from, h->rows[h->n - 1].started_ns, now);
	history_time(to, h->rows[0].started_ns, now);
	out_color(o, OUT_BOLD, h->n == 1 ? "1 build" : "");
	if (h->n > 1) {
		char text[40];

		snprintf(text, sizeof(text), "%zu builds", h->n);
		out_color(o, OUT_BOLD, text);
	}
	if (opt->repo[0]) {
		out_raw(o, " of ");
		history_cut_front(o, opt->repo, width - HEAD);
	}
	out_raw(o, ", ");
	out_text(o, from);
	if (h->n > 1) {
		out_raw(o, " to ");
		out_text(o, to);
	}
	if (h->cut)
		out_raw(o, opt->repo[0] ? "\n  (--limit leaves out older ones)"
					: " (--limit leaves out older ones)");
	out_raw(o, "\n");
}

void history_text(struct out *o, const struct history_options *opt,
		  const struct history_rows *h, size_t width)
{
	struct stats_counts c;

	width = width < WIDTH ? WIDTH : width;
	stats_count(h, NULL, NULL, &c);
	put_head(o, opt, h, width);
	if (!opt->failed && !opt->cause[0]) {
		put_passed(o, &c);
		put_durations(o, h);
		put_trend(o, h, width);
		put_cache(o, h);
		put_peak(o, "memory", h, offsetof(struct history_row, memory));
		put_peak(o, "disk", h, offsetof(struct history_row, disk));
		plot_days(o, h, width);
	}
	history_failed(o, h,
		       opt->failed || opt->cause[0] ? h->n : FAILURES_SHOWN,
		       width);
}
