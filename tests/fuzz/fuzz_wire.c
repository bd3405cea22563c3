/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any packets on the wire between supervisor and core: what is no message is
 * refused, nothing is written beyond the room there is, and no descriptor stays
 * open that nobody asked for. Each record is one byte for what it is, two of
 * length, and its bytes.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>

#include "hale/base.h"

#include "agent/daemon/wire.h"

enum {
	FDS_MAX = 4,
	UP = 0x80,    /* from a core; else to it */
	FRAMED = 0x40 /* the length that it says is its own */
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t room[WIRE_DOWN_MAX + 1 + 8];

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void up(const uint8_t *bytes, size_t len)
{
	struct wire_up_message m;

	if (!wire_read_up(bytes, len, &m))
		return;
	check(m.kind > WIRE_UP_NONE && m.kind < WIRE_UP_COUNT && m.zero == 0);
}

/* The lowest number that is free: the same again where nothing leaked. */
static int free_fd(void)
{
	int fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);

	close(fd);
	return fd;
}

static void send_any(int fd, const uint8_t *bytes, size_t len, unsigned int n)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(FDS_MAX * sizeof(int))];
	} control = { 0 };
	struct iovec part = { (void *)(uintptr_t)bytes, len };
	struct msghdr h = { .msg_iov = &part, .msg_iovlen = 1 };
	const int fds[FDS_MAX] = { 2, 2, 2, 2 };
	struct cmsghdr *c;

	if (n > 0) {
		h.msg_control = control.bytes;
		h.msg_controllen = CMSG_SPACE(n * sizeof(int));
		c = CMSG_FIRSTHDR(&h);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(n * sizeof(int));
		memcpy(CMSG_DATA(c), fds, n * sizeof(int));
	}
	check(sendmsg(fd, &h, MSG_DONTWAIT) == (ssize_t)len);
}

static void take(int fd, size_t sent)
{
	struct wire_down_message m;
	int passed = -1, r;

	memset(room + WIRE_DOWN_MAX + 1, 0x5a, 8);
	r = wire_receive_down(fd, &m, room, &passed);
	check(r == 1 || r == -EBADMSG || (r == 0 && sent == 0));
	for (int i = 0; i < 8; i++)
		check(room[WIRE_DOWN_MAX + 1 + i] == 0x5a);
	if (r != 1)
		return;
	check(m.kind > WIRE_DOWN_NONE && m.kind < WIRE_DOWN_COUNT);
	check(m.len <= WIRE_DOWN_MAX && sent == sizeof(m) + m.len);
	check(room[m.len] == '\0');
	if (passed >= 0)
		close(passed);
}

static void down(const int pair[2], uint8_t *bytes, size_t len, uint8_t what)
{
	struct wire_down_message m;
	int before = free_fd();

	if ((what & FRAMED) != 0 && len >= sizeof(m)) {
		memcpy(&m, bytes, sizeof(m));
		m.kind %= WIRE_DOWN_COUNT + 1;
		m.len = (uint32_t)(len - sizeof(m));
		memcpy(bytes, &m, sizeof(m));
	}
	send_any(pair[0], bytes, len, what % (FDS_MAX + 1));
	take(pair[1], len);
	check(free_fd() == before);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t bytes[UINT16_MAX * 2];
	static int pair[2] = { -1, -1 };

	if (pair[0] < 0)
		check(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
				 pair) == 0);
	while (size >= 3) {
		uint8_t what = data[0];
		size_t len = (size_t)data[1] | (size_t)data[2] << 8;

		data += 3;
		size -= 3;
		len = len < size ? len : size;
		memcpy(bytes, data, len);
		data += len;
		size -= len;
		if ((what & UP) != 0)
			up(bytes, len);
		else /* a long one ends in zeros */
			down(pair, bytes, what & 0x20 ? len + UINT16_MAX : len,
			     what & 0xdf);
	}
	return 0;
}
