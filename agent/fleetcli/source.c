/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What comes from a fleet's servers, one event at a time. Decides the order:
 * what was taken before a connection was lost is told before its loss. Must
 * never block but in source_open(), source_put() and source_close(); must never
 * look into a payload.
 */
#include "source.h"

#include <errno.h>
#include <poll.h>
#include <time.h>

#include "hale/base.h"

#include "source_room.h"

#define PUT_MS 5000

int source_open(const struct fleet_settings *settings, struct source **ret_s,
		char said[SOURCE_SAID_MAX])
{
	struct source *s = calloc(1, sizeof(*s));
	int r;

	said[0] = '\0';
	if (!s)
		return -ENOMEM;
	s->settings = *settings;
	s->queue.fd = -1;
	r = link_open(s, said);
	if (r < 0) {
		source_close(s);
		return r;
	}
	*ret_s = s;
	return 0;
}

struct source *source_close(struct source *s)
{
	if (!s)
		return NULL;
	natsMsg_Destroy(s->held);
	if (link_close(s)) /* else its threads still have it */
		free(s);
	return NULL;
}

int source_follow(struct source *s, enum source_stream stream,
		  const struct source_ask *ask)
{
	struct feed *f = &s->feeds[stream];

	if (f->on || (ask->id && !fleet_id_valid(ask->id)))
		return -EINVAL;
	f->on = true;
	f->since_ns = ask->since_ns;
	if (ask->id)
		HALE_SET(f->id, ask->id);
	feed_ask(s, stream);
	return 0;
}

uint64_t source_now_ns(const struct source *s)
{
	struct timespec now;

	if (s->clock_known)
		return source_clock() + (uint64_t)s->ahead_ns;
	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * HALE_NS_PER_S + (uint64_t)now.tv_nsec;
}

int source_fd(const struct source *s)
{
	return s->queue.fd;
}

int source_wait_ms(const struct source *s)
{
	uint64_t due = UINT64_MAX, now = source_clock();

	for (int i = 0; i < SOURCE_STREAMS && !s->down; i++) {
		const struct feed *f = &s->feeds[i];

		if (f->on && f->whole && !f->caught)
			return 0;
		if (f->on && f->due_ns < due)
			due = f->due_ns;
	}
	if (due == UINT64_MAX)
		return -1;
	return due <= now ? 0 : (int)((due - now) / HALE_NS_PER_MS) + 1;
}

/* --- one item of the queue --- */

static bool connection_event(const struct source *s, natsMsg *msg,
			     struct source_event *e)
{
	char why[64];

	if (consumer_event_read(natsMsg_GetData(msg),
				(size_t)natsMsg_GetDataLength(msg), e->id,
				why) < 0)
		return false;
	e->received_ns = source_now_ns(s);
	e->kind = strcmp(natsMsg_GetSubject(msg), "liveness.disconnect") == 0
			  ? SOURCE_WENT
			  : SOURCE_CAME;
	HALE_SET(e->text, why);
	return true;
}

static bool lost(struct source *s, struct source_event *e)
{
	if (s->down)
		return false;
	s->down = true;
	feed_again(s, false);
	e->kind = SOURCE_LOST;
	return true;
}

static bool back(struct source *s, struct source_event *e)
{
	s->down = false;
	feed_again(s, true);
	e->kind = SOURCE_BACK;
	return true;
}

/* Who may not listen to the servers' own account is told nothing of it: that is
 * no trouble, only less to see. */
static bool refused(const struct item *i, struct source_event *e)
{
	if (strstr(i->text, "liveness."))
		return false;
	e->kind = SOURCE_TROUBLE;
	e->final = true;
	snprintf(e->text, sizeof(e->text),
		 "this user may not read the fleet: %.160s", i->text);
	return true;
}

static bool take_item(struct source *s, struct item *i, struct source_event *e)
{
	switch (i->kind) {
	case ITEM_MESSAGE:
		return feed_message(s, i->msg, e);
	case ITEM_EVENT:
		return connection_event(s, i->msg, e);
	case ITEM_DOWN:
		return lost(s, e);
	case ITEM_UP:
		return back(s, e);
	case ITEM_CLOSED:
		e->kind = SOURCE_TROUBLE;
		e->final = true;
		snprintf(e->text, sizeof(e->text),
			 "the servers have closed the connection for good: "
			 "%.140s",
			 i->text[0] ? i->text : "they do not say why");
		return true;
	case ITEM_REFUSED:
		return refused(i, e);
	}
	return false;
}

int source_next(struct source *s, struct source_event *ret)
{
	struct item i;

	natsMsg_Destroy(s->held);
	s->held = NULL;
	memset(ret, 0, offsetof(struct source_event, text) + 1);
	ret->final = false;
	if (queue_dropped(&s->queue))
		feed_again(s, true);
	while (queue_take(&s->queue, &i)) {
		if (take_item(s, &i, ret)) {
			s->held = i.msg;
			return 1;
		}
		natsMsg_Destroy(i.msg);
	}
	return feed_tick(s, ret) ? 1 : 0;
}

int source_await(struct source *s, int timeout_ms, struct source_event *ret)
{
	uint64_t end =
		source_clock() +
		(uint64_t)(timeout_ms > 0 ? timeout_ms : 0) * HALE_NS_PER_MS;

	while (source_next(s, ret) == 0) {
		uint64_t now = source_clock();
		struct pollfd p = { .fd = s->queue.fd, .events = POLLIN };
		int wait = source_wait_ms(s), left;

		if (timeout_ms >= 0 && now >= end)
			return 0;
		left = timeout_ms < 0 ? -1
				      : (int)((end - now) / HALE_NS_PER_MS) + 1;
		if (left >= 0 && (wait < 0 || wait > left))
			wait = left;
		poll(&p, 1, wait);
	}
	return 1;
}

/* --- writing --- */

/* A stream's acknowledgement is JSON with its name and number. */
static int taken(natsMsg *answer, char said[SOURCE_SAID_MAX])
{
	struct consumer_reply r;

	if (consumer_reply_read(natsMsg_GetData(answer),
				(size_t)natsMsg_GetDataLength(answer),
				&r) < 0 ||
	    r.error) {
		snprintf(said, SOURCE_SAID_MAX, "the servers did not take it");
		return -EIO;
	}
	return 0;
}

int source_put(struct source *s, const char *subject, const void *bytes,
	       size_t len, char said[SOURCE_SAID_MAX])
{
	natsMsg *answer = NULL;
	natsStatus n = natsConnection_Request(&answer, s->nc, subject, bytes,
					      (int)len, PUT_MS);
	int r;

	if (n == NATS_NO_RESPONDERS)
		snprintf(said, SOURCE_SAID_MAX,
			 "no stream takes %s: `hale fleet apply` makes it",
			 subject);
	else if (n == NATS_TIMEOUT)
		snprintf(said, SOURCE_SAID_MAX,
			 "no answer to %s: its stream has no leader, or this "
			 "user may not publish there",
			 subject);
	else if (n != NATS_OK)
		snprintf(said, SOURCE_SAID_MAX, "%s: %s", subject,
			 natsStatus_GetText(n));
	if (n != NATS_OK)
		return -EIO;
	r = taken(answer, said);
	natsMsg_Destroy(answer);
	return r;
}
