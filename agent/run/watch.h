/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RUN_WATCH_H
#define HALE_RUN_WATCH_H

/*
 * The host, seen from a build: its fitness before and after, what happened in
 * between to what the build rests on, the counters that no finding shows yet.
 * Asks the agent through libhale, and reads /proc and cgroup files itself. An
 * agent that is not there, dies or hangs midway makes it know less, never
 * harms the build, and never takes longer than libhale's own patience.
 */

#include "hale/hale.h"
#include "run.h"

struct watch;

/* What happened to the host while an attempt ran. */
struct run_host {
	enum hale_fitness before, after;
	bool agent;	   /* one answered, before and after */
	bool blind;	   /* part of the time could not be seen: @note */
	bool got_worse;	   /* a reason that blocks or warns is new */
	uint32_t n_causes; /* of ExplainReply, the surest first */
	uint32_t n_deaths;
	uint64_t memory_stall_ns, io_stall_ns; /* PSI "full" of the host */
	uint64_t memory_errors;		       /* EDAC, corrected and not */
	uint64_t disk_errors; /* of the scope's disks, device's own counts */
	uint64_t oom_kills;   /* /proc/vmstat, host-wide */
	char note[HALE_EVIDENCE_MAX];
	const struct hale_cause *causes; /* the watch's, until its next call */
	const struct hale_victim *deaths;
};

int watch_new(const struct run_options *o, struct watch **ret);
struct watch *watch_free(struct watch *w);
/* Asks about the scope; the reply is the watch's. -EINVAL, -ENOMEM. */
int watch_before(struct watch *w, const struct hale_reply **ret_reply);
/* The scope's filesystems, for what they lose at the peak. Cheap. */
void watch_tick(struct watch *w);
/* What happened since watch_before(). */
int watch_after(struct watch *w, const struct run_attempt *a,
		struct run_host *ret_host);
/* The last reply about the scope, or NULL. */
const struct hale_reply *watch_reply(const struct watch *w);

#endif
