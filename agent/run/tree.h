/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RUN_TREE_H
#define HALE_RUN_TREE_H

/*
 * The process tree under a command as /proc shows it: who is in it, how much
 * CPU and I/O all of it has used, where each waits. Members are found by the
 * command's own cgroup, by ancestry, and by having been members before.
 * Bounded: TREE_MAX processes, then @cut.
 */

#include <sys/types.h>

#include "run.h"

#define TREE_MAX 1024

struct tree_process {
	pid_t pid, parent, group, session;
	uint64_t start_ticks; /* with @pid: which process it is */
	uint64_t cpu_ticks, read_bytes, written_bytes, rss_bytes;
	char state; /* 'D', 'S', … */
	bool seen;
	char comm[HALE_NAME_MAX];
	char exe[HALE_VICTIM_PATH_MAX]; /* as last seen */
	char cwd[HALE_VICTIM_PATH_MAX];
	uint32_t exe_major, exe_minor, cwd_major, cwd_minor;
};

struct tree {
	int proc_fd;   /* /proc; fixtures are another folder */
	pid_t root;    /* the command */
	int cgroup_fd; /* its own cgroup's folder, or -1 */
	bool cut;
	uint32_t n;
	/* of all members there ever were */
	uint64_t cpu_ticks, read_bytes, written_bytes;
	struct tree_process processes[TREE_MAX];
};

/* Looks once; about 20 us a process. 0 or negative errno. */
int tree_sample(struct tree *t);
/* Where does the tree wait? Reads wchan, syscall, stack and fds of those that
 * do. Call it only when it stalls. */
void tree_waits(const struct tree *t, struct run_stall *ret_stall);
/* A member by its pid, dead or alive; NULL. */
const struct tree_process *tree_find(const struct tree *t, pid_t pid);

#endif
