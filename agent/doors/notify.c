/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The difference between what stands and what a hook was told, and the pace at
 * which it is told. Decides what goes into a message and when it is due; must
 * never lose a change for a failure, nor tell one twice after a success.
 * Invariant: what a hook was told changes by a delivered message only.
 */
#include <errno.h>

#include "hale/base.h"

#include "agent/doors/notify.h"

/* Faults come in groups: a disk that fails takes its filesystems along. */
#define SETTLE_NS HALE_NS_PER_S
/* A receiver that fails is tried again after so long, doubled each time. */
#define RETRY_FIRST_NS	 HALE_NS_PER_S
#define RETRY_LONGEST_NS (300 * HALE_NS_PER_S)
#define RETRY_AFTER_MAX	 3600

static char silent_condition[] = NOTIFY_SILENT, silent_part[] = "host",
	    silent_meaning[] = "The agent of this host does not answer",
	    silent_advice[] = "systemctl status haled; journalctl -u haled",
	    silent_clears[] = "the agent answers again";

void notify_init(struct notify *n, const struct hale_hook *hook)
{
	memset(n, 0, sizeof(*n));
	n->hook = hook;
	n->counts.name = hook->name;
	hale__v1__part__init(&n->host);
	hale__v1__finding__init(&n->silence);
	n->host.id = silent_part;
	n->silence.part = &n->host;
	n->silence.condition = silent_condition;
	n->silence.effect = HALE__V1__EFFECT__EFFECT_BLOCKS;
	n->silence.meaning = silent_meaning;
	n->silence.advice = silent_advice;
	n->silence.clears = silent_clears;
}

void notify_done(struct notify *n)
{
	free(n->told);
	n->told = NULL;
	n->n_told = 0;
}

/* --- what it was told --- */

static struct told *find(const struct notify *n, const char *condition,
			 const char *part)
{
	for (size_t i = 0; i < n->n_told; i++) {
		if (strcmp(n->told[i].part, part) == 0 &&
		    strcmp(n->told[i].condition, condition) == 0)
			return &n->told[i];
	}
	return NULL;
}

bool notify_recall(struct notify *n, const struct told *t)
{
	struct told *old = find(n, t->condition, t->part);
	struct told *more;

	if (old) {
		*old = *t;
		return true;
	}
	if (n->n_told == TOLD_MAX)
		return false;
	more = realloc(n->told, (n->n_told + 1) * sizeof(*more));
	if (!more)
		return false;
	n->told = more;
	n->told[n->n_told++] = *t;
	return true;
}

static void forget(struct notify *n, const struct told *t)
{
	struct told *old = find(n, t->condition, t->part);

	if (old)
		*old = n->told[--n->n_told];
}

/* --- what it is to be told --- */

static bool is_wanted(const struct notify *n, const Hale__V1__Finding *f)
{
	return !f->muted && (unsigned int)f->effect < HALE_EFFECT_COUNT &&
	       f->effect >= (Hale__V1__Effect)n->hook->least;
}

static void add_change(struct notify *n, enum change_kind kind,
		       const struct told *what, const Hale__V1__Finding *f)
{
	n->counts.waiting++;
	if (n->n_changes == CHANGES_MAX)
		return;
	n->changes[n->n_changes++] =
		(struct change){ .kind = kind, .what = *what, .finding = f };
}

static void compare(struct notify *n, const Hale__V1__Finding *f)
{
	const struct told *old = find(n, f->condition, f->part->id);
	struct told t = { .effect = (enum hale_effect)f->effect,
			  .first_ns = f->first_ns };

	if (old && old->effect == t.effect)
		return;
	HALE_SET(t.condition, f->condition);
	HALE_SET(t.part, f->part->id);
	HALE_SET(t.alias, f->part->alias);
	add_change(n, old ? CHANGE_CHANGED : CHANGE_OPENED, &t, f);
}

static bool stands(const struct notify *n, const struct picture *p,
		   const struct told *t)
{
	for (size_t i = 0; i < p->n_findings; i++) {
		const Hale__V1__Finding *f = p->findings[i];

		if (is_wanted(n, f) && strcmp(f->part->id, t->part) == 0 &&
		    strcmp(f->condition, t->condition) == 0)
			return true;
	}
	return false;
}

