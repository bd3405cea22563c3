/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CORE_CAUSE_CASE_H
#define HALE_CORE_CAUSE_CASE_H

/* One death being looked into: see cause_death.c. */

#include "cause.h"

/* The best finding so far, and by which of the files. */
struct blame {
	uint32_t from; /* CAUSE_NONE: none yet */
	size_t row;
	enum hale_confidence confidence;
	uint64_t apart_ns;
	uint8_t held;
};

struct case_of {
	struct middle *m;
	uint32_t i; /* the death's node */
	struct hale_victim v;
	struct blame blame;
	bool cut;     /* a mapping reaches beyond its file's end */
	bool faulted; /* the mapping that failed is known */
};

static inline enum hale_confidence cause_at_most(enum hale_confidence a,
						 enum hale_confidence b)
{
	return a < b ? a : b;
}

/* cause_death.c: rows of this kind between a finding and the death, within
 * their time; the best of all is kept. */
void cause_weigh(struct case_of *k, uint32_t from, enum cause_needs needs,
		 const struct blame *how);

/* cause_mapped.c: findings beneath its n-th file, beneath its program where
 * only the name of that is known, beneath swap; and what else failed at that
 * moment. */
void cause_weigh_file(struct case_of *k, uint32_t n);
void cause_weigh_exe(struct case_of *k);
void cause_weigh_swap(struct case_of *k);
void cause_weigh_near(struct case_of *k);

#endif
