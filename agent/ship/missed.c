/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What waits of the findings. One is known by its part, its condition and when
 * it began, as in the store, so that what waits and what is told again become
 * one row. Must never grow beyond its bounds, nor forget one uncounted. What a
 * process leaves its successor is read as hostile.
 */
#include "agent/ship/missed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static size_t size_of(const Hale__V1__Finding *m)
{
	return hale__v1__finding__get_packed_size(m);
}

static Hale__V1__Finding *unpack(const void *bytes, size_t len)
{
	Hale__V1__Finding *m = hale__v1__finding__unpack(NULL, len, bytes);

	if (m && m->part)
		return m;
	if (m)
		hale__v1__finding__free_unpacked(m, NULL);
	return NULL;
}

/* In memory alone; the file keeps what it has. */
static void let_go(struct missed *s, size_t i)
{
	size_t after = s->n - i - 1;

	s->bytes -= size_of(s->findings[i]);
	hale__v1__finding__free_unpacked(s->findings[i], NULL);
	s->n--;
	memmove(&s->findings[i], &s->findings[i + 1],
		after * sizeof(s->findings[0]));
	memmove(&s->slots[i], &s->slots[i + 1], after * sizeof(s->slots[0]));
}

static void remove_at(struct missed *s, size_t i)
{
	if (s->file)
		waiting_drop(s->file, s->slots[i]);
	let_go(s, i);
}

static size_t find(const struct missed *s, const Hale__V1__Finding *m)
{
	size_t i = 0;

	while (i < s->n &&
	       (s->findings[i]->first_ns != m->first_ns ||
		strcmp(s->findings[i]->part->id, m->part->id) != 0 ||
		strcmp(s->findings[i]->condition, m->condition) != 0))
		i++;
	return i;
}

/* Takes @m over, which lies in the file at @slot. */
static void take(struct missed *s, Hale__V1__Finding *m, int slot)
{
	size_t known = find(s, m);

	if (known < s->n)
		remove_at(s, known);
	while (s->n > 0 && (s->n == MISSED_MAX ||
			    s->bytes + size_of(m) > MISSED_BYTES_MAX)) {
		remove_at(s, 0);
		s->dropped++;
	}
	s->slots[s->n] = slot;
	s->findings[s->n++] = m;
	s->bytes += size_of(m);
}

void missed_keep(struct missed *s, const Hale__V1__Finding *m)
{
	size_t len = m->part ? size_of(m) : 0;
	uint8_t *bytes = len > 0 ? malloc(len) : NULL;
	Hale__V1__Finding *c = NULL;
	int slot = -1;

	if (bytes) {
		hale__v1__finding__pack(m, bytes);
		c = unpack(bytes, len);
	}
	/* where the file has no room it waits here alone: better than not */
	if (c && s->file)
		slot = waiting_put(s->file, WAITING_FINDING, 0, bytes, len);
	free(bytes);
	if (c)
		take(s, c, slot);
	else
		s->dropped++;
}

int missed_inherit(struct missed *s, int slot, const void *bytes, size_t len)
{
	Hale__V1__Finding *m = unpack(bytes, len);

	if (!m)
		return -EBADMSG;
	take(s, m, slot);
	return 0;
}

void missed_stored(struct missed *s)
{
	while (s->n > 0)
		remove_at(s, s->n - 1);
	s->dropped = 0;
}

void missed_done(struct missed *s)
{
	while (s->n > 0)
		let_go(s, s->n - 1);
	s->dropped = 0;
}
