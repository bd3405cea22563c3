/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pidfd_open(2) and pidfd_send_signal(2) for a process under a valgrind that
 * knows neither (before 3.22): preloaded, it asks pidfd.py, which runs beside
 * it, at the socket $HALE_PIDFD. Decides nothing: what the kernel says there is
 * the answer here.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#define ARGS 6

struct call {
	int32_t number, arg; /* a process; or a signal, for the descriptor */
};

union control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(int))];
};

static int reach(void)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	const char *path = getenv("HALE_PIDFD");
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (fd < 0 || !path || strlen(path) >= sizeof(to.sun_path))
		abort();
	memcpy(to.sun_path, path, strlen(path));
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		abort();
	return fd;
}

/* Return: what the kernel said, 0 or an errno; a descriptor in *@pidfd. */
static int ask(struct call call, int *pidfd)
{
	int32_t said = ENOSYS;
	union control room = { 0 };
	struct iovec iov = { &call, sizeof(call) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *c;
	int fd = reach();

	if (*pidfd >= 0) {
		m.msg_control = room.bytes;
		m.msg_controllen = sizeof(room.bytes);
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), pidfd, sizeof(int));
	}
	sendmsg(fd, &m, MSG_NOSIGNAL);
	iov = (struct iovec){ &said, sizeof(said) };
	m.msg_control = room.bytes;
	m.msg_controllen = sizeof(room.bytes);
	if (recvmsg(fd, &m, MSG_CMSG_CLOEXEC) != sizeof(said))
		abort();
	c = CMSG_FIRSTHDR(&m);
	if (c && c->cmsg_type == SCM_RIGHTS)
		memcpy(pidfd, CMSG_DATA(c), sizeof(int));
	close(fd);
	return said;
}

long syscall(long number, ...)
{
	static long (*real)(long, ...);
	struct call call = { .number = (int32_t)number };
	long a[ARGS];
	int pidfd = -1;
	va_list args;

	va_start(args, number);
	for (int i = 0; i < ARGS; i++)
		a[i] = va_arg(args, long);
	va_end(args);
	if (number == SYS_pidfd_open) {
		call.arg = (int32_t)a[0];
	} else if (number == SYS_pidfd_send_signal) {
		pidfd = (int)a[0];
		call.arg = (int32_t)a[1];
	} else {
		if (!real)
			*(void **)&real = dlsym(RTLD_NEXT, "syscall");
		return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
	}
	errno = ask(call, &pidfd);
	if (errno != 0)
		return -1;
	return number == SYS_pidfd_open ? pidfd : 0;
}
