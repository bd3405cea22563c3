/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One line of what happened and one of what to do, for people. Decides which
 * fact is named first: what failed, then whom it killed. Everything that came
 * from outside is printable already (struct hale_cause) or is made so here.
 * Pure.
 */
#include <signal.h>

#include "hale/base.h"
#include "hale/text.h"

#include "attribute_own.h"

static const char *const advice[HALE_CAUSE_COUNT] = {
	[HALE_CAUSE_HOST_IO] = "build on another machine; `hale check` says "
			       "when this one is fit again",
	[HALE_CAUSE_HOST_DISK_FULL] = "free space here (`hale reclaim`), or "
				      "build elsewhere",
	[HALE_CAUSE_HOST_INODES] = "remove small files here (caches, old work "
				   "trees), or build elsewhere",
	[HALE_CAUSE_HOST_MEMORY] = "run fewer jobs at once, or build on a "
				   "machine with more memory",
	[HALE_CAUSE_HOST_SIGBUS] = "build on another machine; `hale explain` "
				   "has the way down to the root",
	[HALE_CAUSE_HOST_READONLY_FS] = "build on another machine; the kernel "
					"log says why this one stopped writing",
	[HALE_CAUSE_ENGINE_DOWN] = "start the container engine, then try again",
	[HALE_CAUSE_NETWORK] = "try again: `hale run --retry 2` does so",
	[HALE_CAUSE_REGISTRY_OUTAGE] = "try again later: `hale run --retry 2` "
				       "does so",
	[HALE_CAUSE_AUTH] = "log in, or mend the credentials",
	[HALE_CAUSE_CACHE] = "try again without the cache",
	[HALE_CAUSE_TIMEOUT] =
		"give it more time; `--stall` tells a build that "
		"waits from one that works",
	[HALE_CAUSE_INTERACTIVE_STALL] = "answer its question beforehand, as "
					 "DEBIAN_FRONTEND=noninteractive does",
	[HALE_CAUSE_TOOLCHAIN_CRASH] = "run the crashed command again with "
				       "--retest-crash: a different result "
				       "means bad memory",
	[HALE_CAUSE_BUILD_LIMIT] = "raise the limit, or make the build need "
				   "less",
};

/* It reads like the machine's, and that was not seen to fail: what looks the
 * same and is the build's own. */
static const char *const lookalikes[HALE_CAUSE_COUNT] = {
	[HALE_CAUSE_HOST_IO] = "a file of another machine, a container or a "
			       "test can say the same; elsewhere it may pass",
	[HALE_CAUSE_HOST_DISK_FULL] = "a quota, a small tmpfs or a disk of its "
				      "own looks the same: what is full there?",
	[HALE_CAUSE_HOST_INODES] = "a quota or a small tmpfs of its own looks "
				   "the same: what is full there?",
	[HALE_CAUSE_HOST_MEMORY] = "a memory limit elsewhere, or somebody's "
				   "kill -9, looks the same",
	[HALE_CAUSE_HOST_SIGBUS] = "a program that cuts off a file which it "
				   "has mapped dies in the same way",
	[HALE_CAUSE_HOST_READONLY_FS] = "a mount that is read-only on purpose "
					"looks the same: which one is it?",
};

/* Nothing moved: giving it more time is for what was meant to be silent. */
static const char *const stall_advice[RUN_WAIT_COUNT] = {
	[RUN_WAIT_LOCK] = "end who holds that lock (`fuser` names them), or "
			  "let builds here take turns",
	[RUN_WAIT_SOCKET] = "look why the other end is silent; a timeout of "
			    "the tool's own would say so sooner",
	[RUN_WAIT_TIMER] = "a longer --stall, where it is meant to sleep so "
			   "long",
	[RUN_WAIT_UNKNOWN] = "a longer --stall, where it is meant to be still "
			     "so long",
	[RUN_WAIT_CHILD] = "a longer --stall, where it is meant to be still so "
			   "long",
};

static void advise(enum hale_build_cause cause, struct run_judgement *j)
{
	const char *text =
		(unsigned int)cause < HALE_CAUSE_COUNT ? advice[cause] : NULL;

	HALE_SET(j->advice, text ? text : "");
}

static const char *signal_word(uint32_t signal)
{
	const char *name = sigabbrev_np((int)signal);

	return name ? name : "?";
}

