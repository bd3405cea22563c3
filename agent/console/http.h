/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CONSOLE_HTTP_H
#define HALE_CONSOLE_HTTP_H

/*
 * The console's HTTP server: libmicrohttpd without threads of its own, driven
 * by the loop of serve.c.
 *
 *	GET / and the files beside it	the page
 *	GET /api/events		the stream of events.h
 *	GET /api/host/<id>	one host, as JSON (api_json.h)
 *
 * All else is refused; nothing can be changed through it.
 */

#include <sys/socket.h>

#include "guard.h"
#include "screen.h"
#include "supply.h"

/* A screen is one for good; the page's other requests are short. */
#define HTTP_VIEWERS_MAX     64
#define HTTP_CONNECTIONS_MAX 160
/* Who takes nothing for so long is let go; its browser comes back by itself. */
#define HTTP_PATIENCE_S 20

struct http_options {
	const struct sockaddr *address;
	struct guard guard;
	unsigned int patience_s; /* 0: HTTP_PATIENCE_S */
};

struct http;

/* Return: 0; -errno: it cannot listen there, or has no memory. */
int http_new(const struct http_options *o, struct screen *t,
	     const struct supply *s, struct http **ret);
void http_free(struct http *h);

int http_fd(const struct http *h); /* readable: http_turn() */
uint16_t http_port(const struct http *h);

/* Takes requests, and goes on with answers. @now_ns: since the epoch. Return:
 * ns until the next turn in any case. */
uint64_t http_turn(struct http *h, uint64_t now_ns);

/* Screens that are connected. */
size_t http_viewers(const struct http *h);

#endif
