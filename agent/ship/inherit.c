/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From one ship to the next. Decides what of the last one's file is still to be
 * stored, and when this one is of no more use: what it is confined to is a
 * folder, not its name, so that where a disk was mounted anew it is barred from
 * what it is there for, and none of its kind can change that but a new one.
 * Must never take a refusal for that which a new one would meet as well.
 */
#include <errno.h>

#include "hale/base.h"

#include "agent/ship/ship.h"
#include "proto/codec_read.h"

static bool is_build(const uint8_t *bytes, size_t len)
{
	_cleanup_free_ uint8_t *mem = malloc(CODEC_ARENA_UNPACK);
	struct codec_arena a = { .mem = mem, .size = CODEC_ARENA_UNPACK };
	Hale__V1__BuildResult *m;

	/* for want of memory nothing is thrown away */
	return !mem || codec_unpack(&hale__v1__build_result__descriptor, &a,
				    bytes, len, &m) == 0;
}

static int inherit_one(struct ship *s, int slot, uint8_t *bytes)
{
	ssize_t n = waiting_get(&s->waiting, slot, bytes);

	if (n < 0)
		return (int)n;
	switch (s->waiting.slots[slot].kind) {
	case WAITING_BUILD:
		return is_build(bytes, (size_t)n)
			       ? pending_inherit(&s->pending, slot, bytes,
						 (size_t)n)
			       : -EBADMSG;
	case WAITING_FINDING:
		return missed_inherit(&s->missed, slot, bytes, (size_t)n);
	default:
		return -EBADMSG;
	}
}

static void tell(const struct ship *s, unsigned int lost)
{
	char text[160];

	if (s->pending.n + s->missed.n + lost == 0)
		return;
	snprintf(text, sizeof(text),
		 "taken over from the process before: %zu builds and %zu "
		 "findings that wait; %u could not be read",
		 s->pending.n, s->missed.n, lost);
	ship_log(5, text);
}

void ship_inherit(struct ship *s)
{
	int n = waiting_open(&s->waiting, s->waiting_fd);
	_cleanup_free_ uint8_t *bytes =
		n > 0 ? malloc(WAITING_BYTES_MAX) : NULL;
	unsigned int lost = 0;
	uint64_t number = 0;
	int slot;

	s->pending.file = s->missed.file = &s->waiting;
	if (n < 0)
		ship_log(4, "what the process before left cannot be read");
	while (bytes && (slot = waiting_after(&s->waiting, number)) >= 0) {
		number = s->waiting.slots[slot].number;
		if (inherit_one(s, slot, bytes) == 0)
			continue;
		waiting_drop(&s->waiting, slot);
		lost++;
	}
	s->waited = (unsigned int)s->pending.n;
	if (n > 0)
		tell(s, lost);
}

bool ship_is_outdated(const struct ship *s)
{
	char dir[1024];
	struct stat now;

	/* access(2) asks who owns what, and landlock has no say in it */
	if (!ship_folder(s, dir, sizeof(dir)) || stat(dir, &now) < 0 ||
	    access(dir, R_OK | W_OK | X_OK) < 0 ||
	    (access(s->setup.path, F_OK) == 0 &&
	     access(s->setup.path, R_OK | W_OK) < 0))
		return false;
	return s->opened || now.st_dev != s->folder.st_dev ||
	       now.st_ino != s->folder.st_ino;
}
