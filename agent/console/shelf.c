/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packed messages by host. Decides which go when there are too many: the oldest
 * of all, so that a host which floods pushes out the past of others only as far
 * as it is older. Must never read what it keeps. Invariant: an item of the past
 * is in its host's list and in the list of all, which run in one order.
 */
#include "shelf.h"

#include <errno.h>

#include "hale/base.h"

#define BUCKETS ((size_t)1 << 14)

int shelf_init(struct shelf *s)
{
	memset(s, 0, sizeof(*s));
	s->past_max = SHELF_PAST_BYTES;
	s->state_max = SHELF_STATE_BYTES;
	s->buckets = calloc(BUCKETS, sizeof(*s->buckets));
	if (!s->buckets)
		return -ENOMEM;
	s->buckets_n = BUCKETS;
	return 0;
}

void shelf_done(struct shelf *s)
{
	struct shelf_item *next;

	for (struct shelf_item *i = s->first; i; i = next) {
		next = i->next;
		free(i);
	}
	for (size_t k = 0; k < s->buckets_n; k++) {
		struct shelf_host *chain;

		for (struct shelf_host *h = s->buckets[k]; h; h = chain) {
			chain = h->chain;
			free(h->state);
			free(h);
		}
	}
	free(s->buckets);
	memset(s, 0, sizeof(*s));
}

static size_t bucket_of(const struct shelf *s, const char *id)
{
	uint32_t h = 2166136261u; /* FNV-1a */

	for (; *id; id++)
		h = (h ^ (unsigned char)*id) * 16777619u;
	return h & (s->buckets_n - 1);
}

static struct shelf_host *find(const struct shelf *s, const char *id)
{
	struct shelf_host *h = s->buckets[bucket_of(s, id)];

	while (h && strcmp(h->id, id) != 0)
		h = h->chain;
	return h;
}

const struct shelf_host *shelf_host(const struct shelf *s, const char *id)
{
	return find(s, id);
}

static struct shelf_host *find_or_make(struct shelf *s, const char *id)
{
	struct shelf_host *h = find(s, id), **at;

	if (h)
		return h;
	h = calloc(1, sizeof(*h));
	if (!h)
		return NULL;
	HALE_SET(h->id, id);
	at = &s->buckets[bucket_of(s, id)];
	h->chain = *at;
	*at = h;
	s->hosts++;
	return h;
}

static size_t cost(const struct shelf_item *i)
{
	return sizeof(*i) + i->len;
}

/* The oldest of all is the oldest of its host. */
static void drop_first(struct shelf *s)
{
	struct shelf_item *i = s->first;

	if (i->newer)
		i->newer->older = NULL;
	else
		i->host->newest = NULL;
	i->host->cut = true;
	s->first = i->next;
	if (!s->first)
		s->last = NULL;
	s->past_bytes -= cost(i);
	free(i);
}

static int put_state(struct shelf *s, struct shelf_host *h,
		     struct shelf_item *i)
{
	size_t old = h->state ? cost(h->state) : 0;

	if (s->state_bytes - old + cost(i) > s->state_max) {
		free(i);
		return -ENOSPC;
	}
	s->state_bytes = s->state_bytes - old + cost(i);
	free(h->state);
	h->state = i;
	return 0;
}

static void put_past(struct shelf *s, struct shelf_host *h,
		     struct shelf_item *i)
{
	while (s->first && s->past_bytes + cost(i) > s->past_max)
		drop_first(s);
	i->older = h->newest;
	if (h->newest)
		h->newest->newer = i;
	h->newest = i;
	if (s->last)
		s->last->next = i;
	else
		s->first = i;
	s->last = i;
	s->past_bytes += cost(i);
}

int shelf_put(struct shelf *s, const struct shelf_message *m)
{
	struct shelf_host *h;
	struct shelf_item *i;

	if (strlen(m->id) >= SHELF_ID_SIZE)
		return -EINVAL;
	h = find_or_make(s, m->id);
	i = h ? calloc(1, sizeof(*i) + m->len) : NULL;
	if (!i)
		return -ENOMEM;
	i->host = h;
	i->kind = m->kind;
	i->received_ns = m->received_ns;
	i->len = m->len;
	memcpy(i->bytes, m->bytes, m->len);
	if (m->kind == SHELF_STATE)
		return put_state(s, h, i);
	put_past(s, h, i);
	return 0;
}

static void forget_past_of(struct shelf_host *h, enum shelf_kind kind)
{
	struct shelf_item **at = &h->newest, *newer = NULL;

	while (*at) {
		if ((*at)->kind == kind) {
			*at = (*at)->older;
			continue;
		}
		(*at)->newer = newer;
		newer = *at;
		at = &newer->older;
	}
}

/* First out of the hosts' lists, then out of that of all, which frees them. */
void shelf_forget(struct shelf *s, enum shelf_kind kind)
{
	struct shelf_item **at = &s->first, *last = NULL;

	for (size_t k = 0; k < s->buckets_n; k++) {
		for (struct shelf_host *h = s->buckets[k]; h; h = h->chain)
			forget_past_of(h, kind);
	}
	while (*at) {
		struct shelf_item *i = *at;

		if (i->kind != kind) {
			last = i;
			at = &i->next;
			continue;
		}
		*at = i->next;
		s->past_bytes -= cost(i);
		free(i);
	}
	s->last = last;
}
