/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The door. Decides who gets a place, who loses it and what may wait for whom;
 * what is said stands in answer.c. Must never block, never read more than one
 * message a client and turn, and never let one user take all places. Invariant:
 * a client is in its place exactly while its descriptor is in the loop.
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/socket.h>

#include "hale/base.h"

#include "agent/daemon/clock.h"
#include "agent/daemon/gate.h"
#include "agent/daemon/gate_spare.h"
#include "agent/sandbox/patience.h"
#include "agent/sandbox/peer.h"

/* `hale check` asks within milliseconds; people type nothing in here. */
#define IDLE_NS (5 * HALE_NS_PER_S)
/* A reader that takes nothing for so long does not read. */
#define SLOW_NS (2 * HALE_NS_PER_S)
/* How often the two above are looked at, while anybody is connected. */
#define LOOK_NS HALE_NS_PER_S
/* New clients a turn: facts come first again after each turn. */
#define ACCEPT_BATCH 16
/* Between connect(2) and send(2), on a machine that is busy. */
#define FRESH_NS (50 * HALE_NS_PER_MS)

/* What it may; of those that never ask nobody wants to know. */
static void know(struct gate_client *c)
{
	const struct gate *g = c->gate;
	bool confined = g->confined_set && c->uid == g->confined;

	c->asked = true;
	c->may_control =
		!confined &&
		(c->uid == 0 || c->uid == g->own_uid ||
		 (g->may_control_gid_set &&
		  peer_in_group(c->source.fd, c->gid, g->may_control_gid)));
	c->may_read_log = c->may_control || confined || /* ship stores it */
			  (g->readers_set &&
			   peer_in_group(c->source.fd, c->gid, g->readers));
}

static void receive(struct gate_client *c)
{
	struct gate *g = c->gate;
	uint64_t from_ns;
	uid_t uid = c->uid;
	ssize_t n;

	if (gate_hold_up(c))
		return;
	from_ns = gate_work_ns();
	n = recv(c->source.fd, g->buffer, GATE_MESSAGE_MAX + 1, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		gate_drop(c);
		return;
	}
	if (!c->asked)
		know(c);
	c->active_ns = clock_boot_ns();
	g->setup.request(g->setup.data, c, g->buffer, (size_t)n);
	gate_charge(g, uid, from_ns); /* the client may be gone by now */
}

static void on_client(void *data, uint32_t events)
{
	struct gate_client *c = data;

	if ((events & EPOLLOUT) != 0)
		gate_flush(c);
	if (!gate_client_here(c) || (events & ~(uint32_t)EPOLLOUT) == 0)
		return;
	/* gone before its turn came: who is held up waits for room only */
	if (c->held_up) {
		gate_drop(c);
		return;
	}
	/* One with answers waiting asks nothing more before it reads them. */
	if (!c->first)
		receive(c);
	else if ((events & (EPOLLERR | EPOLLHUP)) != 0)
		gate_drop(c);
	else /* it writes, but does not read: wait for room only */
		loop_change(c->gate->setup.loop, EPOLLOUT, &c->source);
}

static uint32_t count_of(const struct gate *g, uid_t uid)
{
	uint32_t n = 0;

	for (size_t i = 0; i < GATE_CLIENTS_MAX; i++) {
		const struct gate_client *c = &g->clients[i];

		n += gate_client_here(c) && c->uid == uid;
	}
	return n;
}

/* The user with the most places: whoever makes room, it is one of theirs. */
static uid_t greediest(const struct gate *g)
{
	uid_t found = g->clients[0].uid;
	uint32_t most = 0;

	for (size_t i = 0; i < GATE_CLIENTS_MAX; i++) {
		uint32_t n = gate_client_here(&g->clients[i])
				     ? count_of(g, g->clients[i].uid)
				     : 0;

		if (n > most) {
			most = n;
			found = g->clients[i].uid;
		}
	}
	return found;
}

