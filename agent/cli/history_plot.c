/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plot that fits into a line. Decides what a day's bar is: the median of what
 * passed on it, between nothing and the largest. A day without a build is a
 * gap, not a zero. Pure but for the locale's name and the time zone.
 */
#include "history_plot.h"

#include <time.h>

#include "hale/base.h"

#include "history_stats.h"

#define DAYS_MAX 60
#define LEVELS	 8

static const char *const blocks[LEVELS] = { "▁", "▂", "▃", "▄",
					    "▅", "▆", "▇", "█" };
static const char *const ascii[LEVELS] = { "_", ".", "-", "=",
					   "+", "*", "%", "#" };

long plot_day(uint64_t ns)
{
	time_t t = (time_t)(ns / HALE_NS_PER_S);
	struct tm tm;

	if (!localtime_r(&t, &tm))
		return (long)(t / 86400);
	/* the same date, as if it were one of UTC */
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	return (long)(timegm(&tm) / 86400);
}

static bool is_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };

	for (size_t i = 0; i < HALE_ARRAY_SIZE(names); i++) {
		const char *value = getenv(names[i]);

		if (value && value[0])
			return strcasestr(value, "utf-8") != NULL ||
			       strcasestr(value, "utf8") != NULL;
	}
	return false;
}

static bool of_day(const struct history_row *r, const void *day)
{
	return plot_day(r->started_ns) == *(const long *)day;
}

static void put_date(struct out *o, long day)
{
	time_t t = (time_t)day * 86400;
	char text[20] = "";
	struct tm tm;

	if (gmtime_r(&t, &tm))
		strftime(text, sizeof(text), "%d %b", &tm);
	out_text(o, text);
}

static void put_bars(struct out *o, const uint64_t *medians, size_t n,
		     uint64_t most)
{
	const char *const *bars = is_utf8() ? blocks : ascii;

	for (size_t i = 0; i < n; i++) {
		size_t level = most > 0 ? (size_t)((double)medians[i] * LEVELS /
						   (double)most)
					: 0;

		if (medians[i] == 0)
			out_raw(o, " ");
		else
			out_raw(o, bars[level < LEVELS ? level : LEVELS - 1]);
	}
}

void plot_days(struct out *o, const struct history_rows *h, size_t width)
{
	uint64_t medians[DAYS_MAX], most = 0;
	size_t max = width > 65 ? width - 55 : 10, n;
	long last, first;

	if (h->n == 0)
		return;
	last = plot_day(h->rows[0].started_ns);
	first = plot_day(h->rows[h->n - 1].started_ns);
	max = max < DAYS_MAX ? max : DAYS_MAX;
	if (last - first >= (long)max)
		first = last - (long)max + 1;
	if (last <= first)
		return;
	n = (size_t)(last - first + 1);
	for (size_t i = 0; i < n; i++) {
		long day = first + (long)i;
		struct stats_span s;

		stats_span(h, of_day, &day, &s);
		medians[i] = s.median_ns;
		most = s.median_ns > most ? s.median_ns : most;
	}
	if (most == 0)
		return;
	out_raw(o, "  by day     ");
	put_bars(o, medians, n, most);
	out_raw(o, "  ");
	put_date(o, first);
	out_raw(o, " to ");
	put_date(o, last);
	out_raw(o, ", p50 up to ");
	history_duration(o, most);
	out_raw(o, "\n");
}
