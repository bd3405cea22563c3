/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a build has written may be lost after it has ended: the kernel writes it
 * to the disk half a minute later. syncfs(2) brings that forward, and tells
 * (Linux 5.8) whether anything was lost since its file was opened. It can take
 * as long as a disk wants, so a child does it, with a deadline, and is
 * forgotten when it misses it.
 */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "hale/base.h"

#include "agent/lib/detach.h"
#include "watch_own.h"

#define FILES_MAX HALE_CHECK_PATHS_MAX

union control {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(sizeof(int) * FILES_MAX)];
};

static void message(struct msghdr *m, struct iovec *iov, union control *c)
{
	*m = (struct msghdr){
		.msg_iov = iov,
		.msg_iovlen = 1,
		.msg_control = c->bytes,
		.msg_controllen = sizeof(c->bytes),
	};
}

static int hand_over(int socket, const int *files, size_t n)
{
	char byte = 0;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	union control c = { .bytes = { 0 } };
	struct cmsghdr *h;
	struct msghdr m;

	message(&m, &iov, &c);
	m.msg_controllen = CMSG_SPACE(sizeof(int) * n);
	h = &c.header; /* the first and only one */
	h->cmsg_level = SOL_SOCKET;
	h->cmsg_type = SCM_RIGHTS;
	h->cmsg_len = CMSG_LEN(sizeof(int) * n);
	memcpy(CMSG_DATA(h), files, sizeof(int) * n);
	return sendmsg(socket, &m, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* In the child: one byte for each filesystem, 1 where something was lost. */
static void sync_all(void *ctx, int socket)
{
	char byte = 0;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	union control c;
	struct cmsghdr *h;
	struct msghdr m;
	int files[FILES_MAX];
	size_t n;

	(void)ctx;
	message(&m, &iov, &c);
	if (recvmsg(socket, &m, MSG_CMSG_CLOEXEC) < 0)
		return;
	h = CMSG_FIRSTHDR(&m);
	if (!h || h->cmsg_type != SCM_RIGHTS)
		return;
	n = (h->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	n = n < FILES_MAX ? n : FILES_MAX;
	memcpy(files, CMSG_DATA(h), n * sizeof(int));
	for (size_t i = 0; i < n; i++) {
		byte = syncfs(files[i]) < 0 &&
		       (errno == EIO || errno == ENOSPC || errno == EROFS);
		if (write(socket, &byte, 1) < 0)
			return;
	}
}

static uint64_t hear(int socket, size_t n, unsigned int seconds)
{
	long long end = detach_now_ms() + seconds * 1000LL;
	struct pollfd p = { .fd = socket, .events = POLLIN };
	uint64_t lost = 0;
	char byte;

	for (size_t i = 0; i < n;) {
		int r = poll(&p, 1, detach_left_ms(end));

		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0 || read(socket, &byte, 1) != 1)
			break;
		lost += byte == 1;
		i++;
	}
	return lost;
}

uint64_t watch_sync(struct watch *w, unsigned int seconds)
{
	int files[FILES_MAX], pair[2];
	uint64_t lost = 0;
	size_t n = 0;

	for (size_t i = 0; i < w->n_fs; i++) {
		if (w->fs[i].sync_fd >= 0)
			files[n++] = w->fs[i].sync_fd;
	}
	if (n == 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return 0;
	if (hand_over(pair[0], files, n) == 0 &&
	    detach(pair[1], seconds, sync_all, NULL) == 0) {
		close(pair[1]);
		pair[1] = -1;
		lost = hear(pair[0], n, seconds);
	}
	hale_cleanup_fd(&pair[0]);
	hale_cleanup_fd(&pair[1]);
	return lost;
}
