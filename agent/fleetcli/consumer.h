/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_FLEETCLI_CONSUMER_H
#define HALE_FLEETCLI_CONSUMER_H

/*
 * JetStream's words (nats-io/nats-architecture-and-design, ADR-1 and ADR-9) as
 * far as a reader speaks them: a consumer is asked for, it answers, its
 * messages tell their numbers in their reply subject. Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define CONSUMER_TEXT_MAX 1024
/* An idle consumer is heard from so often; two missed, and it is gone. */
#define CONSUMER_BEAT_MS 5000

struct consumer_ask {
	const char *stream;  /* "STATE" */
	const char *name;    /* of the consumer: ours to choose */
	const char *filter;  /* "fleet.state.*" */
	const char *deliver; /* where to */
	uint64_t from_seq;   /* 0: see below */
	uint64_t since_ns;   /* ns since the epoch; 0: from the first on */
};

/* What it answered. */
struct consumer_reply {
	int error;	  /* of the JSON API: 404, 503, …; 0: it is made */
	int detail;	  /* err_code: 10059 is "stream not found" */
	char text[200];	  /* of an error, as the server says it */
	uint64_t pending; /* messages to come */
	uint64_t made_ns; /* ns since the epoch, by the server's clock; 0 */
	uint64_t behind;  /* the stream's number before the first of them */
	uint64_t sent;	  /* messages that went out before it was said */
};

/* Where a delivered message stands. */
struct consumer_place {
	char name[48]; /* the consumer's */
	uint64_t stream_seq, consumer_seq;
	uint64_t taken_ns; /* ns since the epoch */
	uint64_t pending;  /* after it */
};

/* The JSON of $JS.API.CONSUMER.CREATE.<stream>.<name>.<filter>
 * (nats-server 2.9): an ephemeral push consumer in order. Its length, or
 * -EMSGSIZE. */
ssize_t consumer_request(const struct consumer_ask *ask, char *ret_text,
			 size_t size);
/* 0 or -EBADMSG. */
int consumer_reply_read(const char *text, size_t len,
			struct consumer_reply *ret_r);
/* "$JS.ACK.…" of either age. 0 or -EBADMSG. */
int consumer_place_read(const char *reply, struct consumer_place *ret_p);

/* What a server's account event says of whose connection it is: the NKey of
 * its user, and why it ended ("" where it began). 0, -EBADMSG or -ENOENT: no
 * NKey. @ret_id: FLEET_ID_SIZE bytes. */
int consumer_event_read(const char *text, size_t len, char ret_id[57],
			char ret_why[64]);

#endif
