/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The failing sectors of each disk, as sorted ranges. Decides which failures
 * are one range, and when a list is no longer all there is. Must never lose a
 * sector silently: what finds no room is said as a gap. Invariant: ranges of a
 * disk are sorted and do not overlap, and every sector that was told lies in
 * one of them or HALE_GAP_ROOM is set.
 */
#include "sectors.h"

#include <errno.h>

#include "hale/base.h"

static struct sectors_disk *disk_of(struct sectors *s, const char *part)
{
	for (size_t i = 0; i < SECTORS_DISKS; i++) {
		if (strcmp(s->disks[i].failing.part, part) == 0)
			return &s->disks[i];
	}
	return NULL;
}

static struct sectors_disk *disk_add(struct sectors *s, const char *part,
				     uint64_t now_ns)
{
	struct sectors_disk *d = part[0] ? disk_of(s, part) : NULL;

	if (d || !part[0])
		return d;
	d = disk_of(s, "");
	if (!d)
		return NULL;
	memset(d, 0, sizeof(*d));
	HALE_SET(d->failing.part, part);
	if (s->lost_ns && now_ns - s->lost_ns <= SECTORS_LOST_NS)
		d->failing.gaps |= s->lost;
	return d;
}

/* One that no client can hold from before: the count begins anew with each
 * start of the agent, the time does not. */
static uint64_t new_stamp(struct sectors *s, uint64_t now_ns)
{
	s->stamp = s->stamp + 1 > now_ns ? s->stamp + 1 : now_ns;
	return s->stamp;
}

/* How many ranges lie wholly before @sector, not even near it. */
static uint32_t place_of(const struct hale_failing *f, uint64_t sector)
{
	uint32_t i = 0;

	while (i < f->n && f->ranges[i].last + SECTORS_NEAR < sector)
		i++;
	return i;
}

/* Range @i and the one behind it become one. */
static void join(struct hale_failing *f, uint32_t i)
{
	struct hale_sector_range *a = &f->ranges[i], *b = a + 1;

	if (b->last > a->last)
		a->last = b->last;
	a->written |= b->written;
	f->n--;
	memmove(b, b + 1, (f->n - i - 1) * sizeof(*b));
}

static uint64_t gap_after(const struct hale_failing *f, uint32_t i)
{
	const struct hale_sector_range *a = &f->ranges[i], *b = a + 1;

	return b->first > a->last ? b->first - a->last : 0;
}

/* Makes room for one more: the two nearest become one. */
static bool bridge(struct hale_failing *f)
{
	uint32_t best = 0;

	for (uint32_t i = 1; i + 1 < f->n; i++) {
		if (gap_after(f, i) < gap_after(f, best))
			best = i;
	}
	if (gap_after(f, best) > SECTORS_BRIDGE)
		return false;
	join(f, best);
	return true;
}

static void insert(struct hale_failing *f, uint32_t i,
		   const struct hale_sector_range *r)
{
	memmove(&f->ranges[i + 1], &f->ranges[i],
		(f->n - i) * sizeof(f->ranges[0]));
	f->ranges[i] = *r;
	f->n++;
}

static void widen(struct hale_failing *f, uint32_t i,
		  const struct hale_sector_range *r)
{
	struct hale_sector_range *at = &f->ranges[i];

	if (r->first < at->first)
		at->first = r->first;
	if (r->last > at->last)
		at->last = r->last;
	at->written |= r->written;
	while (i + 1 < f->n && gap_after(f, i) <= SECTORS_NEAR)
		join(f, i);
}

static bool is_apart(const struct hale_failing *f, uint32_t i,
		     const struct hale_sector_range *r)
{
	return i == f->n || f->ranges[i].first > r->last + SECTORS_NEAR;
}

static void add(struct hale_failing *f, const struct hale_sector_range *r)
{
	uint32_t i = place_of(f, r->first);

	if (is_apart(f, i, r) && f->n == HALE_RANGES_MAX) {
		if (!bridge(f)) {
			f->gaps |= HALE_GAP_ROOM;
			return;
		}
		i = place_of(f, r->first);
	}
	if (is_apart(f, i, r))
		insert(f, i, r);
	else
		widen(f, i, r);
}

static uint64_t sector_of(const struct hale_observation *o)
{
	return o->join == HALE_JOIN_BLOCK ? o->join_key & HALE_SECTOR_UNKNOWN
					  : HALE_SECTOR_UNKNOWN;
}

static void count_unplaced(struct sectors_disk *d, uint32_t count)
{
	d->unplaced = d->unplaced > UINT32_MAX - count ? UINT32_MAX
						       : d->unplaced + count;
}

