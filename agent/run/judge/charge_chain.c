/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which of the chains that the agent tells explains this very end? A chain says
 * that something of the machine failed in the build's scope and time; that is
 * not yet why the build failed. Decides by what the text says: a chain is
 * believed where it can bring about such words, or where a process of this
 * build died of it. Pure.
 */
#include <signal.h>

#include "hale/base.h"

#include "attribute_own.h"

/* Clocks of the log and of this process differ by ticks; a fault that brings a
 * build down is often met in its first second. */
#define SLACK_NS (2 * HALE_NS_PER_S)
/* What was written that long before the first error may have been in memory
 * still: vm.dirty_expire_centisecs and the walk after it, twice. */
#define WRITEBACK_NS (60 * HALE_NS_PER_S)

#define BIT(cause) (1u << HALE_CAUSE_##cause)
#define IO	   BIT(HOST_IO)
#define FULL	   BIT(HOST_DISK_FULL)
#define INODES	   BIT(HOST_INODES)
#define MEMORY	   BIT(HOST_MEMORY)
#define SIGBUS_	   BIT(HOST_SIGBUS)
#define READONLY   BIT(HOST_READONLY_FS)
#define ENGINE	   BIT(ENGINE_DOWN)
#define ANY_HOST   (IO | FULL | INODES | MEMORY | SIGBUS_ | READONLY)

/*
 * Text's cause to the chains that can bring it about without having killed a
 * process of the build before anyone's eyes. Of the rest (code, network, …) the
 * text names a sufficient reason: a disk that failed as well is not it.
 */
static const uint32_t explains[HALE_CAUSE_COUNT] = {
	[HALE_CAUSE_UNKNOWN] = ANY_HOST | ENGINE,
	[HALE_CAUSE_HOST_IO] = IO | FULL | SIGBUS_ | READONLY,
	[HALE_CAUSE_HOST_DISK_FULL] = FULL | INODES,
	[HALE_CAUSE_HOST_INODES] = FULL | INODES,
	[HALE_CAUSE_HOST_MEMORY] = MEMORY,
	[HALE_CAUSE_HOST_SIGBUS] = IO | FULL | MEMORY | SIGBUS_,
	[HALE_CAUSE_HOST_READONLY_FS] = IO | FULL | READONLY,
	[HALE_CAUSE_ENGINE_DOWN] = ANY_HOST | ENGINE,
	/* "unexpected EOF": the stream that broke off may be the engine's */
	[HALE_CAUSE_NETWORK] = ENGINE,
	[HALE_CAUSE_CACHE] = IO | FULL | INODES | READONLY,
	[HALE_CAUSE_TOOLCHAIN_CRASH] = IO | MEMORY | SIGBUS_,
	[HALE_CAUSE_TIMEOUT] = IO | FULL | READONLY | ENGINE,
};

static bool is_oom(const struct hale_cause *c)
{
	return c->n_steps > 0 &&
	       c->steps[0].finding.condition == HALE_MEMORY_OOM;
}

bool charge_died(const struct run_attempt *a, int signal)
{
	for (uint32_t i = 0; i < a->n_deaths; i++) {
		if (a->deaths[i].signal == (uint32_t)signal)
			return true;
	}
	return a->end == RUN_SIGNALED && a->signal == signal;
}

bool charge_killed(const struct weighing *w)
{
	return charge_died(w->attempt, SIGKILL) ||
	       w->attempt->status == RUN_EXIT_SIGNAL(SIGKILL) ||
	       w->text->cause == HALE_CAUSE_HOST_MEMORY;
}

/* --- a process of the build --- */

static bool within(const char *cgroup, const char *own)
{
	size_t len = strlen(own);

	return len > 1 && strncmp(cgroup, own, len) == 0 &&
	       (cgroup[len] == '\0' || cgroup[len] == '/');
}

static bool ours(const struct run_attempt *a, const struct hale_victim *v)
{
	if (a->pid > 0 && v->pid == (uint32_t)a->pid)
		return true;
	for (uint32_t i = 0; i < a->n_deaths; i++) {
		if (a->deaths[i].pid == v->pid)
			return true;
	}
	return within(v->cgroup, a->cgroup);
}

const struct hale_victim *charge_victim(const struct run_attempt *a,
					const struct hale_cause *c)
{
	for (uint32_t i = 0; i < c->n_steps; i++) {
		if (c->steps[i].death && ours(a, &c->steps[i].victim))
			return &c->steps[i].victim;
	}
	return NULL;
}

bool charge_own(const struct weighing *w, struct charge *ret)
{
	for (uint32_t i = 0; i < w->host->n_causes; i++) {
		const struct hale_cause *c = &w->host->causes[i];
		const struct hale_victim *v = charge_victim(w->attempt, c);

		if (c->build != HALE_CAUSE_CODE || !v || v->signal != SIGBUS)
			continue;
		*ret = (struct charge){ .cause = HALE_CAUSE_CODE,
					.confidence = c->confidence,
					.chain = c };
		return true;
	}
	return false;
}

/* --- what a chain is worth --- */

