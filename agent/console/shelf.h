/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CONSOLE_SHELF_H
#define HALE_CONSOLE_SHELF_H

/*
 * What hosts said, packed as it came, for their pages: of each its last state,
 * its findings and its builds. Pure. Bounded in bytes: the oldest messages of
 * all hosts go first, and the host is marked. States are a bound of their own:
 * one that finds no room is not kept, and its host's page says less.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHELF_PAST_BYTES  ((size_t)64 << 20)
#define SHELF_STATE_BYTES ((size_t)256 << 20)
#define SHELF_ID_SIZE	  57

enum shelf_kind {
	SHELF_STATE = 0,
	SHELF_FINDING,
	SHELF_BUILD,
	SHELF_KINDS
};

struct shelf_item {
	struct shelf_item *older, *newer; /* of this host */
	struct shelf_item *next;	  /* put after it, of any host */
	struct shelf_host *host;
	uint64_t received_ns;
	enum shelf_kind kind;
	size_t len;
	uint8_t bytes[];
};

struct shelf_host {
	struct shelf_host *chain;
	char id[SHELF_ID_SIZE];
	struct shelf_item *state;  /* NULL: none */
	struct shelf_item *newest; /* findings and builds */
	bool cut;		   /* it had more of them */
};

struct shelf {
	struct shelf_host **buckets;
	size_t buckets_n, hosts;
	struct shelf_item *first, *last; /* the oldest, the newest of all */
	size_t past_bytes, state_bytes;
	size_t past_max, state_max; /* 0: those above */
};

/* -ENOMEM. shelf_done() of a zeroed one does nothing. */
int shelf_init(struct shelf *s);
void shelf_done(struct shelf *s);

struct shelf_message {
	enum shelf_kind kind;
	const char *id;
	uint64_t received_ns;
	const void *bytes;
	size_t len;
};

/* Copies it. Findings and builds come oldest first. -ENOMEM, -ENOSPC, -EINVAL:
 * an id that is none. */
int shelf_put(struct shelf *s, const struct shelf_message *m);
/* All of a kind, of all hosts: it comes anew. */
void shelf_forget(struct shelf *s, enum shelf_kind kind);

/* NULL: nothing is known. */
const struct shelf_host *shelf_host(const struct shelf *s, const char *id);

#endif
