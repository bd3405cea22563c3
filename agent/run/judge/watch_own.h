/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RUN_WATCH_OWN_H
#define HALE_RUN_WATCH_OWN_H

/* What the files of the watch share; for no one else. */

#include "counters.h"
#include "watch.h"

#define WATCH_ROOTS_MAX	 24
#define WATCH_CAUSES_MAX 8

/* One of the scope's filesystems, open while a build runs. */
struct watch_fs {
	int fd;	     /* O_PATH, where statfs answers from memory; or -1 */
	int sync_fd; /* opened before the build: tells what was lost since */
	const char *path;
	uint64_t avail_bytes, total_bytes;   /* the least that was seen */
	uint64_t avail_inodes, total_inodes; /* 0: without a limit */
	uint64_t first_bytes, first_inodes;  /* what there was at first */
	bool measured, ext4;
	bool counted; /* who writes to it is told by the kernel */
	bool own; /* a tmpfs that was made for this build, see watch_space.c */
};

struct watch {
	const struct run_options *options;
	int root_fd;
	struct hale *hale;
	struct hale_reply *before, *after;
	bool container;
	/* what is asked about: paths[0] is the working directory; up to
	 * n_seen what the engine writes to, which is measured only */
	size_t n_paths, n_seen;
	char *paths[HALE_CHECK_PATHS_MAX];
	/* where a build may have written: those, and all caches */
	size_t n_roots;
	char *roots[WATCH_ROOTS_MAX];
	size_t n_fs;
	struct watch_fs fs[HALE_CHECK_PATHS_MAX];
	struct counters_disks disks;
	struct counters counters;
	uint64_t boot_ns; /* CLOCK_BOOTTIME of watch_before() */
	int log_fd;	  /* the kernel's log, from there on; or -1 */
	uint64_t log_ns;  /* printk's time of the first record; 0: none yet */
	struct hale_cause *causes;
	uint32_t n_causes;
	struct hale_victim *deaths;
	uint32_t n_deaths;
	struct hale_scope_path found[HALE_SCOPE_PATHS_MAX];
};

/* watch_scope.c: fills paths and roots; 0, -ENOMEM */
int watch_scope(struct watch *w);
/* What the answer knows of the engine: where it keeps its data. 0, -ENOMEM */
int watch_scope_engines(struct watch *w, const struct hale_reply *reply);
/* How much more is worth waiting for. */
enum watch_patience {
	WATCH_PATIENCE_NONE,
	WATCH_PATIENCE_SHORT, /* one pause */
	WATCH_PATIENCE_LONG,  /* for what the log tells late */
	WATCH_PATIENCE_SYNC,  /* and for what has yet to be written */
};

/* watch_patience.c: does what is known of the end look like a host's fault? */
enum watch_patience watch_patience(const struct run_attempt *a,
				   const struct run_text *text);
/* Something of this machine has failed since: no more need be waited for. */
bool watch_explained(const struct watch *w, const struct run_host *h);
/* Can the agent know more when it asks the engine and the disks anew? */
bool watch_worth_asking(const struct watch *w, const struct run_attempt *a,
			const struct run_text *text, const struct run_host *h);
/* watch_space.c */
void watch_space_begin(struct watch *w);
void watch_space_tick(struct watch *w);
void watch_space_end(struct watch *w, struct run_host *ret);
void watch_space_done(struct watch *w);
/* Is want of room among what speaks against a start? */
bool watch_lacks_room(const struct hale_reply *reply);
/* How many of its filesystems lost written data since the beginning, looked at
 * for at most @seconds. watch_sync.c */
uint64_t watch_sync(struct watch *w, unsigned int seconds);
/* Sets disk_silent_ns where the disk that a stalled build waits for answers
 * nobody; takes as long as that is. watch_silent.c */
void watch_silent(const struct watch *w, const struct run_stall *s,
		  struct run_host *ret);
/* watch_log.c: the kernel's log from now on; was nothing of weight in it? */
void watch_log_begin(struct watch *w);
bool watch_log_silent(struct watch *w);
/* By printk's clock, which may be seconds behind ours, the build began then at
 * the latest; CLOCK_MONOTONIC, UINT64_MAX: nothing was logged since. */
uint64_t watch_log_first(struct watch *w);
/* Causes and deaths since the beginning; false: nobody could say.
 * watch_why.c */
bool watch_why(struct watch *w, const struct run_attempt *a,
	       struct run_host *ret);

#endif
