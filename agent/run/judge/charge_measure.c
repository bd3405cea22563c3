/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this process measured itself, for where no agent explains a failure: the
 * room on the scope's filesystems, and totals that the kernel keeps. Decides
 * which words of a build's output such a number confirms. A number alone blames
 * nobody; words alone neither. Pure.
 */
#include <signal.h>

#include "hale/base.h"

#include "agent/core/middle.h"
#include "attribute_own.h"

#define NUMBER(n) ((unsigned long long)(n))

/* --- room --- */

static bool room(const struct run_space *s, bool inodes, struct charge *ret)
{
	char avail[HALE_SIZE_TEXT], total[HALE_SIZE_TEXT];

	if (s->full == HALE_CONFIDENCE_NONE)
		return false;
	ret->cause =
		inodes ? HALE_CAUSE_HOST_INODES : HALE_CAUSE_HOST_DISK_FULL;
	ret->confidence = s->full;
	hale_size_print(avail, s->avail);
	hale_size_print(total, s->total);
	if (inodes)
		snprintf(ret->fact, sizeof(ret->fact),
			 "the filesystem of %.150s has run out of inodes: %llu "
			 "of %llu left",
			 s->path, NUMBER(s->avail), NUMBER(s->total));
	else
		snprintf(ret->fact, sizeof(ret->fact),
			 "the filesystem of %.150s is full: %s of %s left",
			 s->path, avail, total);
	return true;
}

static bool says_full(const struct weighing *w, struct charge *ret)
{
	struct charge bytes = { 0 }, inodes = { 0 };
	bool b = room(&w->host->bytes, false, &bytes);
	bool i = room(&w->host->inodes, true, &inodes);
	bool first = w->text->cause == HALE_CAUSE_HOST_INODES
			     ? i
			     : i && inodes.confidence > bytes.confidence;

	if (!b && !i)
		return false;
	*ret = first ? inodes : bytes;
	return true;
}

/* --- errors --- */

/* The filesystem itself has counted what it could not do. */
static bool filesystem_erred(const struct run_host *h, struct charge *ret)
{
	if (h->write_errors == 0 && h->fs_errors == 0)
		return false;
	ret->cause = HALE_CAUSE_HOST_IO;
	ret->confidence = HALE_CONFIDENCE_CERTAIN;
	if (h->write_errors > 0)
		HALE_SET(ret->fact, "data that this build wrote could not be "
				    "put on the disk");
	else
		snprintf(ret->fact, sizeof(ret->fact),
			 "a filesystem of this build counted errors "
			 "meanwhile: %llu",
			 NUMBER(h->fs_errors));
	return true;
}

/* Harmless commands fail, too: an agent that saw the log knows better. */
static bool disk_erred(const struct run_host *h, struct charge *ret)
{
	if (h->disk_errors == 0 || (h->agent && !h->blind))
		return false;
	ret->cause = HALE_CAUSE_HOST_IO;
	ret->confidence = HALE_CONFIDENCE_LIKELY;
	snprintf(ret->fact, sizeof(ret->fact),
		 "a disk under this build failed %llu commands meanwhile",
		 NUMBER(h->disk_errors));
	return true;
}

static bool says_io(const struct weighing *w, struct charge *ret)
{
	return filesystem_erred(w->host, ret) || disk_erred(w->host, ret);
}

/* --- memory --- */

static bool memory_erred(const struct weighing *w, struct charge *ret)
{
	uint64_t n = w->host->memory_uncorrected;

	if (n == 0)
		return false;
	ret->cause = HALE_CAUSE_HOST_MEMORY;
	ret->confidence = HALE_CONFIDENCE_LIKELY;
	snprintf(ret->fact, sizeof(ret->fact),
		 "memory had %llu errors meanwhile that could not be corrected",
		 NUMBER(n));
	return true;
}

/* The count is of all kills of the host, those at anyone's limit as well: only
 * where this build's own limits are seen to be innocent it says something. */
