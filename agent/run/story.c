/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeps the order of a run: look at the host, judge, and when nothing more is
 * tried, find the suspects. Decides what the run as a whole is called: what its
 * last attempt is called, and suspect where that passed on a host that failed.
 * Invariant: a record is complete when it is handed out.
 */
#include "story.h"

#include <errno.h>

#include "hale/base.h"

#include "agent/run/launch/clock.h"

int story_begin(struct run_story *s, const struct run_options *o,
		struct watch *w)
{
	*s = (struct run_story){ .options = o, .watch = w };
	s->records = calloc(RUN_ATTEMPTS_MAX, sizeof(*s->records));
	if (!s->records)
		return -ENOMEM;
	result_make_id(s->id);
	s->started_ns = clock_agent_ns();
	s->ahead_ns = clock_ahead_ns();
	return 0;
}

/* Since the first times were taken an agent may have said what time it is, or
 * another one: all of them are of its reckoning, so that a build never ends
 * before it began. */
static void align(struct run_story *s)
{
	uint64_t by = clock_ahead_ns() - s->ahead_ns;

	s->started_ns += by;
	for (uint32_t i = 0; i < s->n; i++) {
		struct run_attempt *a = &s->records[i].attempt;

		a->started_ns += by;
		a->ended_ns += by;
		for (uint32_t k = 0; k < a->n_deaths; k++)
			a->deaths[k].time_ns += by;
	}
	s->ahead_ns += by;
}

static void end_now(struct run_story *s)
{
	align(s);
	s->ended_ns = clock_agent_ns();
}

struct run_record *story_add(struct run_story *s, struct watch *w,
			     const struct run_attempt *a,
			     const struct run_text *text)
{
	struct run_record *r;

	if (s->n >= RUN_ATTEMPTS_MAX)
		return NULL;
	align(s);
	r = &s->records[s->n++];
	memset(r, 0, sizeof(*r));
	r->attempt = *a;
	s->started = s->started || a->end != RUN_NOT_STARTED;
	if (text)
		r->text = *text;
	/* no memory to look with: judged by what there is */
	if (watch_after(w, a, text, &r->host) < 0)
		r->host.blind = true;
	watch_usage(w, &r->attempt.usage);
	attribute(s->options, a, text, &r->host, &r->judgement);
	end_now(s);
	return r;
}

static void find_suspects(struct run_story *s, struct watch *w)
{
	const struct run_host *h = &s->records[s->n - 1].host;
	const char *const *roots;
	size_t n = watch_paths(w, &roots);
	int r;

	s->suspects.since_ns = h->since_ns ? h->since_ns : s->started_ns;
	if (s->judgement.fault_ns > s->suspects.since_ns)
		s->suspects.since_ns = s->judgement.fault_ns;
	s->suspects.until_ns = h->until_ns ? h->until_ns : s->ended_ns;
	s->suspects.ahead_ns = h->ahead_ns;
	HALE_SET(s->suspects.why, s->judgement.headline);
	r = suspects_find(roots, n, s->options->suspects, &s->suspects);
	if (r < 0 && s->options->suspects)
		fprintf(stderr, "hale run: --suspects %s: %s\n",
			s->options->suspects, strerror(-r));
}

void story_end(struct run_story *s, struct watch *w)
{
	if (s->n == 0)
		return;
	s->judgement = s->records[s->n - 1].judgement;
	attribute_last(&s->judgement);
	s->records[s->n - 1].judgement = s->judgement;
	if (s->judgement.suspect)
		find_suspects(s, w);
	end_now(s);
}

/* What a build would have failed by. */
static enum hale_build_cause cause_of(const char *condition)
{
	static const struct {
		const char *begin;
		enum hale_build_cause cause;
	} rows[] = {
		{ "fs.full", HALE_CAUSE_HOST_DISK_FULL },
		{ "fs.inodes_full", HALE_CAUSE_HOST_INODES },
		{ "fs.readonly", HALE_CAUSE_HOST_READONLY_FS },
		{ "virt.backing_full", HALE_CAUSE_HOST_DISK_FULL },
		{ "fs.", HALE_CAUSE_HOST_IO },
		{ "disk.", HALE_CAUSE_HOST_IO },
		{ "array.", HALE_CAUSE_HOST_IO },
		{ "memory.", HALE_CAUSE_HOST_MEMORY },
		{ "engine.", HALE_CAUSE_ENGINE_DOWN },
	};

	for (size_t i = 0; i < HALE_ARRAY_SIZE(rows); i++) {
		if (strncmp(condition, rows[i].begin, strlen(rows[i].begin)) ==
		    0)
			return rows[i].cause;
	}
	return HALE_CAUSE_UNKNOWN;
}

void story_refuse(struct run_story *s, const struct hale_reply *reply)
{
	struct run_judgement *j = &s->judgement;
	struct hale_summary sum;
	struct hale_entry e;

	hale_reply_summary(reply, &sum);
	*j = (struct run_judgement){
		.status = (uint32_t)sum.exit_code,
		.retry = HALE_RETRY_ELSEWHERE,
		.host_fault = sum.fitness == HALE_UNFIT,
	};
	end_now(s);
	HALE_SET(j->headline, "not started");
	if (!hale_reply_reason(reply, 0, &e))
		return;
	j->cause = cause_of(e.condition);
	if (j->cause != HALE_CAUSE_UNKNOWN)
		j->confidence = HALE_CONFIDENCE_CERTAIN;
	snprintf(j->headline, sizeof(j->headline), "not started: %s%s%s",
		 e.condition[0] ? e.condition : e.text,
		 e.condition[0] ? " on " : "",
		 e.condition[0] ? (e.alias[0] ? e.alias : e.part) : "");
}

void story_done(struct run_story *s)
{
	suspects_done(&s->suspects);
	free(s->records);
	s->records = NULL;
	s->n = 0;
}