/* First those that have got what they asked for; then those whose turn is still
 * to come, of them the last to have come, so that the first are answered, and
 * those that came and have not asked yet: a moment later they will; then
 * watchers; last of all those about to be answered. */
static uint64_t patience_with(const struct gate_client *c)
{
	static const uint64_t bonus_ns[] = {
		[GATE_IDLE] = 0,
		[GATE_WATCHING] = UINT64_C(1) << 61,
		[GATE_DEFERRED] = UINT64_C(1) << 62,
	};

	if (c->wait == GATE_PACED)
		return (UINT64_C(1) << 60) - c->active_ns;
	if (c->wait == GATE_IDLE && !c->asked)
		return (UINT64_C(1) << 60) + c->active_ns;
	return c->active_ns + bonus_ns[c->wait];
}

/* It came a moment ago and is about to ask: if such gave way to those who come
 * after them, of many that come at once few would ever get to ask. */
static bool is_about_to_ask(const struct gate_client *c)
{
	return c->wait == GATE_IDLE && !c->asked &&
	       clock_boot_ns() - c->active_ns < FRESH_NS;
}

/* @patient: not one that is about to ask. False: nobody has gone. */
static bool evict_one_of(struct gate *g, uid_t uid, bool patient)
{
	struct gate_client *oldest = NULL;

	for (size_t i = 0; i < GATE_CLIENTS_MAX; i++) {
		struct gate_client *c = &g->clients[i];

		if (!gate_client_here(c) || c->uid != uid)
			continue;
		if (!oldest || patience_with(c) < patience_with(oldest))
			oldest = c;
	}
	if (!oldest || (patient && is_about_to_ask(oldest)))
		return false;
	gate_drop(oldest);
	g->evicted++;
	return true;
}

static struct gate_client *place_for(struct gate *g, uid_t uid)
{
	struct gate_client *free_place = NULL;

	if (count_of(g, uid) >= GATE_CLIENTS_PER_USER &&
	    !evict_one_of(g, uid, true))
		return NULL; /* it comes again, libhale does */
	for (int pass = 0; pass < 2 && !free_place; pass++) {
		if (pass == 1)
			evict_one_of(g, greediest(g), false);
		for (size_t i = 0; i < GATE_CLIENTS_MAX; i++) {
			if (!gate_client_here(&g->clients[i]))
				free_place = &g->clients[i];
		}
	}
	return free_place;
}

static void welcome(struct gate *g, int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);
	struct gate_client *c;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0) {
		close(fd);
		return;
	}
	c = place_for(g, peer.uid);
	g->evicted += !c;
	if (!c || loop_add(g->setup.loop, fd, EPOLLIN, &c->source) < 0) {
		close(fd);
		return;
	}
	c->uid = peer.uid;
	c->gid = peer.gid;
	c->pid = peer.pid;
	c->wait = GATE_IDLE;
	c->stalled_ns = 0;
	c->active_ns = clock_boot_ns();
	c->held_up = c->asked = c->may_control = c->may_read_log = false;
	loop_timer_hasten(g->setup.loop, &g->timer, LOOK_NS);
	/* Most have asked by now: that saves a turn. */
	receive(c);
}

/* Where there is no file left, not even a spare one, root may have one, or
 * somebody makes room. */
static int take_one(struct gate *g)
{
	int fd = gate_spare_accept(g);

	if ((fd == -EMFILE || fd == -ENFILE) && !g->setup.no_files &&
	    evict_one_of(g, greediest(g), true))
		fd = gate_spare_accept(g);
	if (fd == -EMFILE || fd == -ENFILE)
		gate_spare_rest(g);
	return fd;
}

void gate_take(struct gate *g, int fd)
{
	welcome(g, fd);
	gate_spare_go_on(g);
}

static void on_connect(void *data, uint32_t events)
{
	struct gate *g = data;

	(void)events;
	for (int i = 0; i < ACCEPT_BATCH; i++) {
		int fd = take_one(g);

		if (fd < 0)
			return;
		welcome(g, fd);
	}
}

