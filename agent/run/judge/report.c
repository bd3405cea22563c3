/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a person is told on stderr after a build, or in its place. Decides when
 * to be silent: a build that passed on a machine that is no worse needs no
 * word, and one that failed by its own hears nothing about the machine. Never
 * asks anybody anything; prints nothing of the build's that is not printable.
 */
#include "hale/base.h"

#include "report_own.h"

#define SUSPECTS_SHOWN 3
#define REASONS_SHOWN  3

/* Whose it is, in words; the cause's name stands behind it. */
static const char *const whose[HALE_CAUSE_COUNT] = {
	[HALE_CAUSE_HOST_IO] = "the machine",
	[HALE_CAUSE_HOST_DISK_FULL] = "the machine",
	[HALE_CAUSE_HOST_INODES] = "the machine",
	[HALE_CAUSE_HOST_MEMORY] = "the machine",
	[HALE_CAUSE_HOST_SIGBUS] = "the machine",
	[HALE_CAUSE_HOST_READONLY_FS] = "the machine",
	[HALE_CAUSE_ENGINE_DOWN] = "the container engine",
	[HALE_CAUSE_NETWORK] = "the network",
	[HALE_CAUSE_REGISTRY_OUTAGE] = "a server elsewhere",
	[HALE_CAUSE_AUTH] = "a login",
	[HALE_CAUSE_CACHE] = "a cache",
	[HALE_CAUSE_TIMEOUT] = "out of time",
	[HALE_CAUSE_INTERACTIVE_STALL] = "it waits for an answer",
	[HALE_CAUSE_DEPENDENCY] = "a dependency",
	[HALE_CAUSE_CODE] = "the build's own",
	[HALE_CAUSE_TOOLCHAIN_CRASH] = "a tool crashed",
	[HALE_CAUSE_BUILD_LIMIT] = "a limit set for this build",
};

static const struct run_record *last_of(const struct run_story *s)
{
	return s->n > 0 ? &s->records[s->n - 1] : NULL;
}

static void tail_of(struct paper *p, const struct run_judgement *j)
{
	fprintf(p->f, " (%s, %s): ", hale_build_cause_name(j->cause),
		hale_confidence_name(j->confidence));
	paper_put(p, j->headline);
	paper_end(p);
}

static void hint(struct paper *p, const char *text)
{
	if (!text[0])
		return;
	paper_line(p, true);
	paper_put(p, text);
	paper_end(p);
}

static void note(struct paper *p, const struct run_host *h)
{
	if (!h->note[0])
		return;
	paper_line(p, false);
	paper_put(p, h->note);
	paper_end(p);
}

/* The chain that the headline is of. */
static void chain(struct paper *p, const struct run_story *s)
{
	const struct run_host *h = &s->records[s->n - 1].host;

	for (uint32_t i = 0; i < h->n_causes; i++) {
		const char *head = h->causes[i].headline;

		if (head[0] && strncmp(s->judgement.headline, head,
				       strnlen(head, 160)) == 0) {
			report_chain(p, &h->causes[i], s->watch);
			return;
		}
	}
}

/* --- failed --- */

static void host_failed(struct paper *p, const struct run_story *s)
{
	const struct run_judgement *j = &s->judgement;
	const struct run_attempt *a = &s->records[s->n - 1].attempt;

	paper_line(p, false);
	paper_color(p, PAPER_RED, "the machine, not the build");
	tail_of(p, j);
	chain(p, s);
	hint(p, j->advice);
	if (a->status == j->status)
		return;
	paper_line(p, true);
	fprintf(p->f, "exit status %u in place of %u", j->status, a->status);
	paper_end(p);
}

static void unconfirmed(struct paper *p, const struct run_judgement *j)
{
	paper_line(p, false);
	paper_color(p, PAPER_YELLOW,
		    "it reads like the machine, but nothing seen of this "
		    "machine confirms it");
	tail_of(p, j);
}

