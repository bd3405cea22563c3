/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shared words. Decides when two words are one and when one is forgotten: with
 * its last user, so that a host which changes its labels at every heartbeat
 * holds no more than one that does not. Must never keep a text that nobody
 * uses. Invariant: an entry is in exactly one bucket, or in the free list.
 */
#include "agent/fleet/intern.h"

#include <errno.h>

#include "agent/fleet/hash.h"
#include "hale/base.h"
#include "hale/text.h"

#define INTERN_FIRST_SIZE 64

/* A word as it is kept. */
struct spelled {
	char text[2 * INTERN_TEXT_MAX];
	size_t len; /* with both NULs; 2: the empty word */
	uint64_t hash;
};

static size_t spell_one(char *dst, const char *text)
{
	if (!text)
		text = "";
	hale_print_text(dst, INTERN_TEXT_MAX, text,
			strnlen(text, INTERN_TEXT_MAX));
	return strlen(dst) + 1;
}

static void spell(const struct intern *t, const char *first, const char *second,
		  struct spelled *ret)
{
	ret->len = spell_one(ret->text, first);
	ret->len += spell_one(ret->text + ret->len, second);
	ret->hash = fleet_hash(t->seed, ret->text, ret->len);
}

int intern_init(struct intern *t, uint64_t seed)
{
	*t = (struct intern){ .seed = seed, .n = 1 };
	t->entries = calloc(INTERN_FIRST_SIZE, sizeof(*t->entries));
	t->buckets = calloc(INTERN_FIRST_SIZE, sizeof(*t->buckets));
	if (!t->entries || !t->buckets) {
		intern_done(t);
		return -ENOMEM;
	}
	t->size = INTERN_FIRST_SIZE;
	t->n_buckets = INTERN_FIRST_SIZE;
	t->bytes =
		INTERN_FIRST_SIZE * (sizeof(*t->entries) + sizeof(*t->buckets));
	return 0;
}

void intern_done(struct intern *t)
{
	for (uint32_t i = 1; t->entries && i < t->n; i++)
		free(t->entries[i].text);
	free(t->entries);
	free(t->buckets);
	*t = (struct intern){ 0 };
}

static void refill(struct intern *t)
{
	for (uint32_t i = 1; i < t->n; i++) {
		struct intern_entry *e = &t->entries[i];
		uint32_t *b = &t->buckets[e->hash & (t->n_buckets - 1)];

		if (!e->text)
			continue;
		e->next = *b;
		*b = i;
	}
}

static bool grow(struct intern *t)
{
	uint32_t size = t->size * 2;
	struct intern_entry *entries;
	uint32_t *buckets;

	if (size > INTERN_MAX)
		return false;
	entries = reallocarray(t->entries, size, sizeof(*entries));
	if (!entries)
		return false;
	t->bytes += (size - t->size) * sizeof(*entries);
	t->entries = entries;
	t->size = size;
	buckets = calloc(size, sizeof(*buckets));
	if (!buckets)
		return true; /* longer chains, nothing worse */
	free(t->buckets);
	t->bytes += (size - t->n_buckets) * sizeof(*buckets);
	t->buckets = buckets;
	t->n_buckets = size;
	refill(t);
	return true;
}

static uint32_t find(const struct intern *t, const struct spelled *s)
{
	uint32_t i = t->buckets[s->hash & (t->n_buckets - 1)];

	for (; i != 0; i = t->entries[i].next) {
		const struct intern_entry *e = &t->entries[i];

		/* of equal length up to both NULs if equal at all */
		if (e->hash == s->hash && strcmp(e->text, s->text) == 0 &&
		    strcmp(e->text + strlen(e->text) + 1,
			   s->text + strlen(s->text) + 1) == 0)
			return i;
	}
	return INTERN_NONE;
}

/* The number of an entry that is nobody's; 0: no room. */
static uint32_t vacant(struct intern *t)
{
	uint32_t i = t->free;

	if (i != 0) {
		t->free = t->entries[i].next;
		return i;
	}
	if (t->n == t->size && !grow(t))
		return 0;
	t->entries[t->n] = (struct intern_entry){ 0 };
	return t->n++;
}

static uint32_t add(struct intern *t, const struct spelled *s)
{
	char *text = malloc(s->len);
	struct intern_entry *e;
	uint32_t i, *bucket;

	if (!text)
		return INTERN_NONE;
	i = vacant(t);
	if (i == 0) {
		free(text);
		return INTERN_NONE;
	}
	memcpy(text, s->text, s->len);
	e = &t->entries[i];
	bucket = &t->buckets[s->hash & (t->n_buckets - 1)];
	*e = (struct intern_entry){ .hash = s->hash, .uses = 1 };
	e->text = text;
	e->next = *bucket;
	*bucket = i;
	t->bytes += s->len;
	return i;
}

uint32_t intern_take(struct intern *t, const char *first, const char *second)
{
	struct spelled s;
	uint32_t i;

	spell(t, first, second, &s);
	if (s.len == 2)
		return INTERN_NONE;
	i = find(t, &s);
	if (i == INTERN_NONE)
		return add(t, &s);
	t->entries[i].uses++;
	return i;
}

uint32_t intern_find(const struct intern *t, const char *first,
		     const char *second)
{
	struct spelled s;

	spell(t, first, second, &s);
	return s.len == 2 ? INTERN_NONE : find(t, &s);
}

void intern_drop(struct intern *t, uint32_t word)
{
	struct intern_entry *e = &t->entries[word];
	uint32_t *at;

	if (word == INTERN_NONE || --e->uses > 0)
		return;
	at = &t->buckets[e->hash & (t->n_buckets - 1)];
	while (*at != word)
		at = &t->entries[*at].next;
	*at = e->next;
	t->bytes -= strlen(e->text) + 2 + strlen(e->text + strlen(e->text) + 1);
	free(e->text);
	*e = (struct intern_entry){ .next = t->free };
	t->free = word;
}

void intern_hold(struct intern *t, uint32_t word)
{
	if (word == INTERN_NONE)
		return;
	t->entries[word].uses++;
	t->entries[word].held++;
}

void intern_let_go(struct intern *t, uint32_t word)
{
	if (word == INTERN_NONE)
		return;
	t->entries[word].held--;
	intern_drop(t, word);
}

const char *intern_first(const struct intern *t, uint32_t word)
{
	return word == INTERN_NONE ? "" : t->entries[word].text;
}

const char *intern_second(const struct intern *t, uint32_t word)
{
	const char *first = intern_first(t, word);

	return word == INTERN_NONE ? "" : first + strlen(first) + 1;
}
