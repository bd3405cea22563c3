/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers that may take several messages: reports and ways down to the metal;
 * and the short ones beside checks. Decides where one message ends and the next
 * begins. Must never keep memory: what a long answer needs is taken for it and
 * given back. Invariant: exactly the last message of an answer says `last`.
 */
#include <errno.h>

#include "hale/base.h"
#include "hale/version.h"

#include "agent/daemon/answer.h"

#define SENSES_MAX 64 /* in one message: 420 bytes each where they are long */
#define HOPS_MAX   64 /* a stack of 64 layers is none that anybody built */

struct work {
	struct hale_finding findings[CODEC_FINDINGS_MAX];
	struct hale_coverage coverage[SENSES_MAX];
	struct hale_hop hops[HOPS_MAX];
	Hale__V1__Hop *messages[HOPS_MAX];
	uint8_t arena[CODEC_ARENA_BUILD];
	uint8_t out[CODEC_MESSAGE_MAX];
};

/* Where the answer goes. */
struct way {
	answer_out_fn out;
	void *data;
};

static int pack_out(Hale__V1__Reply *reply, struct work *w, answer_out_fn out,
		    void *data)
{
	ssize_t n = codec_pack(reply, w->out, sizeof(w->out));

	if (n < 0)
		return (int)n;
	return out(data, w->out, (size_t)n) ? 0 : -EPIPE;
}

static size_t take_findings(struct answer *a, size_t from, struct work *w,
			    uint64_t now)
{
	size_t n = 0;

	while (n < CODEC_FINDINGS_MAX &&
	       middle_finding(a->middle, from + n, now, &w->findings[n]))
		answer_screen(a, &w->findings[n++]);
	return n;
}

/* What has ended lately goes with the verdict, in one message. */
static size_t take_closed(struct answer *a, struct work *w, uint64_t now)
{
	size_t n = 0;

	while (n < CODEC_FINDINGS_MAX &&
	       middle_closed(a->middle, n, now, &w->findings[n]))
		answer_screen(a, &w->findings[n++]);
	return n;
}

static size_t take_coverage(const struct answer *a, size_t from, struct work *w)
{
	size_t n = 0;

	while (n < SENSES_MAX &&
	       middle_coverage(a->middle, from + n, &w->coverage[n]))
		n++;
	return n;
}

/* What operators did, and who may not and tried. */
static void tell_control(const struct answer *a, Hale__V1__HostReport *m)
{
	m->refused = a->refused.count;
	m->refused_uid = a->refused.uid;
	m->refused_ns = a->refused.last_ns;
	for (size_t i = 0; i < m->n_closed; i++)
		answer_tell_clear(a, m->closed[i]);
}

/* What is seen, all but the last lot of it: that goes with what follows. */
static int report_coverage(struct answer *a, struct codec_report *report,
			   struct work *w, answer_out_fn out, void *data)
{
	size_t from = 0;
	int r = 0;

	report->coverage = w->coverage;
	report->n_coverage = take_coverage(a, from, w);
	while (r == 0 && report->n_coverage == SENSES_MAX) {
		struct codec_arena arena = { .mem = w->arena,
					     .size = sizeof(w->arena) };

		r = pack_out(codec_reply_report(&arena, report, false), w, out,
			     data);
		report->verdict = NULL;
		from += SENSES_MAX;
		report->n_coverage = take_coverage(a, from, w);
	}
	return r;
}

/* The rest of the findings, a message for each lot of them. */
static int report_findings(struct answer *a, struct codec_report *report,
			   struct work *w, answer_out_fn out, void *data)
{
	size_t from = 0;
	bool last = false;
	int r = 0;

	while (r == 0 && !last) {
		struct codec_arena arena = { .mem = w->arena,
					     .size = sizeof(w->arena) };

		report->n_findings =
			take_findings(a, from, w, report->as_of_ns);
		report->findings = w->findings;
		from += report->n_findings;
		last = report->n_findings < CODEC_FINDINGS_MAX;
		r = pack_out(codec_reply_report(&arena, report, last), w, out,
			     data);
		report->verdict = NULL;
	}
	return r;
}

