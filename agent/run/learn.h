/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RUN_LEARN_H
#define HALE_RUN_LEARN_H

/*
 * What earlier builds of a repository tell about this one: how long it takes,
 * which strategy passes, what it needs. Asked of the store only where an option
 * wants it, and for no longer than a gate would be; nothing known is nothing.
 */

#include "run.h"

struct learned {
	uint64_t expected_ns;	      /* 0: not known */
	char strategy[HALE_NAME_MAX]; /* "" */
};

/* With --like, needs that were not given are set in @o. */
void learn(struct run_options *o, struct learned *ret);

#endif
