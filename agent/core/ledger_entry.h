/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CORE_LEDGER_ENTRY_H
#define HALE_CORE_LEDGER_ENTRY_H

/* A finding as the ledger keeps it, and for a while how it ended. */

#include "decay.h"

struct ledger_entry {
	uint16_t condition; /* enum hale_condition */
	uint8_t level;	    /* enum hale_effect: at most, as measured */
	bool open;
	bool at_least;
	bool absent;   /* its part is not in this host: set by sweep.c */
	bool replaced; /* another part is in its place: likewise */
	bool loaded;   /* known from an earlier run only */
	bool lost;     /* disk.offline by sweep.c, which also closes it */
	uint64_t count, first_ns, last_ns, value, total;
	uint64_t resumed_ns; /* loaded: log records up to here are in it */
	uint64_t resumed_by; /* and whose word it was then: text_key() */
	uint64_t cleared_ns, cleared_seq;
	uint64_t seat; /* where its disk sat last (inventory_seat()), or 0 */
	struct decay decay;
	char part[HALE_PART_MAX];
	char alias[HALE_NAME_MAX];
	char driver[HALE_NAME_MAX];
	char model[HALE_UUID_MAX + 1];
	char serial[HALE_UUID_MAX + 1];
	char evidence[HALE_EVIDENCE_MAX];
};

enum ledger_end {
	LEDGER_OVER = 0, /* evidence said so */
	LEDGER_EXPIRED,
	LEDGER_CLEARED,
	LEDGER_REPLACED,
	LEDGER_VERIFIED, /* a test said so: @how */
};

#define LEDGER_ENDED_MAX 16
#define LEDGER_ENDED_NS	 (3600 * HALE_NS_PER_S)

/* One that ended in the last hour. */
struct ledger_ended {
	struct ledger_entry e; /* as it was, and open */
	enum ledger_end why;
	uint64_t at_ns;
	char how[HALE_CLOSED_MAX]; /* "": ledger_end_text() says it */
};

struct ledger;

/* Keeps for a while that it has ended, and why; it is not touched. */
void ledger_end(struct ledger *l, const struct ledger_entry *e,
		enum ledger_end why, uint64_t now_ns);
/* Likewise, by a test: "verified: 14 of 14 sectors read back". */
void ledger_end_how(struct ledger *l, const struct ledger_entry *e,
		    const char *how, uint64_t now_ns);
/* The @i-th that ended lately; NULL: there are no more. */
const struct ledger_ended *ledger_ended(struct ledger *l, size_t i,
					uint64_t now_ns);
const char *ledger_end_text(enum ledger_end why);

#endif