/* The verdict, and what goes with it. */
static int report_head(struct answer *a, struct codec_report *report, bool last,
		       struct work *w, struct way way)
{
	struct codec_arena arena = { .mem = w->arena,
				     .size = sizeof(w->arena) };
	Hale__V1__Reply *m = codec_reply_report(&arena, report, last);

	if (m)
		tell_control(a, m->report);
	return pack_out(m, w, way.out, way.data);
}

int answer_report(struct answer *a, const Hale__V1__StatusRequest *status,
		  answer_out_fn out, void *data)
{
	_cleanup_free_ struct work *w = malloc(sizeof(*w));
	const struct way way = { out, data };
	struct codec_report report = {
		.host = a->host,
		.boot_id = a->clock->boot_id,
		.version = HALE_VERSION,
		.as_of_ns = clock_now_ns(a->clock),
		.started_ns = a->started_ns,
		.generation = middle_generation(a->middle),
		.verdict = &a->verdict,
	};
	int r = 0;

	if (!w)
		return -ENOMEM;
	answer_host(a);
	if (status->coverage)
		r = report_coverage(a, &report, w, out, data);
	if (status->findings)
		report.n_closed = take_closed(a, w, report.as_of_ns);
	report.closed = w->findings;
	if (r == 0)
		r = report_head(a, &report, !status->findings, w, way);
	if (r < 0 || !status->findings)
		return r;
	report.n_coverage = report.n_closed = 0;
	report.verdict = NULL;
	return report_findings(a, &report, w, out, data);
}

/* Those of one part, out of all; @from: the first free place. */
static size_t findings_of(struct answer *a, const char *part, struct work *w,
			  size_t from)
{
	uint64_t now = clock_now_ns(a->clock);
	size_t n = 0;

	if (part[0] == '\0')
		return 0;
	for (size_t i = 0;
	     from + n < CODEC_FINDINGS_MAX &&
	     middle_finding(a->middle, i, now, &w->findings[from + n]);
	     i++) {
		answer_screen(a, &w->findings[from + n]);
		n += strcmp(w->findings[from + n].part, part) == 0;
	}
	return n;
}

static void say_unresolved(struct answer *a, const struct hale_scope_path *path,
			   answer_out_fn out, void *data)
{
	char text[HALE_EVIDENCE_MAX];

	hale_unresolved_text(path, text, sizeof(text));
	answer_error(a, path->error ? (int)path->error : ETIMEDOUT, text, out,
		     data);
}

static int say_hops(struct answer *a, const struct hale_scope_path *path,
		    answer_out_fn out, void *data)
{
	_cleanup_free_ struct work *w = malloc(sizeof(*w));
	struct codec_arena arena = { .size = sizeof(w->arena) };
	size_t n, n_findings = 0;

	if (!w)
		return -ENOMEM;
	arena.mem = w->arena;
	n = middle_hops(a->middle, path, w->hops, HOPS_MAX);
	for (size_t i = 0; i < n; i++) {
		size_t own = findings_of(a, w->hops[i].part, w, n_findings);

		w->messages[i] = codec_hop(&arena, &w->hops[i],
					   w->findings + n_findings, own);
		n_findings += own;
	}
	return pack_out(
		codec_reply_scope(&arena, path->path, w->messages, n, true), w,
		out, data);
}

int answer_scope(struct answer *a, const struct hale_scope_path *path,
		 answer_out_fn out, void *data)
{
	if (!path->unresolved)
		return say_hops(a, path, out, data);
	say_unresolved(a, path, out, data);
	return 0;
}

static void short_out(struct answer *a, Hale__V1__Reply *reply,
		      answer_out_fn out, void *data)
{
	ssize_t n = codec_pack(reply, a->out, sizeof(a->out));

	if (n >= 0)
		out(data, a->out, (size_t)n);
}

void answer_error(struct answer *a, int error, const char *text,
		  answer_out_fn out, void *data)
{
	struct codec_arena arena = { .mem = a->arena,
				     .size = sizeof(a->arena) };

	short_out(a, codec_reply_error(&arena, error, text), out, data);
}

void answer_control(struct answer *a, struct answer_outcome outcome,
		    answer_out_fn out, void *data)
{
	struct codec_arena arena = { .mem = a->arena,
				     .size = sizeof(a->arena) };

	short_out(a,
		  codec_reply_control(&arena, outcome.error, outcome.affected,
				      outcome.text),
		  out, data);
}
