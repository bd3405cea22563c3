/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RUN_SUSPECTS_H
#define HALE_RUN_SUSPECTS_H

/*
 * Which files a build wrote in its scope while the host was at fault: those
 * whose contents changed within a window. Looks no longer and at no more than
 * its bounds say, and says so; never follows links, never leaves the
 * filesystem it began on.
 */

#include "agent/run/run.h"

#define SUSPECTS_LISTED_MAX 200

struct suspects {
	uint64_t since_ns, until_ns; /* agent time */
	int64_t ahead_ns; /* how far that is ahead of the wall clock */
	uint64_t files;
	bool cut;
	char why[HALE_EVIDENCE_MAX];
	uint32_t n_paths;
	char *paths[SUSPECTS_LISTED_MAX];
};

/* @list: every one of them is written there, a line each; or NULL. */
int suspects_find(const char *const *roots, size_t n, const char *list,
		  struct suspects *s);
void suspects_done(struct suspects *s);

#endif
