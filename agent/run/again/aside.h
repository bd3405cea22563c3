/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RUN_ASIDE_H
#define HALE_RUN_ASIDE_H

/*
 * Runs a command beside the build: a cleanup, a compiler once more. Its time is
 * bounded, its input is empty, and it never writes to the build's stdout.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct aside {
	char *const *command; /* NULL-terminated; found in PATH */
	const char *program;  /* what is run as it; NULL: command[0] */
	const char *cwd;      /* NULL: as it is */
	uint64_t timeout_ns;  /* then SIGTERM, and SIGKILL 5 s later */
	/* The last @room bytes of its output go there; NULL: all of it goes to
	 * stderr as it comes. */
	char *output;
	size_t room;
	/* In the child, before it runs; negative errno: it does not. */
	int (*confine)(void *data);
	void *data;
};

struct aside_end {
	int error;	 /* negative errno: it could not be run */
	int wait_status; /* of wait(2) */
	bool timed_out;
	int told;    /* the signal that told hale to end, and ended it; or 0 */
	size_t used; /* of @output */
};

void aside_run(const struct aside *a, struct aside_end *ret);

#endif
