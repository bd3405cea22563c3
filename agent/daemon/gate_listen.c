/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The socket behind the door, made once and handed from core to core. Decides
 * who may reach it: everyone, since it is the asker's credentials that say what
 * is answered. Must never touch what stands at its name after it is bound.
 */
#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "hale/base.h"

#include "agent/daemon/gate.h"

/* Connections that wait for accept(2). Each costs some 15 us to take and send
 * away: behind 4096 of a storm an honest one waited 50 ms, behind these half a
 * millisecond. Who finds no place sleeps in connect(2), in the order of their
 * coming, and of 600 that come at once all are answered. */
#define BACKLOG 32
/* Linux 6.16; not yet in the C library's headers. */
#ifndef SO_PASSRIGHTS
#define SO_PASSRIGHTS 83
#endif

/* Nobody has a descriptor to hand over here; what is sent all the same costs
 * its sender an error instead of this process the time to close it. An older
 * kernel closes what recv(2) does not ask for. */
void gate_refuse_descriptors(int fd)
{
	int no = 0;

	if (setsockopt(fd, SOL_SOCKET, SO_PASSRIGHTS, &no, sizeof(no)) < 0)
		return;
}

/* O_NONBLOCK is a flag of the file, and each process that has it may take it
 * away: the core, which is taken over, say, from the supervisor, which accepts
 * in its place. What is set here only who may call setsockopt(2) can change; a
 * wait is over after one tick. */
static void wait_for_nobody(int fd)
{
	const struct timeval least = { .tv_usec = 1 };

	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &least, sizeof(least)) < 0)
		return;
}

static int listen_at(const char *path, int fd)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	mode_t mask;
	int r = 0;

	if (!HALE_SET(address.sun_path, path))
		return -ENAMETOOLONG;
	unlink(path);
	/* Everyone may ask whether this host is fit; what changes something is
	 * refused by the asker's credentials. The name gets the mode of the
	 * descriptor (net/unix/af_unix.c, unix_bind_bsd): what stands at that
	 * name is never touched afterwards. */
	if (fchmod(fd, 0666) < 0)
		return -errno;
	mask = umask(0);
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		r = -errno;
	umask(mask);
	if (r < 0)
		return r;
	gate_refuse_descriptors(fd);
	wait_for_nobody(fd);
	return listen(fd, BACKLOG) < 0 ? -errno : 0;
}

int gate_listen(const char *path)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
			0);
	int r = fd < 0 ? -errno : listen_at(path, fd);

	if (r == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return r;
}
