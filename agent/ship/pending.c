/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A short queue for the time in which the disk takes nothing. Must never grow
 * beyond its bounds: what does not fit is refused, and its sender told. Decides
 * nothing about the disk. Invariant: what is in the queue and has a slot is in
 * the file, byte for byte.
 */
#include "agent/ship/pending.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool has_room(const struct pending *p, uid_t uid, size_t len)
{
	size_t theirs = 0;

	for (size_t i = 0; i < p->n; i++)
		theirs += p->builds[i].uid == uid;
	return p->n < PENDING_MAX && theirs < PENDING_PER_USER &&
	       p->bytes + len <= PENDING_BYTES_MAX;
}

static int add(struct pending *p, const struct pending_build *b,
	       const void *bytes)
{
	uint8_t *copy = malloc(b->len + 1);

	if (!copy)
		return -ENOMEM;
	memcpy(copy, bytes, b->len);
	p->builds[p->n] = *b;
	p->builds[p->n].bytes = copy;
	p->bytes += b->len;
	p->n++;
	return 0;
}

int pending_add(struct pending *p, uid_t uid, const void *bytes, size_t len)
{
	struct pending_build b = { .uid = uid, .len = len, .slot = -1 };
	int r;

	if (!has_room(p, uid, len))
		return -ENOBUFS;
	if (p->file && p->file->fd >= 0) {
		b.slot = waiting_put(p->file, WAITING_BUILD, uid, bytes, len);
		if (b.slot < 0) /* who is told that it waits may rely on it */
			return -ENOBUFS;
	}
	r = add(p, &b, bytes);
	if (r < 0 && p->file)
		waiting_drop(p->file, b.slot);
	return r;
}

int pending_inherit(struct pending *p, int slot, const void *bytes, size_t len)
{
	const struct pending_build b = { .uid = p->file->slots[slot].uid,
					 .len = len,
					 .slot = slot };

	return has_room(p, b.uid, len) ? add(p, &b, bytes) : -ENOBUFS;
}

void pending_drop_first(struct pending *p)
{
	if (p->n == 0)
		return;
	if (p->file)
		waiting_drop(p->file, p->builds[0].slot);
	p->bytes -= p->builds[0].len;
	free(p->builds[0].bytes);
	p->n--;
	memmove(p->builds, p->builds + 1, p->n * sizeof(p->builds[0]));
}

void pending_done(struct pending *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->builds[i].bytes);
	p->n = p->bytes = 0;
}