void sectors_take(struct sectors *s, const struct sectors_said *said)
{
	const struct hale_observation *o = said->o;
	uint64_t sector = sector_of(o);
	const struct hale_sector_range range = {
		sector, sector, o->join_key >> 60 != HALE_OP_READ
	};
	struct sectors_disk *d = disk_add(s, said->part, said->now_ns);

	/* even one that was known: who reads back now must not be too early */
	new_stamp(s, said->now_ns);
	if (!d)
		return;
	d->failing.stamp = s->stamp;
	if (sector != HALE_SECTOR_UNKNOWN) {
		add(&d->failing, &range);
		/* the block line of a failure that was counted before, when
		 * its sense data came, which name no sector */
		if (o->count == 0 && d->unplaced > 0 && !said->witnessed)
			d->unplaced--;
	} else if (!said->witnessed) {
		count_unplaced(d, o->count);
	}
	if (o->join == HALE_JOIN_SUPPRESSED)
		d->failing.gaps |= HALE_GAP_SUPPRESSED;
	else if (o->at_least)
		d->failing.gaps |= HALE_GAP_LOST;
	d->failing.gaps &= ~(uint32_t)HALE_GAP_UNPLACED;
	if (d->unplaced > 0)
		d->failing.gaps |= HALE_GAP_UNPLACED;
}

void sectors_lost(struct sectors *s, enum hale_sector_gap how, uint64_t now_ns)
{
	if (now_ns - s->lost_ns > SECTORS_LOST_NS)
		s->lost = 0;
	s->lost_ns = now_ns;
	s->lost |= how;
	new_stamp(s, now_ns);
	for (size_t i = 0; i < SECTORS_DISKS; i++) {
		struct hale_failing *f = &s->disks[i].failing;

		if (!f->part[0])
			continue;
		f->gaps |= how;
		f->stamp = s->stamp;
	}
}

void sectors_touch(struct sectors *s, const char *part, uint64_t now_ns)
{
	struct sectors_disk *d = part[0] ? disk_of(s, part) : NULL;

	new_stamp(s, now_ns);
	if (d)
		d->failing.stamp = s->stamp;
}

const struct hale_failing *sectors_of(const struct sectors *s, const char *part)
{
	for (size_t i = 0; part[0] && i < SECTORS_DISKS; i++) {
		if (strcmp(s->disks[i].failing.part, part) == 0)
			return &s->disks[i].failing;
	}
	return NULL;
}

void sectors_rename(struct sectors *s, const char *from, const char *to)
{
	struct sectors_disk *d = from[0] ? disk_of(s, from) : NULL;
	struct sectors_disk *other = to[0] ? disk_of(s, to) : NULL;

	if (!d || !to[0] || d == other)
		return;
	s->stamp++;
	if (!other) {
		HALE_SET(d->failing.part, to);
		d->failing.stamp = s->stamp;
		return;
	}
	for (uint32_t i = 0; i < d->failing.n; i++)
		add(&other->failing, &d->failing.ranges[i]);
	other->failing.gaps |= d->failing.gaps;
	other->failing.stamp = s->stamp;
	count_unplaced(other, d->unplaced);
	memset(d, 0, sizeof(*d));
}

void sectors_drop(struct sectors *s, const char *part)
{
	struct sectors_disk *d = part[0] ? disk_of(s, part) : NULL;

	if (d)
		memset(d, 0, sizeof(*d));
}

bool sectors_save(const struct sectors *s, size_t i,
		  struct hale_memory_sectors *ret_row)
{
	if (i >= SECTORS_DISKS)
		return false;
	ret_row->failing = s->disks[i].failing;
	ret_row->unplaced = s->disks[i].unplaced;
	return true;
}

static bool row_valid(const struct hale_failing *f)
{
	size_t len = strnlen(f->part, sizeof(f->part));

	if (len == 0 || len == sizeof(f->part) || f->n > HALE_RANGES_MAX ||
	    (f->gaps & ~HALE_GAPS_ALL) != 0)
		return false;
	for (uint32_t i = 0; i < f->n; i++) {
		if (f->ranges[i].first > f->ranges[i].last ||
		    f->ranges[i].last >= HALE_SECTOR_UNKNOWN)
			return false;
	}
	return true;
}

int sectors_load(struct sectors *s, const struct hale_memory_sectors *row)
{
	struct sectors_disk *d;

	if (!row_valid(&row->failing))
		return -EINVAL;
	d = disk_add(s, row->failing.part, 0);
	if (!d)
		return 0;
	/* one by one: a file's order is not to be relied on */
	for (uint32_t i = 0; i < row->failing.n; i++)
		add(&d->failing, &row->failing.ranges[i]);
	d->failing.gaps |= row->failing.gaps;
	d->unplaced = row->unplaced;
	d->failing.stamp = ++s->stamp;
	return 0;
}
