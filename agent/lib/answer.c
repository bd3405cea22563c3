/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides what an answer is worth by the way it came. Must never turn silence
 * into FIT: every path on which the agent was not heard, though it is there,
 * ends in UNKNOWN or UNFIT, and in a reason that says so.
 */
#include "answer.h"

#include <errno.h>
#include <time.h>

#include "hale/base.h"
#include "hale/condition.h"

#define TEXT_MAX 200

static char *lend(const char *text)
{
	return (char *)(uintptr_t)text; /* packing only reads it */
}

/* --- words --- */

static void agent_words(Hale__V1__Reply__BodyCase kind,
			const struct answer_way *way, char *buf)
{
	const char *why = way->refusal;

	if (!why && way->agent_error == -ETIMEDOUT &&
	    kind != HALE__V1__REPLY__BODY_CONTROL) {
		snprintf(buf, TEXT_MAX, "the agent did not answer within %u ms",
			 way->answer_ms);
		return;
	}
	if (!why && kind == HALE__V1__REPLY__BODY_CONTROL &&
	    (way->agent_error == -ECONNRESET || way->agent_error == -ETIMEDOUT))
		why = "whether it was done is not known, see `hale status`";
	if (!why &&
	    (way->agent_error == -ECONNRESET ||
	     way->agent_error == -ECONNABORTED || way->agent_error == -EPIPE))
		why = "closed before its answer was whole";
	if (!why && way->agent_error == -EBADMSG)
		why = "its answer makes no sense";
	if (!why)
		why = strerrordesc_np(-way->agent_error);
	snprintf(buf, TEXT_MAX, "the agent does not answer: %s",
		 why ? why : "unknown error");
}

static void scan_words(const struct answer_way *way, char *buf)
{
	const char *why = strerrordesc_np(-way->scan_error);

	if (way->scan_error == -EOPNOTSUPP)
		snprintf(buf, TEXT_MAX, "no agent runs here");
	else if (way->scan_error == 0)
		snprintf(buf, TEXT_MAX, "no agent runs here: scanned just now");
	else if (way->scan_error == -ENOENT)
		snprintf(buf, TEXT_MAX,
			 "no agent runs here, and hale-scan is not installed");
	else
		snprintf(buf, TEXT_MAX,
			 "no agent runs here, and the scan failed: %s",
			 way->scan_error == -ETIMEDOUT ? "it took too long"
			 : why			       ? why
						       : "unknown error");
}

/* --- replies of our own --- */

/* A copy that owns its texts, as if it had been received. */
static void *copy(const ProtobufCMessage *m)
{
	size_t size = protobuf_c_message_get_packed_size(m);
	_cleanup_free_ uint8_t *buf = malloc(size + 1);

	if (!buf)
		return NULL;
	protobuf_c_message_pack(m, buf);
	return protobuf_c_message_unpack(m->descriptor, NULL, size, buf);
}

static Hale__V1__Reply *own(const Hale__V1__Reply *pb)
{
	return copy(&pb->base);
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * HALE_NS_PER_S + (uint64_t)ts.tv_nsec;
}

static Hale__V1__Reply *unknown_check(void)
{
	Hale__V1__Verdict v;
	Hale__V1__CheckReply check;
	Hale__V1__Reply pb;
	char host[65] = "";

	hale__v1__verdict__init(&v);
	hale__v1__check_reply__init(&check);
	hale__v1__reply__init(&pb);
	gethostname(host, sizeof(host) - 1);
	v.as_of_ns = now_ns();
	check.verdict = &v;
	check.host = host;
	pb.body_case = HALE__V1__REPLY__BODY_CHECK;
	pb.check = &check;
	pb.last = true;
	return own(&pb);
}

static Hale__V1__Reply *unknown_report(void)
{
	Hale__V1__Verdict v;
	Hale__V1__HostReport report;
	Hale__V1__Reply pb;
	char host[65] = "";

	hale__v1__verdict__init(&v);
	hale__v1__host_report__init(&report);
	hale__v1__reply__init(&pb);
	gethostname(host, sizeof(host) - 1);
	v.as_of_ns = report.as_of_ns = now_ns();
	report.verdict = &v;
	report.host = host;
	pb.body_case = HALE__V1__REPLY__BODY_REPORT;
	pb.report = &report;
	pb.last = true;
	return own(&pb);
}

static Hale__V1__Reply *unknown_explain(void)
{
	Hale__V1__Verdict v;
	Hale__V1__ExplainReply explain;
	Hale__V1__Reply pb;
	char host[65] = "";

	hale__v1__verdict__init(&v);
	hale__v1__explain_reply__init(&explain);
	hale__v1__reply__init(&pb);
	gethostname(host, sizeof(host) - 1);
	v.as_of_ns = explain.as_of_ns = now_ns();
	explain.verdict = &v;
	explain.host = host;
	pb.body_case = HALE__V1__REPLY__BODY_EXPLAIN;
	pb.explain = &explain;
	pb.last = true;
	return own(&pb);
}

static Hale__V1__Reply *error_reply(int error, const char *text)
{
	Hale__V1__ErrorReply e;
	Hale__V1__Reply pb;

	hale__v1__error_reply__init(&e);
	hale__v1__reply__init(&pb);
	e.code = (uint32_t)error;
	e.text = lend(text);
	pb.body_case = HALE__V1__REPLY__BODY_ERROR;
	pb.error = &e;
	pb.last = true;
	return own(&pb);
}

