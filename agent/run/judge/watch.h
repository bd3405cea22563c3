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

#include "agent/run/run.h"
#include "hale/hale.h"

struct watch;

/* The scope's filesystem that came nearest to its end, of bytes or inodes. */
struct run_space {
	enum hale_confidence full; /* NONE; LIKELY: too little for a build;
				    * CERTAIN: as good as nothing was left */
	bool before;		   /* it was so when the build began */
	bool own; /* a tmpfs of its own: a limit, not the machine's disk */
	uint64_t avail, total; /* at that moment */
	char path[HALE_PATH_MAX];
};

/* What happened to the host while an attempt ran. */
struct run_host {
	enum hale_fitness before, after;
	uint64_t since_ns, until_ns; /* of the attempt; the agent's own time
				      * as it is now, 0: none was there */
	int64_t ahead_ns; /* how far that is ahead of the wall clock */
	struct run_space bytes, inodes;
	bool agent;	/* one answered, before and after */
	bool blind;	/* part of the time could not be seen: @note */
	bool got_worse; /* a reason that blocks or warns is new: */
	char worse[HALE_EVIDENCE_MAX]; /* the worst of those, for people */
	uint32_t n_causes;	       /* of ExplainReply, the surest first */
	uint32_t n_deaths;
	uint64_t memory_stall_ns, io_stall_ns; /* PSI "full" of the host */
	uint64_t memory_errors;		       /* EDAC, corrected and not */
	uint64_t memory_uncorrected;	       /* those of them */
	uint64_t disk_errors;  /* of the scope's disks, device's own counts:
				* harmless commands can be among them */
	uint64_t fs_errors;    /* of the scope's filesystems, ext4's count */
	uint64_t write_errors; /* filesystems that lost written data: syncfs */
	uint64_t oom_kills;    /* /proc/vmstat, host-wide, any cgroup's too */
	/* STALLED on a disk: it was watched for so long, and completed none of
	 * so many requests; 0: it answers, or is not known */
	uint64_t disk_silent_ns, disk_unanswered;
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
/**
 * watch_after() - what happened since watch_before()
 * @text: what the output says; NULL: not looked at, or not yet. Where it or
 *        the end of @a hints at the host and nothing is known of it yet, a
 *        moment is given to what is still on its way (at most 6 s).
 */
int watch_after(struct watch *w, const struct run_attempt *a,
		const struct run_text *text, struct run_host *ret_host);
/* Fills in what the scope's filesystems lost at the peak. */
void watch_usage(const struct watch *w, struct run_usage *usage);
/* Does the build work in a container engine? */
bool watch_container(const struct watch *w);
/* The last reply about the scope, or NULL. */
const struct hale_reply *watch_reply(const struct watch *w);
/* That of the last watch_before(). */
const struct hale_reply *watch_reply_before(const struct watch *w);
/* Where the build writes, for suspects_find(); the watch's. */
size_t watch_paths(const struct watch *w, const char *const **ret_paths);

#endif
