/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CODEC_EXPLAIN_H
#define HALE_CODEC_EXPLAIN_H

/*
 * Causes: the question and its answer, both ways. As in codec.h messages borrow
 * the texts of what they are built of; as in codec_read.h whoever sent them is
 * not trusted, and outputs are untouched on failure.
 */

#include "hale/cause.h"

#include "codec_read.h"

/* Of one message: a cause may take 40 KiB of it, a death 2 KiB. */
#define CODEC_DEATHS_MAX 16

/* What an ExplainReply says; one of several where @last is not set. */
struct codec_explain {
	const char *host, *note;
	uint64_t as_of_ns;
	bool scanned;
	const struct hale_verdict *verdict; /* NULL: not in this message */
	const struct hale_cause *cause;	    /* likewise */
	uint32_t causes_total;
	const struct hale_victim *deaths; /* CODEC_DEATHS_MAX at most */
	size_t n_deaths;
};

Hale__V1__Cause *codec_cause(struct codec_arena *a, const struct hale_cause *c);
/* Needs CODEC_ARENA_BUILD where the query has all the victims it may have. */
Hale__V1__Request *codec_request_explain(struct codec_arena *a,
					 const struct hale_cause_query *q);
Hale__V1__Reply *codec_reply_explain(struct codec_arena *a,
				     const struct codec_explain *e, bool last);

/* 0, or -EBADMSG and *ret_why in static storage. A step that follows from none
 * before it is refused: who walks the chain comes to an end. */
int codec_read_cause(const Hale__V1__Cause *m, struct hale_cause *ret_c,
		     const char **ret_why);
int codec_read_explain(const Hale__V1__ExplainRequest *m,
		       struct hale_cause_query *ret_q, const char **ret_why);

#endif
