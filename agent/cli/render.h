/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CLI_RENDER_H
#define HALE_CLI_RENDER_H

/*
 * Answers as lines. Pure: what is to be said comes in, text comes out; @now_ns
 * is the wall clock, only to tell ages.
 */

#include "hale/reply.h"

#include "out.h"

/* "UNFIT  build-07   0.2 s ago" and a newline. */
void render_headline(struct out *o, const struct hale_summary *s,
		     uint64_t now_ns);

/**
 * render_entry() - a finding or reason, in two to five lines
 *
 *	  disk.medium_error  sde  WDC WD40EZRZ  serial WD-WCC7K1
 *	    14 in 3 min, last 12 s ago; under /home/ci/src (ext4 on sde1)
 *	    critical medium error, dev sde, sector 7814037 op 0x0:(READ)
 *	    clears when the disk is replaced, or …
 */
void render_entry(struct out *o, const struct hale_entry *e, uint64_t now_ns);

/* All but the last of those lines in one, without indent. */
/* In place of evidence that is not for who asks. */
#define RENDER_WITHHELD                                                        \
	"(kernel text: for root and the groups adm and hale only)"
void render_brief(struct out *o, const struct hale_entry *e, uint64_t now_ns);

/* The first of those lines without indent and newline. */
void render_title(struct out *o, const struct hale_entry *e);
/* Without what it does: of one that has ended. */
void render_name(struct out *o, const struct hale_entry *e);
/* "14 in 3 min, last 12 s ago", "1.2 GiB of 100 GiB available", … */
void render_extent(struct out *o, const struct hale_entry *e, uint64_t now_ns);

/* All that a verdict rests on, the note first. */
void render_reasons(struct out *o, const struct hale_reply *r, uint64_t now_ns);

/**
 * render_coverage() - each sense: who has it; what is not seen, and the remedy
 * @width: columns, at least 40. Worst first, and the count at the end.
 */
void render_coverage(struct out *o, const struct hale_reply *r, size_t width);
/* "  2 senses are blind, 1 partial: hale status --coverage", or nothing. */
void render_coverage_brief(struct out *o, const struct hale_reply *r);

/* One line with perfdata, as Nagios' plugin guidelines have it. */
void render_nagios(struct out *o, const struct hale_reply *r, uint64_t now_ns);
/* 0, 1, 2 or 3. */
int render_nagios_exit(const struct hale_summary *s);

/**
 * render_scope() - the way down: one line where it does not branch and fits
 * @width: columns.
 */
void render_scope(struct out *o, const struct hale_reply *r, size_t width,
		  uint64_t now_ns);

const char *render_fitness(enum hale_fitness f);

#endif
