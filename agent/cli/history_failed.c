/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What failed and why: causes by how often, then the builds, a line each. Must
 * fit into the columns that there are: what a build says last is cut. Pure.
 */
#include "hale/base.h"

#include "history_stats.h"

static const char *cause_of(const struct history_row *r)
{
	return history_passed(r) ? NULL : r->cause[0] ? r->cause : "unknown";
}

static void put_causes(struct out *o, const struct history_rows *h,
		       uint64_t now)
{
	struct stats_key causes[STATS_KEYS_MAX];
	size_t n = stats_keys(h, cause_of, causes);
	char when[20];

	if (n == 0)
		return;
	out_raw(o, "\n  why they failed\n");
	for (size_t i = 0; i < n; i++) {
		char count[24];

		snprintf(count, sizeof(count), "%5zu", causes[i].n);
		history_time(when, causes[i].last_ns, now);
		out_raw(o, "  ");
		out_raw(o, count);
		out_raw(o, "  ");
		history_pad(o, causes[i].key, 18);
		out_raw(o, "  last ");
		out_text(o, when);
		out_raw(o, "\n");
	}
}

static void put_failure(struct out *o, const struct history_row *r,
			uint64_t now, size_t width)
{
	bool refused = r->outcome == HALE__V1__BUILD_RESULT__OUTCOME__REFUSED;
	char when[20];
	size_t used = 36;

	history_time(when, r->started_ns, now);
	out_raw(o, "  ");
	history_pad(o, when, 12);
	out_raw(o, "  ");
	history_pad(o, r->cause[0] ? r->cause : "unknown", 18);
	out_raw(o, "  ");
	if (refused) {
		out_raw(o, "refused  ");
		used += 9;
	}
	history_cut(o, r->headline[0] ? r->headline : r->repo,
		    width > used + 8 ? width - used : 8);
	out_raw(o, "\n");
}

static void put_failures(struct out *o, const struct history_rows *h,
			 size_t max, uint64_t now, size_t width)
{
	size_t shown = 0;

	for (size_t i = 0; i < h->n && shown < max; i++) {
		if (history_passed(&h->rows[i]))
			continue;
		if (shown++ == 0)
			out_raw(o, "\n  failures, the newest first\n");
		put_failure(o, &h->rows[i], now, width);
	}
}

void history_failed(struct out *o, const struct history_rows *h, size_t max,
		    size_t width)
{
	uint64_t now = cli_now_ns();

	put_causes(o, h, now);
	put_failures(o, h, max, now, width);
}
