/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A verdict's reasons and a cause's steps as lines: part, number, time, proof.
 * Decides what is left out: a step that nothing but the time links, which on a
 * busy host may be anybody's.
 */
#include "hale/base.h"

#include "agent/core/middle.h"
#include "agent/core/parse.h"
#include "report_own.h"

#define STEPS_SHOWN 5

static void part_name(struct paper *p, const struct hale_entry *e)
{
	paper_put(p, e->alias[0] ? e->alias : e->part);
	if (e->model[0]) {
		fputc(' ', p->f);
		paper_put(p, e->model);
	}
	if (e->serial[0]) {
		fputs(" serial ", p->f);
		paper_put(p, e->serial);
	}
}

static void room_left(struct paper *p, const struct hale_entry *e, bool inodes)
{
	char avail[HALE_SIZE_TEXT], total[HALE_SIZE_TEXT];

	if (inodes) {
		fprintf(p->f, ", %llu of %llu inodes left",
			(unsigned long long)e->value,
			(unsigned long long)e->total);
		return;
	}
	hale_size_print(avail, e->value);
	hale_size_print(total, e->total);
	fprintf(p->f, ", %s of %s left", avail, total);
}

static bool tells_room(const struct hale_entry *e)
{
	enum hale_condition c =
		hale_condition_from_name(e->condition, strlen(e->condition));

	return e->total > 0 && (c == HALE_FS_FULL || c == HALE_FS_INODES_FULL);
}

/* How long a state has held. */
static void held(struct paper *p, uint64_t ns)
{
	if (ns < HALE_NS_PER_S / 10) {
		fputs(", just now", p->f);
		return;
	}
	fputs(", for ", p->f);
	paper_age(p, ns);
}

static void counted(struct paper *p, const struct hale_entry *e,
		    uint64_t now_ns)
{
	if (e->count > 1)
		fprintf(p->f, ", %s%llu times", e->at_least ? "at least " : "",
			(unsigned long long)e->count);
	if (e->last_ns == 0 || now_ns < e->last_ns)
		return;
	fputs(e->count > 1 ? ", last " : ", ", p->f);
	paper_age(p, now_ns - e->last_ns);
	fputs(" ago", p->f);
}

static void extent(struct paper *p, const struct hale_entry *e, uint64_t now_ns)
{
	enum hale_condition c =
		hale_condition_from_name(e->condition, strlen(e->condition));

	if (tells_room(e))
		room_left(p, e, c == HALE_FS_INODES_FULL);
	else if (c != HALE_CONDITION_NONE &&
		 hale_condition_info(c)->life == HALE_LIFE_STATE)
		held(p, now_ns > e->first_ns ? now_ns - e->first_ns : 0);
	else
		counted(p, e, now_ns);
}

static void place(struct paper *p, const struct hale_entry *e)
{
	if (!e->path[0])
		return;
	fputs("; under ", p->f);
	paper_put(p, e->path);
	if (e->via[0]) {
		fputs(" (", p->f);
		paper_put(p, e->via);
		fputc(')', p->f);
	}
}

static void more(struct paper *p, const char *label, const char *text)
{
	if (!text[0])
		return;
	paper_line(p, true);
	fputs(label, p->f);
	paper_put(p, text);
	paper_end(p);
}

static void title(struct paper *p, const struct hale_entry *e, uint64_t now_ns)
{
	paper_line(p, true);
	paper_put(p, e->condition);
	fputs(" on ", p->f);
	part_name(p, e);
	extent(p, e, now_ns);
	place(p, e);
	paper_end(p);
	/* what is left has just been said, what is needed has not */
	if (!tells_room(e) || strncmp(e->evidence, "needs ", 6) == 0)
		more(p, "  ", e->evidence);
}

void report_reason(struct paper *p, const struct hale_entry *e, uint64_t now_ns)
{
	if (e->condition[0]) {
		title(p, e, now_ns);
		more(p, "  clears when ", e->clears);
		return;
	}
	paper_line(p, true);
	fputs("cannot tell: ", p->f);
	paper_put(p, e->text[0] ? e->text : e->evidence);
	place(p, e);
	paper_end(p);
}

