/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_LIB_STORE_BUILDS_H
#define HALE_LIB_STORE_BUILDS_H

/* Which builds the store knows of, in few words: see store_ask.h. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STORE_BUILDS_MAX 300 /* the latest; far more than a page tells of */

/* BuildResult.Outcome of hale.proto */
enum store_outcome {
	STORE_BUILD_UNKNOWN = 0,
	STORE_BUILD_PASSED,
	STORE_BUILD_FAILED,
	STORE_BUILD_REFUSED,
	STORE_BUILD_SUSPECT,
	STORE_BUILD_OUTCOMES
};

/* Reasons that a build's record keeps, before it and after it. */
#define STORE_REASONS_MAX 8

struct store_build {
	uint64_t started_ns, ended_ns; /* ns since the epoch */
	/* What was wrong in its scope, by store_reason(); @cut: and more. */
	uint64_t reasons[STORE_REASONS_MAX];
	uint32_t n_reasons;
	bool cut;
	enum store_outcome outcome;
	char repo[96], cause[24]; /* "" where none is said */
};

/* A condition on a part, by its id, as one number that is no other's. */
uint64_t store_reason(const char *condition, const char *part);

/* Those that began since @since_ns, the latest first, as many as come within
 * @ms. How many, or -ENOENT: there is no store; other negative errno. */
int store_builds(const char *run_dir, uint64_t since_ns, uint32_t ms,
		 struct store_build ret_builds[STORE_BUILDS_MAX]);

/* One StoreReply; *n builds are there already. 1: it was the last, 0: it was
 * not; -EIO: it is an error. What cannot be read ends it. */
int store_builds_read(const uint8_t *bytes, size_t len,
		      struct store_build to[STORE_BUILDS_MAX], uint32_t *n);

#endif