static void unknown(struct paper *p, const struct run_story *s)
{
	const struct run_host *h = &s->records[s->n - 1].host;

	paper_line(p, false);
	paper_put(p, s->judgement.headline);
	if (!h->agent && !h->note[0])
		fputs("; why is not known, no agent watched this machine",
		      p->f);
	else
		fputs(!h->agent || h->blind || h->got_worse
			      ? "; why is not known"
			      : "; nothing seen of this machine explains it",
		      p->f);
	paper_end(p);
}

static void own_failed(struct paper *p, const struct run_story *s)
{
	const struct run_judgement *j = &s->judgement;
	const char *text = whose[j->cause];

	if (j->cause == HALE_CAUSE_UNKNOWN) {
		unknown(p, s);
	} else if (hale_build_cause_is_host(j->cause)) {
		unconfirmed(p, j);
	} else {
		paper_line(p, false);
		paper_color(p, PAPER_PLAIN, text ? text : "");
		tail_of(p, j);
	}
	if (s->n > 1 && j->cause == HALE_CAUSE_NETWORK)
		hint(p, "trying again did not help: look at this machine's "
			"network, name service and proxy");
	else if (s->n > 1 && j->cause == HALE_CAUSE_REGISTRY_OUTAGE)
		hint(p, "trying again did not help: later, or a mirror");
	else if (j->cause !=
		 HALE_CAUSE_CODE) /* a compiler's is advice enough */
		hint(p, j->advice);
}

static void worse(struct paper *p, const struct run_story *s)
{
	paper_line(p, false);
	paper_color(p, PAPER_YELLOW, "this machine got worse meanwhile");
	paper_end(p);
	report_new_reasons(p, s->watch, REASONS_SHOWN);
}

static void left_behind(struct paper *p, const struct run_attempt *a)
{
	paper_line(p, false);
	fprintf(p->f,
		"process %d was killed and does not end: it waits in the "
		"kernel, and is left behind",
		(int)a->pid);
	paper_end(p);
}

static void failed(struct paper *p, const struct run_story *s)
{
	const struct run_record *r = &s->records[s->n - 1];

	/* what was not there or no program has been said by whoever tried */
	if (r->attempt.end == RUN_NOT_STARTED && !s->judgement.host_fault &&
	    s->judgement.cause == HALE_CAUSE_UNKNOWN)
		return;
	if (s->n > 1) {
		paper_line(p, false);
		fprintf(p->f, "%u attempts, the last one:", s->n);
		paper_end(p);
	}
	if (s->judgement.host_fault) {
		host_failed(p, s);
	} else {
		own_failed(p, s);
		if (r->host.got_worse)
			worse(p, s);
	}
	if (r->attempt.left)
		left_behind(p, &r->attempt);
	note(p, &r->host);
}

/* --- passed --- */

static void suspect_files(struct paper *p, const struct run_story *s)
{
	const struct suspects *f = &s->suspects;

	if (watch_container(s->watch)) {
		paper_line(p, true);
		fputs("images and layers in the engine's data-root were not "
		      "looked at",
		      p->f);
		paper_end(p);
	}
	if (f->files == 0 && !f->cut)
		return;
	paper_line(p, true);
	fprintf(p->f, "%llu file%s written meanwhile%s",
		(unsigned long long)f->files, f->files == 1 ? "" : "s",
		f->n_paths > 0 ? ": " : "");
	for (uint32_t i = 0; i < f->n_paths && i < SUSPECTS_SHOWN; i++) {
		fputs(i > 0 ? ", " : "", p->f);
		paper_put(p, f->paths[i]);
	}
	if (f->files > SUSPECTS_SHOWN)
		fputs(s->options->suspects ? ", …; all of them are in "
					   : ", …; --suspects FILE lists them",
		      p->f);
	if (f->files > SUSPECTS_SHOWN && s->options->suspects)
		paper_put(p, s->options->suspects);
	paper_end(p);
	if (!f->cut)
		return;
	paper_line(p, true);
	paper_put(p, f->why);
	paper_end(p);
}

