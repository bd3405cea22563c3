/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_TRACE_SIGHT_H
#define HALE_TRACE_SIGHT_H

/* What the tracepoints show on this host, since when, and what was lost. */

#include "trace_event.h"

struct trace_sight {
	uint32_t enabled;	 /* 1 << TRACE_… */
	uint64_t since_ns;	 /* agent time: all later ones are seen */
	uint64_t lost_now, lost; /* records: to be said, and since the start */
	bool at_least;		 /* the kernel did not say how many */
	uint32_t lost_cpu;
	bool partial; /* that some were lost has been said */
};

/* Why there is none. Return: what probe returns. */
int trace_sight_absent(struct hale_probe *p, int error);

/* Says all senses. */
void trace_sight_say(struct trace_sight *s, struct hale_probe *p);

/* @n records of @cpu were overwritten; 0: nobody knows how many. */
void trace_sight_lost(struct trace_sight *s, const struct hale_probe *p,
		      uint32_t cpu, uint64_t n);

/* Says what was lost, if anything: "agent.blind" of the host, and that block
 * errors are not all seen. */
void trace_sight_say_lost(struct trace_sight *s, struct hale_probe *p);

#endif
