/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Did a limit end it that somebody set for this build? Then the machine is not
 * at fault, however much its log speaks of memory. Decides by the counters of
 * the build's own cgroup, and for a cgroup elsewhere (a container's) by the
 * agent's word. A kill that the host's own need made counts there as well, so a
 * chain of that which ends in this build comes first. Pure.
 */
#include <signal.h>

#include "hale/base.h"

#include "agent/core/middle.h"
#include "attribute_own.h"

static bool host_ran_out(const struct weighing *w)
{
	for (uint32_t i = 0; i < w->host->n_causes; i++) {
		const struct hale_cause *c = &w->host->causes[i];

		if (c->build == HALE_CAUSE_HOST_MEMORY &&
		    charge_victim(w->attempt, c))
			return true;
	}
	return false;
}

static bool of_its_own(const struct weighing *w, struct charge *ret)
{
	const struct run_limits *l = &w->attempt->limits;
	char size[HALE_SIZE_TEXT];

	if (!l->known || l->oom_kills == 0 || host_ran_out(w))
		return false;
	ret->confidence = charge_killed(w) ? HALE_CONFIDENCE_CERTAIN
					   : HALE_CONFIDENCE_LIKELY;
	if (l->limit_bytes == UINT64_MAX) {
		snprintf(ret->fact, sizeof(ret->fact),
			 "killed at the memory limit of a cgroup above it");
	} else {
		hale_size_print(size, l->limit_bytes);
		snprintf(ret->fact, sizeof(ret->fact),
			 "killed at its own memory limit of %s (%.180s)", size,
			 l->cgroup);
	}
	return true;
}

static bool of_processes(const struct weighing *w, struct charge *ret)
{
	const struct run_limits *l = &w->attempt->limits;

	if (!l->known || l->pids_refused == 0 ||
	    (w->text->cause != HALE_CAUSE_UNKNOWN &&
	     w->text->cause != HALE_CAUSE_HOST_MEMORY &&
	     w->text->cause != HALE_CAUSE_BUILD_LIMIT))
		return false;
	ret->confidence = HALE_CONFIDENCE_LIKELY;
	snprintf(ret->fact, sizeof(ret->fact),
		 "its own limit of processes refused %llu (%.180s)",
		 (unsigned long long)l->pids_refused, l->cgroup);
	return true;
}

/* A container's, as the kernel's log names it. */
static bool of_a_container(const struct weighing *w, struct charge *ret)
{
	for (uint32_t i = 0; i < w->host->n_causes; i++) {
		const struct hale_cause *c = &w->host->causes[i];

		if (c->build != HALE_CAUSE_BUILD_LIMIT ||
		    c->confidence < HALE_CONFIDENCE_LIKELY ||
		    (!charge_killed(w) && !charge_victim(w->attempt, c)))
			continue;
		ret->chain = c;
		ret->confidence = c->confidence;
		return true;
	}
	return false;
}

static bool ran_out(const struct run_space *s)
{
	return s->own && !s->before && s->full == HALE_CONFIDENCE_CERTAIN;
}

/* A tmpfs that was empty when the build began, and that no one else has. */
static bool of_a_tmpfs(const struct weighing *w, struct charge *ret)
{
	const struct run_host *h = w->host;
	const struct run_space *s = ran_out(&h->bytes) ? &h->bytes : &h->inodes;
	enum hale_build_cause says = w->text->cause;
	bool told = says == HALE_CAUSE_HOST_DISK_FULL ||
		    says == HALE_CAUSE_HOST_INODES;
	char total[HALE_SIZE_TEXT];

	if (!ran_out(s) || (!told && says != HALE_CAUSE_UNKNOWN &&
			    says != HALE_CAUSE_HOST_SIGBUS))
		return false;
	ret->confidence =
		told ? HALE_CONFIDENCE_CERTAIN : HALE_CONFIDENCE_LIKELY;
	hale_size_print(total, s->total);
	if (s == &h->bytes)
		snprintf(ret->fact, sizeof(ret->fact),
			 "it has filled a tmpfs of its own, %.150s, of %s",
			 s->path, total);
	else
		snprintf(ret->fact, sizeof(ret->fact),
			 "it has used up all inodes of a tmpfs of its own, "
			 "%.150s",
			 s->path);
	return true;
}

bool charge_limit(const struct weighing *w, struct charge *ret)
{
	struct charge c = { .cause = HALE_CAUSE_BUILD_LIMIT };

	if (!of_its_own(w, &c) && !of_processes(w, &c) && !of_a_tmpfs(w, &c) &&
	    (host_ran_out(w) || !of_a_container(w, &c)))
		return false;
	*ret = c;
	return true;
}
