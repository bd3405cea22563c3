/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_GATE_ROOM_H
#define TESTS_UNIT_GATE_ROOM_H

/* A gate in a folder of its own, and who knocks at it. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/daemon/gate.h"

static struct loop loop;
static struct gate gate;
static char dir[] = "/tmp/hale-gate-XXXXXX";
static char path[64]; /* of the gate's socket */

/* @s: without what this adds to it: loop and path. */
static int gate_room_enter(struct gate_setup *s)
{
	strcpy(dir + strlen(dir) - 6, "XXXXXX");
	if (!mkdtemp(dir) || loop_init(&loop) < 0)
		return -1;
	snprintf(path, sizeof(path), "%s/gate.sock", dir);
	s->loop = &loop;
	s->path = path;
	return gate_init(&gate, s);
}

/* Fails where the gate leaves its socket behind. */
static int gate_room_leave(void)
{
	gate_done(&gate);
	if (access(path, F_OK) == 0)
		return -1;
	loop_done(&loop);
	return rmdir(dir);
}

static int new_socket(void)
{
	return socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC,
		      0);
}

static void call(int fd)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	HALE_SET(a.sun_path, path);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
}

static int dial(void)
{
	int fd = new_socket();

	call(fd);
	return fd;
}

static void turns(int n)
{
	for (int i = 0; i < n; i++)
		assert_int_equal(loop_once(&loop, 0), 0);
}

static int clients(void)
{
	int n = 0;

	for (size_t i = 0; i < GATE_CLIENTS_MAX; i++)
		n += gate_client_here(&gate.clients[i]);
	return n;
}

/* -1: closed, 0: nothing yet, else the length of a message */
static ssize_t receive(int fd)
{
	static uint8_t buf[GATE_MESSAGE_MAX];
	ssize_t n = recv(fd, buf, sizeof(buf), 0);

	if (n < 0 && errno == EAGAIN)
		return 0;
	return n > 0 ? n : -1;
}

#endif