static Hale__V1__Reply *stand_in(Hale__V1__Reply__BodyCase kind, int error,
				 const char *text)
{
	if (kind == HALE__V1__REPLY__BODY_CHECK)
		return unknown_check();
	if (kind == HALE__V1__REPLY__BODY_REPORT)
		return unknown_report();
	if (kind == HALE__V1__REPLY__BODY_EXPLAIN)
		return unknown_explain();
	return error_reply(error, text);
}

/* --- reasons of our own --- */

static int put_reason(Hale__V1__Verdict *v, const Hale__V1__Reason *reason)
{
	Hale__V1__Reason **list =
		realloc(v->reasons, (v->n_reasons + 1) * sizeof(*v->reasons));
	Hale__V1__Reason *mine;

	if (!list)
		return -ENOMEM;
	v->reasons = list;
	mine = copy(&reason->base);
	if (!mine)
		return -ENOMEM;
	memmove(list + 1, list, v->n_reasons * sizeof(*list));
	list[0] = mine;
	v->n_reasons++;
	v->reasons_total++;
	return 0;
}

/* The finding agent.blind, as the agent would have told it. */
static int put_blind(Hale__V1__Verdict *v, const char *words)
{
	const struct hale_condition_info *info =
		hale_condition_info(HALE_AGENT_BLIND);
	Hale__V1__Part part;
	Hale__V1__Finding f;
	Hale__V1__Reason reason;

	hale__v1__part__init(&part);
	hale__v1__finding__init(&f);
	hale__v1__reason__init(&reason);
	part.id = part.alias = lend("host");
	f.condition = lend(info->name);
	f.effect = (Hale__V1__Effect)info->effect;
	f.part = &part;
	f.count = 1;
	f.first_ns = f.last_ns = now_ns();
	f.evidence = lend(words);
	f.driver = lend("hale");
	f.meaning = lend(info->meaning);
	f.advice = lend("Look at the agent: `systemctl status haled`");
	f.clears = lend("the agent answers again");
	reason.finding = &f;
	reason.effect = f.effect;
	reason.text = lend(words);
	return put_reason(v, &reason);
}

static int put_sense(Hale__V1__Verdict *v, const char *words)
{
	Hale__V1__Reason reason;

	hale__v1__reason__init(&reason);
	reason.text = lend(words);
	return put_reason(v, &reason);
}

/* --- judging --- */

Hale__V1__Verdict *answer_verdict(const Hale__V1__Reply *pb)
{
	if (pb->body_case == HALE__V1__REPLY__BODY_CHECK)
		return pb->check->verdict;
	if (pb->body_case == HALE__V1__REPLY__BODY_REPORT)
		return pb->report->verdict;
	if (pb->body_case == HALE__V1__REPLY__BODY_EXPLAIN)
		return pb->explain->verdict;
	return NULL;
}

/* An answer without the agent, though it is there: at best UNKNOWN. */
static int worsen(struct hale_reply *reply, const char *words)
{
	Hale__V1__Verdict *v = answer_verdict(reply->pb);

	if (!v)
		return 0;
	if (v->fitness != HALE__V1__FITNESS__UNFIT)
		v->fitness = HALE__V1__FITNESS__UNKNOWN;
	return put_blind(v, words);
}

static int judge(struct hale_reply *reply, const struct answer_way *way,
		 bool said, const char *words)
{
	Hale__V1__Verdict *v = answer_verdict(reply->pb);

	switch (way->source) {
	case ANSWER_FROM_AGENT:
		return 0;
	case ANSWER_BLIND:
		return worsen(reply, words);
	case ANSWER_NO_AGENT:
		return !said && v ? put_sense(v, words) : 0;
	}
	return 0;
}

/* A check, report or explanation that lacks its verdict says nothing. */
bool answer_sound(const Hale__V1__Reply *pb, Hale__V1__Reply__BodyCase kind)
{
	if (pb->body_case == HALE__V1__REPLY__BODY_ERROR)
		return true;
	if (pb->body_case != kind)
		return false;
	return (kind != HALE__V1__REPLY__BODY_CHECK &&
		kind != HALE__V1__REPLY__BODY_REPORT &&
		kind != HALE__V1__REPLY__BODY_EXPLAIN) ||
	       answer_verdict(pb);
}

static int fill(struct hale_reply *reply, Hale__V1__Reply__BodyCase kind,
		const struct answer_way *way)
{
	int error = way->agent_error ? -way->agent_error : ENOENT;
	char words[TEXT_MAX] = "";
	bool said = reply->pb != NULL;

	if (way->source == ANSWER_BLIND)
		agent_words(kind, way, words);
	else if (way->source == ANSWER_NO_AGENT)
		scan_words(way, words);
	if (words[0])
		reply->note = strdup(words);
	if (!said)
		reply->pb = stand_in(kind, error, words);
	if (!reply->pb || (words[0] && !reply->note))
		return -ENOMEM;
	reply->agent = way->source == ANSWER_FROM_AGENT;
	reply->scanned = said && way->source != ANSWER_FROM_AGENT;
	if (reply->pb->body_case == HALE__V1__REPLY__BODY_ERROR)
		reply->error = (int)reply->pb->error->code;
	return judge(reply, way, said, words);
}

int answer_make(Hale__V1__Reply__BodyCase kind, const struct answer_way *way,
		Hale__V1__Reply *pb, struct hale_reply **ret_reply)
{
	struct hale_reply *reply = calloc(1, sizeof(*reply));
	int r;

	if (!reply) {
		hale__v1__reply__free_unpacked(pb, NULL);
		return -ENOMEM;
	}
	reply->pb = pb;
	r = fill(reply, kind, way);
	if (r < 0) {
		hale_reply_free(reply);
		return r;
	}
	*ret_reply = reply;
	return 0;
}
