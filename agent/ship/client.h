/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_SHIP_CLIENT_H
#define HALE_SHIP_CLIENT_H

/* Who has a build to tell, or a question; and how much of each. */

#include <sys/types.h>

#include "agent/ship/db.h"

#define SHIP_CLIENTS_MAX 32
#define SHIP_PER_USER	 8
#define SHIP_USERS_MAX	 64
#define SHIP_MESSAGE_MAX (64 * 1024)
#define SHIP_ROWS_MAX	 10000 /* an answer; a question may ask for less */
#define SHIP_ROWS	 1000

struct ship;

struct ship_client {
	int fd; /* -1: this place is free */
	uid_t uid;
	bool trusted;	   /* root, who started the agent, or of its group */
	bool reads_log;	   /* those, and the group that reads logs */
	uint64_t since_ns; /* CLOCK_MONOTONIC: it last asked, or took a row */
	/* A question whose rows are still going out. */
	bool asking, findings;
	uint32_t left;
	struct db_query query;
	char repo[256], host[80], cause[48];
};

/* How many builds a user may tell, as a leaky bucket. */
struct ship_user {
	uid_t uid;
	uint64_t paid_ns; /* CLOCK_MONOTONIC; 0: free */
};

/* client.c */
void client_accept(struct ship *s);
void client_read(struct ship *s, struct ship_client *c);
/* Goes on with its rows; it has room. */
void client_write(struct ship *s, struct ship_client *c);
/* The end: what was sent is still read, and nothing more can be. Who told a
 * build and did not wait has handed it over. */
void client_drain(struct ship *s);
void client_drop(struct ship_client *c);
/* Sends who takes nothing away; when to look again, 0: never. */
uint64_t client_expire(struct ship *s, uint64_t now_ns);
/* 0, -EAGAIN: no room; else it is gone. */
int client_send(struct ship_client *c, const Hale__V1__StoreReply *reply);

/* answer.c */
void answer_request(struct ship *s, struct ship_client *c, const uint8_t *bytes,
		    size_t len);
void answer_error(struct ship_client *c, int error, const char *text);

#endif
