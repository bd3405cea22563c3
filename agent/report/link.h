/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_REPORT_LINK_H
#define HALE_REPORT_LINK_H

/*
 * The connection to one server of the fleet, by libnats. Its threads call back:
 * they put what came into a bounded queue and wake us by an eventfd. Only
 * link_connect() blocks, for LINK_BOUND_MS at most.
 */

#include <nats/nats.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/report/ack.h"
#include "proto/codec_fleet.h"

#define LINK_CONNECT_MS 3000
/* With the resolver and TLS. */
#define LINK_BOUND_MS (4 * LINK_CONNECT_MS)
#define LINK_QUEUE    64
#define LINK_SAID_MAX 200
/* "_INBOX_", the id, a dot, 32 digits and a NUL */
#define LINK_INBOX_MAX (7 + FLEET_ID_SIZE + 1 + 32)

/* Who we are. Texts outlive the link; NULL: there is none. */
struct link_setup {
	const char *id;		 /* public NKey: subjects and inbox go by it */
	const char *seed;	 /* signs */
	const char *ca;		 /* PEM */
	const char *certificate; /* PEM, with its */
	const char *key;	 /* PEM */
};

struct link_message {
	enum fleet_kind kind;
	uint64_t token;		   /* not guessable; comes back with the ack */
	const uint8_t *message_id; /* FLEET_MESSAGE_ID bytes; NULL: none */
	const void *bytes;
	size_t len;
};

struct link_answer {
	uint64_t token;
	size_t len; /* beyond ACK_BYTES_MAX: not kept */
	uint8_t bytes[ACK_BYTES_MAX];
};

struct link {
	const struct link_setup *setup;
	int fd; /* readable: look at link_take() and link_lost() */
	natsConnection *nc;
	natsSubscription *inbox;
	char inbox_name[LINK_INBOX_MAX]; /* random; another each connection */
	pthread_mutex_t lock;		 /* of what follows */
	struct link_answer *queue;
	size_t first, n;
	char refused[LINK_SAID_MAX]; /* the server's word; "": none */
};

int link_init(struct link *l, const struct link_setup *setup);
void link_done(struct link *l);

/* A second one is refused: -EISCONN. 0; or with a line for people: -EACCES: the
 * server does not let us in; -EPROTO: no TLS; -EHOSTUNREACH. */
int link_connect(struct link *l, const char *server,
		 char ret_said[LINK_SAID_MAX]);
void link_close(struct link *l);
bool link_is_up(const struct link *l);
/* It was up and is no more; it is closed here. */
bool link_lost(struct link *l, char ret_said[LINK_SAID_MAX]);

/* Within the write deadline of a second. Negative errno: the link is to be
 * closed. */
int link_publish(struct link *l, const struct link_message *m);
/* The next answer; false: none. */
bool link_take(struct link *l, struct link_answer *ret_a);
/* The server said that something is not permitted; once. */
bool link_refused(struct link *l, char ret_said[LINK_SAID_MAX]);

/* What @kind's messages have to be taken by: "FINDINGS". */
const char *link_stream(enum fleet_kind kind);

#endif
