/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RUN_RUN_H
#define HALE_RUN_RUN_H

/*
 * `hale run`: the words that its files share. The way of a build: options say
 * what is wanted; watch looks at the host before it; attempt launches, relays
 * and waits; watch looks at the host after it; classify reads what the output
 * says; attribute weighs both and says whose fault it was; retry says whether
 * another attempt can help; report, result and store tell it on.
 *
 * Times are agent time where they meet the agent (since the epoch), and
 * CLOCK_MONOTONIC where they only measure; a name ending in mono_ns says so.
 */

#include <sys/types.h>

#include "agent/run/judged.h"
#include "agent/run/wanted.h"

#define RUN_EXIT_TIMEOUT   124 /* as timeout(1) */
#define RUN_EXIT_CANNOT	   126 /* found, and cannot be run */
#define RUN_EXIT_NOT_FOUND 127
#define RUN_EXIT_SIGNAL(n) (128 + (n))
#define RUN_ATTEMPTS_MAX   32

/* How one attempt ended. The values are those of proto Attempt.End. */
enum run_end {
	RUN_NOT_STARTED = 0,
	RUN_EXITED,
	RUN_SIGNALED,
	RUN_TIMED_OUT,
	RUN_STALLED,
	RUN_INTERRUPTED,
	RUN_END_COUNT
};

/* What a stalled tree waits for. stall.h decides. */
enum run_wait {
	RUN_WAIT_UNKNOWN = 0,
	RUN_WAIT_TERMINAL, /* reads the terminal */
	RUN_WAIT_INPUT,	   /* reads a pipe or file that says nothing */
	RUN_WAIT_LOCK,
	RUN_WAIT_SOCKET,
	RUN_WAIT_DISK, /* D state */
	RUN_WAIT_CHILD,
	RUN_WAIT_TIMER,
	RUN_WAIT_COUNT
};

struct run_stall {
	enum run_wait wait;
	pid_t pid;
	uint64_t still_ns;     /* for so long nothing moved */
	uint32_t major, minor; /* disk sleep: of the filesystem; or 0 */
	char comm[HALE_NAME_MAX];
	char what[HALE_EVIDENCE_MAX]; /* for people: "apt-get (pid 71) waits to
				       * read /dev/pts/3: a prompt?" */
};

/* What a command and all of its descendants used; UINT64_MAX: not known. */
struct run_usage {
	uint64_t user_ns, system_ns;
	uint64_t peak_memory_bytes, read_bytes, written_bytes;
	uint64_t disk_bytes, inodes; /* what its scope's filesystems lost at
				      * the peak */
	/* written by those that were waited for, to page caches of disks, as
	 * the kernel counts it; 0: by none, as far as is known */
	uint64_t dirtied_bytes;
	uint64_t output_bytes;
	bool cgroup; /* measured by a cgroup of its own */
};

/* What the command's own cgroup says happened to it. */
struct run_limits {
	bool known;
	uint64_t oom_kills;	    /* by a limit set for it or above it */
	uint64_t limit_bytes;	    /* of that limit; UINT64_MAX: none is set */
	uint64_t pids_refused;	    /* pids.events max */
	char cgroup[HALE_PATH_MAX]; /* whose limit */
};

#define RUN_DEATHS_MAX 16

/* One attempt, from its start to the end of all of its output. */
struct run_attempt {
	char **command;
	const char *strategy; /* "": the command itself */
	uint32_t number;      /* from 1 */
	enum run_end end;
	int error;	 /* errno: why it could not be started */
	int wait_status; /* of wait(2), where it was started */
	int signal;	 /* of SIGNALED, INTERRUPTED; else 0 */
	bool keyboard;	 /* INTERRUPTED by a key of the terminal */
	bool left;	 /* SIGKILL did not end it: it is there still */
	uint32_t status; /* as a shell says it: 128 + signal, 126, 127 */
	pid_t pid;
	uint64_t started_ns, ended_ns; /* agent time */
	uint64_t wall_ns;
	char cgroup[HALE_PATH_MAX]; /* of its own, from cgroup v2's root; "" */
	struct run_usage usage;
	struct run_limits limits;
	struct run_stall stall; /* of STALLED */
	/* Deaths by signal among the descendants, that were seen here. */
	uint32_t n_deaths;
	struct hale_victim deaths[RUN_DEATHS_MAX];
	struct tail *tail; /* what it printed last */
	bool mid_line;	   /* hale's stderr is in the midst of a line of it */
	uint32_t steps, cached; /* as engines print them; 0: none seen */
};

#endif
