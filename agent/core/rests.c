/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Remembers what drivers say rests on what. Decides when such a word is out of
 * date: it was taken back, said anew, or left out when its driver spoke of the
 * same part again. Never follows a way further than one step: from there the
 * storage map leads on. Invariant: one row for (driver, part, what it is on).
 */
#include "rests.h"

#include "pool.h"

static bool same_part(const struct rests_row *row, const char *driver,
		      const struct hale_rests *f)
{
	return strcmp(row->r.part, f->part) == 0 &&
	       strcmp(row->driver, driver) == 0;
}

static struct rests_row *find(struct rests *rs, const char *driver,
			      const struct hale_rests *f)
{
	for (uint32_t i = 0; i < rs->n; i++) {
		struct rests_row *row = &rs->rows[i];

		if (same_part(row, driver, f) &&
		    strcmp(row->r.on, f->on) == 0 &&
		    strcmp(row->r.path, f->path) == 0)
			return row;
	}
	return NULL;
}

static void drop(struct rests *rs, struct rests_row *row)
{
	*row = rs->rows[--rs->n];
}

/* A folder that moved is told by its new place only; who speaks of interfaces
 * is told of each change, and takes them back one by one. */
static bool drop_left_out(struct rests *rs, const char *driver,
			  const struct hale_rests *f, uint64_t now_ns)
{
	bool dropped = false;

	if (f->on[0])
		return false;
	for (uint32_t i = rs->n; i-- > 0;) {
		struct rests_row *row = &rs->rows[i];

		if (!same_part(row, driver, f) || row->r.on[0] ||
		    now_ns - row->said_ns < RESTS_ROUND_NS ||
		    strcmp(row->r.path, f->path) == 0)
			continue;
		drop(rs, row);
		dropped = true;
	}
	return dropped;
}

/* Room for one more, if need be that of the one said longest ago. */
static struct rests_row *room(struct rests *rs)
{
	struct rests_row *oldest = &rs->rows[0];

	if (rs->n < RESTS_MAX)
		return &rs->rows[rs->n++];
	for (uint32_t i = 1; i < rs->n; i++) {
		if (rs->rows[i].said_ns < oldest->said_ns)
			oldest = &rs->rows[i];
	}
	return oldest;
}

bool rests_take(struct rests *rs, const char *driver,
		const struct hale_rests *f, uint64_t now_ns)
{
	bool changed = drop_left_out(rs, driver, f, now_ns);
	struct rests_row *row = find(rs, driver, f);

	if (!f->holds) {
		if (row)
			drop(rs, row);
		return changed || row;
	}
	if (!row) {
		row = room(rs);
		memset(row, 0, sizeof(*row));
		HALE_SET(row->driver, driver);
		changed = true;
	} else {
		changed |= row->r.major != f->major || row->r.minor != f->minor;
	}
	row->r = *f;
	row->said_ns = now_ns;
	return changed;
}

static uint64_t room_key(const char *number)
{
	uint64_t key = text_key(number);

	return key ? key : 1;
}

/* Its own, a free one, or that which was measured longest ago. */
static struct rests_room *room_for(struct rests *rs, const char *number)
{
	struct rests_room *oldest = &rs->rooms[0];
	uint64_t key = room_key(number);

	for (size_t i = 0; i < RESTS_ROOMS; i++) {
		if (rs->rooms[i].key == key)
			return &rs->rooms[i];
		if (rs->rooms[i].time_ns < oldest->time_ns)
			oldest = &rs->rooms[i];
	}
	*oldest = (struct rests_room){ .key = key };
	return oldest;
}

void rests_measure(struct rests *rs, const struct hale_observation *o,
		   uint64_t now_ns)
{
	struct rests_room *r;

	if (o->metric != HALE_METRIC_FS_BYTES &&
	    o->metric != HALE_METRIC_FS_INODES)
		return;
	r = room_for(rs, o->part);
	r->time_ns = now_ns;
	if (o->metric == HALE_METRIC_FS_BYTES) {
		r->avail_bytes = o->value;
		r->total_bytes = o->total;
	} else {
		r->avail_inodes = o->value;
		r->total_inodes = o->total;
	}
}

const struct rests_room *rests_room(const struct rests *rs, uint32_t major,
				    uint32_t minor, uint64_t now_ns)
{
	char number[HALE_NAME_MAX];
	uint64_t key;

	snprintf(number, sizeof(number), "%u:%u", major, minor);
	key = room_key(number);
	for (size_t i = 0; i < RESTS_ROOMS; i++) {
		const struct rests_room *r = &rs->rooms[i];

		if (r->key == key)
			return now_ns - r->time_ns <= RESTS_ROOM_NS ? r : NULL;
	}
	return NULL;
}

bool rests_host_on(const struct rests *rs, const char *part)
{
	for (uint32_t i = 0; i < rs->n; i++) {
		const struct hale_rests *r = &rs->rows[i].r;

		if (strcmp(r->part, "host") == 0 && strcmp(r->on, part) == 0)
			return true;
	}
	return false;
}
