/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Brings a question to the agent or, where there is none, to a scan. Decides
 * who is asked and how long that may take; what an answer is worth is said in
 * answer.c. Each question has its own connection, so an answer that comes too
 * late meets nobody.
 */
#include "ask.h"

#include <errno.h>

#include "hale/base.h"

#include "answer.h"
#include "exchange.h"

/* The agent gives its probes 5 s, and then says what did not come back. */
#define FRESH_MS 6000
#define WHY_MS	 1500 /* agent_explain.c says after a second that it is busy */

static Hale__V1__Reply__BodyCase kind_of(const Hale__V1__Request *q)
{
	switch (q->body_case) {
	case HALE__V1__REQUEST__BODY_CHECK:
		return HALE__V1__REPLY__BODY_CHECK;
	case HALE__V1__REQUEST__BODY_STATUS:
	case HALE__V1__REQUEST__BODY_WATCH:
		return HALE__V1__REPLY__BODY_REPORT;
	case HALE__V1__REQUEST__BODY_SCOPE:
		return HALE__V1__REPLY__BODY_SCOPE;
	case HALE__V1__REQUEST__BODY_CONTROL:
		return HALE__V1__REPLY__BODY_CONTROL;
	case HALE__V1__REQUEST__BODY_EXPLAIN:
		return HALE__V1__REPLY__BODY_EXPLAIN;
	case HALE__V1__REQUEST__BODY_VERIFY:
		return HALE__V1__REPLY__BODY_VERIFY;
	case HALE__V1__REQUEST__BODY__NOT_SET:
	case _HALE__V1__REQUEST__BODY__CASE_IS_INT_SIZE:
		break;
	}
	return HALE__V1__REPLY__BODY__NOT_SET;
}

/* Takes the answer from @fd, and closes it. */
static int finish(int fd, const Hale__V1__Request *q, int first_ms, int next_ms,
		  Hale__V1__Reply **ret_pb)
{
	Hale__V1__Reply *pb = NULL;
	int r = exchange_send(fd, q);

	if (r == 0)
		r = exchange_receive(fd, first_ms, next_ms, &pb);
	close(fd);
	if (r < 0)
		return r;
	if (!answer_sound(pb, kind_of(q))) {
		hale__v1__reply__free_unpacked(pb, NULL);
		return -EBADMSG;
	}
	*ret_pb = pb;
	return 0;
}

static int ask_agent(struct hale *h, const Hale__V1__Request *q,
		     struct answer_way *way, Hale__V1__Reply **ret_pb)
{
	int fd, r;

	r = exchange_connect(h->run_dir, EXCHANGE_GATE, h->answer_ms, &fd);
	if (r == 0) {
		r = finish(fd, q, (int)way->answer_ms, (int)h->answer_ms,
			   ret_pb);
		/* Gone between connect and answer is still there, but mute. */
		way->source = r == 0 ? ANSWER_FROM_AGENT : ANSWER_BLIND;
	} else {
		way->source = r == -ENOENT ? ANSWER_NO_AGENT : ANSWER_BLIND;
	}
	way->agent_error = r;
	return r;
}

static int ask_scan(struct hale *h, const Hale__V1__Request *q,
		    Hale__V1__Reply **ret_pb)
{
	int fd, r;

	if (!h->exec_dir || q->body_case == HALE__V1__REQUEST__BODY_CONTROL)
		return -EOPNOTSUPP;
	r = exchange_scan(h->exec_dir, &fd);
	if (r < 0)
		return r;
	return finish(fd, q, EXCHANGE_SCAN_MS, (int)h->answer_ms, ret_pb);
}

/* The agent said no to the question itself: for a check, that is blindness. */
static bool refused(const Hale__V1__Request *q, const Hale__V1__Reply *pb)
{
	return pb && pb->body_case == HALE__V1__REPLY__BODY_ERROR &&
	       kind_of(q) == HALE__V1__REPLY__BODY_CHECK;
}

static uint32_t patience_ms(const struct hale *h, const Hale__V1__Request *q)
{
	bool fresh = q->body_case == HALE__V1__REQUEST__BODY_CHECK &&
		     q->check->fresh;

	bool why = q->body_case == HALE__V1__REQUEST__BODY_EXPLAIN;
	uint32_t least = fresh ? FRESH_MS : why ? WHY_MS : 0;

	return h->answer_ms < least ? least : h->answer_ms;
}

int ask_question(struct hale *h, const Hale__V1__Request *q,
		 struct hale_reply **ret_reply)
{
	struct answer_way way = { .answer_ms = patience_ms(h, q) };
	Hale__V1__Reply *pb = NULL, *refusal = NULL;
	int r = ask_agent(h, q, &way, &pb);

	if (r == 0 && refused(q, pb)) {
		refusal = pb;
		pb = NULL;
		way.source = ANSWER_BLIND;
		way.agent_error = -EPROTO;
		way.refusal = refusal->error->text;
	}
	if (way.source != ANSWER_FROM_AGENT)
		way.scan_error = ask_scan(h, q, &pb);
	if (way.scan_error == 0 && way.source != ANSWER_FROM_AGENT &&
	    refused(q, pb)) {
		hale__v1__reply__free_unpacked(pb, NULL);
		pb = NULL;
		way.scan_error = -EPROTO;
	}
	r = answer_make(kind_of(q), &way, pb, ret_reply);
	if (refusal)
		hale__v1__reply__free_unpacked(refusal, NULL);
	return r;
}
