/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The wire between supervisor and core: structs as they lie in memory, since
 * both ends are one program. Decides what is a message and what is not. Must
 * never block, nor leave a descriptor open that nobody asked for. Invariant:
 * what goes up is checked whole before anybody looks at its meaning.
 */
#include <errno.h>
#include <sys/socket.h>

#include "hale/base.h"

#include "agent/daemon/wire.h"

int wire_send_up(int fd, enum wire_up kind, uint64_t value)
{
	const struct wire_up_message m = { .kind = kind, .value = value };

	return send(fd, &m, sizeof(m), MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno
									: 0;
}

bool wire_read_up(const void *bytes, size_t len, struct wire_up_message *ret_m)
{
	struct wire_up_message m;

	if (len != sizeof(m))
		return false;
	memcpy(&m, bytes, sizeof(m));
	if (m.kind == WIRE_UP_NONE || m.kind >= WIRE_UP_COUNT || m.zero != 0)
		return false;
	*ret_m = m;
	return true;
}

union passed {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(int))];
};

int wire_send_down(int fd, const struct wire_down_message *m, const void *bytes,
		   int passed)
{
	/* sendmsg(2) reads only */
	struct iovec parts[] = {
		{ (void *)(uintptr_t)m, sizeof(*m) },
		{ (void *)(uintptr_t)bytes, m->len },
	};
	union passed control = { 0 };
	struct msghdr h = { .msg_iov = parts, .msg_iovlen = 2 };
	struct cmsghdr *c;

	if (passed >= 0) {
		h.msg_control = control.bytes;
		h.msg_controllen = sizeof(control.bytes);
		c = CMSG_FIRSTHDR(&h);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &passed, sizeof(int));
	}
	return sendmsg(fd, &h, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* One alone is a message's; there is room for two, of which none is, nor what
 * came in parts. */
static int take_passed(struct msghdr *h)
{
	int fds[2];
	size_t n = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c; c = CMSG_NXTHDR(h, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		n = n < HALE_ARRAY_SIZE(fds) ? n : HALE_ARRAY_SIZE(fds);
		memcpy(fds, CMSG_DATA(c), n * sizeof(int));
	}
	if (n == 1 && (h->msg_flags & MSG_CTRUNC) == 0)
		return fds[0];
	for (size_t i = 0; i < n; i++)
		close(fds[i]);
	return -1;
}

/* Whole, though there may be no place here for the descriptor that came along
 * (RLIMIT_NOFILE). */
static bool is_down(const struct wire_down_message *m, size_t len, int flags)
{
	return (flags & MSG_TRUNC) == 0 && len >= sizeof(*m) &&
	       len - sizeof(*m) == m->len && m->kind != WIRE_DOWN_NONE &&
	       m->kind < WIRE_DOWN_COUNT;
}

int wire_receive_down(int fd, struct wire_down_message *ret_m, uint8_t *bytes,
		      int *ret_passed)
{
	struct wire_down_message m;
	struct iovec parts[] = { { &m, sizeof(m) }, { bytes, WIRE_DOWN_MAX } };
	union passed control;
	struct msghdr h = { .msg_iov = parts,
			    .msg_iovlen = 2,
			    .msg_control = control.bytes,
			    .msg_controllen = sizeof(control.bytes) };
	ssize_t n = recvmsg(fd, &h, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	int passed;

	if (n < 0)
		return -errno;
	passed = take_passed(&h);
	if (!is_down(&m, (size_t)n, h.msg_flags)) {
		if (passed >= 0)
			close(passed);
		return n == 0 ? 0 : -EBADMSG;
	}
	bytes[m.len] = '\0';
	*ret_m = m;
	*ret_passed = passed;
	return 1;
}
