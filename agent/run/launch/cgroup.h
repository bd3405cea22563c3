/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RUN_CGROUP_H
#define HALE_RUN_CGROUP_H

/*
 * A cgroup (v2) of the command's own, where hale may make one without changing
 * what the command sees of its limits, and what the groups say of it.
 */

#include "agent/run/run.h"

#define CGROUP_LEVELS_MAX 16

/* One group on the way up: what its own limits had done before. */
struct cgroup_level {
	uint64_t ooms, refused; /* memory.events.local oom, pids.events max */
	size_t len;		/* of @path, up to this group */
};

struct cgroup {
	int root;		  /* where cgroup v2 is mounted; -1: nowhere */
	int own;		  /* -1: none */
	char path[HALE_PATH_MAX]; /* of the group that hale is in, from @root */
	char name[32];		  /* of @own, in it */
	uint64_t kills;		  /* memory.events oom_kill of the nearest */
	uint32_t n_levels;	  /* from hale's group upwards */
	struct cgroup_level levels[CGROUP_LEVELS_MAX];
};

void cgroup_open(struct cgroup *c);
/* Signals all that is in the own one, whatever its process group. */
void cgroup_signal(const struct cgroup *c, int sig);
/* What the groups say since cgroup_open(); fills cgroup, limits and usage. */
void cgroup_read(const struct cgroup *c, struct run_attempt *a);
/* What still lives in it goes back to where hale is; it is removed. */
void cgroup_done(struct cgroup *c);

#endif
