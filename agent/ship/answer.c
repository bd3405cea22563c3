/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests to the store: bytes in, replies out. Decides what is stored, what
 * waits in memory while the disk takes nothing, and who has told too many
 * builds. Must never say "stored" before it is on the disk. Invariant: one
 * reply, or one list of them, for each request.
 */
#include <errno.h>

#include "hale/base.h"
#include "hale/repo.h"

#include "agent/ship/ship.h"
#include "proto/codec_read.h"

/* A user may tell so many builds at once, and then one in... */
#define BUILDS_BURST 240
#define BUILD_NS     (HALE_NS_PER_S / 2)
#define ARENA_SIZE   (768 * 1024)

void answer_error(struct ship_client *c, int error, const char *text)
{
	Hale__V1__StoreReply reply = HALE__V1__STORE_REPLY__INIT;
	Hale__V1__ErrorReply e;

	hale__v1__error_reply__init(&e);
	e.code = (uint32_t)error;
	e.text = codec_borrow(text);
	reply.body_case = HALE__V1__STORE_REPLY__BODY_ERROR;
	reply.error = &e;
	reply.last = true;
	client_send(c, &reply);
}

static void answer_stored(struct ship_client *c)
{
	Hale__V1__StoreReply reply = HALE__V1__STORE_REPLY__INIT;

	reply.body_case = HALE__V1__STORE_REPLY__BODY_STORED;
	reply.stored = true;
	reply.last = true;
	client_send(c, &reply);
}

/* --- a build --- */

/* The one who has paid the least far ahead makes room for a new user. */
static struct ship_user *user_of(struct ship *s, uid_t uid)
{
	struct ship_user *least = &s->users[0];

	for (size_t i = 0; i < SHIP_USERS_MAX; i++) {
		struct ship_user *u = &s->users[i];

		if (u->paid_ns != 0 && u->uid == uid)
			return u;
		if (u->paid_ns < least->paid_ns)
			least = u;
	}
	*least = (struct ship_user){ .uid = uid };
	return least;
}

static bool pays(struct ship *s, const struct ship_client *c)
{
	uint64_t now = ship_mono_ns();
	struct ship_user *u = user_of(s, c->uid);
	uint64_t paid = u->paid_ns > now ? u->paid_ns : now;

	if (paid + BUILD_NS > now + BUILDS_BURST * BUILD_NS)
		return false;
	u->paid_ns = paid + BUILD_NS;
	return true;
}

/* The disk takes nothing now. */
static void keep(struct ship *s, struct ship_client *c,
		 const Hale__V1__BuildResult *m)
{
	size_t size = hale__v1__build_result__get_packed_size(m);
	_cleanup_free_ uint8_t *bytes = malloc(size + 1);
	char text[DB_SAID_MAX + 64];
	int r = -ENOMEM;

	if (bytes) {
		hale__v1__build_result__pack(m, bytes);
		r = pending_add(&s->pending, c->uid, bytes, size);
	}
	s->waited += r == 0;
	s->refused += r < 0;
	snprintf(text, sizeof(text), "%s%s", s->said,
		 r == 0 ? "; it waits in memory until there is room" : "");
	answer_error(c, r == 0 ? EAGAIN : ENOSPC, text);
}

static void on_record(struct ship *s, struct ship_client *c,
		      struct codec_arena *a, Hale__V1__BuildResult *m)
{
	uint64_t now = ship_now_ns();
	const char *why = told_clean(a, m, s->host, c->uid, now);
	int r;

	if (why) {
		answer_error(c, EBADMSG, why);
		return;
	}
	if (!pays(s, c)) {
		answer_error(c, EDQUOT,
			     "this user tells too many builds at once");
		return;
	}
	/* in their order; while older ones wait, so does it */
	r = s->db && s->pending.n == 0 ? db_add_build(s->db, m, now) : -EIO;
	if (s->db && s->pending.n == 0)
		ship_judge(s, r);
	if (r == 0)
		answer_stored(c);
	else
		keep(s, c, m);
}

/* --- questions --- */

static void on_history(struct ship_client *c, const Hale__V1__HistoryQuery *m)
{
	if (c->asking) {
		answer_error(c, EBUSY, "the last question is not answered yet");
		return;
	}
	if (m->repo[0])
		hale_repo_name(m->repo, c->repo);
	else
		c->repo[0] = '\0';
	HALE_SET(c->host, m->host);
	HALE_SET(c->cause, m->cause);
	c->query = (struct db_query){
		.repo = c->repo,
		.host = c->host,
		.cause = c->cause,
		.since_ns = m->since_ns,
		.until_ns = m->until_ns,
		.uid = m->mine ? (int64_t)c->uid : -1,
		.failed = m->failed,
	};
	db_cursor_init(&c->query);
	if (m->recorded && !m->findings) {
		c->query.recorded = true;
		c->query.before_row =
			m->after < INT64_MAX ? (int64_t)m->after : INT64_MAX;
	}
	c->left = m->limit == 0		     ? SHIP_ROWS
		  : m->limit < SHIP_ROWS_MAX ? m->limit
					     : SHIP_ROWS_MAX;
	c->findings = m->findings;
	c->asking = true; /* the loop sends the rows, as they are taken */
}

static void on_needs(struct ship *s, struct ship_client *c,
		     const Hale__V1__NeedsQuery *m)
{
	Hale__V1__StoreReply reply = HALE__V1__STORE_REPLY__INIT;
	Hale__V1__Needs needs;
	char repo[HALE_REPO_MAX];
	int r;

	if (!hale_repo_name(m->repo, repo)) {
		answer_error(c, EINVAL, "repo: not a name");
		return;
	}
	r = s->db ? db_needs(s->db, repo, &needs) : -EIO;
	if (r < 0) {
		answer_error(c, -r, "the store cannot be read");
		return;
	}
	reply.body_case = HALE__V1__STORE_REPLY__BODY_NEEDS;
	reply.needs = &needs;
	reply.last = true;
	client_send(c, &reply);
	free(needs.repo);
	free(needs.strategy);
}

void answer_request(struct ship *s, struct ship_client *c, const uint8_t *bytes,
		    size_t len)
{
	_cleanup_free_ uint8_t *mem = malloc(ARENA_SIZE);
	struct codec_arena a = { .mem = mem, .size = ARENA_SIZE };
	Hale__V1__StoreRequest *m;
	int r = mem ? codec_unpack(&hale__v1__store_request__descriptor, &a,
				   bytes, len, &m)
		    : -ENOMEM;

	if (r < 0) {
		answer_error(c, -r, "not a request of hale.v1 to the store");
		return;
	}
	switch (m->body_case) {
	case HALE__V1__STORE_REQUEST__BODY_RECORD:
		on_record(s, c, &a, m->record);
		return;
	case HALE__V1__STORE_REQUEST__BODY_HISTORY:
		on_history(c, m->history);
		return;
	case HALE__V1__STORE_REQUEST__BODY_NEEDS:
		on_needs(s, c, m->needs);
		return;
	case HALE__V1__STORE_REQUEST__BODY__NOT_SET:
	case _HALE__V1__STORE_REQUEST__BODY__CASE_IS_INT_SIZE:
		break;
	}
	answer_error(c, EBADMSG, "the request asks nothing that is known here");
}
