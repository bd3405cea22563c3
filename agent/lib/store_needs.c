/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One question to the store: what do builds of this repository need? The outer
 * messages, StoreRequest and StoreReply, are one field around the inner one
 * (protobuf.dev, "Encoding"), and are read and written as that here: their
 * descriptors, with those of all that a build may say, would make every start
 * of `hale check` slower. Must never wait beyond its time, nor believe a
 * length.
 */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "hale/base.h"

#include "detach.h"
#include "store_ask.h"

#define TAG(field)    ((field) << 3 | 2) /* of a field with a length */
#define NEEDS_ASKED   3			 /* StoreRequest.needs */
#define NEEDS_TOLD    4			 /* StoreReply.needs */
#define MESSAGE_MAX   1024
#define REPO_NAME_MAX 200

static int ask(int fd, const char *repo)
{
	Hale__V1__NeedsQuery q;
	uint8_t bytes[2 * REPO_NAME_MAX];
	size_t n, at = 0;

	hale__v1__needs_query__init(&q);
	q.repo = (char *)(uintptr_t)repo;
	n = hale__v1__needs_query__get_packed_size(&q);
	if (n > 127 + REPO_NAME_MAX)
		return -EINVAL;
	bytes[at++] = TAG(NEEDS_ASKED);
	if (n > 127)
		bytes[at++] = (uint8_t)(n | 0x80);
	bytes[at++] = (uint8_t)(n > 127 ? n >> 7 : n);
	at += hale__v1__needs_query__pack(&q, bytes + at);
	return send(fd, bytes, at, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -errno
								    : 0;
}

/* The bytes of the field of needs, which comes first; NULL: none. */
static const uint8_t *inner(const uint8_t *bytes, size_t len, size_t *ret_len)
{
	size_t at = 1, n = 0;

	if (len < 2 || bytes[0] != TAG(NEEDS_TOLD))
		return NULL;
	for (unsigned int shift = 0; at < len && shift < 21; shift += 7) {
		n |= (size_t)(bytes[at] & 0x7f) << shift;
		if ((bytes[at++] & 0x80) == 0)
			break;
	}
	if (n > len - at)
		return NULL;
	*ret_len = n;
	return bytes + at;
}

static int hear(int fd, int ms, Hale__V1__Needs **ret)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	uint8_t bytes[MESSAGE_MAX];
	const uint8_t *in;
	size_t len = 0;
	ssize_t n;

	if (poll(&p, 1, ms) != 1)
		return -ETIMEDOUT;
	n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	if (n <= 0)
		return n < 0 ? -errno : -ECONNRESET;
	in = inner(bytes, (size_t)n, &len);
	*ret = in ? hale__v1__needs__unpack(NULL, len, in) : NULL;
	return *ret ? 0 : -EBADMSG;
}

static uint64_t with_margin(uint64_t value)
{
	return value + value / 100 * STORE_NEEDS_MARGIN;
}

void store_needs_take(const Hale__V1__Needs *m, struct store_needs *ret_needs)
{
	*ret_needs = (struct store_needs){ .builds = m->builds };
	if (m->builds < STORE_NEEDS_FEW)
		return;
	ret_needs->disk_bytes = with_margin(m->disk_bytes);
	ret_needs->inodes = with_margin(m->inodes);
	ret_needs->memory_bytes = with_margin(m->memory_bytes);
	ret_needs->wall_ns = m->wall_ns;
	HALE_SET(ret_needs->strategy, m->strategy);
}

int store_needs(const char *run_dir, const char *repo, uint32_t ms,
		struct store_needs *ret_needs)
{
	Hale__V1__Needs *m = NULL;
	_cleanup_fd_ int fd = -1;
	int r = store_connect(run_dir, ms, &fd);

	if (r == 0)
		r = ask(fd, repo);
	if (r == 0)
		r = hear(fd, (int)ms, &m);
	if (r < 0 || !m)
		return r;
	store_needs_take(m, ret_needs);
	hale__v1__needs__free_unpacked(m, NULL);
	return 0;
}
