/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_VERIFY_WORKER_H
#define HALE_VERIFY_WORKER_H

/*
 * Memory is tested by one process for each processor, each with a piece of its
 * own: no threads, and a fault of one processor's cache is seen as well. What
 * they see lies in memory that they share with their parent.
 */

#include <sys/types.h>

#include "pattern.h"
#include "verify.h"

#define WORKERS_MAX	  256
#define WORKER_FAULTS_MAX 8
#define WORKER_RECHECKS	  3

struct worker_fault {
	const char *pattern; /* static text: the same in all of them */
	uint64_t physical;   /* address of the word; 0: not to be had */
	uint64_t expected, found;
	uint64_t stuck_ones, stuck_zeros; /* bits that do not change */
	uint32_t rechecks; /* of WORKER_RECHECKS: still wrong, read again */
};

struct worker {
	pid_t pid;
	int cpu;	       /* -1: any */
	uint64_t want, locked; /* bytes */
	uint64_t words;	       /* dealt with, all passes */
	uint32_t passes;
	uint32_t n_faults; /* as many as there were */
	int error;	   /* it could get no memory: errno */
	bool ready, ended;
	struct worker_fault faults[WORKER_FAULTS_MAX];
};

struct workers {
	uint32_t n;
	uint32_t passes;  /* to be made; 0: until stopped */
	uint64_t reserve; /* bytes that stay available to others */
	bool go, stop;
	struct worker list[WORKERS_MAX];
};

/* In a child: takes its memory, tests, ends. */
_Noreturn void worker_main(struct workers *all, struct worker *w);

/* meminfo.c: bytes; 0 where it cannot be told. */
uint64_t meminfo_read(const char *name);
/* What the limits of our control groups leave, in bytes; UINT64_MAX: none. */
uint64_t meminfo_group_room(void);
/* Share of the last 10 s in which some task stalled for memory, permille. */
uint32_t memory_pressure(void);

static inline bool worker_flag(const bool *flag)
{
	return __atomic_load_n(flag, __ATOMIC_ACQUIRE);
}

static inline void worker_set(bool *flag)
{
	__atomic_store_n(flag, true, __ATOMIC_RELEASE);
}

#endif
