/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RUN_REPORT_OWN_H
#define HALE_RUN_REPORT_OWN_H

/*
 * Lines for people, gathered and written at once. Each begins with "hale: ", so
 * that it can be told from what the build printed.
 */

#include <stdio.h>

#include "agent/run/result.h"

enum paper_color {
	PAPER_RED,
	PAPER_YELLOW,
	PAPER_PLAIN,
};

struct paper {
	FILE *f;
	char *text;
	size_t size;
	bool color;
	bool mid_line; /* of the build's: the first line needs a new one */
	int fd;
};

int paper_open(struct paper *p, int fd);
/* Writes it all, and is done. */
void paper_close(struct paper *p);
/* Begins a line; @indent: it belongs to the one before. */
void paper_line(struct paper *p, bool indent);
void paper_end(struct paper *p);
/* Text from elsewhere: what a terminal should not be given is '?'. */
void paper_put(struct paper *p, const char *text);
void paper_color(struct paper *p, enum paper_color c, const char *text);
void paper_age(struct paper *p, uint64_t ns);

/* A reason of a verdict, in two or three lines. report_reason.c */
void report_reason(struct paper *p, const struct hale_entry *e,
		   uint64_t now_ns);
/* Those that were not there before; at most @max. Returns how many. */
size_t report_new_reasons(struct paper *p, const struct watch *w, size_t max);
/* The root as the scope met it, and what came of it, step by step. */
void report_chain(struct paper *p, const struct hale_cause *c,
		  const struct watch *w);

#endif
