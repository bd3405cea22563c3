/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records in a file that only memory holds, each in a piece of its own. Decides
 * where each lies. Its bytes are written first and its slot last, in one write
 * that does not cross a page, so that a death at any moment leaves a whole
 * record or none. Written to, never mapped: where memory runs out that is an
 * error and not a signal. Invariant: no two slots share a byte, and a file in
 * which nothing waits holds no memory.
 */
#include "agent/ship/waiting.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <stddef.h>
#include <sys/stat.h>

#include "hale/base.h"

#include "agent/sandbox/successor.h"

/* "hale", and the number of this format. */
#define MAGIC UINT64_C(0x68616c6500000001)
/* A slot is a whole part of a page, and so is what is before the first. */
#define SLOT_SIZE sizeof(struct waiting_slot)
#define DATA_AT	  (24 * 1024)
#define UNIT	  256
#define UNITS	  ((SUCCESSOR_BYTES - DATA_AT) / UNIT)

_Static_assert(SLOT_SIZE == 32, "the format");
_Static_assert((WAITING_SLOTS + 1) * SLOT_SIZE <= DATA_AT, "the format");

static off_t place_of(int slot)
{
	return (off_t)(SLOT_SIZE * ((size_t)slot + 1));
}

static uint32_t units_of(size_t len)
{
	return len == 0 ? 1 : (uint32_t)((len + UNIT - 1) / UNIT);
}

/* --- as it was left --- */

static bool is_right(const struct waiting_slot *s)
{
	return s->at >= DATA_AT && (s->at - DATA_AT) % UNIT == 0 &&
	       s->len <= WAITING_BYTES_MAX && s->at < SUCCESSOR_BYTES &&
	       s->len <= SUCCESSOR_BYTES - s->at && s->number < INT64_MAX;
}

/* Of two with one number only the first could be found to be dropped. */
static bool is_second(const struct waiting *w, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		if (w->slots[k].number == w->slots[i].number)
			return true;
	}
	return false;
}

/* What cannot be right is nothing that waits. */
static void take_stock(struct waiting *w)
{
	w->n = 0;
	w->next = 1;
	for (size_t i = 0; i < WAITING_SLOTS; i++) {
		struct waiting_slot *s = &w->slots[i];

		if (s->number == 0 || !is_right(s) || is_second(w, i)) {
			s->number = 0;
			continue;
		}
		w->n++;
		if (s->number >= w->next)
			w->next = s->number + 1;
	}
}

static int begin(int fd)
{
	const uint64_t magic = MAGIC;

	return pwrite(fd, &magic, sizeof(magic), 0) == sizeof(magic) ? 0
								     : -ENOBUFS;
}

static int load(struct waiting *w, int fd)
{
	struct stat st;
	uint64_t magic;

	if (fstat(fd, &st) < 0 || st.st_size != SUCCESSOR_BYTES ||
	    pread(fd, &magic, sizeof(magic), 0) != sizeof(magic))
		return -EINVAL;
	if (magic == 0)
		return 0;
	if (magic != MAGIC)
		return -EPROTO;
	if (pread(fd, w->slots, sizeof(w->slots), place_of(0)) !=
	    sizeof(w->slots))
		return -EIO;
	take_stock(w);
	return (int)w->n;
}

int waiting_open(struct waiting *w, int fd)
{
	int r;

	w->fd = -1;
	w->n = 0;
	w->next = 1;
	if (fd < 0)
		return 0;
	r = load(w, fd);
	if (r < 0) {
		close(fd);
		return r;
	}
	w->fd = fd;
	return r;
}

void waiting_close(struct waiting *w)
{
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
}

/* --- room --- */

static void mark(bool taken[UNITS], const struct waiting_slot *s)
{
	uint32_t from = (s->at - DATA_AT) / UNIT, n = units_of(s->len);

	for (uint32_t i = from; i < from + n && i < UNITS; i++)
		taken[i] = true;
}

/* Where @len bytes fit in between; 0: nowhere. */
static uint32_t find_room(const struct waiting *w, size_t len)
{
	static bool taken[UNITS];
	uint32_t wanted = units_of(len), run = 0;

	memset(taken, 0, sizeof(taken));
	for (size_t i = 0; i < WAITING_SLOTS; i++) {
		if (w->slots[i].number != 0)
			mark(taken, &w->slots[i]);
	}
	for (uint32_t i = 0; i < UNITS; i++) {
		run = taken[i] ? 0 : run + 1;
		if (run == wanted)
			return DATA_AT + (i + 1 - wanted) * UNIT;
	}
	return 0;
}

static int free_slot(const struct waiting *w)
{
	for (int i = 0; i < WAITING_SLOTS; i++) {
		if (w->slots[i].number == 0)
			return i;
	}
	return -ENOBUFS;
}

/* --- in and out --- */

static bool write_slot(const struct waiting *w, int slot,
		       const struct waiting_slot *s)
{
	return pwrite(w->fd, s, sizeof(*s), place_of(slot)) == sizeof(*s);
}

int waiting_put(struct waiting *w, enum waiting_kind kind, uid_t uid,
		const void *bytes, size_t len)
{
	struct waiting_slot s = { .number = w->next,
				  .kind = kind,
				  .uid = uid,
				  .len = (uint32_t)len };
	int slot;

	if (w->fd < 0)
		return -EBADF;
	slot = free_slot(w);
	s.at = len > WAITING_BYTES_MAX ? 0 : find_room(w, len);
	if (slot < 0 || s.at == 0 || (w->n == 0 && begin(w->fd) < 0) ||
	    pwrite(w->fd, bytes, len, (off_t)s.at) != (ssize_t)len ||
	    !write_slot(w, slot, &s))
		return -ENOBUFS;
	w->slots[slot] = s;
	w->next++;
	w->n++;
	return slot;
}

void waiting_drop(struct waiting *w, int slot)
{
	const struct waiting_slot none = { .number = 0 };

	if (slot < 0 || slot >= WAITING_SLOTS || w->slots[slot].number == 0)
		return;
	w->slots[slot].number = 0;
	w->n--;
	if (write_slot(w, slot, &none) && w->n == 0 &&
	    fallocate(w->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
		      SUCCESSOR_BYTES) < 0)
		return; /* it holds its memory for longer */
}

int waiting_after(const struct waiting *w, uint64_t number)
{
	int found = -1;

	for (int i = 0; i < WAITING_SLOTS; i++) {
		uint64_t one = w->slots[i].number;

		if (one > number && (found < 0 || one < w->slots[found].number))
			found = i;
	}
	return found;
}

ssize_t waiting_get(const struct waiting *w, int slot, void *bytes)
{
	const struct waiting_slot *s = &w->slots[slot];

	if (s->number == 0)
		return -ENOENT;
	return pread(w->fd, bytes, s->len, (off_t)s->at) == (ssize_t)s->len
		       ? (ssize_t)s->len
		       : -EIO;
}
