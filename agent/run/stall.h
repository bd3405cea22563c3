/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RUN_STALL_H
#define HALE_RUN_STALL_H

/*
 * Has a command stalled: no output, no CPU, no I/O in its whole tree for so
 * long? Pure: time and samples are parameters.
 */

#include <stdbool.h>
#include <stdint.h>

struct stall {
	uint64_t limit_ns; /* 0: never */
	uint64_t moved_mono_ns;
	uint64_t output_bytes, cpu_ticks, io_bytes; /* as last seen */
};

void stall_start(struct stall *s, uint64_t limit_ns, uint64_t mono_ns);
/* Running totals. Return: it has stalled. */
bool stall_feed(struct stall *s, uint64_t output_bytes, uint64_t cpu_ticks,
		uint64_t io_bytes, uint64_t mono_ns);
/* When to look again, at the latest. */
uint64_t stall_due(const struct stall *s);

#endif
