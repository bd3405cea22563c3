/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long a failed build is worth waiting for, until it is known what of this
 * machine failed. Decides by its end and its words; must never make anybody
 * wait whose text says that it was something else.
 */
#include <signal.h>

#include "watch_own.h"

static bool died(const struct run_attempt *a, int signal)
{
	for (uint32_t i = 0; i < a->n_deaths; i++) {
		if (a->deaths[i].signal == (uint32_t)signal)
			return true;
	}
	return a->status == (uint32_t)RUN_EXIT_SIGNAL(signal);
}

static enum watch_patience by_text(const struct run_text *t)
{
	enum hale_build_cause says = t ? t->cause : HALE_CAUSE_UNKNOWN;

	/* a wrapper's words are as good as none */
	if (says == HALE_CAUSE_CODE &&
	    t->confidence == HALE_CONFIDENCE_POSSIBLE)
		return WATCH_PATIENCE_SHORT;
	if (says == HALE_CAUSE_HOST_IO || says == HALE_CAUSE_HOST_READONLY_FS)
		return WATCH_PATIENCE_SYNC;
	if (hale_build_cause_is_host(says) ||
	    says == HALE_CAUSE_TOOLCHAIN_CRASH)
		return WATCH_PATIENCE_LONG;
	return says == HALE_CAUSE_UNKNOWN ? WATCH_PATIENCE_SHORT
					  : WATCH_PATIENCE_NONE;
}

/* Does what is known of the end look like a host's fault? */
enum watch_patience watch_patience(const struct run_attempt *a,
				   const struct run_text *text)
{
	enum watch_patience p;

	if (a->end == RUN_STALLED)
		return a->stall.wait == RUN_WAIT_DISK ? WATCH_PATIENCE_LONG
						      : WATCH_PATIENCE_NONE;
	if ((a->end != RUN_EXITED && a->end != RUN_SIGNALED) || a->status == 0)
		return WATCH_PATIENCE_NONE;
	p = by_text(text);
	if (p < WATCH_PATIENCE_LONG && (died(a, SIGBUS) || died(a, SIGKILL)))
		p = WATCH_PATIENCE_LONG;
	return p;
}

static bool step_is_new(const struct hale_cause_step *s,
			const struct run_host *h)
{
	return s->death || s->finding.last_ns >= h->since_ns;
}

/* Something of this machine has failed since: no more need be waited for. */
bool watch_explained(const struct watch *w, const struct run_host *h)
{
	for (uint32_t i = 0; i < w->n_causes; i++) {
		const struct hale_cause *c = &w->causes[i];

		for (uint32_t k = 0; k < c->n_steps; k++) {
			if (hale_build_cause_is_host(c->build) &&
			    step_is_new(&c->steps[k], h))
				return true;
		}
	}
	return h->write_errors > 0 || h->fs_errors > 0;
}

/* Now, not before the build. */
static bool is_down(const struct hale_cause_step *s)
{
	return !s->death && s->finding.condition == HALE_ENGINE_DOWN &&
	       s->finding.closed_ns == 0;
}

static bool knows_engine_down(const struct watch *w)
{
	for (uint32_t i = 0; i < w->n_causes; i++) {
		const struct hale_cause *c = &w->causes[i];

		for (uint32_t k = 0; k < c->n_steps; k++) {
			if (is_down(&c->steps[k]))
				return true;
		}
	}
	return false;
}

/* What befell a container's build is the engine's to tell, which is asked in
 * its own time; one that hangs is known by not answering for 8 s. */
bool watch_worth_asking(const struct watch *w, const struct run_attempt *a,
			const struct run_text *text, const struct run_host *h)
{
	if (!w->container || !h->agent)
		return false;
	/* a connection that broke: at the other end may have been the engine,
	 * and nothing else that failed meanwhile explains it */
	if (a->end != RUN_STALLED && text &&
	    (text->cause == HALE_CAUSE_NETWORK ||
	     text->cause == HALE_CAUSE_ENGINE_DOWN))
		return !knows_engine_down(w);
	if (watch_explained(w, h))
		return false;
	if (a->end == RUN_STALLED)
		return a->stall.wait == RUN_WAIT_SOCKET &&
		       !knows_engine_down(w);
	return text && h->bytes.full == HALE_CONFIDENCE_NONE &&
	       h->inodes.full == HALE_CONFIDENCE_NONE &&
	       (text->cause == HALE_CAUSE_HOST_DISK_FULL ||
		text->cause == HALE_CAUSE_HOST_INODES);
}