/* Of an agent that does not answer nothing is known to have ended. */
static void collect(struct notify *n, const struct picture *p, bool silent)
{
	n->n_changes = 0;
	n->counts.waiting = 0;
	if (silent)
		compare(n, &n->silence);
	if (!p->up)
		return;
	for (int e = HALE_EFFECT_COUNT - 1; e > 0; e--) {
		for (size_t i = 0; i < p->n_findings; i++) {
			if (p->findings[i]->effect == (Hale__V1__Effect)e &&
			    is_wanted(n, p->findings[i]))
				compare(n, p->findings[i]);
		}
	}
	for (size_t i = 0; i < n->n_told; i++) {
		if (!stands(n, p, &n->told[i]))
			add_change(n, CHANGE_CLOSED, &n->told[i], NULL);
	}
}

/* --- when --- */

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* From when on its rate has room: a burst of the whole limit, then one each
 * window / limit. */
static uint64_t allowed_ns(const struct notify *n)
{
	uint64_t window = n->hook->window_s * HALE_NS_PER_S;
	uint64_t slack = window - window / n->hook->limit;

	return n->paid_ns > slack ? n->paid_ns - slack : 0;
}

static void pay(struct notify *n, uint64_t now_ns)
{
	uint64_t window = n->hook->window_s * HALE_NS_PER_S;

	if (n->failures > 0)
		return; /* another try is the same message */
	n->paid_ns = later(n->paid_ns, now_ns) + window / n->hook->limit;
}

static void count_throttled(struct notify *n, uint64_t now_ns)
{
	bool waits = n->failures == 0 && allowed_ns(n) > now_ns;

	if (waits && !n->throttled)
		n->counts.throttled++;
	n->throttled = waits;
}

/* PagerDuty has an event for each finding, as has a body of one's own. */
static void limit_changes(struct notify *n)
{
	bool single = n->hook->kind == HALE_HOOK_PAGERDUTY ||
		      n->hook->body_file[0] != '\0';

	if (single && n->n_changes > 1)
		n->n_changes = 1;
}

bool notify_plan(struct notify *n, const struct picture *p,
		 uint64_t silent_since_ns, uint64_t now_ns,
		 uint64_t *ret_next_ns)
{
	uint64_t silent_ns =
		silent_since_ns ? silent_since_ns + NOTIFY_SILENT_NS : 0;
	uint64_t due;

	*ret_next_ns = 0;
	if (n->busy)
		return false;
	collect(n, p, silent_ns != 0 && now_ns >= silent_ns);
	if (n->counts.waiting == 0) {
		n->since_ns = 0;
		*ret_next_ns = silent_ns > now_ns ? silent_ns : 0;
		return false;
	}
	if (n->since_ns == 0)
		n->since_ns = now_ns;
	due = later(n->since_ns + SETTLE_NS, n->retry_ns);
	if (n->failures == 0)
		due = later(due, allowed_ns(n));
	count_throttled(n, now_ns);
	if (due > now_ns) {
		*ret_next_ns = due;
		return false;
	}
	limit_changes(n);
	pay(n, now_ns);
	n->busy = true;
	return true;
}

static uint64_t retry_delay(const struct notify *n,
			    const struct notify_result *r)
{
	uint64_t delay = RETRY_LONGEST_NS;

	if (n->failures < 9)
		delay = later(RETRY_FIRST_NS << n->failures, RETRY_FIRST_NS);
	if (delay > RETRY_LONGEST_NS)
		delay = RETRY_LONGEST_NS;
	/* half of it by lot: hosts that failed together do not come together */
	delay = delay / 2 + delay / 2 * (r->chance & 0xffff) / 0xffff;
	if (r->after_s > 0 && r->after_s <= RETRY_AFTER_MAX)
		delay = later(delay, r->after_s * HALE_NS_PER_S);
	return delay;
}

bool notify_result(struct notify *n, const struct notify_result *r,
		   uint64_t now_ns)
{
	n->busy = false;
	if (!r->delivered) {
		n->counts.failed++;
		n->retry_ns = now_ns + retry_delay(n, r);
		n->failures++;
		return false;
	}
	n->counts.delivered++;
	n->failures = 0;
	n->retry_ns = n->since_ns = 0;
	for (size_t i = 0; i < n->n_changes; i++) {
		if (n->changes[i].kind == CHANGE_CLOSED)
			forget(n, &n->changes[i].what);
		else
			notify_recall(n, &n->changes[i].what);
	}
	n->n_changes = 0;
	return true;
}
