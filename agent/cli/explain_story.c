/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What text and Markdown say alike of a cause: its steps in words. Decides what
 * of an answer is worth a line only. Asks nobody, and writes no layout.
 */
#include <signal.h>
#include <string.h>

#include "explain.h"
#include "render.h"

static bool is_storage(const char *part)
{
	return strncmp(part, "disk/", 5) == 0 || strncmp(part, "fs/", 3) == 0 ||
	       strncmp(part, "array/", 6) == 0;
}

bool explain_is_aside(const struct hale_reply *r, size_t cause)
{
	struct hale_step_entry s;
	struct hale_cause_entry c;

	if (!hale_reply_cause(r, cause, &c) || c.n_steps != 1 ||
	    !hale_reply_cause_step(r, cause, 0, &s))
		return false;
	if (s.death)
		return strncmp(c.build, "host-", 5) != 0;
	if (is_storage(s.finding.part) && c.paths_total == 0 && !c.every_build)
		return true;
	return s.finding.effect < HALE_EFFECT_WARNS || s.finding.closed_ns > 0;
}

size_t explain_depth(const struct hale_reply *r, size_t cause, size_t step)
{
	struct hale_step_entry s;
	size_t depth = 0;

	/* each follows from one before it: it ends at 0 */
	while (step > 0 && hale_reply_cause_step(r, cause, step, &s)) {
		step = s.from;
		depth++;
	}
	return depth;
}

static void death(struct out *o, const struct hale_step_entry *s)
{
	const struct hale_death_entry *v = &s->victim;
	const char *signal = sigabbrev_np((int)v->signal);

	out_text(o, v->comm[0] ? v->comm : "a process");
	out_raw(o, " (pid ");
	out_number(o, v->pid);
	out_raw(o, ") died by SIG");
	out_raw(o, signal ? signal : "?");
	if (s->redone > 0) {
		out_raw(o, ", and ");
		out_number(o, s->redone);
		out_raw(o, " more like it");
	}
}

void explain_what(struct out *o, const struct hale_step_entry *s)
{
	if (s->death)
		death(o, s);
	else
		render_name(o, &s->finding);
}

void explain_when(struct out *o, const struct hale_step_entry *s,
		  uint64_t now_ns)
{
	if (s->death) {
		out_ago(o, s->victim.time_ns, now_ns);
		return;
	}
	if (s->finding.closed_ns > 0) {
		out_raw(o, "until ");
		out_ago(o, s->finding.closed_ns, now_ns);
		out_raw(o, " (");
		out_text(o, s->finding.closed);
		if (s->finding.closed_by[0]) {
			out_raw(o, ": ");
			out_text(o, s->finding.closed_by);
		}
		out_raw(o, ")");
		return;
	}
	render_extent(o, &s->finding, now_ns);
}

const char *explain_whom(const struct hale_cause_entry *c)
{
	return c->every_build ? "every build on this host" : "";
}

const char *explain_advice(const struct hale_reply *r, size_t cause)
{
	struct hale_step_entry s;

	if (!hale_reply_cause_step(r, cause, 0, &s))
		return "";
	return s.death ? "" : s.finding.advice;
}

const char *explain_clears(const struct hale_reply *r, size_t cause)
{
	struct hale_step_entry s;

	if (!hale_reply_cause_step(r, cause, 0, &s))
		return "";
	return s.death || s.finding.closed_ns > 0 ? "" : s.finding.clears;
}
