/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A table of names and numbers. Must not grow without a bound, whatever names
 * strangers make up: what finds no place is counted as "others". Pure.
 */
#include "counts.h"

#include <stdlib.h>
#include <string.h>

#define SIZE_MIN 256

/* FNV-1a: names here are short, and a slow table is no more than slow. */
static uint64_t hash(const char *name)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (; *name; name++)
		h = (h ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
	return h;
}

static struct count *slot(struct count *slots, size_t size, const char *name)
{
	size_t at = (size_t)hash(name) & (size - 1);

	while (slots[at].name && strcmp(slots[at].name, name) != 0)
		at = (at + 1) & (size - 1);
	return &slots[at];
}

static bool grow(struct counts *c)
{
	size_t size = c->size ? 2 * c->size : SIZE_MIN;
	struct count *slots;

	if (c->n >= COUNTS_MAX)
		return false;
	slots = calloc(size, sizeof(*slots));
	if (!slots)
		return false;
	for (size_t i = 0; i < c->size; i++) {
		if (c->slots[i].name)
			*slot(slots, size, c->slots[i].name) = c->slots[i];
	}
	free(c->slots);
	c->slots = slots;
	c->size = size;
	return true;
}

bool counts_add(struct counts *c, const char *name, bool bad)
{
	struct count *s;
	bool first;

	if (2 * (c->n + 1) > c->size && !grow(c) && c->n + 1 >= c->size) {
		c->others++;
		return false;
	}
	s = slot(c->slots, c->size, name);
	first = !s->name;
	if (first) {
		s->name = strdup(name);
		if (!s->name) {
			c->others++;
			return false;
		}
		c->n++;
	}
	s->all++;
	s->bad += bad ? 1 : 0;
	return first;
}

static int by_number(const void *a, const void *b)
{
	const struct count *x = a, *y = b;

	if (x->bad != y->bad)
		return x->bad < y->bad ? 1 : -1;
	if (x->all != y->all)
		return x->all < y->all ? 1 : -1;
	return strcmp(x->name, y->name);
}

void counts_sort(struct counts *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->size; i++) {
		if (c->slots[i].name)
			c->slots[n++] = c->slots[i];
	}
	for (size_t i = n; i < c->size; i++)
		c->slots[i].name = NULL;
	if (n > 0)
		qsort(c->slots, n, sizeof(*c->slots), by_number);
}

void counts_done(struct counts *c)
{
	for (size_t i = 0; i < c->size; i++)
		free(c->slots[i].name);
	free(c->slots);
	*c = (struct counts){ .n = 0 };
}
