/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counts events, not witnesses. Decides who can have seen what, and keeps what
 * only one side has told; how each kind of event is matched stands beside
 * (join_block.c, join_once.c, join_death.c). Must never take a line that was
 * printed before a witness was there for one that it told. Invariant: the
 * counts let through are, for each key, the larger of what the sides told.
 */
#include "join.h"

static struct join_driver *find_driver(struct join *j, const char *name,
				       bool add)
{
	struct join_driver *unused = NULL;

	for (size_t i = 0; i < JOIN_DRIVERS; i++) {
		struct join_driver *d = &j->drivers[i];

		if (strcmp(d->name, name) == 0)
			return d;
		if (!d->name[0] && !unused)
			unused = d;
	}
	if (!add || !unused)
		return NULL;
	HALE_SET(unused->name, name);
	return unused;
}

void join_coverage(struct join *j, const char *driver,
		   const struct hale_coverage *c)
{
	bool live = c->sight != HALE_SIGHT_BLIND;
	struct join_driver *d;

	if (c->part[0] || (c->sense != HALE_SENSE_BLOCK_ERRORS &&
			   c->sense != HALE_SENSE_PROCESS_DEATHS))
		return;
	d = find_driver(j, driver, live);
	if (!d)
		return;
	if (c->sense == HALE_SENSE_PROCESS_DEATHS) {
		d->deaths = c->sight == HALE_SIGHT_LIVE;
		return;
	}
	if (live && !d->live)
		d->began_ns = c->since_ns;
	d->live = live;
}

const struct join_driver *join_witness(const struct join *j)
{
	for (size_t i = 0; i < JOIN_DRIVERS; i++) {
		if (j->drivers[i].live && !j->drivers[i].log)
			return &j->drivers[i];
	}
	return NULL;
}

/* The oldest gives way; what it held back of the log is remembered. */
static void drop(struct join *j, struct join_entry *e)
{
	if (e->join == HALE_JOIN_BLOCK && !e->log)
		j->unlogged += e->lines;
	e->join = HALE_JOIN_NONE;
}

struct join_entry *join_add(struct join *j, const struct join_entry *e)
{
	struct join_entry *slot = &j->entries[j->next];

	j->next = (j->next + 1) % JOIN_MAX;
	drop(j, slot);
	*slot = *e;
	return slot;
}

static void age(struct join *j, uint64_t now_ns)
{
	/* the ring is in the order in which things were heard */
	for (uint32_t i = 0; i < JOIN_MAX; i++) {
		struct join_entry *e = &j->entries[(j->next + i) % JOIN_MAX];
		bool once =
			e->join == HALE_JOIN_OOM || e->join == HALE_JOIN_PAGE;

		if (e->join == HALE_JOIN_NONE)
			continue;
		if (now_ns < e->heard_ns ||
		    now_ns - e->heard_ns <=
			    (once ? JOIN_ONCE_NS : JOIN_WINDOW_NS)) {
			if (!once)
				return;
			continue;
		}
		drop(j, e);
	}
}

static void note_driver(struct join *j, const char *driver,
			const struct hale_observation *o)
{
	struct join_driver *d = find_driver(j, driver, false);

	if (!d)
		return;
	d->log |= o->seq != 0;
	if (o->condition == HALE_AGENT_BLIND)
		d->lost_ns = o->time_ns;
}

bool join_take(struct join *j, const struct join_said *said,
	       struct hale_observation *o, struct joined *ret_joined)
{
	*ret_joined = (struct joined){ .from = HALE_CONDITION_NONE };
	note_driver(j, said->driver, o);
	if (o->join == HALE_JOIN_NONE)
		return true;
	age(j, said->now_ns);
	switch (o->join) {
	case HALE_JOIN_BLOCK:
		return join_block(j, said, o, ret_joined);
	case HALE_JOIN_SUPPRESSED:
		return join_suppressed(j, said, o, ret_joined);
	case HALE_JOIN_DEATH:
		return join_death(j, said, o, ret_joined);
	case HALE_JOIN_OOM:
	case HALE_JOIN_PAGE:
		return join_once(j, said, o, ret_joined);
	case HALE_JOIN_OTHER:
		return join_other(j, said, o, ret_joined);
	case HALE_JOIN_NONE:
	case HALE_JOIN_COUNT:
		break;
	}
	return true;
}
