/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RUN_CLOCK_H
#define HALE_RUN_CLOCK_H

/*
 * The two clocks of `hale run`: one that only measures, and the agent's time,
 * which is the epoch as it was read once, advanced by CLOCK_BOOTTIME.
 */

#include <stdint.h>

/* CLOCK_MONOTONIC, ns. */
uint64_t clock_mono_ns(void);
/* Agent time, ns. Before clock_follow() it is the time of day. */
uint64_t clock_agent_ns(void);
/* How far that is ahead of CLOCK_BOOTTIME, wrapping: of which reckoning a time
 * is that was taken now. */
uint64_t clock_ahead_ns(void);
/* An agent said just now that it is @as_of_ns. */
void clock_follow(uint64_t as_of_ns);

#endif
