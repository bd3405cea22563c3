/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose fault was it? One row for each way a command can end, and in it one
 * order: a limit that was set for the build, then the machine, then what the
 * output says. Decides what `hale run` exits with. Pure. Invariant: 75 only
 * with a fact of this machine in hand, certain or likely, that can have brought
 * about what was seen; words of the output alone never do.
 */
#include <errno.h>

#include "hale/base.h"

#include "attribute_own.h"

/* --- what is said --- */

static void settle(struct run_judgement *j, enum hale_build_cause cause,
		   enum hale_confidence confidence)
{
	j->cause = cause;
	j->confidence = confidence;
	j->retry = hale_build_cause_retry(cause);
}

/* An engine that is down is this machine's, but may be back in a moment: here
 * first, and attribute_last() when there is no further attempt. */
static void blame(const struct weighing *w, const struct charge *c,
		  struct run_judgement *j)
{
	settle(j, c->cause, c->confidence);
	j->host_fault = c->cause != HALE_CAUSE_ENGINE_DOWN;
	if (j->host_fault)
		j->status = HALE_EXIT_UNFIT;
	judgement_say_host(w, c, j);
}

static void limited(const struct weighing *w, const struct charge *c,
		    struct run_judgement *j)
{
	settle(j, HALE_CAUSE_BUILD_LIMIT, c->confidence);
	judgement_say_host(w, c, j);
}

/* The words of a host's fault that nothing confirms are no certain thing. */
static void by_text(const struct weighing *w, struct run_judgement *j)
{
	const struct run_text *t = w->text;
	struct charge c;

	if (t->cause == HALE_CAUSE_HOST_SIGBUS && charge_own(w, &c)) {
		settle(j, c.cause, c.confidence);
		HALE_SET(j->headline, c.chain->headline);
		return;
	}
	settle(j, t->cause, t->confidence);
	if (hale_build_cause_is_host(t->cause) &&
	    j->confidence > HALE_CONFIDENCE_LIKELY)
		j->confidence = HALE_CONFIDENCE_LIKELY;
	if (t->cause != HALE_CAUSE_UNKNOWN)
		j->retry = t->retry;
	judgement_say_own(w, j);
}

/* --- the ends --- */

/* What was counted convicts; the chain that tells of it has the names. */
static bool measured(const struct weighing *w, struct charge *ret)
{
	struct charge t;

	if (!charge_measured(w, ret))
		return false;
	if (!ret->chain && ret->cause == HALE_CAUSE_HOST_IO &&
	    charge_touched(w, &t) && t.cause == ret->cause)
		ret->chain = t.chain;
	return true;
}

static bool by_host(const struct weighing *w, struct run_judgement *j)
{
	struct charge c;

	if (!charge_chain(w, &c) && !measured(w, &c))
		return false;
	blame(w, &c, j);
	return true;
}

/* "exit code: 1": a wrapper's words, who does not know why either. */
static bool is_vague(const struct run_text *t)
{
	return t->cause == HALE_CAUSE_CODE &&
	       t->confidence == HALE_CONFIDENCE_POSSIBLE;
}

static void failed(const struct weighing *w, struct run_judgement *j)
{
	static const struct run_text silent;
	struct weighing seen = *w;
	struct charge c;

	if (is_vague(w->text))
		seen.text = &silent;
	if (charge_limit(&seen, &c))
		limited(w, &c, j);
	else if (!by_host(&seen, j))
		by_text(w, j);
}

static void passed(const struct weighing *w, struct run_judgement *j)
{
	struct charge c;

	if (!charge_touched(w, &c) && !charge_measured_passing(w, &c))
		return;
	settle(j, c.cause, c.confidence);
	j->suspect = true;
	j->fault_ns = c.since_ns;
	if (w->options->strict_outputs) {
		j->host_fault = true;
		j->status = HALE_EXIT_UNFIT;
	}
	judgement_say_host(w, &c, j);
}

static void exited(const struct weighing *w, struct run_judgement *j)
{
	if (w->attempt->status == 0)
		passed(w, j);
	else
		failed(w, j);
}

/* Could not even be begun: its program cannot be read, or it is not there. */
static void not_started(const struct weighing *w, struct run_judgement *j)
{
	struct run_text text = { .cause = HALE_CAUSE_UNKNOWN };
	struct weighing read = *w;
	int e = w->attempt->error;

	read.text = &text;
	if (e == EIO || e == EUCLEAN)
		text.cause = HALE_CAUSE_HOST_IO;
	else if (e == ENOMEM || e == EAGAIN)
		text.cause = HALE_CAUSE_HOST_MEMORY;
	if (text.cause != HALE_CAUSE_UNKNOWN && by_host(&read, j))
		return;
	settle(j, text.cause,
	       text.cause == HALE_CAUSE_UNKNOWN ? HALE_CONFIDENCE_NONE
						: HALE_CONFIDENCE_LIKELY);
	judgement_say_own(w, j);
}

