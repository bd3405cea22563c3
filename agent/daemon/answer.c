/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checks: computed when something changes, kept, and handed out by comparison.
 * Decides which questions are worth keeping. Must never hand out a reply of an
 * earlier generation, nor the time at which it was computed as if it were now.
 * Invariant: a kept reply is byte for byte, but for its time, what a fresh
 * judgment would say. Long answers stand in answer_long.c.
 */
#include <errno.h>

#include "hale/base.h"

#include "agent/daemon/answer.h"
#include "hale/kernel_log.h"

/* Nobody asked for so long: it is not worth computing anew. */
#define FORGET_NS (600 * HALE_NS_PER_S)
/* In a storm everything changes every turn; who asks meanwhile computes. */
#define REFRESH_NS (20 * HALE_NS_PER_MS)
/* Reply{check{verdict{fitness, as_of}}}: the time stands in its first bytes. */
#define STAMP_WITHIN 24
#define STAMP_TAG    0x10 /* Verdict.as_of_ns: field 2, varint */
#define STAMP_LEN    9	  /* of a varint from 2^56 to 2^63: 1972 to 2262 */

void answer_init(struct answer *a, struct middle *middle,
		 const struct hale_clock *clock)
{
	memset(a, 0, sizeof(*a));
	a->middle = middle;
	a->clock = clock;
	a->log_fd = hale_log_open();
	a->withhold = true;
	a->started_ns = clock_now_ns(clock);
	gethostname(a->host, sizeof(a->host) - 1);
}

void answer_done(struct answer *a)
{
	for (size_t i = 0; i < ANSWER_KEPT; i++)
		free(a->kept[i].bytes);
	if (a->log_fd >= 0)
		close(a->log_fd);
	a->log_fd = -1;
	memset(a->kept, 0, sizeof(a->kept));
}

void answer_to(struct answer *a, bool may_read_log)
{
	a->withhold = !may_read_log && hale_log_restricted(a->log_fd);
}

void answer_screen(const struct answer *a, struct hale_finding *f)
{
	if (!a->withhold || !f->evidence[0] || !hale_is_kernel_text(f->driver))
		return;
	f->evidence[0] = '\0';
	f->withheld = true;
}

void answer_screen_verdict(const struct answer *a, struct hale_verdict *v)
{
	for (uint32_t i = 0; i < v->n_reasons; i++)
		answer_screen(a, &v->reasons[i].finding);
}

void answer_tell_clear(const struct answer *a, Hale__V1__Finding *m)
{
	if (a->cleared_by && strcmp(m->closed, MIDDLE_CLEARED) == 0)
		m->closed_by = codec_borrow(
			a->cleared_by(a->cleared_data, m->part->id));
}

static void put_varint(uint8_t *at, uint64_t value)
{
	for (int i = 0; i < STAMP_LEN - 1; i++) {
		at[i] = (uint8_t)(value | 0x80);
		value >>= 7;
	}
	at[STAMP_LEN - 1] = (uint8_t)value;
}

/* Writes @now over the time @then; false where it is not found. */
static bool stamp(uint8_t *reply, size_t len, uint64_t then, uint64_t now)
{
	uint8_t wanted[STAMP_LEN + 1] = { STAMP_TAG };
	uint8_t *found;

	if (then >> 56 == 0 || then >> 63 != 0 || now >> 56 == 0 ||
	    now >> 63 != 0)
		return false;
	put_varint(wanted + 1, then);
	found = memmem(reply, len < STAMP_WITHIN ? len : STAMP_WITHIN, wanted,
		       sizeof(wanted));
	if (!found)
		return false;
	put_varint(found + 1, now);
	return true;
}

uint32_t answer_host(struct answer *a)
{
	memset(&a->request, 0, sizeof(a->request));
	a->request.host = true;
	middle_judge(a->middle, &a->request, clock_now_ns(a->clock),
		     &a->verdict);
	answer_screen_verdict(a, &a->verdict);
	return (uint32_t)hale_exit_code(a->verdict.fitness, false);
}

#define ENGINES_MAX 4

/* A build in a container writes where no path of the question leads. */
static bool tell_engines(struct answer *a, struct codec_arena *arena,
			 Hale__V1__CheckReply *c)
{
	const char *paths[ENGINES_MAX];
	size_t n = middle_engine_paths(a->middle, paths, ENGINES_MAX);

	c->engine_paths = codec_alloc(arena, sizeof(paths));
	if (!c->engine_paths)
		return false;
	for (; c->n_engine_paths < n; c->n_engine_paths++)
		c->engine_paths[c->n_engine_paths] =
			codec_borrow(paths[c->n_engine_paths]);
	return true;
}

