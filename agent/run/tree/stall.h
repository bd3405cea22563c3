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
	uint64_t moved_mono_ns, looked_mono_ns;
	uint64_t output_bytes, cpu_ticks, io_bytes; /* when it last moved */
};

/* Also after it was stopped and goes on (SIGCONT). */
void stall_start(struct stall *s, uint64_t limit_ns, uint64_t mono_ns);
/* Running totals; ticks are those of /proc, a hundredth of a second. @io_bytes:
 * tree.io_bytes. Return: it has stalled, since moved_mono_ns. */
bool stall_feed(struct stall *s, uint64_t output_bytes, uint64_t cpu_ticks,
		uint64_t io_bytes, uint64_t mono_ns);
/* When to look again, at the latest; UINT64_MAX: never. */
uint64_t stall_due(const struct stall *s);

#endif
