/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Places of hosts. Decides which index a host has and which texts it keeps.
 * Must never move a host: rows that were looked up point into it. Invariant: a
 * place with an id is in one bucket and in the list by change, one without is
 * in the list of free places.
 */
#include <errno.h>

#include "agent/fleet/hash.h"
#include "agent/fleet/picture_own.h"
#include "hale/text.h"

struct host *picture_there(const struct picture *p, uint32_t i)
{
	struct host *h;

	if (i >= p->n_places)
		return NULL;
	h = picture_host(p, i);
	return h->id ? h : NULL;
}

static uint64_t id_hash(const struct picture *p, const char *id)
{
	return fleet_hash(p->o.seed, id, strlen(id));
}

static uint32_t *bucket_of(const struct picture *p, const char *id)
{
	return &p->buckets[id_hash(p, id) & (p->n_buckets - 1)];
}

uint32_t picture_find(const struct picture *p, const char *id)
{
	uint32_t i;

	if (!id || p->n_buckets == 0)
		return PICTURE_NONE;
	for (i = *bucket_of(p, id); i != PICTURE_NONE;
	     i = picture_host(p, i)->next)
		if (strcmp(picture_host(p, i)->id, id) == 0)
			return i;
	return PICTURE_NONE;
}

/* Twice the buckets once there are as many hosts; the first time some. */
static int more_buckets(struct picture *p)
{
	uint32_t n = p->n_buckets ? p->n_buckets * 2 : 1024;
	uint32_t *buckets = malloc(n * sizeof(*buckets));

	if (!buckets)
		return -ENOMEM;
	memset(buckets, 0xff, n * sizeof(*buckets));
	free(p->buckets);
	p->counts.bytes += (n - p->n_buckets) * sizeof(*buckets);
	p->buckets = buckets;
	p->n_buckets = n;
	for (uint32_t i = 0; i < p->n_places; i++) {
		struct host *h = picture_there(p, i);
		uint32_t *bucket;

		if (!h)
			continue;
		bucket = bucket_of(p, h->id);
		h->next = *bucket;
		*bucket = i;
	}
	return 0;
}

/* A free place, PICTURE_NONE without memory for one. */
static uint32_t vacant(struct picture *p)
{
	uint32_t i = p->free;
	struct host **piece;

	if (i != PICTURE_NONE) {
		p->free = picture_host(p, i)->next;
		return i;
	}
	piece = &p->pieces[p->n_places / PIECE_HOSTS];
	if (!*piece) {
		*piece = calloc(PIECE_HOSTS, sizeof(**piece));
		if (!*piece)
			return PICTURE_NONE;
		p->counts.bytes += PIECE_HOSTS * sizeof(**piece);
	}
	return p->n_places++;
}

static void give_back(struct picture *p, uint32_t i)
{
	*picture_host(p, i) = (struct host){ .next = p->free };
	p->free = i;
}

static uint32_t move_in(struct picture *p, const char *id)
{
	uint32_t i = vacant(p), *bucket;
	struct host *h;

	if (i == PICTURE_NONE)
		return PICTURE_NONE;
	h = picture_host(p, i);
	*h = (struct host){ .since_at_least = true };
	h->id = malloc(strlen(id) + 2);
	if (!h->id) {
		give_back(p, i);
		return PICTURE_NONE;
	}
	p->counts.bytes += strlen(id) + 2;
	memcpy(h->id, id, strlen(id) + 1);
	h->id[strlen(id) + 1] = '\0'; /* the name */
	bucket = bucket_of(p, id);
	h->next = *bucket;
	*bucket = i;
	h->newer = h->older = PICTURE_NONE;
	p->counts.hosts++;
	p->counts.by_verdict[PICTURE_UNKNOWN]++;
	return i;
}

uint32_t picture_place(struct picture *p, const char *id, int *ret_error)
{
	uint32_t i = picture_find(p, id);

	if (i != PICTURE_NONE)
		return i;
	*ret_error = -EINVAL;
	if (!id || !*id || strlen(id) >= TOLD_ID_MAX ||
	    !hale_text_printable(id, TOLD_ID_MAX))
		return PICTURE_NONE;
	*ret_error = -ENOSPC;
	if (p->counts.hosts >= p->o.hosts_max) {
		p->counts.refused++;
		return PICTURE_NONE;
	}
	*ret_error = -ENOMEM;
	if (p->counts.hosts >= p->n_buckets && more_buckets(p) < 0)
		return PICTURE_NONE;
	return move_in(p, id);
}

