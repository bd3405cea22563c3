/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tells the service manager how far we are. It speaks the protocol of
 * sd_notify(3) itself: one datagram is not worth a library that would double
 * the agent's memory. Must never block and never fail the agent: a manager
 * that does not listen is none. Invariant: the variables are taken out of the
 * environment, so no child ever speaks for us.
 */
#include <errno.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#include "hale/base.h"

#include "agent/daemon/notify.h"

static int connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t len = strlen(path);
	int fd;

	/* '@' stands for the NUL that opens an abstract name. */
	if ((path[0] != '/' && path[0] != '@') ||
	    len >= sizeof(address.sun_path))
		return -1;
	memcpy(address.sun_path, path, len);
	if (path[0] == '@')
		address.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	if (connect(fd, (const struct sockaddr *)&address,
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len +
				(path[0] == '/'))) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static uint64_t number_of(const char *text)
{
	unsigned long long value;
	char *end;

	if (!text || text[0] < '0' || text[0] > '9')
		return 0;
	errno = 0;
	value = strtoull(text, &end, 10);
	return *end == '\0' && errno == 0 ? value : 0;
}

static uint64_t watchdog_ns(void)
{
	const char *pid = getenv("WATCHDOG_PID");
	uint64_t us = number_of(getenv("WATCHDOG_USEC"));

	if (us == 0 || us > UINT64_MAX / HALE_NS_PER_US)
		return 0;
	if (pid && number_of(pid) != (uint64_t)getpid())
		return 0;
	return us * HALE_NS_PER_US;
}

void notify_init(struct notify *n)
{
	const char *path = getenv("NOTIFY_SOCKET");

	n->fd = path ? connect_to(path) : -1;
	n->watchdog_ns = n->fd >= 0 ? watchdog_ns() : 0;
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_PID");
	unsetenv("WATCHDOG_USEC");
}

void notify_done(struct notify *n)
{
	if (n->fd >= 0)
		close(n->fd);
	n->fd = -1;
}

void notify_send(const struct notify *n, const char *text)
{
	if (n->fd >= 0)
		send(n->fd, text, strlen(text), MSG_DONTWAIT | MSG_NOSIGNAL);
}

void notify_reloading(const struct notify *n)
{
	char text[64];
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%llu",
		 (unsigned long long)t.tv_sec * 1000000 +
			 (unsigned long long)t.tv_nsec / 1000);
	notify_send(n, text);
}