/* Out of time: a disk that fails makes a build slow before it breaks it. */
static void timed_out(const struct weighing *w, struct run_judgement *j)
{
	const struct run_text slow = { .cause = HALE_CAUSE_TIMEOUT };
	struct weighing late = *w;
	struct charge c;

	late.text = &slow;
	if (charge_chain(&late, &c) && c.cause != HALE_CAUSE_ENGINE_DOWN) {
		if (!c.struck && c.confidence > HALE_CONFIDENCE_LIKELY)
			c.confidence = HALE_CONFIDENCE_LIKELY;
		blame(w, &c, j);
		return;
	}
	settle(j, HALE_CAUSE_TIMEOUT, HALE_CONFIDENCE_CERTAIN);
	judgement_say_own(w, j);
}

static void stalled(const struct weighing *w, struct run_judgement *j)
{
	const struct run_text io = { .cause = HALE_CAUSE_HOST_IO };
	struct weighing asleep = *w;
	struct charge c;

	asleep.text = &io;
	switch (w->attempt->stall.wait) {
	case RUN_WAIT_DISK:
		if (charge_chain(&asleep, &c) || charge_silent(w, &c)) {
			blame(w, &c, j);
			return;
		}
		settle(j, HALE_CAUSE_HOST_IO, HALE_CONFIDENCE_POSSIBLE);
		break;
	case RUN_WAIT_TERMINAL:
		settle(j, HALE_CAUSE_INTERACTIVE_STALL,
		       HALE_CONFIDENCE_CERTAIN);
		break;
	case RUN_WAIT_INPUT:
		settle(j, HALE_CAUSE_INTERACTIVE_STALL, HALE_CONFIDENCE_LIKELY);
		break;
	case RUN_WAIT_SOCKET:
		if (charge_engine(w, &c)) {
			blame(w, &c, j);
			return;
		}
		settle(j, HALE_CAUSE_TIMEOUT, HALE_CONFIDENCE_CERTAIN);
		break;
	case RUN_WAIT_UNKNOWN:
	case RUN_WAIT_LOCK:
	case RUN_WAIT_CHILD:
	case RUN_WAIT_COUNT:
		settle(j, HALE_CAUSE_TIMEOUT, HALE_CONFIDENCE_CERTAIN);
		break;
	case RUN_WAIT_TIMER:
		/* it may have meant to sleep so long */
		settle(j, HALE_CAUSE_TIMEOUT, HALE_CONFIDENCE_LIKELY);
		break;
	}
	judgement_say_own(w, j);
}

/* Somebody wanted it to end: that is all there is to say. */
static void interrupted(const struct weighing *w, struct run_judgement *j)
{
	judgement_say_own(w, j);
}

static void (*const judged[RUN_END_COUNT])(const struct weighing *,
					   struct run_judgement *) = {
	[RUN_NOT_STARTED] = not_started, [RUN_EXITED] = exited,
	[RUN_SIGNALED] = failed,	 [RUN_TIMED_OUT] = timed_out,
	[RUN_STALLED] = stalled,	 [RUN_INTERRUPTED] = interrupted,
};

void attribute(const struct run_options *o, const struct run_attempt *a,
	       const struct run_text *text, const struct run_host *host,
	       struct run_judgement *ret)
{
	static const struct run_text silent;
	const struct weighing w = {
		.options = o,
		.attempt = a,
		.text = text ? text : &silent,
		.host = host,
	};
	struct run_judgement j = { .status = a->status };

	judged[(unsigned int)a->end < RUN_END_COUNT ? a->end : 0](&w, &j);
	*ret = j;
}

void attribute_last(struct run_judgement *j)
{
	if (j->cause != HALE_CAUSE_ENGINE_DOWN || j->status == 0 ||
	    j->confidence < HALE_CONFIDENCE_CERTAIN)
		return;
	j->host_fault = true;
	j->status = HALE_EXIT_UNFIT;
	j->retry = HALE_RETRY_ELSEWHERE;
}

/* All of CMD is not one input: what it read may have changed in between. */
void attribute_retest(const struct crash_retest *c, struct run_judgement *j)
{
	if (j->host_fault)
		return;
	/* what came of it, and not once more that it should be done */
	if (c->verdict != CRASH_DIFFERENT) {
		if (c->note[0] && j->cause == HALE_CAUSE_TOOLCHAIN_CRASH)
			HALE_SET(j->advice, c->note);
		return;
	}
	settle(j, HALE_CAUSE_HOST_MEMORY,
	       c->whole ? HALE_CONFIDENCE_POSSIBLE : HALE_CONFIDENCE_LIKELY);
	if (!c->whole) {
		j->host_fault = true;
		j->status = HALE_EXIT_UNFIT;
	}
	snprintf(j->headline, sizeof(j->headline),
		 "the same command crashed %u of %u times: this machine's "
		 "memory is suspect",
		 c->crashed + 1, c->runs + 1);
	HALE_SET(j->advice,
		 "build elsewhere; test this memory with `hale verify memory`");
}
