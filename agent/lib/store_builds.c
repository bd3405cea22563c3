/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One question to the store: which builds came to grief in some time? The few
 * fields that are wanted are read from the wire as it is (protobuf.dev,
 * "Encoding"), for the reason that store_needs.c has. Must never wait beyond
 * its time, believe a length, or keep a text that does not end.
 */
#include "store_builds.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "hale/base.h"

#include "detach.h"
#include "store_ask.h"

#define ASKED_HISTORY 2 /* StoreRequest.history */
#define TOLD_BUILD    2 /* StoreReply.build */
#define TOLD_ERROR    5
#define TOLD_LAST     15

/* --- the wire --- */

struct bytes {
	const uint8_t *at, *end;
};

struct field {
	uint32_t number;
	uint64_t value;	   /* of a number */
	struct bytes text; /* of what has a length */
};

static bool read_number(struct bytes *b, uint64_t *ret)
{
	uint64_t n = 0;

	for (unsigned int shift = 0; b->at < b->end && shift < 64; shift += 7) {
		n |= (uint64_t)(*b->at & 0x7f) << shift;
		if ((*b->at++ & 0x80) == 0) {
			*ret = n;
			return true;
		}
	}
	return false;
}

static bool skip(struct bytes *b, uint64_t n)
{
	if (n > (uint64_t)(b->end - b->at))
		return false;
	b->at += n;
	return true;
}

/* The next field; false: there is none, or it is not one. */
static bool read_field(struct bytes *b, struct field *ret)
{
	uint64_t tag, n;

	*ret = (struct field){ 0 };
	if (!read_number(b, &tag) || tag >> 3 > UINT32_MAX)
		return false;
	ret->number = (uint32_t)(tag >> 3);
	switch (tag & 7) {
	case 0:
		return read_number(b, &ret->value);
	case 1:
		return skip(b, 8);
	case 2:
		if (!read_number(b, &n))
			return false;
		ret->text.at = b->at;
		ret->text.end =
			b->at + (n <= (uint64_t)(b->end - b->at) ? n : 0);
		return skip(b, n);
	case 5:
		return skip(b, 4);
	}
	return false;
}

static void keep_text(char *ret, size_t size, const struct field *f)
{
	hale_copy(ret, size, (const char *)f->text.at,
		  (size_t)(f->text.end - f->text.at));
}

/* --- what was wrong in its scope --- */

static uint64_t mix(uint64_t h, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		h = (h ^ (uint8_t)text[i]) * UINT64_C(0x100000001b3);
	return (h ^ 0xff) * UINT64_C(0x100000001b3); /* ends it */
}

static uint64_t reason_key(const char *condition, size_t condition_len,
			   const char *part, size_t part_len)
{
	return mix(mix(UINT64_C(0xcbf29ce484222325), condition, condition_len),
		   part, part_len);
}

uint64_t store_reason(const char *condition, const char *part)
{
	return reason_key(condition, strlen(condition), part, strlen(part));
}

/* The field of this number that has a length; none where it is not there. */
static struct bytes inner(struct bytes b, uint32_t number)
{
	struct field f;

	while (read_field(&b, &f)) {
		if (f.number == number && f.text.at)
			return f.text;
	}
	return (struct bytes){ NULL, NULL };
}

static void keep_reason(struct bytes reason, struct store_build *ret)
{
	struct bytes finding = inner(reason, 1);
	struct bytes condition = inner(finding, 1);
	struct bytes id = inner(inner(finding, 3), 1);

	if (!condition.at || !id.at)
		return; /* a sense is missing */
	if (ret->n_reasons == STORE_REASONS_MAX) {
		ret->cut = true;
		return;
	}
	ret->reasons[ret->n_reasons++] =
		reason_key((const char *)condition.at,
			   (size_t)(condition.end - condition.at),
			   (const char *)id.at, (size_t)(id.end - id.at));
}

