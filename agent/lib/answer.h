/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_LIB_ANSWER_H
#define HALE_LIB_ANSWER_H

/*
 * From what came back, or did not, to an answer. The rule (docs/adr/0006):
 * no socket: a scan decides, and the answer says so. A socket without an
 * answer: UNKNOWN, which a scan may worsen to UNFIT and never improve.
 */

#include "hale/reply.h"

#include "hale.pb-c.h"

struct hale_reply {
	Hale__V1__Reply *pb;
	char *note; /* ours, or NULL */
	int error;  /* errno */
	bool agent, scanned;
	bool strict;
};

enum answer_source {
	ANSWER_FROM_AGENT,
	ANSWER_NO_AGENT, /* no socket */
	ANSWER_BLIND,	 /* a socket, but no answer */
};

/* What happened on the way to an answer. */
struct answer_way {
	enum answer_source source;
	int agent_error; /* negative errno, with ANSWER_BLIND */
	int scan_error;	 /* negative errno; 0: a scan was made;
			  * -EOPNOTSUPP: that is nothing for a scan */
	uint32_t answer_ms;
	const char *refusal; /* the agent's own words, or NULL */
};

/**
 * answer_make() - the answer to a question
 * @kind: which reply it asks for.
 * @pb: what the agent or the scan said, a sound one; NULL: nothing. Owned by
 *      the answer, also on failure.
 *
 * Return: 0, -ENOMEM.
 */
int answer_make(Hale__V1__Reply__BodyCase kind, const struct answer_way *way,
		Hale__V1__Reply *pb, struct hale_reply **ret_reply);

/* Is it of this kind and whole, or a refusal? */
bool answer_sound(const Hale__V1__Reply *pb, Hale__V1__Reply__BodyCase kind);

/* The verdict of a check, a report or an explanation, or NULL. */
Hale__V1__Verdict *answer_verdict(const Hale__V1__Reply *pb);

/* Of a check for a container build: where engines keep their data. Index from
 * 0; NULL past the end. reply.c */
const char *reply_engine_path(const struct hale_reply *r, size_t i);

/* A finding as a plain value; NULL: an empty one. reply.c */
void reply_fill_finding(const Hale__V1__Finding *f, struct hale_entry *ret);

#endif
