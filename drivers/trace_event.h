/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_TRACE_EVENT_H
#define HALE_TRACE_EVENT_H

/*
 * What a record means. Pure: it says it through the probe's emit.
 *
 * Observations of this driver: time is the record's; value the sector (of 512
 * bytes), page frame, signal or pid; total the errno of a block request or the
 * code of a signal.
 */

#include "hale/driver.h"

#include "trace_format.h"

/* Trace clock to agent time, never in the future. */
uint64_t trace_agent_ns(const struct hale_probe *p, uint64_t trace_ns);

/* What the kernel's own name for a failed request is (block/blk-core.c:
 * blk_errors) and what that is to hale. */
struct trace_block_class {
	int error;		       /* errno, positive */
	enum hale_condition condition; /* NONE: no fault of the disk */
	const char *name;
};

/* Never NULL: what is not in the table is an I/O error, as in the kernel. */
const struct trace_block_class *trace_block_class(int error);

/* Whose memory it was that ran out. */
enum trace_oom_scope {
	TRACE_OOM_UNKNOWN = 0,
	TRACE_OOM_HOST,
	TRACE_OOM_CGROUP,
};

/* Says what the record tells, if that is a fault. Not for TRACE_OOM,
 * TRACE_STACK and TRACE_MARK: these are nothing by themselves. */
void trace_event_say(struct hale_probe *p, const struct trace_formats *f,
		     enum trace_event event, const struct trace_raw *raw);

/* Of a signal: whom it goes to. */
uint32_t trace_signal_pid(const struct trace_layout *l,
			  const struct trace_raw *raw);
void trace_signal_comm(const struct trace_layout *l,
		       const struct trace_raw *raw, char *ret_comm,
		       size_t size);

/* Which thread that is. */
uint32_t trace_death_pid(const struct trace_layout *l,
			 const struct trace_raw *raw);
/* A thread gets a signal that ends its process. @comm: "" is not known. */
void trace_death_say(struct hale_probe *p, const struct trace_layout *l,
		     const struct trace_raw *raw, const char *comm);

/* A victim of the OOM killer: what happened, and who dies of it. @scope
 * UNKNOWN: says nothing, the log knows. */
void trace_oom_say(struct hale_probe *p, const struct trace_formats *f,
		   const struct trace_raw *raw, enum trace_oom_scope scope);

#endif
