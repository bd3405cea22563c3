/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_FLEET_PICTURE_H
#define HALE_FLEET_PICTURE_H

/*
 * The fleet as of now: a row a host. Pure: no clock, no system call.
 *
 * Time is the server's (ns since the epoch): @at_ns is when a server received a
 * message (its stream's stamp for what is read again, the reader's own clock
 * for what comes live), @now_ns never runs back. What a host's clock says is
 * only ever set against that same clock. Told twice, late or out of order, the
 * picture is the same.
 *
 * Memory is bounded: @hosts_max rows and what each may hold (told.h); about 400
 * bytes a host (tests/bench/fleet.c measures it). A host too many is refused
 * and counted.
 */

#include "agent/fleet/told.h"

#define PICTURE_HOSTS_MAX 1000000
#define PICTURE_NONE	  UINT32_MAX

enum picture_verdict {
	PICTURE_UNKNOWN = 0, /* enum hale_fitness, and: */
	PICTURE_FIT,
	PICTURE_DEGRADED,
	PICTURE_UNFIT,
	PICTURE_SILENT, /* not heard for too long (liveness.h): not FIT */
	PICTURE_VERDICTS
};

const char *picture_verdict_name(enum picture_verdict v); /* "FIT" */

struct picture_options {
	uint32_t hosts_max; /* 0: PICTURE_HOSTS_MAX */
	uint32_t period_s;  /* of a host that does not say its own; 0: 30 */
	uint64_t seed;	    /* of hash tables: what strangers do not know */
};

struct picture;

/* NULL: no memory. @o may be NULL. picture_free(NULL) does nothing. */
struct picture *picture_new(const struct picture_options *o);
void picture_free(struct picture *p);

/*
 * What came. Return: the host's index, which is its own until it is forgotten
 * and also names it in a changed picture; -ESTALE: older than what is known,
 * nothing changed (a replay is no sign of life, either); -ENOSPC: a host too
 * many; -EINVAL: no id; -ENOMEM. Connections and orders of unknown hosts:
 * -ENOENT.
 */
int64_t picture_state(struct picture *p, const struct told_state *s,
		      uint64_t at_ns);
int64_t picture_order(struct picture *p, const struct told_order *o,
		      uint64_t at_ns);
int64_t picture_connected(struct picture *p, const char *id, uint64_t at_ns);
/* A host that is enrolled: if it is never heard, that is told as well. */
int64_t picture_expect(struct picture *p, const char *id, const char *name,
		       uint64_t at_ns);
/* No death by itself: only if no word follows within one period. */
int64_t picture_disconnected(struct picture *p, const char *id, uint64_t at_ns);
/* Whether messages reach the picture at all. While they do not, silence is not
 * the hosts' and none falls SILENT; then each has its time once more. */
void picture_fed(struct picture *p, bool fed, uint64_t now_ns);
/* An enrolment that ended. Its index may be another host's afterwards. */
int picture_forget(struct picture *p, const char *id);

/* Lets time pass: hosts fall SILENT, quarantines end. Call it once a second, or
 * before looking. */
void picture_tick(struct picture *p, uint64_t now_ns);

/* --- looking: texts are the picture's until it next changes --- */

struct picture_row {
	const char *id, *name, *boot, *version;
	enum picture_verdict verdict;
	enum picture_verdict said; /* by the host, the last time */
	const char *why;	   /* one line; "" if FIT */
	const char *said_why;	   /* of what it said last: of a silent one */
	uint64_t since_ns;	   /* in this verdict, by the server's time */
	bool since_at_least;	   /* it began before it was first heard */
	uint64_t heard_ns;	   /* its last word; 0: none yet */
	bool connected;		   /* as far as the server said */
	int64_t skew_ns;	   /* its clock minus the server's, about */
	uint32_t findings, cpus;
	uint64_t memory_bytes, dropped;
	uint32_t n_labels, n_disks, n_open;
	enum picture_quarantine {
		PICTURE_FREE = 0,
		PICTURE_BY_ITSELF, /* the host did it */
		PICTURE_AUTOMATIC, /* a judgment did */
		PICTURE_MANUAL,	   /* an operator */
	} quarantine;
	const char *quarantine_who, *quarantine_why;
	uint64_t quarantine_ns, quarantine_until_ns; /* until 0: no end */
	bool quarantine_holds; /* the host says so itself */
	uint64_t change;       /* the picture's number of its last change */
};

/* Its index, PICTURE_NONE. By name: the one heard last; names may be shared. */
uint32_t picture_find(const struct picture *p, const char *id);
uint32_t picture_find_name(const struct picture *p, const char *name);
/* False: no host has that index (any longer). */
bool picture_row(const struct picture *p, uint32_t index,
		 struct picture_row *ret_row);
/* @n below the row's n_labels, n_disks, n_open: else all are "". */
struct told_label picture_label(const struct picture *p, uint32_t index,
				uint32_t n);
struct told_disk picture_disk(const struct picture *p, uint32_t index,
			      uint32_t n); /* without its part */
const char *picture_condition(const struct picture *p, uint32_t index,
			      uint32_t n);

#include "agent/fleet/picture_sum.h"

#endif
