/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What people read. Decides the wording of a verdict and of a finding: part,
 * number, time, proof, and what ends it, in this order. Must not ask anybody
 * anything, and never give a text from outside to out_raw().
 */
#include "render.h"

#include <string.h>

#include "hale/base.h"
#include "hale/condition.h"

static enum out_color fitness_color(enum hale_fitness f)
{
	switch (f) {
	case HALE_FIT:
		return OUT_GREEN;
	case HALE_DEGRADED:
	case HALE_UNKNOWN:
		return OUT_YELLOW;
	case HALE_UNFIT:
		return OUT_RED;
	case HALE_FITNESS_COUNT:
		break;
	}
	return OUT_PLAIN;
}

static enum out_color effect_color(enum hale_effect e)
{
	switch (e) {
	case HALE_EFFECT_BLOCKS:
		return OUT_RED;
	case HALE_EFFECT_WARNS:
		return OUT_YELLOW;
	case HALE_EFFECT_NOTES:
	case HALE_EFFECT_NONE:
	case HALE_EFFECT_COUNT:
		break;
	}
	return OUT_BOLD;
}

const char *render_fitness(enum hale_fitness f)
{
	switch (f) {
	case HALE_FIT:
		return "FIT";
	case HALE_DEGRADED:
		return "DEGRADED";
	case HALE_UNFIT:
		return "UNFIT";
	case HALE_UNKNOWN:
	case HALE_FITNESS_COUNT:
		break;
	}
	return "UNKNOWN";
}

static void gap_text(struct out *o, const char *label, const char *text)
{
	if (!text[0])
		return;
	out_raw(o, "  ");
	out_raw(o, label);
	out_text(o, text);
}

void render_headline(struct out *o, const struct hale_summary *s,
		     uint64_t now_ns)
{
	out_color(o, fitness_color(s->fitness), render_fitness(s->fitness));
	gap_text(o, "", s->host);
	if (s->as_of_ns) {
		out_raw(o, "   ");
		out_ago(o, s->as_of_ns, now_ns);
	}
	out_raw(o, "\n");
}

/* --- one finding --- */

/* "disk/naa.5000c5…" is for machines; people know it as sde. */
static const char *part_name(const struct hale_entry *e)
{
	return e->alias[0] ? e->alias : e->part;
}

static void whose(struct out *o, const struct hale_entry *e)
{
	gap_text(o, "", part_name(e));
	gap_text(o, "", e->model);
	gap_text(o, "serial ", e->serial);
}

void render_name(struct out *o, const struct hale_entry *e)
{
	out_text(o, e->condition);
	whose(o, e);
}

void render_title(struct out *o, const struct hale_entry *e)
{
	out_color(o, effect_color(e->effect), e->condition);
	whose(o, e);
	if (e->effect == HALE_EFFECT_WARNS)
		out_raw(o, "  (warns)");
	else if (e->effect != HALE_EFFECT_BLOCKS)
		out_raw(o, "  (a note)");
	if (e->muted)
		out_raw(o, "  (muted)");
}

static enum hale_condition condition_of(const struct hale_entry *e)
{
	return hale_condition_from_name(e->condition, strlen(e->condition));
}

static void measured(struct out *o, const struct hale_entry *e, bool inodes)
{
	if (inodes) {
		out_number(o, e->value);
		out_raw(o, " of ");
		out_number(o, e->total);
		out_raw(o, " inodes free");
		return;
	}
	out_size(o, e->value);
	out_raw(o, " of ");
	out_size(o, e->total);
	out_raw(o, " available");
}

static void counted(struct out *o, const struct hale_entry *e, uint64_t now_ns)
{
	if (e->at_least)
		out_raw(o, "at least ");
	if (e->count <= 1) {
		out_raw(o, "once, ");
		out_ago(o, e->last_ns, now_ns);
		return;
	}
	out_number(o, e->count);
	if (e->last_ns > e->first_ns + HALE_NS_PER_S / 10) {
		out_raw(o, " in ");
		out_duration(o, e->last_ns - e->first_ns);
		out_raw(o, ", last ");
	} else {
		out_raw(o, " times, ");
	}
	out_ago(o, e->last_ns, now_ns);
}