static bool among(const struct hale_reply *r, const struct hale_entry *e)
{
	struct hale_entry o;

	for (size_t i = 0; r && hale_reply_reason(r, i, &o); i++) {
		if (strcmp(o.condition, e->condition) == 0 &&
		    strcmp(o.part, e->part) == 0 && o.effect >= e->effect)
			return true;
	}
	return false;
}

size_t report_new_reasons(struct paper *p, const struct watch *w, size_t max)
{
	const struct hale_reply *after = watch_reply(w);
	struct hale_summary s;
	struct hale_entry e;
	size_t shown = 0;

	if (!after)
		return 0;
	hale_reply_summary(after, &s);
	for (size_t i = 0; shown < max && hale_reply_reason(after, i, &e);
	     i++) {
		if (!e.condition[0] || e.effect < HALE_EFFECT_WARNS ||
		    strstr(e.condition, ".pressure") ||
		    among(watch_reply_before(w), &e))
			continue;
		report_reason(p, &e, s.as_of_ns);
		shown++;
	}
	return shown;
}

/* --- chains --- */

static void death_line(struct paper *p, const struct hale_cause_step *s)
{
	const struct hale_victim *v = &s->victim;
	const char *name = sigabbrev_np((int)v->signal);

	fputs("then ", p->f);
	paper_put(p, v->comm[0] ? v->comm : "a process");
	fprintf(p->f, " (pid %u) died by SIG%s", v->pid, name ? name : "?");
}

static void finding_line(struct paper *p, const struct hale_finding *f)
{
	fputs("then ", p->f);
	paper_put(p, hale_condition_info(f->condition)->name);
	fputs(" on ", p->f);
	paper_put(p,
		  f->where[0] ? f->where : (f->alias[0] ? f->alias : f->part));
}

static void step_line(struct paper *p, const struct hale_cause_step *s)
{
	paper_line(p, true);
	if (s->death)
		death_line(p, s);
	else
		finding_line(p, &s->finding);
	if (s->redone > 0)
		fprintf(p->f, ", and %u more", s->redone);
	if (s->text[0]) {
		fputs(": ", p->f);
		paper_put(p, s->text);
	}
	paper_end(p);
	if (!s->death)
		more(p, "  ", s->finding.evidence);
}

/* The verdict knows which path of the build rests on it, and by what. */
static bool as_reason(const struct hale_finding *f, const struct hale_reply *r,
		      struct hale_entry *ret)
{
	for (size_t i = 0; r && hale_reply_reason(r, i, ret); i++) {
		if (strcmp(ret->part, f->part) == 0 &&
		    strcmp(ret->condition,
			   hale_condition_info(f->condition)->name) == 0)
			return true;
	}
	return false;
}

static void root_lines(struct paper *p, const struct hale_finding *f,
		       const struct watch *w)
{
	const struct hale_reply *r = watch_reply(w);
	struct hale_summary s;
	struct hale_entry e;

	if (!as_reason(f, r, &e)) {
		more(p, "", f->evidence);
		return;
	}
	hale_reply_summary(r, &s);
	title(p, &e, s.as_of_ns);
}

void report_chain(struct paper *p, const struct hale_cause *c,
		  const struct watch *w)
{
	uint32_t shown = 1; /* the root */

	if (c->n_steps > 0 && !c->steps[0].death)
		root_lines(p, &c->steps[0].finding, w);
	for (uint32_t i = 1; i < c->n_steps && shown <= STEPS_SHOWN; i++) {
		if (c->steps[i].confidence == HALE_CONFIDENCE_POSSIBLE)
			continue;
		step_line(p, &c->steps[i]);
		shown++;
	}
	if (c->n_steps_total <= shown)
		return;
	paper_line(p, true);
	fprintf(p->f, "and %u more: hale explain", c->n_steps_total - shown);
	paper_end(p);
}
