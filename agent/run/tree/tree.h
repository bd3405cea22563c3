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

#include "agent/run/run.h"

#define TREE_MAX 1024

struct tree_process {
	pid_t pid, parent, group, session;
	uint64_t start_ticks; /* with @pid: which process it is */
	/* of itself, and of the children it has waited for */
	uint64_t cpu_ticks, children_ticks;
	/* both together, as the kernel counts I/O: to and from disks, and all
	 * that was read and written by whatever way */
	uint64_t read_bytes, written_bytes, io_bytes;
	uint64_t rss_bytes;
	uint32_t sampled; /* in which sample it was seen last */
	char state;	  /* 'D', 'S', …; as last seen */
	bool seen;	  /* in the last sample: it lives */
	bool background;  /* has a terminal, and is not its foreground group */
	char comm[HALE_NAME_MAX];
	char exe[HALE_VICTIM_PATH_MAX]; /* as last seen */
	char cwd[HALE_VICTIM_PATH_MAX];
	uint32_t exe_major, exe_minor, cwd_major, cwd_minor;
	uint64_t grown[4], owed[4]; /* of a sample being taken */
};

struct tree {
	int proc_fd;	     /* /proc; fixtures are another folder */
	pid_t root;	     /* the command */
	int cgroup_fd;	     /* its own cgroup's folder, or -1 */
	uint64_t root_start; /* of the command, as start_ticks */
	bool cut;	     /* there were more than TREE_MAX at once */
	uint32_t samples;
	uint32_t n, alive;
	/* Of all members there ever were; never run back. */
	uint64_t cpu_ticks, read_bytes, written_bytes, io_bytes;
	uint64_t rss_bytes;   /* of all that live, at the last sample */
	pid_t pids[TREE_MAX]; /* of processes, to search in */
	struct tree_process processes[TREE_MAX];
};

/* Looks once; about 20 us a process. All zero but for @proc_fd, @root and
 * @cgroup_fd to begin with; first while @root lives. 0 or negative errno. */
int tree_sample(struct tree *t);
/* Where does the tree wait? Reads wchan, syscall, locks and fds of those that
 * do, a few ms. Call it only when it stalls, soon after tree_sample(). Sets all
 * but still_ns. */
void tree_waits(const struct tree *t, struct run_stall *ret_stall);
/* A member by its pid, dead or alive; NULL. */
const struct tree_process *tree_find(const struct tree *t, pid_t pid);

#endif
