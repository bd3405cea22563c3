/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_DOORS_SERVER_H
#define HALE_DOORS_SERVER_H

/*
 * The door for scrapes: a unix socket or a port of the loopback interface.
 * Bounded in clients, bytes and time: who drips a request byte by byte loses
 * its place when its five seconds are over, whatever it sends.
 */

#include <poll.h>
#include <stdint.h>
#include <sys/types.h>

#include "agent/doors/http.h"

#define SERVER_CLIENTS_MAX 16
#define SERVER_FDS	   (SERVER_CLIENTS_MAX + 1)

struct server_client {
	int fd;		   /* -1: a free place */
	uint64_t until_ns; /* CLOCK_MONOTONIC */
	size_t n_in, n_out, sent;
	char *out; /* NULL: still reading */
	bool head_only;
	char in[HTTP_HEAD_MAX];
};

struct server {
	int listen_fd; /* -1: none */
	bool is_unix;
	char path[108]; /* to be removed at the end; "" */
	/* The body for a request, to be freed: its length, or negative errno */
	ssize_t (*answer)(void *data, const struct http_request *r,
			  char **ret_body, const char **ret_type);
	void *data;
	uint64_t answered, refused;
	struct server_client clients[SERVER_CLIENTS_MAX];
};

/* @where: as hale_listen_valid() has it. 0 or negative errno. */
int server_open(struct server *s, const char *where);
void server_close(struct server *s);
/* "/run/x.sock", "127.0.0.1:9843": with the port that was given for 0. */
void server_where(const struct server *s, char ret_text[128]);

/* Returns how many of @fds were filled. */
size_t server_fds(const struct server *s, struct pollfd fds[SERVER_FDS]);
/* What poll(2) said of the same @fds. */
void server_turn(struct server *s, const struct pollfd *fds, uint64_t now_ns);
/* Sends late ones away; when to look again, 0: never. */
uint64_t server_expire(struct server *s, uint64_t now_ns);

#endif
