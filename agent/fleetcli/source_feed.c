/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One stream that is followed. Decides when its consumer is asked for, and when
 * it is taken for lost: a gap in its numbers, two heartbeats missed, a
 * connection made anew. Invariant: what is handed on has growing numbers of its
 * stream, without a gap, whatever becomes of consumers, servers and
 * connections; a stream that was begun anew is said so.
 */
#include <errno.h>
#include <time.h>

#include "hale/base.h"

#include "source_room.h"

#define ANSWER_NS    (5 * HALE_NS_PER_S) /* a leader is chosen in less */
#define AGAIN_NS     (1 * HALE_NS_PER_S)
#define AGAIN_MAX_NS (30 * HALE_NS_PER_S)
#define SILENT_NS    (2 * CONSUMER_BEAT_MS * HALE_NS_PER_MS + HALE_NS_PER_S)
#define NO_STREAM    10059 /* err_code: nats-server's server/errors.json */

static const struct {
	const char *name, *subject; /* before the host's id */
} streams[SOURCE_STREAMS] = {
	[SOURCE_STATE] = { "STATE", "fleet.state." },
	[SOURCE_FINDINGS] = { "FINDINGS", "fleet.findings." },
	[SOURCE_BUILDS] = { "BUILDS", "fleet.builds." },
	[SOURCE_ORDERS] = { "ORDERS", "orders." },
};

uint64_t source_clock(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * HALE_NS_PER_S + (uint64_t)t.tv_nsec;
}

/* Half a second, then longer and longer. */
static uint64_t backoff(uint32_t tries)
{
	uint64_t ns = AGAIN_NS << (tries < 5 ? tries : 5);

	return ns < AGAIN_MAX_NS ? ns : AGAIN_MAX_NS;
}

static void feed_name(const struct source *s, enum source_stream stream,
		      char *ret, size_t size)
{
	snprintf(ret, size, "hale_%016llx_%u_%u", (unsigned long long)s->random,
		 (unsigned int)stream, s->feeds[stream].turn);
}

void feed_again(struct source *s, bool now)
{
	for (size_t i = 0; i < SOURCE_STREAMS; i++) {
		struct feed *f = &s->feeds[i];

		f->live = false;
		f->asked = false;
		f->due_ns = now ? 0 : UINT64_MAX;
	}
}

void feed_ask(struct source *s, enum source_stream stream)
{
	struct feed *f = &s->feeds[stream];
	char text[CONSUMER_TEXT_MAX], deliver[160], answer[160], api[256];
	char filter[FLEET_SUBJECT_MAX], name[48];
	struct consumer_ask ask = { .stream = streams[stream].name,
				    .name = name,
				    .filter = filter,
				    .deliver = deliver,
				    .since_ns = f->since_ns };
	ssize_t n;

	f->turn++;
	f->next = 1;
	f->asked = true;
	f->live = false;
	f->due_ns = source_clock() + ANSWER_NS;
	if (f->last_seq > 0)
		ask.from_seq = f->last_seq + 1;
	snprintf(filter, sizeof(filter), "%s%s", streams[stream].subject,
		 f->id[0] ? f->id : "*");
	snprintf(deliver, sizeof(deliver), "%s.m.%u.%u", s->base,
		 (unsigned int)stream, f->turn);
	snprintf(answer, sizeof(answer), "%s.a.%u.%u", s->base,
		 (unsigned int)stream, f->turn);
	link_listen(s, stream, deliver);
	feed_name(s, stream, name, sizeof(name));
	snprintf(api, sizeof(api), "$JS.API.CONSUMER.CREATE.%s.%s.%s",
		 ask.stream, name, filter);
	n = consumer_request(&ask, text, sizeof(text));
	/* where it does not go out, the time passes without an answer */
	if (n > 0)
		natsConnection_PublishRequest(s->nc, api, answer, text, (int)n);
}

/* --- what it says --- */

static bool trouble(struct source *s, enum source_stream stream,
		    struct source_event *e, bool final)
{
	struct feed *f = &s->feeds[stream];
	bool told = f->told;

	f->told = true;
	f->asked = false;
	f->due_ns = source_clock() + backoff(f->tries++);
	e->kind = SOURCE_TROUBLE;
	e->stream = stream;
	e->final = final;
	return !told;
}

static bool refused(struct source *s, enum source_stream stream,
		    const struct consumer_reply *r, struct source_event *e)
{
	const char *name = streams[stream].name;

	if (r->detail == NO_STREAM)
		snprintf(e->text, sizeof(e->text),
			 "these servers have no stream %s: make it with `hale "
			 "fleet apply`",
			 name);
	else
		snprintf(e->text, sizeof(e->text),
			 "the servers do not read out stream %s: %.120s (%d)",
			 name, r->text, r->error);
	return trouble(s, stream, e, r->error != 503);
}

static bool caught_up(struct feed *f, enum source_stream stream,
		      struct source_event *e)
{
	if (f->caught)
		return false;
	f->caught = true;
	e->kind = SOURCE_CAUGHT_UP;
	e->stream = stream;
	return true;
}

static bool answered(struct source *s, enum source_stream stream, natsMsg *msg,
		     struct source_event *e)
{
	struct feed *f = &s->feeds[stream];
	struct consumer_reply r;
	const char *status = NULL;

