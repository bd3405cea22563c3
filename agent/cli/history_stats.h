/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CLI_HISTORY_STATS_H
#define HALE_CLI_HISTORY_STATS_H

/* What many builds say together. Pure; every number comes with its n. */

#include "history.h"

/* Fewer than so many say nothing about what is usual. */
#define STATS_FEW 5

struct stats_span {
	size_t n;
	uint64_t median_ns, p95_ns;
};

struct stats_counts {
	size_t builds, passed, suspect, failed, refused, host_faults;
	uint64_t last_ns;
};

typedef bool (*stats_where_fn)(const struct history_row *r, const void *data);

/* @where: NULL: all of them. */
void stats_count(const struct history_rows *h, stats_where_fn where,
		 const void *data, struct stats_counts *ret);
/* Durations of those that passed. */
void stats_span(const struct history_rows *h, stats_where_fn where,
		const void *data, struct stats_span *ret);

/* The median of the last 20 that passed against that of up to 50 before. */
#define TREND_RECENT   20
#define TREND_BASELINE 50
#define TREND_NEEDED   10 /* of the baseline, at least */

enum stats_trend {
	TREND_TOO_FEW = 0,
	TREND_STEADY,
	TREND_SLOWER,
	TREND_FASTER,
};

struct stats_change {
	enum stats_trend trend;
	size_t recent, before;
	uint64_t recent_ns, before_ns; /* medians */
	uint32_t percent;	       /* by how much it changed */
};

/* Slower is: by 20 % or more, and beyond what three of four builds before
 * took; faster likewise. One slow build changes neither median. */
void stats_change(const struct history_rows *h, stats_where_fn where,
		  const void *data, struct stats_change *ret);

/* Did half of its steps, or more, come from a cache? */
bool stats_is_warm(const struct history_row *r);
bool stats_is_cold(const struct history_row *r);

/* The values of one column, the most frequent first. */
struct stats_key {
	const char *key;
	size_t n;
	uint64_t last_ns;
};

#define STATS_KEYS_MAX 128

/* @key_of: NULL leaves a row out. Returns how many there are. */
size_t stats_keys(const struct history_rows *h,
		  const char *(*key_of)(const struct history_row *r),
		  struct stats_key keys[STATS_KEYS_MAX]);

#endif
