/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CORE_CAUSE_NODES_H
#define HALE_CORE_CAUSE_NODES_H

/* What may be cause or effect, and one question on its way: see cause.h. */

#include "explain.h"
#include "ledger.h"
#include "victims.h"

#define CAUSE_NODES_MAX                                                        \
	(LEDGER_MAX + LEDGER_ENDED_MAX + VICTIMS_MAX + HALE_CAUSE_VICTIMS_MAX)
#define CAUSE_NONE	UINT16_MAX
#define CAUSE_DEEP_MAX	32 /* longest way that is walked; real ones have 6 */
#define CAUSE_HELD_SWAP UINT8_MAX

enum cause_kind {
	CAUSE_OPEN = 0, /* @at: in the ledger */
	CAUSE_ENDED,	/* @at: in its records of what ended */
	CAUSE_KEPT,	/* @at: in the victims' ring */
	CAUSE_ASKED,	/* @at: in the question's victims */
};

/* How a node lies on the way down from the one in hand. */
enum cause_way {
	CAUSE_AWAY = 0,
	CAUSE_SPARED, /* beneath, and another leg does its work */
	CAUSE_TOOLS,  /* beneath "/" or "/usr", where the programs are */
	CAUSE_CARRIES,
};

/* Why a death is the process's own affair, or whose it is. */
enum cause_own {
	CAUSE_OWN_NOT = 0, /* see what it follows from */
	CAUSE_OWN_SENT,	   /* a process sent it */
	CAUSE_OWN_ALIGNED, /* a misaligned access */
	CAUSE_OWN_STACK,   /* a bad stack or address */
	CAUSE_OWN_CUT,	   /* a mapped file is shorter than the mapping */
	CAUSE_OWN_FILTER,  /* seccomp(2) forbids a call that it made */
	CAUSE_OWN_CRASH,   /* nothing here explains it */
	CAUSE_OWN_BLIND,   /* the same, and not all could be seen */
	CAUSE_OWN_POISON,  /* memory, by its code; no finding tells of it */
	CAUSE_OWN_FULL,	   /* its filesystem had no room; likewise */
	CAUSE_OWN_OOM,	   /* the kernel chose it; likewise */
	CAUSE_OWN_LIMIT,   /* the same, at a limit of its cgroup */
	CAUSE_OWN_COUNT
};

struct cause_node {
	uint8_t kind;	    /* enum cause_kind */
	uint8_t relation;   /* enum hale_relation */
	uint8_t confidence; /* enum hale_confidence, of the link */
	uint8_t own;	    /* enum cause_own, of a death */
	uint8_t sure;	    /* of a root: enum hale_confidence, of its cause */
	uint8_t depth;	    /* steps from its root */
	uint8_t held;	    /* of a death: which of its files, + 1; or swap;
			     * of what rests: enum cause_way */
	uint8_t asked_at;   /* of CAUSE_KEPT: what the asker saw of it, + 1 */
	bool asked;	    /* the question is about it */
	bool needed;	    /* or about what follows from it */
	bool in;	    /* it is in the question's scope and time */
	bool covered;	    /* a death tells of it */
	uint16_t condition; /* enum hale_condition, or CAUSE_DEATH */
	uint16_t at;
	uint16_t parent, root; /* indices of nodes; CAUSE_NONE */
	uint16_t edge;	       /* row of the table; CAUSE_NONE */
	uint16_t finding;      /* of a death: the node of its finding */
	uint16_t twin;	       /* of a death: an earlier one like it */
	uint16_t redone;       /* how many are like it */
	uint64_t first_ns, last_ns, key;
};

/* What lies beneath a device, kept within one question: a build's processes
 * have their files on few filesystems. */
struct cause_ground {
	bool known;
	uint32_t major, minor;
	uint8_t way[CAUSE_NODES_MAX]; /* AWAY, SPARED or CARRIES */
};

#define CAUSE_GROUNDS 8

/* One question on its way; scratch of the middle. */
struct cause_work {
	const struct hale_cause_query *q;
	uint64_t now_ns;
	uint32_t n, n_chains, n_deaths;
	struct cause_node nodes[CAUSE_NODES_MAX];
	uint8_t way[CAUSE_NODES_MAX]; /* enum cause_way, of the node in hand */
	uint32_t next_ground;
	struct cause_ground grounds[CAUSE_GROUNDS];
	uint16_t chains[EXPLAIN_CAUSES_MAX]; /* roots, in their order */
	uint16_t order[CAUSE_NODES_MAX];
	/* the table's first and last row for each pair, + 1; 0: it has none */
	uint8_t rows[HALE_CONDITION_COUNT + 1][HALE_CONDITION_COUNT + 1];
	uint8_t last_rows[HALE_CONDITION_COUNT + 1][HALE_CONDITION_COUNT + 1];
};

#endif
