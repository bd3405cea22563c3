/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_FLEETCLI_SOURCE_ROOM_H
#define HALE_FLEETCLI_SOURCE_ROOM_H

/*
 * What source*.c share. libnats' threads put what comes into a queue, under its
 * lock, and do nothing else; all other members are our own thread's.
 */

#include <nats/nats.h>
#include <pthread.h>

#include "consumer.h"
#include "source.h"

/* A reader that stands still has so much of the servers' messages at most: more
 * than JetStream's own window (32 MiB), so only what has no window is dropped.
 */
#define QUEUE_ITEMS (128 * 1024)
#define QUEUE_BYTES (64u << 20)

enum item_kind {
	ITEM_MESSAGE = 0, /* to our inbox */
	ITEM_EVENT,	  /* of the servers' own account */
	ITEM_DOWN,
	ITEM_UP,
	ITEM_CLOSED,  /* for good: @text */
	ITEM_REFUSED, /* a permission: @text */
};

struct item {
	enum item_kind kind;
	natsMsg *msg;
	char text[200];
};

struct queue {
	pthread_mutex_t lock;
	struct item *items; /* a ring of QUEUE_ITEMS */
	size_t first, n;
	size_t bytes;
	bool dropped; /* something found no room */
	bool closing; /* nothing is taken any more */
	int fd;	      /* eventfd: not empty */
};

/* One stream that is followed. */
struct feed {
	bool on, asked, live;
	bool whole, caught; /* all that was there has come; and was said so */
	bool told;	    /* what is wrong was said */
	uint32_t turn; /* of its consumer: what an older one sends is late */
	char id[FLEET_ID_SIZE];
	uint64_t since_ns;
	natsSubscription *sub; /* where its consumer delivers to */
	uint64_t last_seq;     /* of the stream, handed on */
	uint64_t next;	       /* the consumer's next number */
	uint64_t due_ns;       /* monotonic: ask (again) then */
	uint32_t tries;
};

struct source {
	struct fleet_settings settings;
	natsConnection *nc;
	natsSubscription *inbox, *liveness;
	struct queue queue;
	char base[100];	 /* of our inbox */
	uint64_t random; /* and of our consumers' names */
	struct feed feeds[SOURCE_STREAMS];
	natsMsg *held; /* of the last event */
	bool down;
	bool clock_known;
	int64_t ahead_ns; /* the servers' clock against our monotonic one */
};

/* source_link.c */
int link_open(struct source *s, char ret_said[SOURCE_SAID_MAX]);
/* False: a thread of libnats is still under way and may look at @s, which is to
 * be left where it is; it will find the queue shut. */
bool link_close(struct source *s);
/* Listens there for what @stream's consumer delivers, and nowhere else. */
void link_listen(struct source *s, enum source_stream stream,
		 const char *subject);
/* source_queue.c: called by libnats' threads; takes @msg, which may be NULL. */
void queue_put(struct queue *q, enum item_kind kind, natsMsg *msg,
	       const char *text);
/* False: empty. ret_item->msg is the caller's. */
bool queue_take(struct queue *q, struct item *ret_item);
/* Was something dropped since the last call? */
bool queue_dropped(struct queue *q);
int queue_init(struct queue *q);
void queue_shut(struct queue *q);
void queue_done(struct queue *q);

/* source_feed.c: what one stream's consumer says. True: there is an event. */
void feed_ask(struct source *s, enum source_stream stream);
bool feed_message(struct source *s, natsMsg *msg, struct source_event *e);
/* Looks after consumers that are due. */
bool feed_tick(struct source *s, struct source_event *e);
void feed_again(struct source *s, bool now);
uint64_t source_clock(void); /* monotonic, ns */

#endif
