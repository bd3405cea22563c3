/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_SHIP_PENDING_H
#define HALE_SHIP_PENDING_H

/*
 * Builds that could not be written yet, in memory, within bounds: in all, and
 * for each user, so that one cannot take the room of the others. Where there is
 * a file for it (waiting.h) they outlive this process.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "agent/ship/waiting.h"

#define PENDING_MAX	  64
#define PENDING_PER_USER  16
#define PENDING_BYTES_MAX (512 * 1024)

struct pending_build {
	uid_t uid;
	size_t len;
	int slot;	/* in the file; -1: in none */
	uint8_t *bytes; /* a packed BuildResult */
};

struct pending {
	struct waiting *file; /* NULL: there is none */
	size_t n, bytes;
	struct pending_build builds[PENDING_MAX]; /* the oldest first */
};

/* A copy. -ENOBUFS: no room for this user; -ENOMEM. */
int pending_add(struct pending *p, uid_t uid, const void *bytes, size_t len);
/* The same of one that lies in the file at @slot already. */
int pending_inherit(struct pending *p, int slot, const void *bytes, size_t len);
void pending_drop_first(struct pending *p);
/* Lets go of the memory; the file keeps what it has. */
void pending_done(struct pending *p);

#endif