static void suspect(struct paper *p, const struct run_story *s)
{
	paper_line(p, false);
	paper_color(p, PAPER_YELLOW, "passed, suspect");
	tail_of(p, &s->judgement);
	chain(p, s);
	suspect_files(p, s);
	paper_line(p, true);
	fputs("do not publish what it made or keep it in a cache; build again "
	      "elsewhere",
	      p->f);
	paper_end(p);
	if (s->judgement.status == 0)
		return;
	paper_line(p, true);
	fprintf(p->f, "exit status %u: --strict-outputs", s->judgement.status);
	paper_end(p);
}

static void passed(struct paper *p, const struct run_story *s)
{
	const struct run_record *r = last_of(s);

	if (s->judgement.suspect)
		suspect(p, s);
	else if (r->host.got_worse)
		worse(p, s);
	note(p, &r->host);
}

void report_print(const struct run_story *s, int fd)
{
	const struct run_record *r = last_of(s);
	struct paper p;
	bool ok = r && r->attempt.end == RUN_EXITED && r->attempt.status == 0;

	if (s->options->quiet || !r || paper_open(&p, fd) < 0)
		return;
	p.mid_line = r->attempt.mid_line;
	if (ok)
		passed(&p, s);
	else if (r->attempt.end != RUN_INTERRUPTED)
		failed(&p, s);
	paper_close(&p);
}

/* --- before it --- */

static void reasons(struct paper *p, const struct hale_reply *r)
{
	struct hale_summary s;
	struct hale_entry e;

	hale_reply_summary(r, &s);
	/* of a blind agent a reason of the same words follows */
	if (s.note[0] && (s.n_reasons == 0 || s.scanned || s.agent)) {
		paper_line(p, true);
		paper_put(p, s.note);
		paper_end(p);
	}
	for (size_t i = 0; i < REASONS_SHOWN && hale_reply_reason(r, i, &e);
	     i++)
		report_reason(p, &e, s.as_of_ns);
	if (s.reasons_total <= REASONS_SHOWN)
		return;
	paper_line(p, true);
	fprintf(p->f, "and %u more: hale check",
		s.reasons_total - REASONS_SHOWN);
	paper_end(p);
}

static const char *fitness_word(enum hale_fitness f)
{
	static const char *const words[HALE_FITNESS_COUNT] = {
		[HALE_UNKNOWN] = "UNKNOWN",
		[HALE_FIT] = "FIT",
		[HALE_DEGRADED] = "DEGRADED",
		[HALE_UNFIT] = "UNFIT",
	};

	return words[(unsigned int)f < HALE_FITNESS_COUNT ? f : 0];
}

static void head(struct paper *p, const char *what, enum hale_fitness f)
{
	paper_line(p, false);
	paper_color(p, f == HALE_UNFIT ? PAPER_RED : PAPER_YELLOW, what);
	fprintf(p->f, ": this machine is %s for it", fitness_word(f));
	paper_end(p);
}

static void next_step(struct paper *p, const struct hale_reply *r)
{
	struct hale_entry e;

	if (!hale_reply_reason(r, 0, &e) || !e.advice[0])
		return;
	paper_line(p, true);
	paper_put(p, e.advice);
	paper_end(p);
}

void report_refused(const struct run_story *s, int fd)
{
	const struct hale_reply *reply = watch_reply_before(s->watch);
	struct hale_summary sum;
	struct paper p;

	if (!reply || paper_open(&p, fd) < 0)
		return;
	hale_reply_summary(reply, &sum);
	head(&p, "not started", sum.fitness);
	reasons(&p, reply);
	next_step(&p, reply);
	paper_line(&p, true);
	fprintf(p.f,
		"exit status %u: build elsewhere; --force starts it "
		"here all the same",
		s->judgement.status);
	paper_end(&p);
	paper_close(&p);
}

void report_doubts(const struct run_story *s, int fd)
{
	const struct hale_reply *reply = watch_reply_before(s->watch);
	struct hale_summary sum;
	struct paper p;

	if (s->options->quiet || !reply)
		return;
	hale_reply_summary(reply, &sum);
	if (sum.fitness == HALE_FIT || sum.fitness == HALE_DEGRADED ||
	    paper_open(&p, fd) < 0)
		return;
	head(&p, "started all the same", sum.fitness);
	reasons(&p, reply);
	paper_close(&p);
}
