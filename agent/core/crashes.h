/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CORE_CRASHES_H
#define HALE_CORE_CRASHES_H

/*
 * Crash history: do unrelated build tools crash here, now and then, for no
 * reason that is known? That is how memory fails that has no ECC. One crash
 * says nothing; what is held against chance, and against each explanation that
 * is more likely than bad memory, stands in crashes.c.
 */

#include "hale/base.h"
#include "hale/memory.h"
#include "hale/victim.h"

#include "uids.h"

#define CRASHES_PROGRAMS 48 /* tools that are known by name are fewer */
/* Signs that are older say nothing of today's memory. */
#define CRASHES_KEEP_NS (3 * 24 * 3600 * HALE_NS_PER_S)
/* So many different programs are no chance any more. */
#define CRASHES_SIGNS 5
/* Crashes this close have one cause: a job, a library, a machine that swaps. */
#define CRASHES_APART_NS (600 * HALE_NS_PER_S)
/* One job is one cause, be it the user's library or its stack. Longer than most
 * jobs: CI services run all of theirs in one session. */
#define CRASHES_JOB_NS (4 * 3600 * HALE_NS_PER_S)
/* A program that crashes more often within an hour does so each time it runs.
 */
#define CRASHES_AN_HOUR 6
/* Users below are made by who runs the host (SYS_UID_MAX of login.defs). */
#define CRASHES_OWN_UID 1000

struct crashes {
	uint64_t raised_ns; /* the last sign that a finding was made of */
	struct hale_memory_crash programs[CRASHES_PROGRAMS];
};

/* A death whose witnesses have all spoken. */
struct crashes_death {
	const struct hale_victim *victim;
	bool explained;	  /* the host had a reason for it at that time */
	bool retested;	  /* the same input gave another result */
	bool trusted;	  /* who says so may control the agent */
	uint64_t over_ns; /* signs until then count no more: told, or cleared */
};

/* What it comes to. */
struct crashes_suspicion {
	uint32_t signs;	   /* programs that crashed without a reason, and
			    * retests that differed */
	bool retested;	   /* some of them are */
	bool single;	   /* all of one user, who could have made them */
	uint32_t uid;	   /* that one */
	uint64_t since_ns; /* the first sign */
	char names[160];   /* "cc1plus, ld, git" */
};

/**
 * crashes_take() - one more crash
 * Return: true where it is a new sign.
 */
bool crashes_take(struct crashes *c, const struct crashes_death *death,
		  uint64_t now_ns);

/* Counts what came after @cleared_ns. @builders: users whose word is the
 * operator's, whatever their numbers. Return: true where that is suspicious. */
bool crashes_judge(const struct crashes *c, const struct hale_uids *builders,
		   uint64_t cleared_ns, uint64_t now_ns,
		   struct crashes_suspicion *ret);

/* "/usr/bin/x86_64-linux-gnu-gcc-12": "gcc"; NULL: no tool that is known. */
const char *crashes_tool(const char *path);
/* Does this tool, by that name, run code in itself that is not its own? */
bool crashes_interprets(const char *name);

/* What survives a restart; false past the end; key 0: no row. */
bool crashes_save(const struct crashes *c, size_t i,
		  struct hale_memory_crash *ret_row);
/* By its name; its key is not looked at. -EINVAL: it makes no sense. */
int crashes_load(struct crashes *c, const struct hale_memory_crash *row,
		 uint64_t now_ns);

#endif