/* Sends away who is idle or does not read; goes on while anybody is here. */
static void on_timer(void *data)
{
	struct gate *g = data;
	uint64_t now = clock_boot_ns();
	bool anybody = false;

	for (size_t i = 0; i < GATE_CLIENTS_MAX; i++) {
		struct gate_client *c = &g->clients[i];

		if (!gate_client_here(c))
			continue;
		if (c->first && now - c->stalled_ns > SLOW_NS) {
			g->slow++;
			gate_drop(c);
		} else if (c->wait == GATE_IDLE && !c->first &&
			   now - c->active_ns > IDLE_NS) {
			gate_drop(c);
		} else {
			/* a lone watcher that reads wakes nobody */
			anybody |= c->wait != GATE_WATCHING || c->first;
		}
	}
	if (anybody)
		loop_timer_set(g->setup.loop, &g->timer, LOOK_NS);
}

int gate_open(struct gate *g, const struct gate_setup *setup, int listen_fd)
{
	int r;

	memset(g, 0, sizeof(*g));
	g->setup = *setup;
	g->own_uid = geteuid();
	memset(g->spares, -1, sizeof(g->spares));
	g->source = (struct loop_source){ .ready = on_connect,
					  .data = g,
					  .fd = -1 };
	g->timer = (struct loop_timer){ .due = on_timer, .data = g };
	g->pace = (struct loop_timer){ .due = gate_go_on, .data = g };
	g->rest = (struct loop_timer){ .due = gate_spare_go_on, .data = g };
	for (size_t i = 0; i < GATE_CLIENTS_MAX; i++) {
		g->clients[i].gate = g;
		g->clients[i].source = (struct loop_source){
			.ready = on_client, .data = &g->clients[i], .fd = -1
		};
	}
	g->buffer = malloc(GATE_MESSAGE_MAX + 1);
	r = g->buffer ? loop_add(setup->loop, listen_fd, EPOLLIN, &g->source)
		      : -ENOMEM;
	if (r < 0) {
		close(listen_fd);
		return r;
	}
	/* who had it before may have taken that away */
	fcntl(listen_fd, F_SETFL, O_NONBLOCK);
	patience_init(listen_fd);
	gate_spare_fill(g);
	return 0;
}

int gate_init(struct gate *g, const struct gate_setup *setup)
{
	int fd = gate_listen(setup->path);
	int r = fd < 0 ? fd : gate_open(g, setup, fd);

	g->bound = r == 0;
	return r;
}

void gate_done(struct gate *g)
{
	int fd = g->source.fd;

	patience_begin();
	for (size_t i = 0; i < GATE_CLIENTS_MAX; i++)
		gate_drop(&g->clients[i]);
	patience_end();
	if (fd >= 0) {
		if (g->bound)
			unlink(g->setup.path);
		loop_remove(g->setup.loop, &g->source);
		close(fd);
		gate_spare_close(g);
	}
	loop_timer_remove(g->setup.loop, &g->rest);
	loop_timer_remove(g->setup.loop, &g->timer);
	loop_timer_remove(g->setup.loop, &g->pace);
	free(g->buffer);
	g->buffer = NULL;
}

void gate_close_fds(struct gate *g)
{
	if (g->source.fd >= 0) {
		close(g->source.fd);
		gate_spare_close(g);
	}
	for (size_t i = 0; i < GATE_CLIENTS_MAX; i++) {
		if (gate_client_here(&g->clients[i]))
			close(g->clients[i].source.fd);
	}
}

void gate_set_readers(struct gate *g, bool known, gid_t gid)
{
	g->readers_set = known;
	g->readers = gid;
}

void gate_set_group(struct gate *g, bool known, gid_t gid)
{
	g->may_control_gid_set = known;
	g->may_control_gid = gid;
}

void gate_set_confined(struct gate *g, bool known, uid_t uid)
{
	g->confined_set = known;
	g->confined = uid;
}
