/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CORE_CAUSE_EDGES_H
#define HALE_CORE_CAUSE_EDGES_H

/* What may follow from what: the cause engine's table. */

#include "hale/cause.h"

/* A death, where the table has conditions. */
#define CAUSE_DEATH ((enum hale_condition)HALE_CONDITION_COUNT)

/* What a row of the table needs, beyond enum hale_relation. */
enum cause_needs {
	CAUSE_SAME_PART = 0,
	CAUSE_BENEATH,	/* no redundancy between them */
	CAUSE_LEG,	/* beneath, as a leg of it or not */
	CAUSE_RESTS,	/* beneath what it rests on */
	CAUSE_PROCESS,	/* its text names the process */
	CAUSE_SAME_BUS, /* its part ends like that one's */
	CAUSE_BESIDE,	/* both are files on one named store */
	CAUSE_REMOTE,	/* it is a filesystem of another host */
	CAUSE_HOST,
	CAUSE_STORE,  /* it is the filesystem that the cause's text names */
	CAUSE_MAPPED, /* by a death: cause_death.c */
	CAUSE_NEAR,   /* likewise */
	CAUSE_CRASH,  /* likewise, of any fault signal */
	CAUSE_SHORT,  /* likewise, of SIGKILL */
};

struct cause_edge {
	enum hale_condition from[12], to[10]; /* up to NONE */
	enum cause_needs needs;
	enum hale_confidence confidence;
	/* How far the cause may lie before its effect, and after: it is
	 * measured from time to time, or written a little later. */
	uint32_t before_s, after_s;
	const char *how; /* the mechanism, for people */
};

extern const struct cause_edge cause_edges[];
extern const size_t cause_n_edges;

#endif
