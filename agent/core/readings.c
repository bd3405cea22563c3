/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The counters that each disk had before. Decides which earlier reading a new
 * one is held against, and which disk is forgotten where there are too many.
 * Judges nothing. Invariant: of a disk, @old is not younger than @recent, and
 * both are of the same run of its counters.
 */
#include <errno.h>

#include "pool.h"
#include "readings.h"

static uint64_t key_of(const char *part)
{
	uint64_t key = text_key(part);

	return key ? key : 1;
}

static const struct readings_disk *find(const struct readings *r, uint64_t key)
{
	for (size_t i = 0; i < READINGS_MAX; i++) {
		if (r->disks[i].key == key)
			return &r->disks[i];
	}
	return NULL;
}

/* Its own row, a free one, or that of the disk not heard of for longest. */
static struct readings_disk *row_for(struct readings *r, uint64_t key)
{
	struct readings_disk *oldest = &r->disks[0];

	for (size_t i = 0; i < READINGS_MAX; i++) {
		struct readings_disk *d = &r->disks[i];

		if (d->key == key)
			return d;
		if (oldest->key != 0 &&
		    (d->key == 0 || d->recent.time_ns < oldest->recent.time_ns))
			oldest = d;
	}
	*oldest = (struct readings_disk){ .key = key };
	return oldest;
}

const struct hale_disk_counts *readings_before(const struct readings *r,
					       const char *part)
{
	const struct readings_disk *d = find(r, key_of(part));

	return d ? &d->old : NULL;
}

bool readings_whole(const struct hale_disk_counts *now,
		    const struct hale_disk_counts *before)
{
	return !before || (before->known & ~now->known) == 0;
}

static bool went_back(const struct hale_disk_counts *now,
		      const struct hale_disk_counts *before)
{
	for (unsigned int i = 0; i < HALE_DISK_COUNTS; i++) {
		/* pending sectors are rewritten, and then gone */
		if (i != HALE_DISK_COUNT_PENDING &&
		    i != HALE_DISK_COUNT_OFFLINE &&
		    (now->known & before->known & UINT32_C(1) << i) != 0 &&
		    now->count[i] < before->count[i])
			return true;
	}
	return false;
}

void readings_keep(struct readings *r, const char *part,
		   const struct hale_disk_counts *now)
{
	struct readings_disk *d = row_for(r, key_of(part));

	if (d->recent.time_ns == 0 || went_back(now, &d->recent)) {
		d->old = d->recent = *now;
		return;
	}
	if (now->time_ns < d->recent.time_ns + READINGS_AGE_NS)
		return;
	d->old = d->recent;
	d->recent = *now;
}

_Static_assert(HALE_MEMORY_COUNTS == HALE_DISK_COUNTS,
	       "a counter would be forgotten");

static void save_counts(const struct hale_disk_counts *c,
			struct hale_memory_counts *ret)
{
	ret->time_ns = c->time_ns;
	ret->known = c->known;
	memcpy(ret->count, c->count, sizeof(ret->count));
}

bool readings_save(const struct readings *r, size_t i,
		   struct hale_memory_disk *ret_row)
{
	if (i >= READINGS_MAX)
		return false;
	ret_row->key = r->disks[i].key;
	save_counts(&r->disks[i].old, &ret_row->old);
	save_counts(&r->disks[i].recent, &ret_row->recent);
	return true;
}

static void load_counts(const struct hale_memory_counts *row,
			struct hale_disk_counts *ret)
{
	ret->time_ns = row->time_ns;
	ret->known = row->known;
	memcpy(ret->count, row->count, sizeof(ret->count));
}

int readings_load(struct readings *r, const struct hale_memory_disk *row,
		  uint64_t now_ns)
{
	struct readings_disk *d;

	/* from a clock that was ahead: its age would never come */
	if (row->key == 0 || row->recent.time_ns == 0 ||
	    row->recent.time_ns > now_ns ||
	    row->old.time_ns > row->recent.time_ns)
		return -EINVAL;
	d = row_for(r, row->key);
	load_counts(&row->old, &d->old);
	load_counts(&row->recent, &d->recent);
	return 0;
}
