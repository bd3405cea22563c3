/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RUN_CLASSIFY_WEIGH_H
#define HALE_RUN_CLASSIFY_WEIGH_H

/*
 * What is remembered of an output: of each cause the line that says it best,
 * and one more. Fixed memory, however long the output is.
 */

#include "agent/run/run.h"
#include "hale/rules.h"

#define WEIGHT_DEFAULT 5
#define CLAIM_LINES    2

/* A line that says a cause. */
struct claim {
	uint8_t weight; /* 0: there is none */
	bool tentative; /* means something only near the end */
	uint64_t line;
	const char *tool;
	char who[HALE_RULES_PART_MAX]; /* the program that it is about */
	char text[HALE_EVIDENCE_MAX];
};

struct claims {
	struct claim of[HALE_CAUSE_COUNT][CLAIM_LINES];
};

void claims_add(struct claims *claims, enum hale_build_cause cause,
		const struct claim *claim);
/* @lines: how many there were; @status as in classify_end(). */
void claims_weigh(const struct claims *claims, uint64_t lines, int status,
		  struct run_text *ret);

#endif
