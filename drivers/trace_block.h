/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_TRACE_BLOCK_H
#define HALE_TRACE_BLOCK_H

/* Failed block requests, and what the kernel calls them. */

#include "trace_event.h"

/* A record of block_rq_error, or of block_rq_complete with an error. */
void trace_block_say(struct hale_probe *p, const struct trace_layout *l,
		     const struct trace_raw *raw);

/* "R", "WS", "FF", "DE": the operation of a request's flags, as
 * include/trace/events/block.h writes them. */
enum hale_block_op trace_block_op(const char *rwbs);

#endif
