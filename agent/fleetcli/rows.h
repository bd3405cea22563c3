/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_FLEETCLI_ROWS_H
#define HALE_FLEETCLI_ROWS_H

/*
 * Hosts of a picture as text for people, JSON and CSV. Pure: @now_ns is the
 * servers' clock, only to tell ages.
 */

#include "agent/cli/out.h"
#include "agent/fleet/picture.h"

enum rows_format {
	ROWS_TEXT = 0,
	ROWS_JSON, /* an object a line */
	ROWS_CSV,  /* RFC 4180 */
};

/* "text", "json" or "csv"; -EINVAL. */
int rows_format_from_name(const char *name, enum rows_format *ret);

struct rows_layout {
	size_t width; /* columns; 0: no bound, each host is one line */
	size_t host;  /* columns of names */
};

/* Of a list of hosts: as narrow as their names allow. */
void rows_layout(const struct picture *p, const uint32_t *hosts, size_t n,
		 size_t width, struct rows_layout *ret);
void rows_text_head(struct out *o, const struct rows_layout *l);
/* No name and no reason is cut: what does not fit goes on below. */
void rows_text(struct out *o, const struct rows_layout *l,
	       const struct picture_row *r, uint64_t now_ns);

void rows_csv_head(struct out *o);
void rows_csv(struct out *o, const struct picture *p, uint32_t index);
void rows_json(struct out *o, const struct picture *p, uint32_t index);

/* "9,981 FIT, 12 UNFIT, 7 SILENT" and a newline. @shown: of how many hosts the
 * filter left; all of them: nothing is said of it. */
void rows_summary(struct out *o, const struct picture_counts *c, size_t shown);

/* What is behind a verdict: the quarantine first, where there is one. */
void rows_why(struct out *o, const struct picture_row *r);
enum out_color rows_color(enum picture_verdict v);
/* "12,345" */
void rows_count(struct out *o, uint64_t n);

/* json.c: names and values of an object, one line. */
void rows_json_text(struct out *o, const char *name, const char *value);
void rows_json_number(struct out *o, const char *name, uint64_t value);

#endif
