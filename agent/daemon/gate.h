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

#include "agent/daemon/gate_client.h"

#define GATE_CLIENTS_MAX      64
#define GATE_CLIENTS_PER_USER 32 /* one user leaves half of them to others */
#define GATE_MESSAGE_MAX      (64 * 1024)
/* What waits for one slow reader, and for all of them: a report of a full
 * ledger is some 600 KiB. */
#define GATE_QUEUE_MAX	(1024 * 1024)
#define GATE_QUEUES_MAX (4 * 1024 * 1024)
#define GATE_SPENDERS	16 /* users whose time is counted */
/* Clients at a time where the host has no file left. */
#define GATE_SPARES 8

/* What a user's questions took of the loop's time. */
struct gate_spender {
	uid_t uid;
	uint64_t at_ns; /* CLOCK_BOOTTIME; 0: free */
	uint64_t spent_ns;
};

struct gate_setup {
	struct loop *loop;
	const char
		*path; /* of gate_init()'s socket, as sockaddr_un bounds it */
	/* One message from a client. @len is GATE_MESSAGE_MAX + 1 where it was
	 * longer. Answers with gate_send(), now or later. */
	void (*request)(void *data, struct gate_client *c, const uint8_t *bytes,
			size_t len);
	/* Somebody waits and there is no file for him: who may have one takes
	 * him in, and hands him over to gate_take(); or NULL. */
	void (*no_files)(void *data);
	void *data;
};

struct gate {
	struct gate_setup setup;
	struct loop_source source;
	int spares[GATE_SPARES]; /* kept to be given up, or -1 */
	bool bound;		 /* the name is its own */
	struct loop_timer timer, pace, rest;
	struct gate_spender spenders[GATE_SPENDERS];
	bool may_control_gid_set, readers_set;
	gid_t may_control_gid, readers;
	uid_t own_uid;
	bool confined_set;
	uid_t confined;		/* who the agent's other processes are */
	size_t queued;		/* of all */
	uint64_t evicted, slow; /* clients sent away since the start */
	uint8_t *buffer;	/* GATE_MESSAGE_MAX + 1 */
	struct gate_client clients[GATE_CLIENTS_MAX];
};

/* gate_listen.c, for who outlives the gate: binds @path and listens; the socket
 * is open to everyone (mode 0666). A descriptor that does not block, or
 * negative errno of socket(2), bind(2), listen(2); -ENAMETOOLONG. */
int gate_listen(const char *path);
/* Whoever sends one over this socket is refused, since Linux 6.16. */
void gate_refuse_descriptors(int fd);

/* Serves the listening socket @listen_fd, which it owns from now on, also where
 * this fails; its name stays with whoever bound it. 0, -ENOMEM. */
int gate_open(struct gate *g, const struct gate_setup *setup, int listen_fd);
/* Both: gate_listen() at setup->path, whose name gate_done() takes away. */
int gate_init(struct gate *g, const struct gate_setup *setup);
void gate_done(struct gate *g);
/* A client that somebody else has accepted; @fd is the gate's now. */
void gate_take(struct gate *g, int fd);
/* In a child: closes the descriptors, leaves everything else alone. */
void gate_close_fds(struct gate *g);

/* Who may clear and reload besides root and the agent's user; not @known:
 * nobody. */
void gate_set_group(struct gate *g, bool known, gid_t gid);
/* The user of the agent's own confined processes: whichever group it is in, who
 * takes one of them over reads the log at most, and changes nothing. */
void gate_set_confined(struct gate *g, bool known, uid_t uid);
/* Who may read the kernel's own words besides those: hale/kernel_log.h. */
void gate_set_readers(struct gate *g, bool known, gid_t gid);

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

/* gate_pace.c: the processor time of this process. */
uint64_t gate_work_ns(void);
/* This user's question has taken what it took since it was @from_ns. */
void gate_charge(struct gate *g, uid_t uid, uint64_t from_ns);
/* True: this client is not to be read now; it will be later. */
bool gate_hold_up(struct gate_client *c);
void gate_go_on(void *gate); /* the timer's */

/* gate_queue.c: its socket has room again. */
void gate_flush(struct gate_client *c);

#endif