/* What the root's catalogue entry says is nearer to the matter than ours. */
static void advise_root(const struct charge *c, struct run_judgement *j)
{
	enum hale_condition root = c->chain->steps[0].finding.condition;

	if (c->chain->n_steps > 0 && root != HALE_CONDITION_NONE)
		HALE_SET(j->advice, hale_condition_info(root)->advice);
}

static void say_chain(const struct weighing *w, const struct charge *c,
		      struct run_judgement *j)
{
	const struct hale_victim *v = charge_victim(w->attempt, c->chain);

	if (v)
		snprintf(j->headline, sizeof(j->headline),
			 "%.160s; %s (pid %u) died of it by SIG%s",
			 c->chain->headline, v->comm[0] ? v->comm : "a process",
			 v->pid, signal_word(v->signal));
	else
		HALE_SET(j->headline, c->chain->headline);
	advise_root(c, j);
}

void judgement_say_host(const struct weighing *w, const struct charge *c,
			struct run_judgement *j)
{
	advise(c->cause, j);
	if (c->chain)
		say_chain(w, c, j);
	else
		HALE_SET(j->headline, c->fact);
}

/* --- the build's own --- */

static void say_text(const struct run_text *t, struct run_judgement *j)
{
	if (t->n_evidence == 0)
		return;
	hale_print_text(
		j->headline, sizeof(j->headline), t->evidence[0].text,
		strnlen(t->evidence[0].text, sizeof(t->evidence[0].text)));
}

static void say_end(const struct run_attempt *a, struct run_judgement *j)
{
	if (a->signal > 0)
		snprintf(j->headline, sizeof(j->headline), "died by SIG%s",
			 signal_word((uint32_t)a->signal));
	else
		snprintf(j->headline, sizeof(j->headline),
			 "failed with status %u", a->status);
}

/* Worth a word from a fifth of the time on. */
#define WAITED_PERCENT 20

static void say_time(const struct weighing *w, struct run_judgement *j)
{
	uint64_t wall = w->attempt->wall_ns ? w->attempt->wall_ns : 1;
	uint64_t memory = w->host->memory_stall_ns * 100 / wall;
	uint64_t io = w->host->io_stall_ns * 100 / wall;
	uint64_t most = memory > io ? memory : io;
	int n = snprintf(j->headline, sizeof(j->headline),
			 "not done after %llu s",
			 (unsigned long long)(wall / HALE_NS_PER_S));

	if (n < 0 || most < WAITED_PERCENT)
		return;
	snprintf(
		j->headline + n, sizeof(j->headline) - (size_t)n,
		"; all tasks of this machine waited for %s %llu %% of the time",
		memory > io ? "memory" : "I/O",
		(unsigned long long)(most < 100 ? most : 100));
}

static void say_stall(const struct run_stall *s, struct run_judgement *j)
{
	int n = snprintf(j->headline, sizeof(j->headline),
			 "nothing moved for %llu s: ",
			 (unsigned long long)(s->still_ns / HALE_NS_PER_S));

	if (n > 0)
		hale_print_text(j->headline + n,
				sizeof(j->headline) - (size_t)n, s->what,
				strnlen(s->what, sizeof(s->what)));
}

void judgement_say_own(const struct weighing *w, struct run_judgement *j)
{
	const struct run_attempt *a = w->attempt;

	switch (a->end) {
	case RUN_NOT_STARTED:
		snprintf(j->headline, sizeof(j->headline),
			 "could not be started: %s",
			 strerrordesc_np(a->error) ? strerrordesc_np(a->error)
						   : "?");
		break;
	case RUN_TIMED_OUT:
		say_time(w, j);
		break;
	case RUN_STALLED:
		say_stall(&a->stall, j);
		break;
	case RUN_INTERRUPTED:
		snprintf(j->headline, sizeof(j->headline),
			 "ended from outside by SIG%s",
			 signal_word((uint32_t)a->signal));
		break;
	case RUN_EXITED:
	case RUN_SIGNALED:
	case RUN_END_COUNT:
		say_end(a, j);
		say_text(w->text, j);
		break;
	}
	advise(j->cause, j);
	if (a->end == RUN_STALLED && stall_advice[a->stall.wait])
		HALE_SET(j->advice, stall_advice[a->stall.wait]);
	if (hale_build_cause_is_host(j->cause) && lookalikes[j->cause])
		HALE_SET(j->advice, lookalikes[j->cause]);
}
