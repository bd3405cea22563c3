/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CLI_REPORT_H
#define HALE_CLI_REPORT_H

/* A host's whole report as text, for `hale status` and `hale watch`. Pure. */

#include "hale/reply.h"

#include "out.h"

/* @coverage: what is seen as well, in so many columns; 0: in one line. */
void report_render(struct out *o, const struct hale_reply *r, size_t coverage,
		   uint64_t now_ns);

/* Is @e a reason of the verdict of @r as well? */
bool report_is_reason(const struct hale_reply *r, const struct hale_entry *e);

/* The finding of @r about the same part and condition as @e; false: none. */
bool report_find(const struct hale_reply *r, const struct hale_entry *e,
		 struct hale_entry *ret);

/**
 * report_changes() - what is new in @now against @before, a line each
 * @before: NULL: everything is new.
 * @stamp: begins each line: "12:03:04".
 */
void report_changes(struct out *o, const struct hale_reply *before,
		    const struct hale_reply *now, const char *stamp,
		    uint64_t now_ns);

#endif
