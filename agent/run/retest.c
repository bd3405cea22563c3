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

#include "hale/base.h"
#include "hale/hale.h"

#include "agent/lib/explain.h"
#include "agent/run/again/crash_tool.h"

static bool is_crash(const struct hale_victim *v, const struct run_text *text)
{
	return (v->signal == SIGSEGV || v->signal == SIGBUS ||
		v->signal == SIGILL) &&
	       v->pid > 0 &&
	       (crash_tool_is_known(v->comm) ||
		(text->crashed[0] && strcmp(v->comm, text->crashed) == 0));
}

/* The last of the tools that the agent saw crash; NULL: there is none. */
static const struct hale_victim *find_death(const struct run_record *r)
{
	const struct hale_victim *last = NULL;

	for (uint32_t i = 0; r->host.agent && i < r->host.n_deaths; i++) {
		const struct hale_victim *v = &r->host.deaths[i];

		if (is_crash(v, &r->text) &&
		    (!last || v->time_ns > last->time_ns))
			last = v;
	}
	return last;
}

static void tell_agent(const struct run_options *o, uint32_t pid)
{
	const struct hale_options h = { .size = sizeof(h),
					.run_dir = o->run_dir };
	struct hale_reply *reply = NULL;
	struct hale *hale = NULL;

	if (hale_open(&h, &hale) < 0)
		return;
	if (explain_retested(hale, pid, &reply) == 0)
		hale_reply_free(reply);
	hale_close(hale);
}

/* It has been done: nobody need be told to do it. */
static void say(const struct crash_retest *c, struct run_judgement *j)
{
	if (c->verdict != CRASH_DIFFERENT && !j->host_fault)
		HALE_SET(j->advice, c->note);
}

void retest(const struct run_options *o, struct run_record *r)
{
	const struct hale_victim *v;

	if (!o->retest_crash || r->attempt.end == RUN_INTERRUPTED ||
	    r->judgement.host_fault || !crash_happened(&r->attempt, &r->text) ||
	    crash_retest(o, &r->attempt, &r->text, &r->crash) < 0)
		return;
	attribute_retest(&r->crash, &r->judgement);
	say(&r->crash, &r->judgement);
	v = find_death(r);
	/* all of the build is not one input */
	if (r->crash.verdict == CRASH_DIFFERENT && !r->crash.whole && v)
		tell_agent(o, v->pid);
}