	if (natsMsgHeader_Get(msg, "Status", &status) == NATS_OK && status) {
		r = (struct consumer_reply){ .error = 503 };
		HALE_SET(r.text, "no JetStream in this account");
		return refused(s, stream, &r, e);
	}
	if (consumer_reply_read(natsMsg_GetData(msg),
				(size_t)natsMsg_GetDataLength(msg), &r) < 0)
		return false;
	if (r.error)
		return refused(s, stream, &r, e);
	if (r.made_ns > 0) {
		s->ahead_ns = (int64_t)(r.made_ns - source_clock());
		s->clock_known = true;
	}
	f->live = true;
	f->told = false;
	f->tries = 0;
	f->due_ns = source_clock() + SILENT_NS;
	if (f->last_seq > r.behind) {
		f->last_seq = 0;
		f->caught = false;
		f->due_ns = 0;
		f->live = false;
		e->kind = SOURCE_AGAIN;
		e->stream = stream;
		return true;
	}
	/* What was sent before it was answered may come after the answer: the
	 * last of that says itself that nothing is pending. */
	return r.pending == 0 && r.sent < f->next && caught_up(f, stream, e);
}

/* Of flow control and heartbeats: the first wants an answer once all before it
 * is taken, which it is. */
static void control(struct source *s, natsMsg *msg)
{
	const char *stalled = NULL;

	if (natsMsg_GetReply(msg))
		natsConnection_Publish(s->nc, natsMsg_GetReply(msg), NULL, 0);
	else if (natsMsgHeader_Get(msg, "Nats-Consumer-Stalled", &stalled) ==
			 NATS_OK &&
		 stalled)
		natsConnection_Publish(s->nc, stalled, NULL, 0);
}

/* The subject says whose it is; what is no subject of a host is nobody's. */
static bool take(struct feed *f, enum source_stream stream, natsMsg *msg,
		 struct source_event *e)
{
	const char *subject = natsMsg_GetSubject(msg);
	const char *head = streams[stream].subject;
	const char *id = subject + strlen(head);

	if (strncmp(subject, head, strlen(head)) != 0 || !fleet_id_valid(id) ||
	    (f->id[0] && strcmp(f->id, id) != 0))
		return false;
	HALE_SET(e->id, id);
	e->kind = SOURCE_MESSAGE;
	e->stream = stream;
	e->bytes = natsMsg_GetData(msg);
	e->len = (size_t)natsMsg_GetDataLength(msg);
	return true;
}

static bool delivered(struct source *s, enum source_stream stream, natsMsg *msg,
		      const struct consumer_place *p, struct source_event *e)
{
	struct feed *f = &s->feeds[stream];

	f->due_ns = source_clock() + SILENT_NS;
	if (p->consumer_seq != f->next) {
		f->due_ns = 0; /* a gap: from the last that came, anew */
		return false;
	}
	f->next++;
	f->live = true; /* its first message may overtake the answer */
	f->last_seq = p->stream_seq;
	f->whole = f->whole || p->pending == 0;
	e->seq = p->stream_seq;
	e->received_ns = p->taken_ns;
	return take(f, stream, msg, e);
}

/* "<base>.a.<stream>.<turn>" of the newest turn; @ret_what: 'a' or 'm'. */
static bool ours(const struct source *s, const char *subject,
		 enum source_stream *ret_stream, char *ret_what)
{
	size_t len = strlen(s->base);
	unsigned long stream, turn;
	char *end;

	if (strncmp(subject, s->base, len) != 0 || subject[len] != '.' ||
	    !subject[len + 1] || subject[len + 2] != '.')
		return false;
	*ret_what = subject[len + 1];
	stream = strtoul(subject + len + 3, &end, 10);
	if (*end != '.' || stream >= SOURCE_STREAMS)
		return false;
	turn = strtoul(end + 1, &end, 10);
	*ret_stream = (enum source_stream)stream;
	return !*end && turn == s->feeds[stream].turn;
}

/* A message of a stream comes under the subject that it was published to. */
static bool from_stream(struct source *s, natsMsg *msg, struct source_event *e)
{
	struct consumer_place p;
	char name[sizeof(p.name)];

	if (consumer_place_read(natsMsg_GetReply(msg), &p) < 0)
		return false;
	for (int i = 0; i < SOURCE_STREAMS; i++) {
		feed_name(s, (enum source_stream)i, name, sizeof(name));
		if (s->feeds[i].on && strcmp(name, p.name) == 0)
			return delivered(s, (enum source_stream)i, msg, &p, e);
	}
	return false;
}

bool feed_message(struct source *s, natsMsg *msg, struct source_event *e)
{
	enum source_stream stream;
	char what;

	if (!ours(s, natsMsg_GetSubject(msg), &stream, &what))
		return from_stream(s, msg, e);
	if (what == 'a')
		return answered(s, stream, msg, e);
	s->feeds[stream].due_ns = source_clock() + SILENT_NS;
	control(s, msg);
	return false;
}

/* --- time --- */

static bool no_answer(struct source *s, enum source_stream stream,
		      struct source_event *e)
{
	snprintf(
		e->text, sizeof(e->text),
		"no answer about stream %s: it has no leader, or this user may "
		"not read it",
		streams[stream].name);
	return trouble(s, stream, e, false);
}

bool feed_tick(struct source *s, struct source_event *e)
{
	uint64_t now = source_clock();

	for (int i = 0; i < SOURCE_STREAMS; i++) {
		enum source_stream stream = (enum source_stream)i;
		struct feed *f = &s->feeds[i];

		if (!f->on || s->down)
			continue;
		if (f->whole && caught_up(f, stream, e))
			return true;
		if (now < f->due_ns)
			continue;
		if (f->asked && !f->live && f->due_ns > 0) {
			if (no_answer(s, stream, e))
				return true;
			continue;
		}
		feed_ask(s, stream);
	}
	return false;
}
