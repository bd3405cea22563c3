/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tool that crashed is run again: decides whether it is worth it, and who
 * hears of the outcome. The agent is told only of a death that it reported
 * itself, by the number that it gave: the numbers of this process may be those
 * of another namespace. Must never harm the build: an agent that is not there
 * remembers nothing, and that is all.
 */
#include "retest.h"

#include <signal.h>
#include <time.h>

#include "hale/base.h"
#include "hale/hale.h"

#include "agent/lib/explain.h"
#include "agent/run/again/crash_tool.h"

/* Two clocks are compared that were read one after the other, and the kernel
 * stamps its lines by a third. */
#define SLACK_NS HALE_NS_PER_S
/* What the kernel tells of a death may come to the agent later than what a
 * compiler takes to be run again. */
#define HEARD_TRIES 40
#define HEARD_NS    (100 * HALE_NS_PER_MS)

static bool is_crash(const struct hale_victim *v, const struct run_text *text)
{
	return (v->signal == SIGSEGV || v->signal == SIGBUS ||
		v->signal == SIGILL) &&
	       v->pid > 0 &&
	       (crash_tool_is_known(v->comm) ||
		(text->crashed[0] && strcmp(v->comm, text->crashed) == 0));
}

/* What dies without a core dump is gone before its cgroup can be read: it may
 * be this build's where it is no other user's, and died while it ran. Whose it
 * was is for the agent to ask. */
static bool may_be_ours(const struct run_attempt *a,
			const struct hale_victim *v)
{
	return (!v->uid_known || v->uid == geteuid()) &&
	       v->time_ns + SLACK_NS >= a->started_ns &&
	       v->time_ns <= a->ended_ns + SLACK_NS;
}

/* The last of the tools that the agent saw crash; 0: there is none. */
static uint32_t find_death(struct hale *h, const struct run_record *r)
{
	_cleanup_free_ struct hale_cause_query *q = NULL;
	struct hale_reply *reply = NULL;
	struct hale_victim v;
	uint64_t last_ns = 0;
	uint32_t pid = 0;

	q = calloc(1, sizeof(*q));
	if (!q)
		return 0;
	q->since_ns = r->attempt.started_ns - SLACK_NS;
	if (explain_ask(h, q, &reply) < 0)
		return 0;
	for (size_t i = 0; explain_death(reply, i, &v); i++) {
		if (!is_crash(&v, &r->text) || !may_be_ours(&r->attempt, &v) ||
		    v.time_ns < last_ns)
			continue;
		last_ns = v.time_ns;
		pid = v.pid;
	}
	hale_reply_free(reply);
	return pid;
}

static uint32_t await_death(struct hale *h, const struct run_record *r)
{
	const struct timespec pause = { .tv_nsec = HEARD_NS };
	uint32_t pid = find_death(h, r);

	for (int i = 0; pid == 0 && i < HEARD_TRIES; i++) {
		nanosleep(&pause, NULL);
		pid = find_death(h, r);
	}
	return pid;
}

static void tell_agent(const struct run_options *o, const struct run_record *r)
{
	const struct hale_options options = { .size = sizeof(options),
					      .run_dir = o->run_dir };
	struct hale_reply *reply = NULL;
	struct hale *h = NULL;
	uint32_t pid;

	if (hale_open(&options, &h) < 0)
		return;
	pid = await_death(h, r);
	if (pid && explain_retested(h, pid, &reply) == 0)
		hale_reply_free(reply);
	hale_close(h);
}

/* It has been done: nobody need be told to do it. */
static void say(const struct crash_retest *c, struct run_judgement *j)
{
	if (c->verdict != CRASH_DIFFERENT && !j->host_fault)
		HALE_SET(j->advice, c->note);
}

void retest(const struct run_options *o, struct run_record *r)
{
	if (!o->retest_crash || r->attempt.end == RUN_INTERRUPTED ||
	    r->judgement.host_fault || !crash_happened(&r->attempt, &r->text) ||
	    crash_retest(o, &r->attempt, &r->text, &r->crash) < 0)
		return;
	attribute_retest(&r->crash, &r->judgement);
	say(&r->crash, &r->judgement);
	/* all of the build is not one input */
	if (r->host.agent && r->crash.verdict == CRASH_DIFFERENT &&
	    !r->crash.whole)
		tell_agent(o, r);
}
