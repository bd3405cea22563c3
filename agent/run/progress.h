/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RUN_PROGRESS_H
#define HALE_RUN_PROGRESS_H

/*
 * How far a build is, as its tool prints it: "#12 [3/9]", "[41/120]", "Step
 * 3/9", "[ 41%]", and how many steps came from a cache. Pure; bounded; looks
 * at the bytes once and keeps no more than a line's beginning.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
	uint32_t step, steps; /* the last ones that were printed */
	uint32_t cached;      /* steps taken from a cache */
	bool percent;	      /* @step is one of 100 */
	size_t used;
	char line[256];
};

void progress_put(struct progress *p, const void *bytes, size_t len);
/* "step 3/9, 41 s, about 80 s in all" without a newline. */
void progress_print(const struct progress *p, uint64_t elapsed_ns,
		    uint64_t expected_ns, char *ret_text, size_t size);

#endif
