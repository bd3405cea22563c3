/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Failures, remembered. Decides what is one failure and what is the same one
 * told again, and keeps count of days. Must never grow past its bounds: the
 * oldest failure makes room, a pair too many is not counted (its group is then
 * held against the fleet's rate alone). Invariant: each failure in the ring is
 * in exactly one bucket.
 */
#include "agent/fleet/recent.h"

#include <errno.h>

#include "agent/fleet/hash.h"
#include "hale/base.h"

#define FIRST_SIZE 1024
#define NOWHERE	   UINT32_MAX
#define DAY_NS	   (86400 * HALE_NS_PER_S)

static uint32_t *new_buckets(uint32_t n)
{
	uint32_t *b = malloc(n * sizeof(*b));

	if (b)
		memset(b, 0xff, n * sizeof(*b));
	return b;
}

int recent_init(struct recent *r)
{
	*r = (struct recent){ .size = FIRST_SIZE, .size_bases = FIRST_SIZE };
	r->ring = calloc(r->size, sizeof(*r->ring));
	r->buckets = new_buckets(r->size);
	r->bases = calloc(r->size_bases, sizeof(*r->bases));
	r->base_buckets = new_buckets(r->size_bases);
	if (r->ring && r->buckets && r->bases && r->base_buckets)
		return 0;
	recent_done(r);
	return -ENOMEM;
}

void recent_done(struct recent *r)
{
	free(r->ring);
	free(r->buckets);
	free(r->bases);
	free(r->base_buckets);
	*r = (struct recent){ 0 };
}

/* --- the ring --- */

static uint32_t *bucket(const struct recent *r, uint32_t host, uint16_t cause)
{
	uint64_t h = fleet_mix((uint64_t)host << 16 | cause);

	return &r->buckets[h & (r->size - 1)];
}

static void unlink_failure(struct recent *r, uint32_t place)
{
	const struct recent_failure *f = &r->ring[place];
	uint32_t *at = bucket(r, f->host, f->cause);

	while (*at != place)
		at = &r->ring[*at].next;
	*at = f->next;
}

static void link_failure(struct recent *r, uint32_t place)
{
	struct recent_failure *f = &r->ring[place];
	uint32_t *at = bucket(r, f->host, f->cause);

	f->next = *at;
	*at = place;
}

static bool is_old(const struct recent *r, const struct recent_failure *f)
{
	return f->last_ns + RECENT_NS < r->newest_ns;
}

/* Into a ring of that size without what is old, the oldest in place 0. */
static bool renew(struct recent *r, uint32_t size)
{
	struct recent_failure *ring = calloc(size, sizeof(*ring));
	uint32_t *buckets = new_buckets(size), n = 0;

	if (!ring || !buckets) {
		free(ring);
		free(buckets);
		return false;
	}
	for (uint32_t i = 0; i < r->n; i++)
		if (!is_old(r, recent_at(r, i)))
			ring[n++] = *recent_at(r, i);
	free(r->ring);
	free(r->buckets);
	*r = (struct recent){ .ring = ring,
			      .buckets = buckets,
			      .n = n,
			      .size = size,
			      .bases = r->bases,
			      .base_buckets = r->base_buckets,
			      .n_bases = r->n_bases,
			      .size_bases = r->size_bases,
			      .newest_ns = r->newest_ns };
	for (uint32_t i = 0; i < n; i++)
		link_failure(r, i);
	return true;
}

const struct recent_failure *recent_at(const struct recent *r, uint32_t n)
{
	return &r->ring[(r->first + n) & (r->size - 1)];
}

static uint32_t count_old(const struct recent *r)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < r->n; i++)
		n += is_old(r, recent_at(r, i));
	return n;
}

/* Room for one more: what is old goes; where that is not a quarter, the ring
 * grows; where it may not, the oldest goes all the same. */
static void make_room(struct recent *r)
{
	uint32_t size = r->size;

	if (r->n < r->size)
		return;
	if (count_old(r) < r->size / 4 && size < RECENT_MAX)
		size *= 2;
	if (renew(r, size) && r->n < r->size)
		return;
	unlink_failure(r, r->first);
	r->first = (r->first + 1) & (r->size - 1);
	r->n--;
}

/* The same one, going on. */
static bool had_it(struct recent *r, const struct recent_failure *f)
{
	uint32_t i = *bucket(r, f->host, f->cause);

	for (; i != NOWHERE; i = r->ring[i].next) {
		struct recent_failure *o = &r->ring[i];

		if (o->host != f->host || o->cause != f->cause ||
		    f->at_ns > o->last_ns + RECENT_NS ||
		    f->at_ns + RECENT_NS < o->at_ns)
			continue;
		if (f->at_ns > o->last_ns)
			o->last_ns = f->at_ns;
		if (f->at_ns < o->at_ns)
			o->at_ns = f->at_ns;
		return true;
	}
	return false;
}

