/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_GATE_H
#define HALE_GATE_H

/*
 * The query socket: who may talk to the agent, and how much. SOCK_SEQPACKET,
 * one request a message. Carries bytes and knows no message by its meaning.
 * Nobody can lock others out: clients are bounded, also for each user; the one
 * that has been silent the longest makes room; slow readers are dropped.
 */

#include <stddef.h>
#include <sys/types.h>

#include "agent/daemon/loop.h"

#define GATE_CLIENTS_MAX      64
#define GATE_CLIENTS_PER_USER 32 /* one user leaves half of them to others */
#define GATE_MESSAGE_MAX      (64 * 1024)
/* What waits for one slow reader, and for all of them: a report of a full
 * ledger is some 600 KiB. */
#define GATE_QUEUE_MAX	(1024 * 1024)
#define GATE_QUEUES_MAX (4 * 1024 * 1024)

struct gate;

enum gate_wait {
	GATE_IDLE = 0, /* dropped when it says nothing for some seconds */
	GATE_DEFERRED, /* gets its answer a little later */
	GATE_PACED,    /* likewise, when its turn comes */
	GATE_WATCHING, /* stays until it leaves */
};

struct gate_message {
	struct gate_message *next;
	size_t len;
	uint8_t bytes[];
};

struct gate_client {
	struct gate *gate;
	struct loop_source source;
	enum gate_wait wait;
	bool may_control; /* root, the agent's own user, or in the group */
	uid_t uid;
	gid_t gid;
	pid_t pid;
	uint64_t active_ns;  /* CLOCK_BOOTTIME: its last request */
	uint64_t stalled_ns; /* since when its queue does not move; 0 */
	size_t queued;
	struct gate_message *first, *last;
	void *request; /* the owner's: freed with free(3) when it leaves */
	size_t request_len;
	uint64_t told;	 /* the owner's: generation of the last report */
	uint64_t fresh;	 /* the owner's: which runs its question waits for */
	uint32_t awaits; /* likewise: 1 << sense, of runs under way */
};

struct gate_setup {
	struct loop *loop;
	const char *path; /* of the socket, within sockaddr_un's bounds */
	/* One message from a client. @len is GATE_MESSAGE_MAX + 1 where it was
	 * longer. Answers with gate_send(), now or later. */
	void (*request)(void *data, struct gate_client *c, const uint8_t *bytes,
			size_t len);
	void *data;
};

struct gate {
	struct gate_setup setup;
	struct loop_source source;
	int spare_fd; /* kept to send somebody away where there is no other */
	struct loop_timer timer;
	bool may_control_gid_set;
	gid_t may_control_gid;
	size_t queued;		/* of all */
	uint64_t evicted, slow; /* clients sent away since the start */
	uint8_t *buffer;	/* GATE_MESSAGE_MAX + 1 */
	struct gate_client clients[GATE_CLIENTS_MAX];
};

/* Binds and listens; the socket is open to everyone (mode 0666). Negative
 * errno of socket(2), bind(2), listen(2); -ENAMETOOLONG. */
int gate_init(struct gate *g, const struct gate_setup *setup);
/* Takes the socket's name away and closes all. */
void gate_done(struct gate *g);
/* In a child: closes the descriptors, leaves everything else alone. */
void gate_close_fds(struct gate *g);

/* Who may clear and reload besides root and the agent's user; not @known:
 * nobody. */
void gate_set_group(struct gate *g, bool known, gid_t gid);

/**
 * gate_send() - one message to one client
 *
 * Never blocks: what does not go out at once waits, within bounds. A client
 * that passes them is dropped.
 *
 * Return: false where the client is gone now: do not touch it again.
 */
bool gate_send(struct gate_client *c, const void *bytes, size_t len);

/* Sends away a client, with what waits for it. */
void gate_drop(struct gate_client *c);

/* gate_queue.c: its socket has room again. */
void gate_flush(struct gate_client *c);

/* Is a client in this place? */
static inline bool gate_client_here(const struct gate_client *c)
{
	return c->source.fd >= 0;
}

#endif
