/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_JOIN_WORLD_H
#define TESTS_JOIN_WORLD_H

/* One disk, sda, whose errors a log and a tracer tell. */

#include "world.h"

#define MS HALE_NS_PER_MS

extern uint64_t log_seq; /* of the log's last line */

/* @since: agent time from which on it sees all. */
void trace_lives(struct world *w, enum hale_sight sight, uint64_t since);
void deaths_are_heard(struct world *w);
struct hale_observation request(enum hale_condition c, const char *disk,
				enum hale_block_op op, uint64_t sector,
				uint64_t time_ns);
void traced(struct world *w, enum hale_condition c, uint64_t sector,
	    uint64_t time_ns);
void logged(struct world *w, enum hale_condition c, uint64_t sector,
	    uint64_t time_ns);
/* Sense data, which names no sector, and the block line that goes with it. */
void sensed(struct world *w, enum hale_condition c, uint64_t time_ns);
void block_line(struct world *w, enum hale_condition c, uint64_t sector,
		uint64_t time_ns);
void suppressed(struct world *w, uint32_t n, uint64_t time_ns);
/* Of sda. */
uint64_t count_of(struct world *w, enum hale_condition c);
bool is_at_least(struct world *w, enum hale_condition c);
void begin(struct world *w, bool tracing);

#endif
