/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_EXPLAIN_H
#define HALE_EXPLAIN_H

/*
 * The middle's other question: why. Beside middle.h, with its rules: pure, and
 * no memory is taken.
 */

#include "hale/cause.h"

#include "middle.h"

/* Chains told of one question; the others are counted. */
#define EXPLAIN_CAUSES_MAX 16

/* How many there are; what they are is asked for one by one. */
struct hale_explained {
	uint32_t n_causes, n_causes_total;
	uint32_t n_deaths; /* in the question's time and scope */
};

/**
 * middle_explain() - find the causes of what a question is about
 * @q: must live as long as its answers are asked for.
 * @ret_verdict: of the question's scope; of the host's where it has none.
 *
 * The surest come first; among equals what blocks, then what stands, then the
 * latest. Whatever the ledger holds, the order is the same for the same facts.
 */
void middle_explain(struct middle *m, const struct hale_cause_query *q,
		    uint64_t now_ns, struct hale_verdict *ret_verdict,
		    struct hale_explained *ret_explained);

/* Answers to the last question, if no fact came and no time passed since then.
 * Index from 0; false past the end. */
bool middle_cause(struct middle *m, size_t i, struct hale_cause *ret_cause);
bool middle_death(struct middle *m, size_t i, struct hale_victim *ret_victim);

#endif