/* How long a state holds: "for 3 min". */
static void held(struct out *o, uint64_t since_ns, uint64_t now_ns)
{
	if (now_ns < since_ns + HALE_NS_PER_S / 10) {
		out_raw(o, "just now");
		return;
	}
	out_raw(o, "for ");
	out_duration(o, now_ns - since_ns);
}

void render_extent(struct out *o, const struct hale_entry *e, uint64_t now_ns)
{
	enum hale_condition c = condition_of(e);

	if (e->total > 0 && (c == HALE_FS_FULL || c == HALE_FS_INODES_FULL)) {
		measured(o, e, c == HALE_FS_INODES_FULL);
	} else if (hale_condition_info(c)->life == HALE_LIFE_STATE &&
		   c != HALE_CONDITION_NONE) {
		held(o, e->first_ns, now_ns);
	} else {
		counted(o, e, now_ns);
	}
}

static void line_of(struct out *o, const char *label, const char *text)
{
	if (!text[0])
		return;
	out_raw(o, "    ");
	out_raw(o, label);
	out_text(o, text);
	out_raw(o, "\n");
}

/* Where a scope meets it; of a mere finding, where it is mounted. */
static void place(struct out *o, const struct hale_entry *e)
{
	if (e->path[0]) {
		out_raw(o, "; under ");
		out_text(o, e->path);
	} else if (e->where[0]) {
		out_raw(o, "; on ");
		out_text(o, e->where);
	}
	if (e->via[0]) {
		out_raw(o, " (");
		out_text(o, e->via);
		out_raw(o, ")");
	}
	if (e->redundant)
		out_raw(o, "; another leg still works");
}

/* A sense that is missing: nothing is found, but nothing could be. */
static void render_missing(struct out *o, const struct hale_entry *e)
{
	out_raw(o, "  ");
	out_color(o, OUT_YELLOW, "cannot tell");
	gap_text(o, "", e->text[0] ? e->text : e->evidence);
	if (e->path[0]) {
		out_raw(o, "; under ");
		out_text(o, e->path);
	}
	out_raw(o, "\n");
}

void render_entry(struct out *o, const struct hale_entry *e, uint64_t now_ns)
{
	if (!e->condition[0]) {
		render_missing(o, e);
		return;
	}
	out_raw(o, "  ");
	render_title(o, e);
	out_raw(o, "\n    ");
	render_extent(o, e, now_ns);
	place(o, e);
	out_raw(o, "\n");
	line_of(o, "", e->withheld ? RENDER_WITHHELD : e->evidence);
	line_of(o, "clears when ", e->clears);
}

void render_brief(struct out *o, const struct hale_entry *e, uint64_t now_ns)
{
	render_title(o, e);
	out_raw(o, ": ");
	render_extent(o, e, now_ns);
	if (e->evidence[0] || e->withheld) {
		out_raw(o, "; ");
		out_text(o, e->withheld ? RENDER_WITHHELD : e->evidence);
	}
	out_raw(o, "\n");
}

void render_reasons(struct out *o, const struct hale_reply *r, uint64_t now_ns)
{
	struct hale_summary s;
	struct hale_entry e;
	size_t i;

	hale_reply_summary(r, &s);
	/* Of a blind agent a reason of the same words follows. */
	if (s.note[0] && (s.n_reasons == 0 || s.scanned || s.agent)) {
		out_raw(o, "  ");
		out_color(o, OUT_DIM, s.note);
		out_raw(o, "\n");
	}
	for (i = 0; hale_reply_reason(r, i, &e); i++)
		render_entry(o, &e, now_ns);
	if (s.reasons_total > i) {
		out_raw(o, "  and ");
		out_number(o, s.reasons_total - i);
		out_raw(o, " more: hale status\n");
	}
}
