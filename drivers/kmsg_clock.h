/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_KMSG_CLOCK_H
#define HALE_KMSG_CLOCK_H

/*
 * Records are stamped by a clock of printk's own (kernel/printk/printk.c,
 * local_clock()), which nobody disciplines: it is off CLOCK_MONOTONIC by
 * milliseconds after hours, by seconds after weeks. How far is told by records
 * that are read as they come: one was not there when the log was last read to
 * its end, and is there now.
 */

#include <stdbool.h>
#include <stdint.h>

struct kmsg_clock {
	bool live;	 /* the log was read to its end, at @end_ns at least */
	bool known;	 /* @lag_ns is, as of @at_ns */
	uint64_t end_ns; /* CLOCK_MONOTONIC, as @at_ns */
	uint64_t at_ns;
	int64_t lag_ns; /* of printk's clock, at most; < 0: it is ahead */
};

/**
 * kmsg_clock_settle() - when a record was printed
 * @stamp_ns: as printk has it.
 * @now_ns: CLOCK_MONOTONIC when it was read.
 *
 * Return: CLOCK_MONOTONIC, between the last end of the log and @now_ns; what
 * was there before that is told as it is stamped.
 */
uint64_t kmsg_clock_settle(struct kmsg_clock *c, uint64_t stamp_ns,
			   uint64_t now_ns);
/* Nothing more was there to read at @now_ns. */
void kmsg_clock_end(struct kmsg_clock *c, uint64_t now_ns);

#endif
