/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Brings a question to the agent or, where there is none, to a scan. Decides
 * who is asked and how long that may take; what an answer is worth is said in
 * answer.c. Each question has its own connection, so an answer that comes too
 * late meets nobody.
 */
#include "ask.h"

#include <errno.h>
#include <poll.h>

#include "hale/base.h"

#include "answer.h"
#include "detach.h"
#include "exchange.h"

/* The agent gives its probes 5 s, and then says what did not come back. */
#define FRESH_MS 6000
#define WHY_MS	 950 /* agent_explain.c says after 700 ms that it is busy */
/* One that is sent away comes again, each time a little later: many ask at
 * once, or another core takes over. That and the wait for the last answer are
 * less than a second; who has more time than that has it for this as well. */
#define CROWD_MS 600
#define PAUSE_MS 64

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

static int ask_agent_once(struct hale *h, const Hale__V1__Request *q, int ms,
			  struct answer_way *way, Hale__V1__Reply **ret_pb)
{
	int fd, r;

	r = exchange_connect(h->run_dir, EXCHANGE_GATE, h->answer_ms, &fd);
	if (r == 0) {
		r = finish(fd, q, ms, (int)h->answer_ms, ret_pb);
		/* Gone between connect and answer is still there, but mute. */
		way->source = r == 0 ? ANSWER_FROM_AGENT : ANSWER_BLIND;
	} else {
		way->source = r == -ENOENT ? ANSWER_NO_AGENT : ANSWER_BLIND;
	}
	way->agent_error = r;
	return r;
}

/* For how long, since it was asked first? One that was read may have been done,
 * if it is a control, though nobody heard of it. Who ends in the middle of an
 * answer is not in a crowd. */
static uint32_t repeat_ms(const struct hale *h, const Hale__V1__Request *q,
			  const struct answer_way *way)
{
	uint32_t most = way->answer_ms > CROWD_MS ? way->answer_ms : CROWD_MS;

	if (way->agent_error == -EPIPE)
		return most;
	if (q->body_case == HALE__V1__REQUEST__BODY_CONTROL)
		return 0;
	if (way->agent_error == -ECONNRESET)
		return most;
	return way->agent_error == -ECONNABORTED ? h->answer_ms : 0;
}

/* What is left of its own time; whoever is asked has some. */
static int first_ms(const struct hale *h, const struct answer_way *way,
		    long long begin)
{
	int left = detach_left_ms(begin + way->answer_ms);

	return left > (int)h->answer_ms ? left : (int)h->answer_ms;
}

static int ask_agent(struct hale *h, const Hale__V1__Request *q,
		     struct answer_way *way, Hale__V1__Reply **ret_pb)
{
	long long begin = detach_now_ms();
	int r = ask_agent_once(h, q, (int)way->answer_ms, way, ret_pb);

	for (int ms = 1; detach_left_ms(begin + repeat_ms(h, q, way)) > 0;
	     ms = ms < PAUSE_MS ? 2 * ms : ms) {
		poll(NULL, 0, ms);
		r = ask_agent_once(h, q, first_ms(h, way, begin), way, ret_pb);
	}
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

	/* of what takes long: agent_later() */
	bool why = q->body_case == HALE__V1__REQUEST__BODY_EXPLAIN ||
		   q->body_case == HALE__V1__REQUEST__BODY_STATUS ||
		   q->body_case == HALE__V1__REQUEST__BODY_SCOPE;
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
