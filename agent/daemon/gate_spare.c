/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who comes while there is no file left: on the host (ENFILE, fs.file-max) or
 * for this process (EMFILE). Decides that the last files of the gate are for
 * those who ask: one kept for that is given up for each, and made again as soon
 * as somebody has gone; that where others went beyond the host's last, who may
 * do so, too, takes the client in. Must never turn without end over one that it
 * cannot take. Invariant: each spare is a file of its own, since one more
 * descriptor of another would free nothing.
 */
#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "hale/base.h"

#include "agent/daemon/gate.h"
#include "agent/daemon/gate_spare.h"

/* Nobody may be taken in: it is tried again so soon. */
#define REST_NS (50 * HALE_NS_PER_MS)

static int take(const struct gate *g)
{
	int fd =
		accept4(g->source.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	return fd < 0 ? -errno : fd;
}

/* The kernel looks for a file before it looks for a client. */
static bool is_short(const struct gate *g, int r)
{
	struct pollfd p = { .fd = g->source.fd, .events = POLLIN };

	return (r == -EMFILE || r == -ENFILE) && poll(&p, 1, 0) > 0;
}

void gate_spare_fill(struct gate *g)
{
	for (int i = 0; i < GATE_SPARES; i++) {
		if (g->spares[i] < 0)
			g->spares[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		if (g->spares[i] < 0)
			return; /* nor is there one for the next */
	}
}

/* Others may be faster than we are, each time. */
int gate_spare_accept(struct gate *g)
{
	int r = take(g);

	for (int i = GATE_SPARES - 1; i >= 0 && is_short(g, r); i--) {
		if (g->spares[i] < 0)
			continue;
		close(g->spares[i]);
		g->spares[i] = -1;
		r = take(g);
	}
	if (r < 0 && !is_short(g, r))
		return -EAGAIN;
	return r;
}

void gate_spare_rest(struct gate *g)
{
	loop_change(g->setup.loop, 0, &g->source);
	loop_timer_set(g->setup.loop, &g->rest, REST_NS);
	if (g->setup.no_files)
		g->setup.no_files(g->setup.data);
}

void gate_spare_go_on(void *gate)
{
	struct gate *g = gate;

	loop_timer_stop(&g->rest);
	gate_spare_fill(g);
	loop_change(g->setup.loop, EPOLLIN, &g->source);
}

void gate_spare_close(struct gate *g)
{
	for (int i = 0; i < GATE_SPARES; i++) {
		if (g->spares[i] >= 0)
			close(g->spares[i]);
		g->spares[i] = -1;
	}
}
