/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RUN_CRASH_H
#define HALE_RUN_CRASH_H

/*
 * A compiler or linker that crashed: is it its own bug, or the memory's? The
 * very command is run again; the same input with another outcome is evidence
 * of bad memory that no kernel message gives.
 */

#include "agent/run/run.h"

enum crash_verdict {
	CRASH_NOT_RETESTED = 0,
	CRASH_SAME,	 /* it crashes again: the tool's or the code's fault */
	CRASH_DIFFERENT, /* it does not: memory.suspect */
};

struct crash_retest {
	enum crash_verdict verdict;
	bool whole; /* not the very command: all of CMD was run again */
	uint32_t runs, crashed;
	char command[512];	      /* what was run */
	char note[HALE_EVIDENCE_MAX]; /* for people */
};

/* Was this attempt ended by a crash of a tool? */
bool crash_happened(const struct run_attempt *a, const struct run_text *text);
/* Runs it again: at most three times ten minutes, or all of CMD once. -EINTR:
 * hale was told to end meanwhile; else negative errno. */
int crash_retest(const struct run_options *o, const struct run_attempt *a,
		 const struct run_text *text, struct crash_retest *ret);

#endif
