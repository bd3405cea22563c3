/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RUN_WANTED_H
#define HALE_RUN_WANTED_H

/* What is asked of `hale run`. Part of run.h. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RUN_PATHS_MAX 12

/* What the command line asks for. Texts are argv's. */
struct run_options {
	char **command; /* NULL-terminated */
	const char *paths[RUN_PATHS_MAX];
	size_t n_paths; /* further ones, beside those of a build */
	const char *run_dir, *exec_dir, *state_dir;
	const char *result;	/* JSON goes here; NULL: nowhere */
	const char *suspects;	/* list of suspect files */
	const char *strategies; /* file */
	const char *repo;	/* NULL: as git says */
	const char *like;	/* needs are those of earlier builds of it */
	uint64_t timeout_ns, kill_after_ns, stall_ns; /* 0: none */
	uint64_t need_bytes, need_inodes, need_memory_bytes;
	uint32_t retries;
	bool force;	     /* start on an UNFIT scope as well */
	bool strict;	     /* do not start on UNKNOWN or DEGRADED */
	bool strict_outputs; /* passed, suspect: 75 */
	bool retest_crash;
	bool best_first; /* the strategy that history says works */
	bool progress;
	bool quiet; /* say nothing but errors of one's own */
	bool container_known, container; /* --container, --no-container */
	bool no_store;
};

#endif
