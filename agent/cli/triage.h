/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_TRIAGE_H
#define HALE_TRIAGE_H

/*
 * What `hale triage kernel` remembers of a log, and how it says it. The report
 * is a table of fixed size; what does not fit is counted and said.
 */

#include <stdio.h>

#include "hale/rules_group.h"

#define TRIAGE_ENTRIES                                                         \
	256		 /* parts times conditions; a sick rack has dozens     \
			  */
#define TRIAGE_TEXT  512 /* of the line that proves a finding */
#define TRIAGE_STAMP 48

enum triage_format {
	TRIAGE_TEXT_FORMAT,
	TRIAGE_JSON
};

/* A run of lines that is over: one finding. */
struct triage_finding {
	uint64_t line; /* from 1, its first one */
	enum hale_condition condition;
	enum hale_match_part part_kind;
	char part[HALE_RULES_PART_MAX];
	char alias[HALE_RULES_PART_MAX];
	uint64_t count;
	bool at_least;
	uint64_t now_ns; /* log time, never running back */
	char text[TRIAGE_TEXT];
	char first[TRIAGE_STAMP], last[TRIAGE_STAMP]; /* as in the log */
};

struct triage_entry {
	struct triage_finding f; /* count, last: of all of them */
	uint64_t level_ns;	 /* leaky bucket of a rate */
	bool risen;		 /* the rate was passed once */
	bool ended;		 /* the log says that it is over */
};

struct triage_report {
	FILE *out;
	enum triage_format format;
	struct triage_entry entries[TRIAGE_ENTRIES];
	size_t n;
	uint64_t lost; /* findings that did not fit */
};

/* Takes a finding in; in JSON prints it at once. */
void triage_report_add(struct triage_report *r, const struct triage_finding *f);

/* The log says that a condition no longer holds. */
void triage_report_end(struct triage_report *r, const struct hale_match *m);

/* The table for people, worst first, and the verdict. @lines: read in all. */
void triage_report_print(struct triage_report *r, uint64_t lines);

#endif