/* Did it happen, or hold, while the build ran? */
static bool in_time(const struct run_host *h, const struct hale_finding *f)
{
	if (h->since_ns == 0 || f->last_ns + SLACK_NS >= h->since_ns)
		return true;
	return hale_condition_info(f->condition)->life == HALE_LIFE_STATE &&
	       f->closed_ns == 0;
}

static bool fresh(const struct run_host *h, const struct hale_cause *c)
{
	for (uint32_t i = 0; i < c->n_steps; i++) {
		if (c->steps[i].death || in_time(h, &c->steps[i].finding))
			return true;
	}
	return false;
}

/* A note or a warning does not break builds. Commands of a disk that come back
 * late are a warning, and may well be what a build was waiting for. */
static bool grave(const struct weighing *w, const struct hale_cause *c)
{
	enum hale_effect least = w->attempt->end == RUN_STALLED
					 ? HALE_EFFECT_WARNS
					 : HALE_EFFECT_BLOCKS;

	for (uint32_t i = 0; i < c->n_steps; i++) {
		const struct hale_cause_step *s = &c->steps[i];

		if (!s->death && s->finding.effect >= least &&
		    !s->finding.muted)
			return true;
	}
	return false;
}

/* Did this very thing fail while the build ran? What holds since before did
 * not, and what a disk foretells has not happened. */
static bool failed_meanwhile(const struct run_host *h,
			     const struct hale_finding *f)
{
	bool state = hale_condition_info(f->condition)->life == HALE_LIFE_STATE;
	uint64_t at = state ? f->first_ns : f->last_ns;

	if (f->effect < HALE_EFFECT_BLOCKS || f->muted ||
	    f->condition == HALE_DISK_SMART_FAILING)
		return false;
	return h->since_ns == 0 || at + SLACK_NS >= h->since_ns;
}

static bool happened(const struct run_host *h, const struct hale_cause *c)
{
	for (uint32_t i = 0; i < c->n_steps; i++) {
		if (!c->steps[i].death &&
		    failed_meanwhile(h, &c->steps[i].finding))
			return true;
	}
	return false;
}

/* Something came of it besides: a failed request, a filesystem in error. */
static bool acted(const struct run_host *h, const struct hale_cause *c)
{
	for (uint32_t i = 1; i < c->n_steps; i++) {
		if (!c->steps[i].death && in_time(h, &c->steps[i].finding))
			return true;
	}
	return false;
}

/*
 * Without words of its own a failure is a host's only where the fault must have
 * met it: a full filesystem whose last bytes nobody wanted, and a process of
 * somebody else that was killed, did not.
 */
static bool met(const struct weighing *w, const struct hale_cause *c)
{
	const struct run_host *h = w->host;

	if (is_oom(c))
		return charge_killed(w);
	if (w->text->cause == HALE_CAUSE_NETWORK)
		return happened(h, c);
	if (w->text->cause != HALE_CAUSE_UNKNOWN)
		return true;
	if (c->build == HALE_CAUSE_HOST_DISK_FULL)
		return acted(h, c) || h->bytes.full == HALE_CONFIDENCE_CERTAIN;
	if (c->build == HALE_CAUSE_HOST_INODES)
		return h->inodes.full == HALE_CONFIDENCE_CERTAIN;
	/* a page that nobody here touched */
	if (c->build == HALE_CAUSE_HOST_MEMORY)
		return false;
	return happened(h, c);
}

static enum hale_confidence lesser(enum hale_confidence a,
				   enum hale_confidence b)
{
	return a < b ? a : b;
}

static bool is_engine(enum hale_condition c)
{
	return c == HALE_ENGINE_DOWN || c == HALE_ENGINE_STORAGE ||
	       c == HALE_ENGINE_PLUGIN_BROKEN;
}

/* From the root to the @i-th step the weakest link. */
static enum hale_confidence reaches(const struct hale_cause *c, uint32_t i)
{
	enum hale_confidence sure = HALE_CONFIDENCE_CERTAIN;

	/* each follows from one before it: it ends at 0 */
	for (; i > 0 && i < HALE_CAUSE_STEPS_MAX && c->steps[i].from < i;
	     i = c->steps[i].from)
		sure = lesser(sure, c->steps[i].confidence);
	return sure;
}

/* A root is as sure to be why the engine is gone as its way to the engine is;
 * one that leads to no engine may be, for all that is known. */
static enum hale_confidence to_engine(const struct hale_cause *c)
{
	enum hale_confidence best = HALE_CONFIDENCE_NONE;

	for (uint32_t i = 0; i < c->n_steps; i++) {
		if (!c->steps[i].death &&
		    is_engine(c->steps[i].finding.condition) &&
		    reaches(c, i) > best)
			best = reaches(c, i);
	}
	return best == HALE_CONFIDENCE_NONE ? HALE_CONFIDENCE_LIKELY : best;
}

static bool weigh(const struct weighing *w, const struct hale_cause *c,
		  struct charge *ret)
{
	enum hale_confidence sure = c->confidence;
	bool struck = charge_victim(w->attempt, c);
	bool engine = c->build == HALE_CAUSE_ENGINE_DOWN;

