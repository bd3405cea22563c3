/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_FLEET_JUDGE_ASK_H
#define HALE_FLEET_JUDGE_ASK_H

/* What judge_common.c asks, and judge_ask.c answers; for no one else. */

#include "agent/fleet/judge_own.h"

/* Two are a coincidence of two. */
#define HOSTS_MIN 3

struct window {
	uint32_t number; /* 0, 1 */
	uint64_t ns;
	uint64_t quiet_ns; /* no failure for so long: it is over */
};

/* A question: one cause in one window. */
struct question {
	struct judge *j;
	const struct window *w;
	uint16_t cause;
	struct recent_failure *f; /* a host each, by host */
	uint32_t n;
	bool learning; /* too little is known to answer */
	double peak;   /* part of the hosts that had it at the worst of times */
	struct tally t;
	struct picture_counts counts;
};

/* A group that answers it. */
struct answer {
	uint32_t word; /* INTERN_NONE: the fleet */
	uint32_t k, n, bits;
};

/* Are @k of @n of a group too many? */
bool common_ask(const struct question *q, uint32_t word, uint32_t k, uint32_t n,
		struct answer *ret);
/* How many had it in such a window at the worst of other days, as a part of all
 * hosts; and this window, where nothing came of it. */
double common_peak(const struct question *q);
void common_remember(const struct question *q);
/* The group that is least likely to be one by chance. */
bool common_best(const struct question *q, struct answer *ret);
uint32_t common_group_size(const struct question *q, uint32_t word);

#endif
