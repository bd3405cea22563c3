/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_SHIP_WAITING_H
#define HALE_SHIP_WAITING_H

/*
 * What could not be written yet, in a file of memory that outlives this process
 * (agent/sandbox/successor.h): what was said to wait is there for whoever comes
 * next, however this one ended. Read as hostile: who wrote it may have been
 * taken over.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define WAITING_SLOTS	  640
#define WAITING_BYTES_MAX (64 * 1024) /* a record */

enum waiting_kind {
	WAITING_BUILD = 1, /* a packed BuildResult */
	WAITING_FINDING,   /* a packed Finding */
};

/* As in the file, one after the other behind a word that says so. */
struct waiting_slot {
	uint64_t number; /* in their order; 0: free */
	uint32_t kind;	 /* enum waiting_kind */
	uint32_t uid;	 /* who told it */
	uint32_t at;	 /* bytes from the beginning of the file */
	uint32_t len;
	uint64_t spare;
};

struct waiting {
	int fd; /* -1: there is none, and nothing outlives this process */
	size_t n;
	uint64_t next;
	struct waiting_slot slots[WAITING_SLOTS];
};

/* Takes @fd, or -1, over; @w: zeroes. Return: how many wait in it; negative
 * errno: it is not used: -EPROTO: what is in it is of another hale. */
int waiting_open(struct waiting *w, int fd);
void waiting_close(struct waiting *w);

/* Return: its slot, for waiting_drop(); -EBADF: there is no file; -ENOBUFS: no
 * room. */
int waiting_put(struct waiting *w, enum waiting_kind kind, uid_t uid,
		const void *bytes, size_t len);
/* @slot: negative: nothing. */
void waiting_drop(struct waiting *w, int slot);

/* The first after @number, in their order: its slot; -1: there is none. */
int waiting_after(const struct waiting *w, uint64_t number);
/* @bytes: WAITING_BYTES_MAX; return: how many, or negative errno. */
ssize_t waiting_get(const struct waiting *w, int slot, void *bytes);

#endif