	if ((!hale_build_cause_is_host(c->build) && !engine) ||
	    sure < HALE_CONFIDENCE_LIKELY)
		return false;
	if (struck) {
		/* a kill that the text does not know of did not end it */
		if (w->text->cause == HALE_CAUSE_CODE &&
		    sure < HALE_CONFIDENCE_CERTAIN)
			return false;
	} else {
		bool now = fresh(w->host, c);

		/* an old fault needs the words of one */
		if (!grave(w, c) || !met(w, c) ||
		    !(explains[w->text->cause] & 1u << c->build) ||
		    (!now && !hale_build_cause_is_host(w->text->cause)))
			return false;
		if (!now || w->text->cause == HALE_CAUSE_UNKNOWN)
			sure = lesser(sure, HALE_CONFIDENCE_LIKELY);
		if (w->text->cause == HALE_CAUSE_ENGINE_DOWN)
			sure = lesser(sure, to_engine(c));
	}
	*ret = (struct charge){ .cause = c->build,
				.confidence = sure,
				.chain = c,
				.struck = struck };
	return true;
}

static bool better(const struct charge *a, const struct charge *b)
{
	if (a->struck != b->struck)
		return a->struck;
	return a->confidence > b->confidence;
}

static bool through_engine(const struct hale_cause *c)
{
	for (uint32_t i = 0; i < c->n_steps; i++) {
		if (!c->steps[i].death &&
		    c->steps[i].finding.condition == HALE_ENGINE_DOWN)
			return true;
	}
	return false;
}

bool charge_engine(const struct weighing *w, struct charge *ret)
{
	const struct run_text down = { .cause = HALE_CAUSE_ENGINE_DOWN };
	struct weighing waiting = *w;

	waiting.text = &down;
	for (uint32_t i = 0; i < w->host->n_causes; i++) {
		const struct hale_cause *c = &w->host->causes[i];

		if (through_engine(c) && weigh(&waiting, c, ret))
			return true;
	}
	return false;
}

bool charge_chain(const struct weighing *w, struct charge *ret)
{
	struct charge best = { .cause = HALE_CAUSE_UNKNOWN }, c;

	for (uint32_t i = 0; i < w->host->n_causes; i++) {
		if (weigh(w, &w->host->causes[i], &c) &&
		    (best.cause == HALE_CAUSE_UNKNOWN || better(&c, &best)))
			best = c;
	}
	if (best.cause == HALE_CAUSE_UNKNOWN)
		return false;
	*ret = best;
	return true;
}

/* --- a build that passed --- */

/* Its outputs are in doubt where what it stands on failed while it wrote, or
 * memory did; a host that ran out of memory killed somebody, and lied to no
 * one. A filesystem that is merely too full for the next build is full(). */
static bool doubts(const struct weighing *w, const struct hale_cause *c)
{
	const struct run_host *h = w->host;

	if (!hale_build_cause_is_host(c->build) || !happened(h, c) ||
	    c->confidence < HALE_CONFIDENCE_LIKELY ||
	    (is_oom(c) && !charge_victim(w->attempt, c)))
		return false;
	if (c->build == HALE_CAUSE_HOST_DISK_FULL)
		return acted(h, c) || h->bytes.full == HALE_CONFIDENCE_CERTAIN;
	if (c->build == HALE_CAUSE_HOST_INODES)
		return h->inodes.full == HALE_CONFIDENCE_CERTAIN;
	return true;
}

/* When that can have begun to touch files, or 0: no beginning is known. A fault
 * of memory may be old when it is found. */
static uint64_t touched_since(const struct hale_cause *c)
{
	uint64_t first = UINT64_MAX;

	if (c->build != HALE_CAUSE_HOST_IO &&
	    c->build != HALE_CAUSE_HOST_DISK_FULL &&
	    c->build != HALE_CAUSE_HOST_INODES)
		return 0;
	for (uint32_t i = 0; i < c->n_steps; i++) {
		if (!c->steps[i].death && c->steps[i].finding.first_ns < first)
			first = c->steps[i].finding.first_ns;
	}
	return first > WRITEBACK_NS && first != UINT64_MAX
		       ? first - WRITEBACK_NS
		       : 0;
}

bool charge_touched(const struct weighing *w, struct charge *ret)
{
	struct charge found = { .cause = HALE_CAUSE_UNKNOWN };

	for (uint32_t i = 0; i < w->host->n_causes; i++) {
		const struct hale_cause *c = &w->host->causes[i];
		uint64_t since = doubts(w, c) ? touched_since(c) : UINT64_MAX;

		if (since != UINT64_MAX && !found.chain)
			found = (struct charge){
				.cause = c->build,
				.confidence = c->confidence,
				.chain = c,
				.struck = charge_victim(w->attempt, c),
				.since_ns = since,
			};
		if (since < found.since_ns)
			found.since_ns = since;
	}
	*ret = found;
	return found.chain != NULL;
}