static void read_verdict(struct bytes b, struct store_build *ret)
{
	uint64_t n = 0, total = 0;
	struct field f;

	while (read_field(&b, &f)) {
		if (f.number == 3 && f.text.at) {
			keep_reason(f.text, ret);
			n++;
		} else if (f.number == 4) {
			total = f.value;
		}
	}
	ret->cut |= total > n;
}

static void read_build(struct bytes b, struct store_build *ret)
{
	struct field f;

	memset(ret, 0, sizeof(*ret));
	while (read_field(&b, &f)) {
		if (f.number == 6 && f.text.at)
			keep_text(ret->repo, sizeof(ret->repo), &f);
		else if (f.number == 9)
			ret->started_ns = f.value;
		else if (f.number == 10)
			ret->ended_ns = f.value;
		else if (f.number == 11 && f.value < STORE_BUILD_OUTCOMES)
			ret->outcome = (enum store_outcome)f.value;
		else if (f.number == 14 && f.text.at)
			keep_text(ret->cause, sizeof(ret->cause), &f);
		else if ((f.number == 24 || f.number == 25) && f.text.at)
			read_verdict(f.text, ret);
	}
}

/* --- asking --- */

static size_t put_number(uint8_t *to, uint64_t n)
{
	size_t len = 0;

	for (; n > 0x7f; n >>= 7)
		to[len++] = (uint8_t)(n | 0x80);
	to[len++] = (uint8_t)n;
	return len;
}

/* HistoryQuery with since_ns and limit, in a StoreRequest. */
static int ask(int fd, uint64_t since_ns)
{
	uint8_t q[32], bytes[40];
	size_t n = 0;

	q[n++] = 4 << 3;
	n += put_number(q + n, since_ns);
	q[n++] = 6 << 3;
	n += put_number(q + n, STORE_BUILDS_MAX);
	bytes[0] = ASKED_HISTORY << 3 | 2;
	bytes[1] = (uint8_t)n;
	memcpy(bytes + 2, q, n);
	return send(fd, bytes, n + 2, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -errno
								       : 0;
}

int store_builds_read(const uint8_t *bytes, size_t len,
		      struct store_build to[STORE_BUILDS_MAX], uint32_t *n)
{
	struct bytes b = { .at = bytes, .end = bytes + len };
	struct field f;
	bool last = false;

	while (read_field(&b, &f)) {
		if (f.number == TOLD_ERROR)
			return -EIO;
		if (f.number == TOLD_BUILD && f.text.at &&
		    *n < STORE_BUILDS_MAX)
			read_build(f.text, &to[(*n)++]);
		last |= f.number == TOLD_LAST && f.value;
	}
	return last ? 1 : 0;
}

static int hear(int fd, uint8_t *mem, struct store_build *to, uint32_t *n)
{
	ssize_t len =
		recv(fd, mem, STORE_MESSAGE_MAX, MSG_DONTWAIT | MSG_TRUNC);

	if (len <= 0)
		return len < 0 ? -errno : -ECONNRESET;
	if (len > STORE_MESSAGE_MAX)
		return -EMSGSIZE;
	return store_builds_read(mem, (size_t)len, to, n);
}

int store_builds(const char *run_dir, uint64_t since_ns, uint32_t ms,
		 struct store_build ret_builds[STORE_BUILDS_MAX])
{
	_cleanup_free_ uint8_t *mem = malloc(STORE_MESSAGE_MAX);
	long long end = detach_now_ms() + ms;
	_cleanup_fd_ int fd = -1;
	uint32_t n = 0;
	int r = mem ? store_connect(run_dir, ms, &fd) : -ENOMEM;

	if (r == 0)
		r = ask(fd, since_ns);
	while (r == 0) {
		struct pollfd p = { .fd = fd, .events = POLLIN };

		if (poll(&p, 1, detach_left_ms(end)) <= 0)
			r = -ETIMEDOUT;
		else
			r = hear(fd, mem, ret_builds, &n);
	}
	return r < 0 && n == 0 ? r : (int)n;
}
