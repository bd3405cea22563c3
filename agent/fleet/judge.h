/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_FLEET_JUDGE_H
#define HALE_FLEET_JUDGE_H

/*
 * What only a fleet can see: one failure on many hosts at once (not theirs),
 * a host that fails what its peers pass, a model of disks that dies more than
 * others. Pure. The tests and their thresholds: docs/fleet-judgments.md.
 *
 * Feed the picture first, then the judge, with the same @at_ns; then let both
 * see the time. Whatever is told twice counts once.
 */

#include "agent/fleet/cap.h"
#include "agent/fleet/picture.h"

#define JUDGE_SHARED_MAX 4
#define JUDGE_WORDS_MAX	 320
#define JUDGE_KEPT	 1024 /* that hold, and the last that ended */

enum judgment_kind {
	JUDGMENT_COMMON_CAUSE = 0, /* nobody is quarantined for it */
	JUDGMENT_BLACK_HOLE,	   /* proposes a quarantine */
	JUDGMENT_OUTLIER,	   /* disks of a model; for an operator */
	JUDGMENT_KINDS
};

const char *judgment_kind_name(enum judgment_kind k); /* "common-cause" */

/* Some hosts (of an outlier: disks) against others. */
struct judgment_group {
	char key[TOLD_WORD_MAX];   /* "rack", "hale", "disk model"; "": all */
	char value[TOLD_WORD_MAX]; /* "7"; of a model with its firmware */
	uint32_t failed, of;
	uint32_t others_failed, others_of;
};

struct judgment {
	enum judgment_kind kind;
	uint64_t number;    /* its own as long as it is kept */
	uint64_t since_ns;  /* the first failure that belongs to it */
	uint64_t made_ns;   /* when there was enough of them */
	uint64_t ended_ns;  /* 0: it holds */
	uint64_t window_ns; /* in which the failures lie */
	uint32_t bits;	    /* chance that nothing is behind it: 1 in 2^bits */
	const char *cause;  /* "disk.medium_error", "registry-outage",
			     * "silent"; of an outlier "" */
	struct judgment_group group;
	uint32_t n_shared; /* what else they share, the rarest first */
	struct judgment_group shared[JUDGE_SHARED_MAX];
	uint32_t host; /* of a black hole; else PICTURE_NONE */
	uint32_t repos, failures, peers; /* its proof */
};

struct judge_options {
	uint64_t seed; /* as the picture's */
};

struct judge;

/* @p outlives it. NULL: no memory. */
struct judge *judge_new(struct picture *p, const struct judge_options *o);
void judge_free(struct judge *j);

/* Return: 0; -ENOENT: no such host in the picture; -ESTALE: known already;
 * -EINVAL: no condition or cause that hale knows; -ENOMEM. */
int judge_finding(struct judge *j, const struct told_finding *f,
		  uint64_t at_ns);
int judge_build(struct judge *j, const struct told_build *b, uint64_t at_ns);
/* Before picture_forget(): the host's index may be another's afterwards. */
void judge_forget(struct judge *j, uint32_t host);
/* After picture_tick(): judges anew what may have changed. */
void judge_tick(struct judge *j, uint64_t now_ns);

/* Those that are kept, the newest first; NULL: no more. Valid until the next
 * judge_tick(). */
const struct judgment *judge_at(const struct judge *j, uint32_t n);
/* Grows whenever a judgment begins, ends, or its numbers change. */
uint64_t judge_change(const struct judge *j);
/* Is this failure of this host explained by one that holds? What is, is not the
 * host's fault. @cause: as in struct judgment. */
const struct judgment *judge_explains(const struct judge *j, uint32_t host,
				      const char *cause);
/* Whom it proposes to quarantine, for cap_decide(). Return: how many. */
uint32_t judge_proposals(const struct judge *j, struct cap_candidate *ret,
			 uint32_t max);

/* A line for people: what, how many, where, since when is the caller's. */
void judgment_words(const struct picture *p, const struct judgment *g,
		    char ret_text[JUDGE_WORDS_MAX]);
/* What follows from it: what hale does, what to look at. */
void judgment_advice(const struct judgment *g, char ret_text[JUDGE_WORDS_MAX]);
/* How sure: the test, its numbers, the chance. */
void judgment_proof(const struct judgment *g, char ret_text[JUDGE_WORDS_MAX]);

#endif
