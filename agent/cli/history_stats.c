/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counting builds. Decides what is usual by medians and nearest ranks, which a
 * single build cannot move, and says with each number of how many builds it is.
 * Must never call a change what so few builds may show by chance. Pure but for
 * the memory that sorting takes.
 */
#include "history_stats.h"

#include "hale/base.h"

#include "agent/ship/rank.h"

void stats_count(const struct history_rows *h, stats_where_fn where,
		 const void *data, struct stats_counts *ret)
{
	struct stats_counts c = { .builds = 0 };

	for (size_t i = 0; i < h->n; i++) {
		const struct history_row *r = &h->rows[i];

		if (where && !where(r, data))
			continue;
		c.builds++;
		c.passed += history_passed(r);
		c.suspect +=
			r->outcome == HALE__V1__BUILD_RESULT__OUTCOME__SUSPECT;
		c.failed +=
			r->outcome == HALE__V1__BUILD_RESULT__OUTCOME__FAILED;
		c.refused +=
			r->outcome == HALE__V1__BUILD_RESULT__OUTCOME__REFUSED;
		c.host_faults += r->host_fault;
		if (r->started_ns > c.last_ns)
			c.last_ns = r->started_ns;
	}
	*ret = c;
}

/* Durations of those that passed, the newest first; up to @max after @skip. */
static size_t durations(const struct history_rows *h, stats_where_fn where,
			const void *data, uint64_t *values, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < h->n && n < max; i++) {
		const struct history_row *r = &h->rows[i];

		if (history_passed(r) && r->wall_ns > 0 &&
		    (!where || where(r, data)))
			values[n++] = r->wall_ns;
	}
	return n;
}

void stats_span(const struct history_rows *h, stats_where_fn where,
		const void *data, struct stats_span *ret)
{
	_cleanup_free_ uint64_t *values = calloc(h->n + 1, sizeof(*values));
	struct stats_span s = { .n = 0 };

	if (values)
		s.n = durations(h, where, data, values, h->n);
	if (s.n > 0) {
		s.median_ns = rank_percent(values, s.n, 50);
		s.p95_ns = rank_percent(values, s.n, 95);
	}
	*ret = s;
}

static uint32_t percent_of(uint64_t a, uint64_t b)
{
	double share = b > 0 ? (double)a * 100.0 / (double)b : 0;

	return share > 100000 ? 100000 : (uint32_t)(share + 0.5);
}

void stats_change(const struct history_rows *h, stats_where_fn where,
		  const void *data, struct stats_change *ret)
{
	uint64_t v[TREND_RECENT + TREND_BASELINE], *before = v + TREND_RECENT;
	size_t n = durations(h, where, data, v, HALE_ARRAY_SIZE(v));
	struct stats_change c = { .trend = TREND_TOO_FEW };

	c.recent = n < TREND_RECENT ? n : TREND_RECENT;
	c.before = n - c.recent;
	if (c.before >= TREND_NEEDED) {
		c.recent_ns = rank_percent(v, c.recent, 50);
		c.before_ns = rank_percent(before, c.before, 50);
		c.trend = TREND_STEADY;
		if (c.recent_ns > c.before_ns + c.before_ns / 5 &&
		    c.recent_ns > rank_percent(before, c.before, 75))
			c.trend = TREND_SLOWER;
		else if (c.recent_ns < c.before_ns - c.before_ns / 5 &&
			 c.recent_ns < rank_percent(before, c.before, 25))
			c.trend = TREND_FASTER;
		c.percent = c.recent_ns > c.before_ns
				    ? percent_of(c.recent_ns - c.before_ns,
						 c.before_ns)
				    : percent_of(c.before_ns - c.recent_ns,
						 c.before_ns);
	}
	*ret = c;
}

bool stats_is_warm(const struct history_row *r)
{
	return r->steps > 0 && r->cached * 2 >= r->steps;
}

bool stats_is_cold(const struct history_row *r)
{
	return r->steps > 0 && r->cached * 2 < r->steps;
}

static int by_count(const void *a, const void *b)
{
	const struct stats_key *x = a, *y = b;

	if (x->n != y->n)
		return x->n < y->n ? 1 : -1;
	return strcmp(x->key, y->key);
}

size_t stats_keys(const struct history_rows *h,
		  const char *(*key_of)(const struct history_row *r),
		  struct stats_key keys[STATS_KEYS_MAX])
{
	size_t n = 0, k;

	for (size_t i = 0; i < h->n; i++) {
		const char *key = key_of(&h->rows[i]);

		if (!key)
			continue;
		for (k = 0; k < n && strcmp(keys[k].key, key) != 0; k++)
			;
		if (k == STATS_KEYS_MAX)
			continue;
		if (k == n)
			keys[n++] = (struct stats_key){ .key = key };
		keys[k].n++;
		if (h->rows[i].started_ns > keys[k].last_ns)
			keys[k].last_ns = h->rows[i].started_ns;
	}
	qsort(keys, n, sizeof(*keys), by_count);
	return n;
}
