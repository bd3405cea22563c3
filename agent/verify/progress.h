/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_VERIFY_PROGRESS_H
#define HALE_VERIFY_PROGRESS_H

/* What the one who waits is told meanwhile. */

#include "verify.h"

/* A line on stderr, on a terminal in place */
struct verify_progress {
	const char *what; /* "sda: reading" */
	uint64_t done, total, errors, since_ns;
	uint32_t percent; /* where @total is 0 */
};
void verify_progress(struct verify *v, const struct verify_progress *p);
void verify_progress_end(struct verify *v);

#endif
