/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One attempt and what was made of it, as a message. Must never name a number
 * that nobody measured: what is not known stays 0, which the schema says means
 * unknown. Invariant: texts from the build's output are without secrets.
 */
#include "hale/base.h"

#include "agent/run/message.h"
#include "proto/codec_explain.h"

_Static_assert((int)HALE__V1__ATTEMPT__END__INTERRUPTED == (int)RUN_INTERRUPTED,
	       "Attempt.End");
_Static_assert((int)HALE__V1__CONFIDENCE__CERTAIN ==
		       (int)HALE_CONFIDENCE_CERTAIN,
	       "Confidence");

#define CHAINS_MAX 4
#define DEATHS_MAX 8

static uint64_t known(uint64_t value)
{
	return value == UINT64_MAX ? 0 : value;
}

static Hale__V1__Usage *usage(struct codec_arena *a,
			      const struct run_attempt *from)
{
	Hale__V1__Usage *m = codec_new(a, &hale__v1__usage__descriptor);
	const struct run_usage *u = &from->usage;

	if (!m)
		return NULL;
	m->wall_ns = from->wall_ns;
	m->user_ns = known(u->user_ns);
	m->system_ns = known(u->system_ns);
	m->peak_memory_bytes = known(u->peak_memory_bytes);
	m->read_bytes = known(u->read_bytes);
	m->written_bytes = known(u->written_bytes);
	m->disk_bytes = known(u->disk_bytes);
	m->inodes = known(u->inodes);
	m->output_bytes = known(u->output_bytes);
	m->cgroup = u->cgroup;
	return m;
}

static Hale__V1__BuildTriage *triage(struct codec_arena *a,
				     const struct run_text *t)
{
	Hale__V1__BuildTriage *m =
		codec_new(a, &hale__v1__build_triage__descriptor);

	if (!m)
		return NULL;
	m->cause = codec_borrow(hale_build_cause_name(t->cause));
	m->confidence = codec_borrow(hale_confidence_name(t->confidence));
	m->retry = codec_borrow(hale_retry_name(t->retry));
	m->tool = codec_borrow(t->tool);
	m->evidence =
		codec_alloc(a, (t->n_evidence + 1) * sizeof(*m->evidence));
	if (!m->evidence)
		return NULL;
	for (; m->n_evidence < t->n_evidence; m->n_evidence++) {
		const struct run_text_line *from = &t->evidence[m->n_evidence];
		Hale__V1__BuildTriage__Evidence *line = codec_new(
			a, &hale__v1__build_triage__evidence__descriptor);

		if (!line)
			return NULL;
		line->line = from->line;
		line->text = message_safe_text(a, from->text);
		if (!line->text)
			return NULL;
		m->evidence[m->n_evidence] = line;
	}
	return m;
}

static bool chains(struct codec_arena *a, const struct run_host *host,
		   Hale__V1__Attempt *m)
{
	uint32_t n = host->causes ? host->n_causes : 0;

	n = n < CHAINS_MAX ? n : CHAINS_MAX;
	m->chain = codec_alloc(a, (n + 1) * sizeof(*m->chain));
	if (!m->chain)
		return false;
	for (; m->n_chain < n; m->n_chain++) {
		Hale__V1__Cause *one =
			codec_cause(a, &host->causes[m->n_chain]);

		if (!one)
			return false;
		m->chain[m->n_chain] = one;
	}
	return true;
}

static bool add_death(struct codec_arena *a, const struct hale_victim *v,
		      Hale__V1__Attempt *m)
{
	if (m->n_deaths >= DEATHS_MAX)
		return true;
	for (size_t i = 0; i < m->n_deaths; i++) {
		/* of another namespace the numbers differ; the end is one */
		if (m->deaths[i]->pid == v->pid &&
		    m->deaths[i]->signal == v->signal)
			return true;
	}
	m->deaths[m->n_deaths] = codec_victim(a, v);
	return m->deaths[m->n_deaths] && ++m->n_deaths;
}

/* Those that the host told of, who saw more of them, and hale's own child.
 * @last: the host is asked about anew after each attempt. */
static bool deaths(struct codec_arena *a, const struct run_record *r, bool last,
		   Hale__V1__Attempt *m)
{
	const struct run_host *h = &r->host;
	bool ok;

	m->deaths = codec_alloc(a, DEATHS_MAX * sizeof(*m->deaths));
	ok = m->deaths != NULL;
	for (uint32_t i = 0; last && h->deaths && i < h->n_deaths && ok; i++)
		ok = add_death(a, &h->deaths[i], m);
	for (uint32_t i = 0; i < r->attempt.n_deaths && ok; i++)
		ok = add_death(a, &r->attempt.deaths[i], m);
	return ok;
}

static bool words(struct codec_arena *a, const struct run_record *r,
		  Hale__V1__Attempt *m)
{
	m->command = message_words(a, r->attempt.command, &m->n_command);
	m->headline = message_safe_text(a, r->judgement.headline);
	m->waits = message_safe_text(
		a, r->attempt.end == RUN_STALLED ? r->attempt.stall.what : "");
	return m->command && m->headline && m->waits;
}

/* Nothing where nothing was run again. */
static bool retested(struct codec_arena *a, const struct crash_retest *from,
		     Hale__V1__Attempt *m)
{
	static const char *const outcomes[] = {
		[CRASH_NOT_RETESTED] = "unknown",
		[CRASH_SAME] = "same",
		[CRASH_DIFFERENT] = "different",
	};
	Hale__V1__Retest *r;

	if (from->runs == 0 && from->note[0] == '\0')
		return true;
	r = codec_new(a, &hale__v1__retest__descriptor);
	if (!r)
		return false;
	r->outcome = codec_borrow(outcomes[from->verdict]);
	r->whole = from->whole;
	r->runs = from->runs;
	r->crashed = from->crashed;
	r->command = message_safe_text(a, from->command);
	r->note = message_safe_text(a, from->note);
	m->retest = r;
	return r->command && r->note;
}

Hale__V1__Attempt *message_attempt(struct codec_arena *a,
				   const struct run_record *r, bool last)
{
	Hale__V1__Attempt *m = codec_new(a, &hale__v1__attempt__descriptor);
	const struct run_attempt *from = &r->attempt;

	if (!m)
		return NULL;
	m->number = from->number;
	m->strategy = codec_borrow(from->strategy ? from->strategy : "");
	m->started_ns = from->started_ns;
	m->ended_ns = from->ended_ns;
	m->end = (Hale__V1__Attempt__End)from->end;
	m->left_behind = from->left;
	m->status = from->status;
	m->signal = from->signal > 0 ? (uint32_t)from->signal : 0;
	m->host_fault = r->judgement.host_fault;
	if (from->end != RUN_EXITED || from->status != 0) {
		m->cause =
			codec_borrow(hale_build_cause_name(r->judgement.cause));
		m->confidence = codec_borrow(
			hale_confidence_name(r->judgement.confidence));
		m->text = triage(a, &r->text);
		if (!m->text)
			return NULL;
	}
	m->usage = usage(a, from);
	if (!m->usage || !words(a, r, m))
		return NULL;
	if (!deaths(a, r, last, m) || !retested(a, &r->crash, m))
		return NULL;
	return !last || chains(a, &r->host, m) ? m : NULL;
}
