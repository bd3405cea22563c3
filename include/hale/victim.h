/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_VICTIM_H
#define HALE_VICTIM_H

/*
 * A process that died by a signal, as far as it could be seen: from the signal
 * itself (tracepoint signal_generate, process connector), from /proc while it
 * was dying, from its core dump, or from who started it. Zero and "" mean that
 * it is not known.
 */

#include "hale/observation.h"

#define HALE_VICTIM_FILES_MAX 8
#define HALE_VICTIM_PATH_MAX  128

/* How a victim held a file. */
enum hale_held {
	HALE_HELD_MAPPED = 0, /* in its address space */
	HALE_HELD_EXE,	      /* its own program, mapped as well */
	HALE_HELD_CWD,
	HALE_HELD_OPEN,
	HALE_HELD_PARENT, /* working folder of its parent, since its own was
			   * gone: likely the same, not known to be */
	HALE_HELD_COUNT
};

struct hale_victim_file {
	uint32_t major, minor; /* the superblock's device */
	enum hale_held held;
	bool faulted;	/* the address that failed lies in this mapping */
	bool truncated; /* the fault lies past the file's end; where the address
			 * is not known: the mapping reaches beyond it */
	bool full;	/* its filesystem had no room left at that moment */
	char path[HALE_VICTIM_PATH_MAX];
};

/* Where what is known of it comes from. */
enum hale_witness {
	HALE_WITNESS_SIGNAL = 1 << 0,
	HALE_WITNESS_PROC = 1 << 1,
	HALE_WITNESS_CORE = 1 << 2,
	HALE_WITNESS_PARENT = 1 << 3, /* a wait status */
};

struct hale_victim {
	uint64_t time_ns; /* agent time of its death */
	uint32_t pid;	  /* of its thread group, in the first namespace */
	uint32_t thread;  /* of it, that was hit; 0: not known. Who knows only
			   * the thread says it as @pid, too */
	uint32_t parent, group, session; /* process ids */
	uint32_t signal;
	bool code_known, address_known;
	bool dumped; /* it left a core dump */
	bool oom; /* the kernel chose it when memory ran out: the host's, or */
	bool oom_limit; /* its cgroup was at a limit that was set for it */
	bool uid_known;
	int32_t code; /* si_code: BUS_ADRERR 2, BUS_MCEERR_AR 4, … */
	uint32_t uid; /* real user, in the first namespace */
	uint64_t address;
	uint32_t witnesses; /* enum hale_witness */
	uint32_t n_files;
	char comm[HALE_NAME_MAX];
	char exe[HALE_VICTIM_PATH_MAX];
	char cgroup[HALE_VICTIM_PATH_MAX]; /* of cgroup v2, from its root */
	struct hale_victim_file files[HALE_VICTIM_FILES_MAX];
};

/* Those that are dying just now, to be looked at at once. */
struct hale_looks {
	uint32_t n;
	const struct hale_victim *victims;
};

#endif