/* Judges into a->out; its length, or negative errno. */
static ssize_t judge(struct answer *a, const struct hale_scope_request *req)
{
	struct codec_arena arena = { .mem = a->arena,
				     .size = sizeof(a->arena) };
	Hale__V1__Reply *reply;

	middle_judge(a->middle, req, clock_now_ns(a->clock), &a->verdict);
	answer_screen_verdict(a, &a->verdict);
	reply = codec_reply_check(
		&arena, &a->verdict, a->host,
		(uint32_t)hale_exit_code(a->verdict.fitness, req->strict));
	if (reply && req->container && !tell_engines(a, &arena, reply->check))
		return -ENOMEM;
	if (reply && a->note) {
		/* protobuf-c has no const texts; packing only reads them */
		memcpy(&reply->check->note, &a->note, sizeof(a->note));
	}
	return codec_pack(reply, a->out, sizeof(a->out));
}

static struct answer_kept *find(struct answer *a, const void *request,
				size_t len)
{
	for (size_t i = 0; i < ANSWER_KEPT; i++) {
		struct answer_kept *k = &a->kept[i];

		if (k->bytes && k->request_len == len &&
		    k->withheld == a->withhold &&
		    memcmp(k->bytes, request, len) == 0)
			return k;
	}
	return NULL;
}

static struct answer_kept *least_used(struct answer *a)
{
	struct answer_kept *found = &a->kept[0];

	for (size_t i = 0; i < ANSWER_KEPT; i++) {
		if (a->kept[i].used_ns < found->used_ns)
			found = &a->kept[i];
	}
	return found;
}

/* Puts a->out, @n bytes, in place of the reply kept for @request. */
static void keep(struct answer *a, struct answer_kept *k, const void *request,
		 size_t len, size_t n)
{
	uint8_t *bytes = malloc(len + n);

	if (bytes) {
		memcpy(bytes, request, len);
		memcpy(bytes + len, a->out, n);
	}
	free(k->bytes); /* @request may point into it: after the copy */
	k->bytes = bytes;
	k->request_len = bytes ? len : 0;
	k->reply_len = bytes ? n : 0;
	k->withheld = a->withhold;
	k->generation = middle_generation(a->middle);
}

const uint8_t *answer_kept(struct answer *a, const void *request, size_t len,
			   size_t *ret_len)
{
	struct answer_kept *k = find(a, request, len);
	uint64_t now = clock_now_ns(a->clock);
	uint8_t *reply;

	if (!k || k->generation != middle_generation(a->middle))
		return NULL;
	reply = k->bytes + k->request_len;
	/* What nothing contradicted until now is true as of now. */
	if (!stamp(reply, k->reply_len, k->used_ns, now))
		return NULL;
	k->used_ns = now;
	*ret_len = k->reply_len;
	return reply;
}

const uint8_t *answer_check(struct answer *a, const void *request, size_t len,
			    const struct hale_scope_request *req,
			    size_t *ret_len)
{
	ssize_t n = judge(a, req);
	struct answer_kept *k;

	if (n < 0)
		return NULL;
	/* the last two want somebody to look before they are answered */
	if (len <= ANSWER_REQUEST_MAX && !req->map_late && !req->fresh &&
	    !req->container) {
		k = find(a, request, len);
		if (!k)
			k = least_used(a);
		keep(a, k, request, len, (size_t)n);
		k->used_ns = a->verdict.as_of_ns;
	}
	*ret_len = (size_t)n;
	return a->out;
}

/* One kept question, asked anew of itself. */
static void renew(struct answer *a, struct answer_kept *k)
{
	uint64_t used_ns = k->used_ns;
	struct codec_arena arena = { .mem = a->arena,
				     .size = sizeof(a->arena) };
	Hale__V1__Request *m;
	const char *why;
	ssize_t n = -1;

	if (codec_unpack_request(&arena, k->bytes, k->request_len, &m) == 0 &&
	    codec_read_check(m->check, &a->request, &why) == 0)
		n = judge(a, &a->request);
	if (n < 0)
		return; /* it stays stale, and is computed when asked for */
	keep(a, k, k->bytes, k->request_len, (size_t)n);
	/* The time in the reply and used_ns are one; age is kept by asking. */
	if (k->bytes && stamp(k->bytes + k->request_len, k->reply_len,
			      a->verdict.as_of_ns, used_ns))
		k->used_ns = used_ns;
	else
		k->used_ns = a->verdict.as_of_ns;
}

void answer_refresh(struct answer *a)
{
	uint64_t now = clock_now_ns(a->clock);
	bool withhold = a->withhold;

	if (now - a->refreshed_ns < REFRESH_NS)
		return;
	a->refreshed_ns = now;
	for (size_t i = 0; i < ANSWER_KEPT; i++) {
		struct answer_kept *k = &a->kept[i];

		if (k->bytes && now - k->used_ns < FORGET_NS &&
		    k->generation != middle_generation(a->middle)) {
			a->withhold = k->withheld;
			renew(a, k);
		}
	}
	a->withhold = withhold;
}
