/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RULES_MATCHING_H
#define HALE_RULES_MATCHING_H

/* Running a compiled set over a record of text. Takes no heap. */

#include "agent/rules/set.h"

struct captured {
	uint8_t type[CAPTURES_MAX];
	struct span span[CAPTURES_MAX];
	unsigned int n;
};

bool template_match(const struct hale_rules *set, const struct rule *rule,
		    struct span text, struct captured *ret_captured);

/* scan.c: marks in @candidates (RULES_MAX bits) the rules that could match. */
bool scan_candidates(const struct hale_rules *set, struct span text,
		     uint64_t *candidates);

/* Counted by template_match in tests: steps taken and bytes compared. */
extern uint64_t template_work;

#endif