int picture_text(struct picture *p, char **text, const char *value)
{
	char clean[TOLD_NAME_MAX];
	size_t was = *text ? strlen(*text) + 1 : 0, len;
	char *copy;

	hale_print_text(clean, sizeof(clean), value ? value : "",
			value ? strnlen(value, sizeof(clean)) : 0);
	len = strlen(clean) + 1;
	if (strcmp(*text ? *text : "", clean) == 0)
		return 0;
	copy = len > 1 ? malloc(len) : NULL;
	if (len > 1 && !copy)
		return -ENOMEM;
	if (copy)
		memcpy(copy, clean, len);
	free(*text);
	*text = copy;
	p->counts.bytes += copy ? len : 0;
	p->counts.bytes -= was;
	return 1;
}

int picture_name(struct picture *p, struct host *h, const char *name)
{
	size_t id_len = strlen(h->id) + 1;
	const char *was = h->id + id_len;
	char clean[TOLD_NAME_MAX];
	char *both;

	hale_print_text(clean, sizeof(clean), name ? name : "",
			name ? strnlen(name, sizeof(clean)) : 0);
	if (strcmp(was, clean) == 0)
		return 0;
	both = malloc(id_len + strlen(clean) + 1);
	if (!both)
		return -ENOMEM;
	memcpy(both, h->id, id_len);
	memcpy(both + id_len, clean, strlen(clean) + 1);
	p->counts.bytes += strlen(clean);
	p->counts.bytes -= strlen(was);
	free(h->id);
	h->id = both;
	return 1;
}

static void unlink_change(struct picture *p, uint32_t i)
{
	struct host *h = picture_host(p, i);

	if (h->newer != PICTURE_NONE)
		picture_host(p, h->newer)->older = h->older;
	else if (p->newest == i)
		p->newest = h->older;
	if (h->older != PICTURE_NONE)
		picture_host(p, h->older)->newer = h->newer;
	else if (p->oldest == i)
		p->oldest = h->newer;
	h->newer = h->older = PICTURE_NONE;
}

void picture_changed(struct picture *p, uint32_t i)
{
	struct host *h = picture_host(p, i);

	unlink_change(p, i);
	h->change = ++p->counts.change;
	h->older = p->newest;
	if (p->newest != PICTURE_NONE)
		picture_host(p, p->newest)->newer = i;
	else
		p->oldest = i;
	p->newest = i;
}

static void move_out(struct picture *p, uint32_t i)
{
	struct host *h = picture_host(p, i);
	uint32_t *at = bucket_of(p, h->id);

	while (*at != i)
		at = &picture_host(p, *at)->next;
	*at = h->next;
	unlink_change(p, i);
	picture_unlink_due(p, i);
	picture_rows_drop(p, h);
	p->counts.quarantined -= h->order || h->by_itself;
	picture_quarantine_drop(p, &h->order);
	picture_quarantine_drop(p, &h->by_itself);
	intern_drop(&p->words, h->version);
	picture_text(p, &h->why, "");
	picture_text(p, &h->boot, "");
	p->counts.bytes -=
		strlen(h->id) + 2 + strlen(h->id + strlen(h->id) + 1);
	p->counts.by_verdict[h->verdict]--;
	p->counts.hosts--;
	free(h->id);
	give_back(p, i);
}

int picture_forget(struct picture *p, const char *id)
{
	uint32_t i = picture_find(p, id);

	if (i == PICTURE_NONE)
		return -ENOENT;
	move_out(p, i);
	p->shrank = ++p->counts.change;
	return 0;
}

void picture_free(struct picture *p)
{
	if (!p)
		return;
	for (uint32_t i = 0; i < p->n_places; i++)
		if (picture_there(p, i))
			move_out(p, i);
	for (size_t i = 0; i < PIECES_MAX; i++)
		free(p->pieces[i]);
	intern_done(&p->words);
	free(p->buckets);
	free(p);
}
