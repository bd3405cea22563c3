/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asks why: causes and deaths in the build's scope and time, as the agent, or
 * without one a scan, can tell. The agent may have been started anew since the
 * build began, so times are carried over by CLOCK_BOOTTIME, which both share,
 * and by the answer's own time.
 */
#include <errno.h>
#include <time.h>

#include "hale/base.h"

#include "agent/lib/explain.h"
#include "agent/lib/resolve.h"
#include "agent/run/launch/clock.h"
#include "watch_own.h"

#define DEATHS_MAX HALE_CAUSE_VICTIMS_MAX

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * HALE_NS_PER_S + (uint64_t)ts.tv_nsec;
}

/* A scan takes records by their stamps: what was logged since the build began
 * does not lie before it, whatever clock stamped it. */
static uint64_t begin_of_scanned(struct watch *w, uint64_t since_ns)
{
	uint64_t first_ns = watch_log_first(w), age_ns;

	if (first_ns == UINT64_MAX)
		return since_ns;
	age_ns = clock_ns(CLOCK_MONOTONIC) - first_ns + HALE_NS_PER_MS;
	first_ns = clock_ns(CLOCK_REALTIME) - age_ns;
	return first_ns < since_ns ? first_ns : since_ns;
}

/* Agent time as it is now, by the last answer about the scope. */
static void tell_time(struct watch *w, struct run_host *ret)
{
	struct hale_summary s;
	uint64_t ran = clock_ns(CLOCK_BOOTTIME) - w->boot_ns;

	hale_reply_summary(w->after, &s);
	if (s.as_of_ns < ran)
		return;
	ret->since_ns = s.as_of_ns - ran;
	if (s.scanned)
		ret->since_ns = begin_of_scanned(w, ret->since_ns);
	ret->until_ns = s.as_of_ns;
	ret->ahead_ns = (int64_t)(s.as_of_ns - clock_ns(CLOCK_REALTIME));
}

/* Times of this process follow the agent of the beginning; there may be
 * another one by now. */
static void add_victims(struct hale_cause_query *q, const struct run_attempt *a,
			const struct run_host *host)
{
	uint64_t shift_ns =
		host->until_ns ? host->until_ns - clock_agent_ns() : 0;

	for (uint32_t i = 0; i < a->n_deaths && i < DEATHS_MAX; i++) {
		struct hale_victim *v = &q->victims[q->n_victims++];

		*v = a->deaths[i];
		v->time_ns += shift_ns;
	}
}

static int fill(struct watch *w, const struct run_attempt *a,
		const struct run_host *host, struct hale_cause_query *q)
{
	q->scope.container = w->container;
	q->since_ns = host->since_ns;
	HALE_SET(q->cgroup, a->cgroup);
	add_victims(q, a, host);
	return resolve_request(NULL, (const char *const *)w->paths, w->n_paths,
			       &q->scope);
}

static int make_room(struct watch *w)
{
	if (!w->causes)
		w->causes = calloc(WATCH_CAUSES_MAX, sizeof(*w->causes));
	if (!w->deaths)
		w->deaths = calloc(DEATHS_MAX, sizeof(*w->deaths));
	return w->causes && w->deaths ? 0 : -ENOMEM;
}

/* A leg of a mirror that fails does not fail the build: what the scope's own
 * verdict makes of a finding counts, where it names it. */
static void lessen(const struct watch *w, struct hale_cause *c)
{
	struct hale_entry e;

	for (size_t i = 0; hale_reply_reason(w->after, i, &e); i++) {
		for (uint32_t k = 0; k < c->n_steps; k++) {
			struct hale_finding *f = &c->steps[k].finding;

			if (strcmp(hale_condition_info(f->condition)->name,
				   e.condition) == 0 &&
			    strcmp(f->part, e.part) == 0)
				f->effect = e.effect;
		}
	}
}

static void keep(struct watch *w, const struct hale_reply *r)
{
	w->n_causes = w->n_deaths = 0;
	for (size_t i = 0; w->n_causes < WATCH_CAUSES_MAX; i++) {
		struct hale_cause *c = &w->causes[w->n_causes];

		if (!explain_cause(r, i, c))
			break;
		/* a clock that is wrong is nothing that a build fails by */
		if (c->build == HALE_CAUSE_UNKNOWN || c->n_steps == 0)
			continue;
		lessen(w, c);
		w->n_causes++;
	}
	while (w->n_deaths < DEATHS_MAX &&
	       explain_death(r, w->n_deaths, &w->deaths[w->n_deaths]))
		w->n_deaths++;
}

bool watch_why(struct watch *w, const struct run_attempt *a,
	       struct run_host *ret)
{
	_cleanup_free_ struct hale_cause_query *q = calloc(1, sizeof(*q));
	struct hale_reply *reply = NULL;
	struct hale_summary s = { .error = EIO };

	tell_time(w, ret);
	if (!q || make_room(w) < 0 || fill(w, a, ret, q) < 0 ||
	    explain_ask(w->hale, q, &reply) < 0)
		return false;
	hale_reply_summary(reply, &s);
	if (s.error == 0)
		keep(w, reply);
	hale_reply_free(reply);
	ret->n_causes = w->n_causes;
	ret->n_deaths = w->n_deaths;
	return s.error == 0 && (s.agent || s.scanned);
}
