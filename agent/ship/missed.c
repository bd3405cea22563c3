/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What waits of the findings. One is known by its part, its condition and when
 * it began, as in the store, so that what waits and what is told again become
 * one row. Must never grow beyond its bounds. Pure but for its memory.
 */
#include "agent/ship/missed.h"

#include <stdlib.h>
#include <string.h>

static size_t size_of(const Hale__V1__Finding *m)
{
	return hale__v1__finding__get_packed_size(m);
}

static Hale__V1__Finding *copy(const Hale__V1__Finding *m)
{
	size_t len = size_of(m);
	uint8_t *bytes = malloc(len + 1);
	Hale__V1__Finding *c = NULL;

	if (bytes) {
		hale__v1__finding__pack(m, bytes);
		c = hale__v1__finding__unpack(NULL, len, bytes);
	}
	free(bytes);
	return c;
}

static void remove_at(struct missed *s, size_t i)
{
	s->bytes -= size_of(s->findings[i]);
	hale__v1__finding__free_unpacked(s->findings[i], NULL);
	s->n--;
	memmove(&s->findings[i], &s->findings[i + 1],
		(s->n - i) * sizeof(s->findings[0]));
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

void missed_keep(struct missed *s, const Hale__V1__Finding *m)
{
	Hale__V1__Finding *c = m->part ? copy(m) : NULL;
	size_t known;

	if (!c) {
		s->dropped++;
		return;
	}
	known = find(s, m);
	if (known < s->n)
		remove_at(s, known);
	while (s->n > 0 && (s->n == MISSED_MAX ||
			    s->bytes + size_of(c) > MISSED_BYTES_MAX)) {
		remove_at(s, 0);
		s->dropped++;
	}
	s->findings[s->n++] = c;
	s->bytes += size_of(c);
}

void missed_done(struct missed *s)
{
	while (s->n > 0)
		remove_at(s, s->n - 1);
	s->dropped = 0;
}
