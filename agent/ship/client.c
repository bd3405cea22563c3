/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The door of the store. Decides who gets a place and who loses it. Must never
 * wait for a client nor let one user take all places: an answer goes out as far
 * as its reader takes it, and who takes nothing is sent away. Invariant: one
 * question at a time a client, and a bounded piece of it a turn.
 */
#include <errno.h>
#include <sys/socket.h>

#include "hale/base.h"
#include "hale/kernel_log.h"

#include "agent/sandbox/patience.h"
#include "agent/sandbox/peer.h"
#include "agent/ship/ship.h"
#include "proto/codec.h"

#define IDLE_NS (5 * HALE_NS_PER_S)
/* Rows a turn: others get theirs in between. */
#define ROWS_A_TURN 16
/* Of what a client has sent before we end. */
#define LAST_MAX 64

void client_drop(struct ship_client *c)
{
	patience_begin();
	if (c->fd >= 0)
		close(c->fd);
	patience_end();
	c->fd = -1;
	c->asking = false;
}

/* --- coming in --- */

/* Its own user's other processes, drivers, are strangers here as in the gate:
 * who takes one of them over is not to read what everyone built. */
static void know(const struct ship *s, struct ship_client *c, gid_t gid)
{
	bool own = c->uid == geteuid();

	if (own && s->confined)
		return;
	c->trusted = c->uid == 0 || own ||
		     (s->group_known && peer_in_group(c->fd, gid, s->group));
	c->reads_log = c->trusted || (s->readers_known &&
				      peer_in_group(c->fd, gid, s->readers));
}

/* A place; where a user has all of theirs, or all are taken, the one who has
 * been silent for longest goes: of the same user, or of who has the most. */
static struct ship_client *place_for(struct ship *s, uid_t uid)
{
	struct ship_client *found = NULL, *own = NULL, *oldest = NULL;
	int theirs = 0;

	for (size_t i = 0; i < SHIP_CLIENTS_MAX; i++) {
		struct ship_client *c = &s->clients[i];

		if (c->fd < 0) {
			found = found ? found : c;
			continue;
		}
		if (!oldest || c->since_ns < oldest->since_ns)
			oldest = c;
		if (c->uid != uid)
			continue;
		theirs++;
		if (!own || c->since_ns < own->since_ns)
			own = c;
	}
	if (theirs >= SHIP_PER_USER || !found) {
		found = theirs > 0 && own ? own : oldest;
		client_drop(found);
	}
	return found;
}

void client_accept(struct ship *s)
{
	int fd =
		accept4(s->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct ship_client *c;
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (fd < 0)
		return;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0) {
		close(fd);
		return;
	}
	c = place_for(s, peer.uid);
	memset(c, 0, sizeof(*c));
	c->fd = fd;
	c->uid = peer.uid;
	c->since_ns = ship_mono_ns();
	know(s, c, peer.gid);
}

void client_read(struct ship *s, struct ship_client *c)
{
	_cleanup_free_ uint8_t *bytes = malloc(SHIP_MESSAGE_MAX + 1);
	ssize_t n;

	patience_begin(); /* not around the store's own writes */
	n = bytes ? recv(c->fd, bytes, SHIP_MESSAGE_MAX + 1,
			 MSG_DONTWAIT | MSG_TRUNC)
		  : -1;
	patience_end();
	if (n < 0 && bytes && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		client_drop(c);
		return;
	}
	c->since_ns = ship_mono_ns();
	if (n > SHIP_MESSAGE_MAX)
		answer_error(c, EMSGSIZE, "the request is longer than 64 KiB");
	else
		answer_request(s, c, bytes, (size_t)n);
}

void client_drain(struct ship *s)
{
	for (size_t i = 0; i < SHIP_CLIENTS_MAX; i++) {
		struct ship_client *c = &s->clients[i];

		if (c->fd >= 0)
			shutdown(c->fd, SHUT_RD);
		for (int k = 0; k < LAST_MAX && c->fd >= 0; k++)
			client_read(s, c);
		client_drop(c);
	}
}

/* --- going out --- */

int client_send(struct ship_client *c, const Hale__V1__StoreReply *reply)
{
	_cleanup_free_ uint8_t *bytes = malloc(SHIP_MESSAGE_MAX);
	ssize_t n =
		bytes ? codec_pack(reply, bytes, SHIP_MESSAGE_MAX) : -ENOMEM;

	if (n >= 0 &&
	    send(c->fd, bytes, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
		return 0;
	if (n >= 0 && (errno == EAGAIN || errno == EINTR))
		return -EAGAIN;
	client_drop(c);
	return -EPIPE;
}

/* Rows on their way to one client. */
struct giving {
	struct ship_client *client;
	bool full;     /* its socket takes no more now */
	bool withhold; /* the kernel's own words are not for it */
};

static bool give(struct giving *g, const Hale__V1__StoreReply *reply)
{
	int r = client_send(g->client, reply);

	g->full = r == -EAGAIN;
	return r == 0;
}

static bool give_build(void *data, Hale__V1__BuildResult *m)
{
	struct giving *g = data;
	Hale__V1__StoreReply reply = HALE__V1__STORE_REPLY__INIT;

	if (m->uid != g->client->uid && !g->client->trusted)
		told_to_others(m);
	if (m->uid != g->client->uid && g->withhold)
		told_without_log(m);
	reply.body_case = HALE__V1__STORE_REPLY__BODY_BUILD;
	reply.build = m;
	return give(g, &reply);
}

static bool give_finding(void *data, Hale__V1__Finding *m)
{
	struct giving *g = data;
	Hale__V1__StoreReply reply = HALE__V1__STORE_REPLY__INIT;

	if (g->withhold)
		told_finding_without_log(m);
	reply.body_case = HALE__V1__STORE_REPLY__BODY_FINDING;
	reply.finding = m;
	return give(g, &reply);
}

static void finish(struct ship_client *c)
{
	Hale__V1__StoreReply reply = HALE__V1__STORE_REPLY__INIT;

	c->left = 0;
	reply.last = true;
	if (c->query.recorded)
		reply.number = (uint64_t)c->query.before_row;
	if (client_send(c, &reply) != -EAGAIN)
		c->asking = false;
}

void client_write(struct ship *s, struct ship_client *c)
{
	int max = c->left < ROWS_A_TURN ? (int)c->left : ROWS_A_TURN, n = 0;
	struct giving g = {
		.client = c,
		.withhold = !c->reads_log && hale_log_restricted(s->log_fd),
	};

	if (max > 0 && s->db)
		n = c->findings
			    ? db_findings(s->db, &c->query, max, give_finding,
					  &g)
			    : db_builds(s->db, &c->query, max, give_build, &g);
	if (c->fd < 0)
		return;
	if (n < 0) {
		c->asking = false;
		answer_error(c, -n, "the store cannot be read");
		return;
	}
	if (n > 0)
		c->since_ns = ship_mono_ns();
	c->left -= (uint32_t)n;
	if (!g.full && (n < max || c->left == 0))
		finish(c);
}

/* --- time --- */

uint64_t client_expire(struct ship *s, uint64_t now_ns)
{
	uint64_t next = 0;

	for (size_t i = 0; i < SHIP_CLIENTS_MAX; i++) {
		struct ship_client *c = &s->clients[i];

		if (c->fd < 0)
			continue;
		if (now_ns - c->since_ns >= IDLE_NS)
			client_drop(c);
		else if (next == 0 || c->since_ns + IDLE_NS < next)
			next = c->since_ns + IDLE_NS;
	}
	return next;
}
