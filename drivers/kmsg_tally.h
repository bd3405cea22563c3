/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_KMSG_TALLY_H
#define HALE_KMSG_TALLY_H

/* How far the log was read, what of it was lost, and how both are told. */

#include "hale/driver.h"

#include "kmsg_record.h"
#include "kmsg_rules.h"

struct kmsg_lost {
	uint64_t now, total; /* records: to be said, and since the start */
	uint64_t from_ns, to_ns, seq;
};

struct kmsg_tally {
	bool any;	     /* a record was read: those below count */
	uint64_t resume_seq; /* read by an earlier agent; 0: none */
	uint64_t first_seq, last_seq, said_seq;
	uint64_t last_ns; /* CLOCK_MONOTONIC of the last record */
	uint64_t malformed, malformed_said;
	struct kmsg_lost lost;
	char rules_error[KMSG_RULES_ERROR]; /* "": all rule files are good */
};

/* The next record was read: was anything lost before it? */
void kmsg_tally_record(struct kmsg_tally *t, const struct kmsg_record *r);

/* Emits what was lost since the last call, as one observation that the ledger
 * adds to one finding: "agent.blind" of the host, counted in records. */
void kmsg_tally_say_lost(struct kmsg_tally *t, struct hale_probe *p);

/* Emits how far the log was read, if that is news. */
void kmsg_tally_say_position(struct kmsg_tally *t, struct hale_probe *p);

/* Emits both senses: LIVE, or PARTIAL with what the log could not tell. */
void kmsg_tally_say_coverage(struct kmsg_tally *t, struct hale_probe *p);

#endif