static bool ran_out(const struct weighing *w, struct charge *ret)
{
	const struct run_limits *l = &w->attempt->limits;

	if (w->host->oom_kills == 0 || !charge_killed(w) || !l->known ||
	    l->oom_kills > 0)
		return false;
	ret->cause = HALE_CAUSE_HOST_MEMORY;
	ret->confidence = HALE_CONFIDENCE_LIKELY;
	snprintf(ret->fact, sizeof(ret->fact),
		 "the kernel killed %llu processes for want of memory "
		 "meanwhile, and this build is at no limit of its own",
		 NUMBER(w->host->oom_kills));
	return true;
}

static bool says_memory(const struct weighing *w, struct charge *ret)
{
	return ran_out(w, ret);
}

static bool says_crash(const struct weighing *w, struct charge *ret)
{
	return memory_erred(w, ret) || filesystem_erred(w->host, ret);
}

static bool says_sigbus(const struct weighing *w, struct charge *ret)
{
	return memory_erred(w, ret) || says_io(w, ret);
}

/* No words at all: a kill is one without. */
static bool says_nothing(const struct weighing *w, struct charge *ret)
{
	if (charge_died(w->attempt, SIGBUS))
		return says_sigbus(w, ret);
	return charge_killed(w) && ran_out(w, ret);
}

static bool (*const confirmed_by[HALE_CAUSE_COUNT])(const struct weighing *,
						    struct charge *) = {
	[HALE_CAUSE_UNKNOWN] = says_nothing,
	[HALE_CAUSE_HOST_IO] = says_io,
	[HALE_CAUSE_HOST_DISK_FULL] = says_full,
	[HALE_CAUSE_HOST_INODES] = says_full,
	[HALE_CAUSE_HOST_MEMORY] = says_memory,
	[HALE_CAUSE_HOST_SIGBUS] = says_sigbus,
	[HALE_CAUSE_HOST_READONLY_FS] = says_io,
	[HALE_CAUSE_TOOLCHAIN_CRASH] = says_crash,
};

/* The agent saw the scope turn unfit and could not say by what. */
static bool turned_unfit(const struct weighing *w, struct charge *ret)
{
	const struct run_host *h = w->host;

	if (!h->got_worse || h->after != HALE_UNFIT || h->n_causes > 0 ||
	    !hale_build_cause_is_host(w->text->cause))
		return false;
	ret->cause = w->text->cause;
	ret->confidence = HALE_CONFIDENCE_LIKELY;
	HALE_SET(ret->fact, h->worse[0] ? h->worse
					: "this machine became unfit while the "
					  "build ran");
	return true;
}

bool charge_measured(const struct weighing *w, struct charge *ret)
{
	struct charge c = { .cause = HALE_CAUSE_UNKNOWN };

	if ((!confirmed_by[w->text->cause] ||
	     !confirmed_by[w->text->cause](w, &c)) &&
	    !turned_unfit(w, &c))
		return false;
	*ret = c;
	return true;
}

bool charge_silent(const struct weighing *w, struct charge *ret)
{
	const struct run_host *h = w->host;

	if (h->disk_silent_ns == 0)
		return false;
	*ret = (struct charge){ .cause = HALE_CAUSE_HOST_IO,
				.confidence = HALE_CONFIDENCE_CERTAIN };
	snprintf(ret->fact, sizeof(ret->fact),
		 "%.180s; it answered none of %llu requests for %llu s",
		 w->attempt->stall.what, NUMBER(h->disk_unanswered),
		 NUMBER(h->disk_silent_ns / HALE_NS_PER_S));
	return true;
}

static bool ran_full(const struct run_space *s)
{
	return s->full == HALE_CONFIDENCE_CERTAIN && !s->before && !s->own;
}

/* Passed: only what must have touched it. Where at some moment there was as
 * good as no room, a file may have been cut off; where there was none to begin
 * with, this build wanted none. */
bool charge_measured_passing(const struct weighing *w, struct charge *ret)
{
	struct charge c = { .cause = HALE_CAUSE_UNKNOWN };
	bool full = ran_full(&w->host->bytes) || ran_full(&w->host->inodes);

	if (!filesystem_erred(w->host, &c) && !memory_erred(w, &c) &&
	    !(full && says_full(w, &c)))
		return false;
	*ret = c;
	return true;
}
