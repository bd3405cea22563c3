/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_FLEETCLI_SOURCE_H
#define HALE_FLEETCLI_SOURCE_H

/*
 * What a fleet's servers hold, and what comes to them: messages as bytes, each
 * with the host's id as the subject has it and the time at which the servers
 * took it. Only source_open() and source_close() block. Nothing here looks into
 * a payload: codec_fleet.h does.
 *
 *	r = source_open(&settings, &s, said);
 *	source_follow(s, SOURCE_STATE, &(struct source_ask){ 0 });
 *	poll on source_fd(s), or source_wait_ms(s) at most; then, until it says
 *0: while (source_next(s, &e) > 0)
 *		...
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/codec_fleet.h"
#include "settings.h"

struct source;

enum source_stream {
	SOURCE_STATE = 0, /* the last of each host: MaxMsgsPerSubject is 1 */
	SOURCE_FINDINGS,
	SOURCE_BUILDS,
	SOURCE_ORDERS, /* the last to each host */
	SOURCE_STREAMS
};

enum source_kind {
	SOURCE_NOTHING = 0,
	SOURCE_MESSAGE,	  /* @bytes */
	SOURCE_CAUGHT_UP, /* all that @stream held when it was asked has come */
	SOURCE_AGAIN,	  /* @stream was begun anew: forget what it said */
	SOURCE_CAME,	  /* the server has a connection of @id */
	SOURCE_WENT,	  /* and none any more: @text says why */
	SOURCE_LOST,	  /* no server is reached; it goes on trying */
	SOURCE_BACK,
	SOURCE_TROUBLE, /* @text: what is wrong and what to do; @final */
};

/* Valid until the next call. */
struct source_event {
	enum source_kind kind;
	enum source_stream stream;
	char id[FLEET_ID_SIZE];
	uint64_t seq;	      /* in its stream */
	uint64_t received_ns; /* ns since the epoch, by the server's clock */
	const void *bytes;
	size_t len;
	char text[240];
	bool final; /* trying on is of no use */
};

/* What is wanted of a stream. */
struct source_ask {
	const char *id;	   /* of one host; NULL: of all */
	uint64_t since_ns; /* taken by the servers then or later; 0: all */
};

#define SOURCE_SAID_MAX 400

/**
 * source_open() - connect, with the settings' credentials
 * @ret_said: one line for people on failure: what is wrong, and what to do.
 *
 * Return: 0; -EACCES: the servers refuse the credentials; -EHOSTUNREACH: no
 * server answers; -EPROTO: TLS does not come about; else negative errno.
 */
int source_open(const struct fleet_settings *settings, struct source **ret_s,
		char ret_said[SOURCE_SAID_MAX]);
/* Returns NULL; NULL is fine. */
struct source *source_close(struct source *s);

/* Its past first, in the order in which the servers took it, then what comes.
 * Once a stream; at most one ask of each. 0 or -EINVAL. */
int source_follow(struct source *s, enum source_stream stream,
		  const struct source_ask *ask);

/* The servers' wall clock: theirs, not ours, tells how old a heartbeat is.
 * Ours, before a server has answered. */
uint64_t source_now_ns(const struct source *s);

/* Readable where source_next() has something to say. */
int source_fd(const struct source *s);
/* Milliseconds until source_next() has something to do by itself; -1: never. */
int source_wait_ms(const struct source *s);
/* 1 with an event; 0: nothing now. */
int source_next(struct source *s, struct source_event *ret_e);

/* Poll, and source_next(). 0: nothing in @timeout_ms (-1: no bound). */
int source_await(struct source *s, int timeout_ms, struct source_event *ret_e);

/* Publishes @len bytes and awaits that the servers took them, 5 s at most; for
 * orders. 0; negative errno with a line in @ret_said. */
int source_put(struct source *s, const char *subject, const void *bytes,
	       size_t len, char ret_said[SOURCE_SAID_MAX]);

#endif
