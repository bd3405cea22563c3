/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The picture and its judgments as rows and a topic of the screen. Decides what
 * of a host is worth a place there. Must never judge: verdicts, reasons and
 * proofs are the picture's and the judge's words. Invariant: a host that the
 * picture has forgotten is not on the screen.
 */
#include <inttypes.h>

#include "hale/base.h"

#include "agent/console/fleet.h"

/* Beyond that a clock is worth a word; heartbeats take less. */
#define SKEW_NS (60 * (int64_t)HALE_NS_PER_S)
/* Of one judgment; the rest is a number. */
#define HOSTS_MAX 2000

static_assert((int)PICTURE_UNKNOWN == (int)ROW_UNKNOWN &&
		      (int)PICTURE_FIT == (int)ROW_FIT &&
		      (int)PICTURE_DEGRADED == (int)ROW_DEGRADED &&
		      (int)PICTURE_UNFIT == (int)ROW_UNFIT &&
		      (int)PICTURE_SILENT == (int)ROW_SILENT,
	      "a row's state is a verdict of the picture");

/* --- hosts --- */

struct labels {
	char text[TOLD_LABELS_MAX][FLEET_KEY_MAX + FLEET_LABEL_MAX + 2];
	const char *at[TOLD_LABELS_MAX];
	size_t n;
};

static void read_labels(const struct picture *p, uint32_t host, uint32_t n,
			struct labels *ret)
{
	ret->n = n < TOLD_LABELS_MAX ? n : TOLD_LABELS_MAX;
	for (uint32_t i = 0; i < ret->n; i++) {
		struct told_label l = picture_label(p, host, i);

		snprintf(ret->text[i], sizeof(ret->text[i]), "%s=%s", l.key,
			 l.value);
		ret->at[i] = ret->text[i];
	}
}

static unsigned int flags_of(const struct picture_row *r)
{
	unsigned int flags = 0;

	if (r->quarantine != PICTURE_FREE)
		flags |= ROW_QUARANTINED;
	if (r->skew_ns > SKEW_NS || r->skew_ns < -SKEW_NS)
		flags |= ROW_CLOCK;
	if (r->since_at_least)
		flags |= ROW_AT_LEAST;
	return flags;
}

static void show_host(struct fleet *f, struct screen *s, uint32_t host)
{
	const struct picture *p = f->look.picture;
	struct picture_row r;
	struct labels labels;
	bool ill;

	if (!picture_row(p, host, &r))
		return;
	ill = r.verdict == PICTURE_UNFIT || r.verdict == PICTURE_DEGRADED;
	read_labels(p, host, r.n_labels, &labels);
	screen_put(s,
		   &(struct row){
			   .id = r.id,
			   .name = r.name,
			   .state = (enum row_state)r.verdict,
			   .flags = flags_of(&r),
			   .since_ns = r.since_ns,
			   .condition = ill && r.n_open > 0
						? picture_condition(p, host, 0)
						: "",
			   .why = r.why,
			   .findings = r.findings,
			   .labels = labels.at,
			   .labels_n = labels.n,
		   });
}

static bool is_known(const void *data, const char *id)
{
	const struct fleet *f = data;

	return picture_find(f->look.picture, id) != PICTURE_NONE;
}

void fleet_show_hosts(struct fleet *f, struct screen *s)
{
	const struct picture *p = f->look.picture;
	uint32_t cursor = PICTURE_NONE, host;
	struct picture_counts counts;

	picture_counts(p, &counts);
	if (f->change == counts.change && f->change > 0)
		return;
	while ((host = picture_changes(p, f->change, &cursor)) != PICTURE_NONE)
		show_host(f, s, host);
	if (picture_shrank(p, f->change))
		screen_retain(s, is_known, f);
	f->change = counts.change;
}

/* --- judgments --- */

/* Does a judgment's group hold this host: by a label, a disk's model, or by
 * what all hosts have? */
static bool is_of_model(const struct picture *p, uint32_t host,
			const struct picture_row *r, const char *value)
{
	char model[2 * TOLD_WORD_MAX + 2];

	for (uint32_t i = 0; i < r->n_disks; i++) {
		struct told_disk d = picture_disk(p, host, i);

		snprintf(model, sizeof(model), "%s%s%s", d.model,
			 d.firmware[0] ? " " : "", d.firmware);
		if (strcmp(model, value) == 0)
			return true;
	}
	return false;
}

static bool has_open(const struct picture *p, uint32_t host,
		     const struct picture_row *r, const char *condition)
{
	for (uint32_t i = 0; i < r->n_open; i++) {
		if (strcmp(picture_condition(p, host, i), condition) == 0)
			return true;
	}
	return false;
}

static bool concerns(const struct fleet *f, const struct judgment *g,
		     uint32_t host, const struct picture_row *r)
{
	const struct picture *p = f->look.picture;
	const struct judgment *by;

	if (g->kind == JUDGMENT_BLACK_HOLE)
		return host == g->host;
	if (g->kind == JUDGMENT_OUTLIER)
		return is_of_model(p, host, r, g->group.value);
	by = judge_explains(f->look.judge, host, g->cause);
	if (!by || by->number != g->number)
		return false;
	return has_open(p, host, r, g->cause) ||
	       (r->verdict == PICTURE_SILENT &&
		strcmp(g->cause, "silent") == 0);
}

static void put_hosts(const struct fleet *f, struct jot *out,
		      const struct judgment *g)
{
	const struct picture *p = f->look.picture;
	uint32_t cursor = PICTURE_NONE, host, n = 0;
	struct picture_row r;

	jot_put(out, ",\"hosts\":[");
	while ((host = picture_changes(p, 0, &cursor)) != PICTURE_NONE) {
		if (!picture_row(p, host, &r) || !concerns(f, g, host, &r))
			continue;
		if (n++ < HOSTS_MAX) {
			jot_put(out, n > 1 ? "," : "");
			jot_string(out, r.id, 64);
		}
	}
	jot_print(out, "],\"hostsTotal\":%u", n);
}

static void put_judgment(const struct fleet *f, struct jot *out,
			 const struct judgment *g)
{
	char words[JUDGE_WORDS_MAX];

	jot_print(out,
		  "{\"id\":\"%" PRIu64 "\",\"kind\":\"%s\",\"since\":%" PRIu64,
		  g->number, judgment_kind_name(g->kind),
		  g->since_ns / HALE_NS_PER_MS);
	judgment_words(f->look.picture, g, words);
	jot_put(out, ",\"title\":");
	jot_string(out, words, sizeof(words));
	judgment_advice(g, words);
	jot_put(out, ",\"text\":");
	jot_string(out, words, sizeof(words));
	judgment_proof(g, words);
	jot_put(out, ",\"proof\":[");
	jot_string(out, words, sizeof(words));
	jot_put(out, "]");
	put_hosts(f, out, g);
	jot_put(out, "}");
}

void fleet_show_judgments(struct fleet *f, struct screen *s)
{
	uint64_t change = judge_change(f->look.judge);
	const struct judgment *g;
	struct jot out = { 0 };
	bool any = false;

	if (f->judged_any && change == f->judged)
		return;
	jot_put(&out, "[");
	for (uint32_t n = 0; (g = judge_at(f->look.judge, n)); n++) {
		if (g->ended_ns)
			continue;
		jot_put(&out, any ? "," : "");
		put_judgment(f, &out, g);
		any = true;
	}
	jot_put(&out, "]");
	if (!out.lost && screen_say(s, TOPIC_JUDGMENTS, out.bytes) >= 0) {
		f->judged = change;
		f->judged_any = true;
	}
	jot_done(&out);
}