bool recent_add(struct recent *r, const struct recent_failure *f)
{
	struct recent_failure one = *f;
	uint32_t place;

	one.last_ns = f->at_ns;
	if (f->at_ns > r->newest_ns)
		r->newest_ns = f->at_ns;
	if (had_it(r, f))
		return false;
	if (is_old(r, &one))
		return true; /* counts to what is usual, no more */
	make_room(r);
	place = (r->first + r->n++) & (r->size - 1);
	r->ring[place] = one;
	link_failure(r, place);
	return true;
}

void recent_forget(struct recent *r, uint32_t host)
{
	for (uint32_t i = 0; i < r->n; i++) {
		uint32_t place = (r->first + i) & (r->size - 1);
		struct recent_failure *f = &r->ring[place];

		if (f->host != host)
			continue;
		unlink_failure(r, place);
		f->host = NOWHERE;
		link_failure(r, place);
	}
}

/* --- what is usual --- */

static uint64_t base_key(uint16_t cause, uint64_t group)
{
	return fleet_mix(group ^ fleet_mix(cause + UINT64_C(1)));
}

static uint32_t find_base(const struct recent *r, uint64_t key)
{
	uint32_t i = r->base_buckets[key & (r->size_bases - 1)];

	while (i != NOWHERE && r->bases[i].key != key)
		i = r->bases[i].next;
	return i;
}

static void link_bases(struct recent *r)
{
	for (uint32_t i = 0; i < r->n_bases; i++) {
		uint32_t *at =
			&r->base_buckets[r->bases[i].key & (r->size_bases - 1)];

		r->bases[i].next = *at;
		*at = i;
	}
}

static bool grow_bases(struct recent *r)
{
	uint32_t size = r->size_bases * 2, *buckets;
	struct recent_base *bases;

	if (size > RECENT_BASES)
		return false;
	buckets = new_buckets(size);
	bases = calloc(size, sizeof(*bases));
	if (!buckets || !bases) {
		free(buckets);
		free(bases);
		return false;
	}
	memcpy(bases, r->bases, r->n_bases * sizeof(*bases));
	free(r->bases);
	free(r->base_buckets);
	r->bases = bases;
	r->base_buckets = buckets;
	r->size_bases = size;
	link_bases(r);
	return true;
}

/* Without the pairs that had no failure for a month. */
static void sweep_bases(struct recent *r, uint32_t day)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < r->n_bases; i++)
		if (r->bases[i].day + RECENT_DAYS >= day)
			r->bases[n++] = r->bases[i];
	r->n_bases = n;
	memset(r->base_buckets, 0xff, r->size_bases * sizeof(*r->base_buckets));
	link_bases(r);
}

static struct recent_base *base(struct recent *r, uint64_t key, uint32_t day)
{
	uint32_t i = find_base(r, key), *at;

	if (i != NOWHERE)
		return &r->bases[i];
	if (r->n_bases == r->size_bases && !grow_bases(r))
		sweep_bases(r, day);
	if (r->n_bases == r->size_bases)
		return NULL;
	i = r->n_bases++;
	at = &r->base_buckets[key & (r->size_bases - 1)];
	r->bases[i] =
		(struct recent_base){ .key = key, .next = *at, .day = day };
	*at = i;
	return &r->bases[i];
}

void recent_count(struct recent *r, uint16_t cause, uint64_t group,
		  uint64_t at_ns)
{
	uint32_t day = (uint32_t)(at_ns / DAY_NS);
	struct recent_base *b = base(r, base_key(cause, group), day);

	if (!b || day + RECENT_DAYS < b->day)
		return;
	for (uint32_t d = b->day + 1; d <= day && d <= b->day + RECENT_DAYS + 1;
	     d++)
		b->counts[d % (RECENT_DAYS + 1)] = 0;
	if (day > b->day)
		b->day = day;
	b->counts[day % (RECENT_DAYS + 1)]++;
}

uint64_t recent_usual(const struct recent *r, uint16_t cause, uint64_t group,
		      uint64_t now_ns)
{
	uint32_t day = (uint32_t)(now_ns / DAY_NS);
	uint32_t i = find_base(r, base_key(cause, group));
	uint64_t sum = 0;

	if (i == NOWHERE)
		return 0;
	for (uint32_t back = 0; back <= RECENT_DAYS; back++) {
		const struct recent_base *b = &r->bases[i];

		if (back > b->day)
			break;
		if (b->day - back + RECENT_DAYS >= day)
			sum += b->counts[(b->day - back) % (RECENT_DAYS + 1)];
	}
	return sum;
}
