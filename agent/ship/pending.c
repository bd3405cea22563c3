/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A short queue for the time in which the disk takes nothing. Must never grow
 * beyond its bounds: what does not fit is refused, and its sender told. Pure
 * but for the memory that it holds.
 */
#include "agent/ship/pending.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int pending_add(struct pending *p, uid_t uid, const void *bytes, size_t len)
{
	struct pending_build *b = &p->builds[p->n];
	size_t theirs = 0;

	for (size_t i = 0; i < p->n; i++)
		theirs += p->builds[i].uid == uid;
	if (p->n == PENDING_MAX || theirs >= PENDING_PER_USER ||
	    p->bytes + len > PENDING_BYTES_MAX)
		return -ENOBUFS;
	b->bytes = malloc(len + 1);
	if (!b->bytes)
		return -ENOMEM;
	memcpy(b->bytes, bytes, len);
	b->len = len;
	b->uid = uid;
	p->bytes += len;
	p->n++;
	return 0;
}

void pending_drop_first(struct pending *p)
{
	if (p->n == 0)
		return;
	p->bytes -= p->builds[0].len;
	free(p->builds[0].bytes);
	p->n--;
	memmove(p->builds, p->builds + 1, p->n * sizeof(p->builds[0]));
}

void pending_done(struct pending *p)
{
	while (p->n > 0)
		pending_drop_first(p);
}
