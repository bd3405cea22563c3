/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_REPORT_SPOOL_OWN_H
#define HALE_REPORT_SPOOL_OWN_H

/* What the files spool*.c share. */

#include "agent/report/spool.h"
#include "agent/ship/db_room.h"

#define SPOOL_ROWS_MAX 1024 /* in memory */
/* Rows in memory wait behind all that are on the disk, and keep their places
 * when they go there. So they begin with that one, where nobody knows what is
 * on the disk. */
#define SPOOL_MEMORY_AT (UINT64_C(1) << 46)

enum spool_statement {
	SPOOL_ADD = 0,
	SPOOL_PEEK,
	SPOOL_ACK,
	SPOOL_OLDEST,
	SPOOL_OLDEST_KIND,
	SPOOL_OLD,
	SPOOL_FORGET,
	SPOOL_HELD,
	SPOOL_META,
	SPOOL_SAVE,
	SPOOL_STATEMENTS
};

/* What is on the disk, and what never got away. */
struct spool_count {
	uint64_t n[FLEET_KINDS], bytes[FLEET_KINDS], dropped[FLEET_KINDS];
	uint64_t dropped_ns;
};

struct spool_row {
	struct spool_item item;
	uint8_t *bytes;
};

struct spool_memory {
	struct spool_row rows[SPOOL_ROWS_MAX];
	size_t n, bytes;
};

struct spool_numbers {
	uint64_t id, seq;
	uint64_t reserved; /* up to that they are taken for good */
};

struct spool {
	struct db_setup setup;
	uint64_t age_ns;
	struct db *db; /* NULL: there is only memory */
	sqlite3_stmt *statements[SPOOL_STATEMENTS];
	/* the file's, and those of this process, while it cannot take any */
	struct spool_numbers file, own;
	bool file_known;
	uint64_t last_at;		 /* of all rows */
	struct spool_count count, saved; /* saved: what the file knows */
	struct spool_memory memory;
	bool state_waits;
	struct spool_item state;
	uint8_t state_bytes[FLEET_STATE_MAX];
	uint8_t peeked[64 * 1024];
	/* how it is: 0, or the error since; when the disk was tried last */
	int trouble, told;
	uint64_t tried_ns, waited, refused;
	char trouble_text[96], aside[SPOOL_SAID_MAX]; /* not told yet */
};

/* spool_db.c: the file; 0 or negative errno. */
int spool_db_open(struct spool *s, char said[SPOOL_SAID_MAX]);
void spool_db_close(struct spool *s);
/* Takes more numbers in advance. */
int spool_db_reserve(struct spool *s);
/* All that is in memory and @items, as one; room is made for them. */
int spool_db_put(struct spool *s, const struct spool_item *items, size_t n,
		 uint64_t now_ns);
/* 1: there are more. */
int spool_db_peek(struct spool *s, uint64_t after, struct spool_item *ret,
		  size_t max, size_t *ret_n);
int spool_db_ack(struct spool *s, const struct spool_id *ids, size_t n,
		 bool dropped);
int spool_db_age(struct spool *s, uint64_t now_ns);
uint64_t spool_db_oldest_ns(struct spool *s);

/* spool_room.c: within a transaction: room for @len bytes in @n rows. */
int spool_make_room(struct spool *s, size_t n, size_t len, uint64_t now_ns);
/* All rows that were put there before then are dropped. */
int spool_drop_old(struct spool *s, uint64_t before_ns, uint64_t now_ns);
/* Prepared, reset; NULL where that fails. */
sqlite3_stmt *spool_statement(struct spool *s, enum spool_statement which);

/* spool_memory.c: the oldest give way and are counted. */
void spool_memory_add(struct spool *s, const struct spool_item *item,
		      uint64_t now_ns);
bool spool_memory_ack(struct spool *s, const struct spool_id *id, bool dropped);
size_t spool_memory_peek(struct spool *s, uint64_t after,
			 struct spool_item *ret, size_t max);
void spool_memory_clear(struct spool *s);
/* Behind what a file has that was opened just now, if they are not. */
void spool_memory_renumber(struct spool *s, uint64_t file_at);

#endif
