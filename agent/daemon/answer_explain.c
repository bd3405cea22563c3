/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The answer to "why": one message for each cause, then the deaths. Decides who
 * is shown what of other people's processes: that one died, of what and where
 * its files lie is a finding's business and for all; which program, files and
 * cgroup they were is only for its own user and for those who may control the
 * agent. Must never keep memory. Invariant: exactly the last message says
 * `last`, and the first one has the verdict.
 */
#include <errno.h>

#include "hale/base.h"

#include "agent/daemon/answer.h"

struct work {
	struct hale_cause_query query;
	struct hale_cause cause;
	struct hale_victim deaths[CODEC_DEATHS_MAX];
	struct hale_verdict verdict;
	uint8_t arena[CODEC_ARENA_BUILD];
	uint8_t out[CODEC_MESSAGE_MAX];
};

/* Where the answer goes. */
struct way {
	const struct answer *answer;
	answer_out_fn out;
	void *data;
	const struct answer_asker *asker;
};

static bool saw_itself(const struct hale_cause_query *q, uint32_t pid)
{
	for (uint32_t i = 0; i < q->n_victims; i++) {
		if (q->victims[i].pid == pid)
			return true;
	}
	return false;
}

/* What only the process's own user could read of it in /proc. */
static void hide(const struct way *way, const struct hale_cause_query *q,
		 struct hale_victim *v)
{
	if (way->asker->all || saw_itself(q, v->pid) ||
	    (v->uid_known && v->uid == way->asker->uid))
		return;
	v->exe[0] = v->cgroup[0] = '\0';
	v->address_known = false;
	v->address = 0;
	for (uint32_t i = 0; i < v->n_files; i++)
		v->files[i].path[0] = '\0';
}

static void screen(const struct answer *a, const struct way *way,
		   const struct hale_cause_query *q, struct hale_cause_step *s)
{
	hide(way, q, &s->victim);
	answer_screen(a, &s->finding);
}

static void tell_clears(const struct answer *a, Hale__V1__ExplainReply *m)
{
	for (size_t i = 0; i < m->n_causes; i++) {
		const Hale__V1__Cause *c = m->causes[i];

		for (size_t k = 0; k < c->n_steps; k++) {
			if (c->steps[k]->finding)
				answer_tell_clear(a, c->steps[k]->finding);
		}
	}
}

static int send(struct work *w, const struct codec_explain *e, bool last,
		const struct way *way)
{
	struct codec_arena arena = { .mem = w->arena,
				     .size = sizeof(w->arena) };
	Hale__V1__Reply *m = codec_reply_explain(&arena, e, last);
	ssize_t n;

	if (m)
		tell_clears(way->answer, m->explain);
	n = codec_pack(m, w->out, sizeof(w->out));
	if (n < 0)
		return (int)n;
	return way->out(way->data, w->out, (size_t)n) ? 0 : -EPIPE;
}

static int send_causes(struct answer *a, struct work *w,
		       struct codec_explain *e, const struct way *way)
{
	int r = 0;

	for (size_t i = 0; r == 0 && middle_cause(a->middle, i, &w->cause);
	     i++) {
		for (uint32_t k = 0; k < w->cause.n_steps; k++)
			screen(a, way, &w->query, &w->cause.steps[k]);
		e->cause = &w->cause;
		r = send(w, e, false, way);
		e->verdict = NULL;
	}
	e->cause = NULL;
	return r;
}

static int send_deaths(struct answer *a, struct work *w,
		       struct codec_explain *e, const struct way *way)
{
	size_t from = 0;
	bool last = false;
	int r = 0;

	e->deaths = w->deaths;
	while (r == 0 && !last) {
		e->n_deaths = 0;
		while (e->n_deaths < CODEC_DEATHS_MAX &&
		       middle_death(a->middle, from + e->n_deaths,
				    &w->deaths[e->n_deaths]))
			hide(way, &w->query, &w->deaths[e->n_deaths++]);
		from += e->n_deaths;
		last = e->n_deaths < CODEC_DEATHS_MAX;
		r = send(w, e, last, way);
		e->verdict = NULL;
	}
	return r;
}

int answer_explain(struct answer *a, const Hale__V1__ExplainRequest *m,
		   const struct answer_asker *asker, answer_out_fn out,
		   void *data)
{
	_cleanup_free_ struct work *w = malloc(sizeof(*w));
	const struct way way = { a, out, data, asker };
	struct codec_explain e = { .host = a->host, .note = a->note };
	struct hale_explained explained;
	const char *why = "";
	int r;

	if (!w)
		return -ENOMEM;
	if (codec_read_explain(m, &w->query, &why) < 0) {
		answer_error(a, EBADMSG, why, out, data);
		return 0;
	}
	e.as_of_ns = clock_now_ns(a->clock);
	middle_explain(a->middle, &w->query, e.as_of_ns, &w->verdict,
		       &explained);
	answer_screen_verdict(a, &w->verdict);
	e.verdict = &w->verdict;
	e.causes_total = explained.n_causes_total;
	r = send_causes(a, w, &e, &way);
	return r < 0 ? r : send_deaths(a, w, &e, &way);
}
