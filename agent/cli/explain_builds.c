/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which builds a cause met, as far as the history knows. Decides which builds
 * count: what failed by that very cause, was not begun, or passed with its
 * outputs in doubt, while it held. Must never make an answer late or fail: with
 * no history nothing is said.
 */
#include <string.h>

#include "hale/base.h"

#include "cli.h"
#include "explain.h"

#define ANSWER_MS 200
/* A build that met the cause may have begun long before it. */
#define LONGEST_NS (6 * 3600 * HALE_NS_PER_S)

struct span {
	uint64_t from_ns, to_ns;
};

/* From the first step's begin to the last one's end; of what holds, to now. */
static struct span span_of(const struct hale_reply *r, size_t cause,
			   uint64_t now_ns)
{
	struct span t = { UINT64_MAX, 0 };
	struct hale_step_entry s;

	for (size_t i = 0; hale_reply_cause_step(r, cause, i, &s); i++) {
		uint64_t from = s.death ? s.victim.time_ns : s.finding.first_ns;
		uint64_t to = s.death			? s.victim.time_ns
			      : s.finding.closed_ns > 0 ? s.finding.closed_ns
							: now_ns;

		t.from_ns = from < t.from_ns ? from : t.from_ns;
		t.to_ns = to > t.to_ns ? to : t.to_ns;
	}
	return t;
}

void explain_ask_builds(const char *run_dir, const struct hale_reply *r,
			uint64_t now_ns, struct explain_builds *ret)
{
	uint64_t since_ns = now_ns, wall_ns = cli_now_ns();
	struct hale_cause_entry c;
	int n;

	for (size_t i = 0; hale_reply_cause(r, i, &c); i++) {
		struct span t = span_of(r, i, now_ns);

		since_ns = t.from_ns < since_ns ? t.from_ns : since_ns;
	}
	/* the history goes by the clock on the wall */
	ret->ahead_ns = now_ns - wall_ns;
	since_ns -= ret->ahead_ns;
	since_ns = since_ns > LONGEST_NS ? since_ns - LONGEST_NS : 0;
	n = store_builds(run_dir, since_ns, ANSWER_MS, ret->list);
	ret->n = n > 0 ? (uint32_t)n : 0;
}

static bool has_reason(const struct store_build *b, uint64_t reason)
{
	for (uint32_t i = 0; i < b->n_reasons; i++) {
		if (b->reasons[i] == reason)
			return true;
	}
	return false;
}

/* Was any of it wrong in this build's scope? Where not all that was wrong there
 * is told, its own cause counts. */
static bool in_scope(const struct store_build *b, const struct hale_reply *r,
		     size_t cause, const char *name)
{
	struct hale_step_entry s;

	for (size_t i = 0; hale_reply_cause_step(r, cause, i, &s); i++) {
		if (!s.death && has_reason(b, store_reason(s.finding.condition,
							   s.finding.part)))
			return true;
	}
	return (b->cut || b->n_reasons == 0) && strcmp(b->cause, name) == 0;
}

static bool is_then(const struct store_build *b, const struct span *t,
		    uint64_t ahead_ns)
{
	return b->ended_ns + ahead_ns >= t->from_ns &&
	       b->started_ns + ahead_ns <= t->to_ns;
}

static bool is_met(const struct store_build *b, const struct hale_reply *r,
		   size_t cause, const char *name)
{
	switch (b->outcome) {
	case STORE_BUILD_SUSPECT:
	case STORE_BUILD_REFUSED:
		return in_scope(b, r, cause, name);
	case STORE_BUILD_FAILED:
		return strcmp(b->cause, name) == 0;
	case STORE_BUILD_UNKNOWN:
	case STORE_BUILD_PASSED:
	case STORE_BUILD_OUTCOMES:
		break;
	}
	return false;
}

static struct explain_repo *repo_of(struct explain_met *m, const char *name)
{
	for (uint32_t i = 0; i < m->n; i++) {
		if (strcmp(m->repos[i].name, name) == 0)
			return &m->repos[i];
	}
	if (m->n == EXPLAIN_REPOS_MAX)
		return NULL;
	m->repos[m->n].name = name;
	return &m->repos[m->n++];
}

static void count(struct explain_met *m, const struct store_build *b)
{
	struct explain_repo *repo = repo_of(m, b->repo);

	if (!repo)
		m->n_more++;
	else if (b->outcome == STORE_BUILD_FAILED)
		repo->failed++;
	else if (b->outcome == STORE_BUILD_SUSPECT)
		repo->suspect++;
	else
		repo->refused++;
}

void explain_met(const struct explain_view *v, const struct hale_reply *r,
		 size_t cause, struct explain_met *ret)
{
	struct span t = span_of(r, cause, v->now_ns);
	struct hale_cause_entry c;

	memset(ret, 0, sizeof(*ret));
	if (!v->builds || !hale_reply_cause(r, cause, &c) ||
	    (strncmp(c.build, "host-", 5) != 0 &&
	     strcmp(c.build, "engine-down") != 0))
		return;
	for (uint32_t i = 0; i < v->builds->n; i++) {
		const struct store_build *b = &v->builds->list[i];

		if (is_then(b, &t, v->builds->ahead_ns) &&
		    is_met(b, r, cause, c.build))
			count(ret, b);
	}
}

static void part(struct out *o, uint32_t n, const char *what, bool *first)
{
	if (n == 0)
		return;
	out_raw(o, *first ? "" : ", ");
	out_number(o, n);
	out_raw(o, what);
	*first = false;
}

void explain_say_repo(struct out *o, const struct explain_repo *r,
		      void (*text)(struct out *o, const char *text))
{
	bool first = true;

	text(o, r->name[0] ? r->name : "no repository");
	out_raw(o, ": ");
	part(o, r->failed, " failed", &first);
	part(o, r->refused, " not begun", &first);
	part(o, r->suspect, " passed, suspect", &first);
}
