/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RUN_CRASH_RUN_H
#define HALE_RUN_CRASH_RUN_H

/*
 * Runs a compiler's command again, as it was found in an output: where it can
 * write nowhere but in a folder of its own.
 */

#include "aside.h"
#include "crash_tool.h"
#include "hale/observation.h"

struct crash_run {
	char dir[HALE_PATH_MAX];     /* of its outputs */
	char program[HALE_PATH_MAX]; /* the file that is run */
	char cwd[HALE_PATH_MAX];
	char **words;
};

/* 0; -EPERM and @ret_why: it may not or cannot be run; -ENOMEM. */
int crash_run_new(const struct crash_found *found,
		  char ret_why[HALE_EVIDENCE_MAX], struct crash_run *ret);
/* Once more. @output: @room bytes. */
void crash_run_once(const struct crash_run *r, char *output, size_t room,
		    struct aside_end *ret);
/* Removes the folder. */
void crash_run_done(struct crash_run *r);

#endif
