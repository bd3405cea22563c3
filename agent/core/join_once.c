/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events that their key names: a page is poisoned once, a process is killed
 * for memory once, however many lines tell of it. And those that nothing names
 * but their part: errors that both sides count (ECC, PCIe, machine checks).
 * Must never let the less certain side have the last word: whose memory ran
 * out is the log's to say.
 */
#include "join.h"

#include "pool.h"

static bool is_known(const char *part)
{
	const char *slash = strchr(part, '/');

	return !slash || strcmp(slash + 1, "unknown") != 0;
}

static struct join_entry *find_once(struct join *j,
				    const struct hale_observation *o)
{
	struct join_entry *loose = NULL;

	for (size_t i = 0; i < JOIN_MAX; i++) {
		struct join_entry *e = &j->entries[i];

		if (e->join != o->join)
			continue;
		if (e->key == o->join_key)
			return e;
		if (o->join_key == HALE_SECTOR_UNKNOWN ||
		    e->key == HALE_SECTOR_UNKNOWN)
			loose = e;
	}
	return loose;
}

bool join_once(struct join *j, const struct join_said *said,
	       struct hale_observation *o, struct joined *ret)
{
	bool log = o->seq != 0;
	struct join_entry *e = find_once(j, o);
	struct join_entry new = { .join = (uint8_t)o->join,
				  .log = log,
				  .condition = (uint16_t)o->condition,
				  .count = o->count,
				  .part = text_key(said->part),
				  .key = o->join_key,
				  .time_ns = o->time_ns,
				  .heard_ns = said->now_ns };

	if (!e) {
		join_add(j, &new);
		return true;
	}
	if (e->key == HALE_SECTOR_UNKNOWN)
		e->key = o->join_key;
	if (!log && e->log)
		return false; /* the log's words are there */
	o->count = 0;
	if (e->condition != o->condition && log && !e->log) {
		ret->from = (enum hale_condition)e->condition;
		ret->moved = o->count = e->count;
		HALE_SET(ret->from_part, said->part);
		e->condition = (uint16_t)o->condition;
	}
	e->log |= log;
	return true;
}

static struct join_entry *find_other(struct join *j, const char *part,
				     const struct hale_observation *o)
{
	uint64_t key = text_key(part);

	for (uint32_t i = 0; i < JOIN_MAX; i++) {
		struct join_entry *e = &j->entries[(j->next + i) % JOIN_MAX];

		if (e->join != HALE_JOIN_OTHER || e->count == 0 ||
		    e->log == (o->seq != 0) || e->condition != o->condition)
			continue;
		/* of these the part says it all, or one side does not know */
		if (e->part == key || e->wild != 0 || !is_known(part))
			return e;
	}
	return NULL;
}

bool join_other(struct join *j, const struct join_said *said,
		struct hale_observation *o, struct joined *ret)
{
	const struct join_driver *w = join_witness(j);
	bool log = o->seq != 0, wild = !is_known(said->part);
	struct join_entry *e;
	struct join_entry new = { .join = HALE_JOIN_OTHER,
				  .log = log,
				  .wild = wild,
				  .condition = (uint16_t)o->condition,
				  .part = text_key(said->part),
				  .key = o->join_key,
				  .time_ns = o->time_ns,
				  .heard_ns = said->now_ns };

	if (log && (!w || o->time_ns < w->began_ns))
		return true;
	while (o->count > 0 && (e = find_other(j, said->part, o)) != NULL) {
		uint32_t n = e->count < o->count ? e->count : o->count;

		e->count -= n;
		o->count -= n;
		/* counted before its part was known */
		if (e->wild && !wild)
			ret->moved += n;
		/* the driver's words are the better ones */
		if (!log && o->time_ns < e->time_ns)
			o->time_ns = e->time_ns;
	}
	if (log && o->count == 0 && ret->moved == 0)
		o->evidence[0] = '\0';
	if (o->count > 0) {
		new.count = o->count;
		join_add(j, &new);
	}
	if (ret->moved > 0) {
		ret->from = o->condition;
		o->count += ret->moved;
		snprintf(ret->from_part, sizeof(ret->from_part), "%.*s/unknown",
			 (int)strcspn(said->part, "/"), said->part);
	}
	return o->count > 0 || !wild;
}
