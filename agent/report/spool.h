/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_REPORT_SPOOL_H
#define HALE_REPORT_SPOOL_H

/*
 * What the fleet has not taken yet, in one SQLite file: findings and builds,
 * until they are acknowledged. States are kept in memory, and only the newest:
 * a restart makes one anew within a second. Bounded in bytes and age; what is
 * given up is counted by kind and told. A disk that is full or gone is no end:
 * what comes then is kept in memory, SPOOL_MEMORY_MAX bytes of it, and goes to
 * the disk when it can be written again.
 *
 *	spool_mark(s, &mark);            the message has its id and numbers
 *	n = fleet_pack(..., buf, ...);
 *	r = spool_put(s, items, 1, now_ns);
 *	n = spool_peek(s, after, items, 16);      ... publish ...
 *	spool_ack(s, &items[0].id, 1);
 *
 * A commit waits for one fdatasync(2), of a log (WAL): measured 0.26 ms, where
 * a rollback journal took five, 1.15 ms. An acknowledgement waits for none: one
 * that a power cut takes back is sent again under the same id.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/codec_fleet.h"

#define SPOOL_SAID_MAX 320
/* Defaults of [fleet]: 32,000 findings, more than 1,000 a day for a month. */
#define SPOOL_SIZE	 (UINT64_C(16) << 20)
#define SPOOL_SIZE_MIN	 (UINT64_C(1) << 20)
#define SPOOL_AGE_NS	 (UINT64_C(30) * 86400 * 1000000000)
#define SPOOL_MEMORY_MAX (256 * 1024)
/* Rows of a spool_put() or spool_peek(), at most. */
#define SPOOL_BATCH 64

struct spool_setup {
	const char *path;    /* of the file; the folder is there */
	uint64_t size_bytes; /* 0: SPOOL_SIZE; less than the least: that */
	uint64_t age_ns;     /* 0: SPOOL_AGE_NS */
};

struct spool_id {
	uint8_t bytes[FLEET_MESSAGE_ID];
};

/* What a message says of itself. */
struct spool_mark {
	struct spool_id id; /* random, kept over retries */
	uint64_t seq;	    /* > 0; grows, with gaps */
	uint64_t spool_id;  /* that seq counts in */
};

struct spool_item {
	struct spool_id id;
	enum fleet_kind kind;
	uint64_t at;	     /* its place: for spool_peek() */
	uint64_t created_ns; /* when it was put there */
	const void *bytes;   /* the spool's, until its next function */
	size_t len;
};

struct spool;

/**
 * spool_open() - open, check, or begin anew
 * @said: "" or one line for the log: what was set aside, what is wrong.
 *
 * Return: 0, also where there is only memory for now: spool_tell() says why;
 * -ENOMEM.
 */
int spool_open(const struct spool_setup *setup, char said[SPOOL_SAID_MAX],
	       struct spool **ret_spool);
struct spool *spool_close(struct spool *s);

/* A fresh id and number. -ENOSYS: the kernel has no random bytes. */
int spool_mark(struct spool *s, struct spool_mark *ret_mark);

/**
 * spool_put() - keep messages until they are acknowledged, all or none
 * @items: at most SPOOL_BATCH; id, kind, bytes and len are read. Of FLEET_STATE
 * the last one takes the place of the one before.
 *
 * Return: 0: they are on the disk; 1: in memory only, for lack of a disk;
 * -EMSGSIZE: one is longer than its kind may be; -EINVAL: no kind, too many.
 */
int spool_put(struct spool *s, const struct spool_item *items, size_t n,
	      uint64_t now_ns);

/* Findings and builds that wait behind @after (an item's ->at; 0: all), in the
 * order in which they go; how many, at most @max and SPOOL_BATCH. A place is
 * kept. A file that could not be opened at first has lower ones: who has come
 * to the end begins with 0 again. */
size_t spool_peek(struct spool *s, uint64_t after, struct spool_item *ret_items,
		  size_t max);
bool spool_peek_state(struct spool *s, struct spool_item *ret_item);

/* The fleet has taken them: they are forgotten. What is not there is none. */
void spool_ack(struct spool *s, const struct spool_id *ids, size_t n);
/* No server will ever take it: given up, and counted. */
void spool_drop(struct spool *s, const struct spool_id *id, uint64_t now_ns);

/* Now and then, each minute: gives up what is too old, tries a disk that was
 * refused again, gives room back. */
void spool_tidy(struct spool *s, uint64_t now_ns);

/* For a HostState. Its texts are the spool's, until its next function. */
void spool_tell(struct spool *s, Hale__Fleet__V1__Spool *ret_m);

/* One line for the log where the trouble is another one since the last call;
 * false: no news. */
bool spool_news(struct spool *s, char said[SPOOL_SAID_MAX]);

#endif
