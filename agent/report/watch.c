/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Follows the gate, as any client does. Decides whether a report is told at
 * once or in its time. Must never press the core: it reads what comes, and asks
 * an agent that is away once a second. Invariant: what is in a report is in the
 * spool before it is sent as a state.
 */
#include <errno.h>

#include "hale/base.h"

#include "agent/lib/answer.h"
#include "agent/lib/ask.h"
#include "agent/report/report.h"

#define AGAIN_NS HALE_NS_PER_S
/* Restarts of a core take less: the fleet need not hear of them. */
#define SILENT_NS (3 * HALE_NS_PER_S)

int report_gate_fd(const struct report *r)
{
	return r->gate ? r->gate->watch_fd : -1;
}

static void lose(struct report *r)
{
	uint64_t now = report_mono_ns();

	r->gate_ns = now + AGAIN_NS;
	if (r->away_ns == 0)
		r->away_ns = now;
	if (r->silent || now - r->away_ns < SILENT_NS)
		return;
	r->silent = true;
	plan_change(&r->plan, now);
}

static void take(struct report *r, struct hale_reply *reply)
{
	const Hale__V1__HostReport *m = reply->pb->report;
	uint64_t digest = report_digest(m), now = report_mono_ns();
	bool news = digest != r->digest || r->silent || !r->last;

	hale_reply_free(r->last);
	r->last = reply;
	r->digest = digest;
	r->silent = false;
	r->away_ns = 0;
	report_tell(r, m);
	if (news)
		plan_change(&r->plan, now);
	else
		plan_touch(&r->plan, now);
}

/* A refusal is an answer, too. */
static bool is_report(const struct hale_reply *reply)
{
	return reply->pb && reply->agent &&
	       reply->pb->body_case == HALE__V1__REPLY__BODY_REPORT &&
	       reply->pb->report && reply->pb->report->verdict;
}

void report_watch(struct report *r)
{
	struct hale_reply *reply = NULL;
	int e = r->gate ? hale_watch(r->gate, 0, &reply) : -ENOTCONN;

	r->gate_ns = 0;
	if (e == 0 && is_report(reply)) {
		take(r, reply);
		return;
	}
	if (reply)
		hale_reply_free(reply);
	/* one that takes the question and never answers is away as well */
	if (e != -ETIME || !r->last)
		lose(r);
}
