/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CODEC_FLEET_H
#define HALE_CODEC_FLEET_H

/*
 * The messages of fleet.proto, both ways. A reader trusts nobody: what it gives
 * is within the bounds below in every count, length and number, its texts are
 * UTF-8 that a terminal, a log and a page can carry, and what must be there is
 * there (named below); nobody behind it need look again. What it refuses it
 * names: "Finding.part: missing". A packer sends what a reader takes, cut to
 * fit, or nothing. Both work in an arena of FLEET_ARENA bytes that is the
 * caller's and outlives the message; nothing else is allocated.
 *
 *	hale__fleet__v1__host_state__init(&m);
 *	m.report = report;  ...
 *	n = fleet_pack(&arena, FLEET_POLICY_DEFAULT, &m, buf, FLEET_STATE_MAX);
 */

#include "arena.h"
#include "fleet.pb-c.h"
#include "fleet_subject.h"

#define FLEET_VERSION 1
/* Of a packed message; a healthy host's state has some 470 bytes. */
#define FLEET_STATE_MAX (16 * 1024)
#define FLEET_EVENT_MAX (4 * 1024) /* FindingEvent, BuildOutcome, Order */
#define FLEET_ARENA	(64 * 1024)

/* Rows of a HostState: the worst and newest are sent. */
#define FLEET_FINDINGS_MAX 24
#define FLEET_SENSES_MAX   32
#define FLEET_LABELS_MAX   16
#define FLEET_ROOMS_MAX	   8
#define FLEET_MODELS_MAX   32
/* Bytes of a text, its NUL not counted. */
#define FLEET_KEY_MAX	 32
#define FLEET_LABEL_MAX	 64
#define FLEET_HOST_MAX	 253 /* RFC 1035, in dotted form */
#define FLEET_REASON_MAX 160
#define FLEET_MESSAGE_ID 16 /* exactly */
#define FLEET_REPO_ID	 16 /* exactly */
#define FLEET_WHY_MAX	 96

/* --- what leaves a host --- */

struct fleet_policy {
	uint32_t evidence_max; /* bytes of a source's own text, the kernel's
				* among them; 0: none leaves the host */
	bool places;	       /* mount points and other paths leave it */
};
#define FLEET_POLICY_DEFAULT (&(const struct fleet_policy){ 160, true })

bool fleet_key_valid(const char *key); /* of a label */

/**
 * fleet_pack() - a message of fleet.proto to bytes, pruned
 * @m: one of its generated structs, as hale's own rooms filled it: version 0
 * counts as today's; texts are cut and made printable, rows beyond the bounds
 * left out and counted in the totals. Of its findings the report may have all
 * that the gate told. It is left as it is.
 * @p: what may be told; of no meaning for Order and SignedOrder.
 *
 * Return: length; -ENOMEM: @a is too small; -EMSGSIZE: longer than @size even
 * so; -EINVAL: no reader would take it: it lacks its id or what it is about.
 */
ssize_t fleet_pack(struct codec_arena *a, const struct fleet_policy *p,
		   const void *m, void *buf, size_t size);

/* --- what came in --- */

struct fleet_bytes {
	const void *at;
	size_t len;
	const char *id; /* whose it must be, by its subject; NULL: anybody's */
};

/*
 * 0; or, with @ret_why telling why: -EBADMSG: not such a message, or beyond a
 * bound; -EPERM: of another host than @b->id; -EPROTONOSUPPORT: of a newer
 * hale, which an older one would get wrong. @a is used from its begin.
 *
 * state: id and report are there, and report->verdict is (UNKNOWN where the
 *   host sent none); labels are by key, each once; spool and capacity may be
 *   NULL.
 * finding: id, finding and its part and condition are there, what is known.
 * build: id and a repo of FLEET_REPO_ID bytes are there.
 * order: id and who are there, action is known.
 */
int fleet_read_state(struct codec_arena *a, const struct fleet_bytes *b,
		     Hale__Fleet__V1__HostState **ret_m,
		     char ret_why[FLEET_WHY_MAX]);
int fleet_read_finding(struct codec_arena *a, const struct fleet_bytes *b,
		       Hale__Fleet__V1__FindingEvent **ret_m,
		       char ret_why[FLEET_WHY_MAX]);
int fleet_read_build(struct codec_arena *a, const struct fleet_bytes *b,
		     Hale__Fleet__V1__BuildOutcome **ret_m,
		     char ret_why[FLEET_WHY_MAX]);
int fleet_read_order(struct codec_arena *a, const struct fleet_bytes *b,
		     Hale__Fleet__V1__Order **ret_m,
		     char ret_why[FLEET_WHY_MAX]);
/* The proof is not looked at; ->order is for fleet_read_order() after it was.
 * @b->id is not looked at. */
int fleet_read_signed(struct codec_arena *a, const struct fleet_bytes *b,
		      Hale__Fleet__V1__SignedOrder **ret_m,
		      char ret_why[FLEET_WHY_MAX]);

/* The finding that a reason of this state's verdict is about: the whole of it
 * where it was sent, else what the reason says; NULL: a missing sense. */
const Hale__V1__Finding *
fleet_reason_finding(const Hale__Fleet__V1__HostState *m,
		     const Hale__V1__Reason *reason);

#endif
