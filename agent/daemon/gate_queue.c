/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What goes out to clients, and what waits to. Decides when a reader is too
 * slow to be kept. Must never block and never hold more than the bounds of
 * gate.h. Invariant: a client with a queue waits for room in its socket, and
 * one without a queue does not.
 */
#include <errno.h>
#include <sys/socket.h>

#include "hale/base.h"

#include "agent/daemon/clock.h"
#include "agent/daemon/gate.h"
#include "agent/daemon/gate_spare.h"

static void free_queue(struct gate_client *c)
{
	while (c->first) {
		struct gate_message *m = c->first;

		c->first = m->next;
		free(m);
	}
	c->gate->queued -= c->queued;
	c->queued = 0;
	c->last = NULL;
}

void gate_drop(struct gate_client *c)
{
	int fd = c->source.fd;

	if (fd < 0)
		return;
	loop_remove(c->gate->setup.loop, &c->source);
	close(fd);
	gate_spare_fill(c->gate);
	free_queue(c);
	free(c->request);
	c->request = NULL;
	c->wait = GATE_IDLE;
}

/* 1: out; 0: the socket is full; negative errno: the client is gone. */
static int send_now(struct gate_client *c, const void *bytes, size_t len)
{
	ssize_t n;

	do {
		n = send(c->source.fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	if (n >= 0)
		return 1;
	return errno == EAGAIN ? 0 : -errno;
}

static int enqueue(struct gate_client *c, const void *bytes, size_t len)
{
	struct gate *g = c->gate;
	struct gate_message *m;

	if (c->queued + len > GATE_QUEUE_MAX ||
	    g->queued + len > GATE_QUEUES_MAX)
		return -ENOBUFS;
	m = malloc(sizeof(*m) + len);
	if (!m)
		return -ENOMEM;
	m->next = NULL;
	m->len = len;
	memcpy(m->bytes, bytes, len);
	if (c->last)
		c->last->next = m;
	else
		c->first = m;
	c->last = m;
	c->queued += len;
	g->queued += len;
	return 0;
}

bool gate_send(struct gate_client *c, const void *bytes, size_t len)
{
	int r = c->first ? 0 : send_now(c, bytes, len);
	bool first = !c->first;

	if (r == 0)
		r = enqueue(c, bytes, len);
	if (r == 0 && first) {
		c->stalled_ns = clock_boot_ns();
		r = loop_change(c->gate->setup.loop, EPOLLIN | EPOLLOUT,
				&c->source);
	}
	if (r < 0) {
		c->gate->slow += r == -ENOBUFS;
		gate_drop(c);
		return false;
	}
	return true;
}

void gate_flush(struct gate_client *c)
{
	while (c->first) {
		struct gate_message *m = c->first;
		int r = send_now(c, m->bytes, m->len);

		if (r < 0)
			gate_drop(c);
		if (r <= 0)
			return;
		c->stalled_ns = clock_boot_ns();
		c->first = m->next;
		c->queued -= m->len;
		c->gate->queued -= m->len;
		free(m);
	}
	c->last = NULL;
	c->stalled_ns = 0;
	loop_change(c->gate->setup.loop, EPOLLIN, &c->source);
}
