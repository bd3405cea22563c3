/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One host's messages, unpacked for its page. Decides how many of them: as many
 * as fit into the scratch memory, the newest first. Must never give a message
 * that the codec refused, or one of another host. Invariant: what was given
 * lives in the scratch memory until the next call.
 */
#include <errno.h>

#include "hale/base.h"

#include "agent/console/fleet.h"

#define SCRATCH ((size_t)4 << 20)

struct unpacking {
	struct fleet *fleet;
	const char *id;
	size_t used;
	bool cut;
};

/* What is left of it, for one message more; false: not enough. */
static bool more_room(struct unpacking *u, struct codec_arena *ret)
{
	*ret = (struct codec_arena){ .mem = u->fleet->scratch + u->used,
				     .size = SCRATCH - u->used };
	if (ret->size >= FLEET_ARENA)
		ret->size = FLEET_ARENA;
	else
		u->cut = true;
	return ret->size == FLEET_ARENA;
}

static struct fleet_bytes bytes_of(const struct unpacking *u,
				   const struct shelf_item *i)
{
	return (struct fleet_bytes){ .at = i->bytes,
				     .len = i->len,
				     .id = u->id };
}

static const Hale__Fleet__V1__HostState *state_of(struct unpacking *u,
						  const struct shelf_item *i)
{
	Hale__Fleet__V1__HostState *m = NULL;
	struct fleet_bytes b;
	struct codec_arena a;
	char why[FLEET_WHY_MAX];

	if (!i || !more_room(u, &a))
		return NULL;
	b = bytes_of(u, i);
	if (fleet_read_state(&a, &b, &m, why) < 0)
		return NULL;
	u->used += a.used;
	return m;
}

static void take_finding(struct unpacking *u, const struct shelf_item *i,
			 struct supply_host *ret)
{
	struct fleet_bytes b = bytes_of(u, i);
	struct codec_arena a;
	char why[FLEET_WHY_MAX];

	if (ret->events_n == SUPPLY_EVENTS_MAX) {
		u->cut = true;
		return;
	}
	if (!more_room(u, &a) ||
	    fleet_read_finding(&a, &b, &u->fleet->events[ret->events_n], why) <
		    0)
		return;
	ret->events_n++;
	u->used += a.used;
}

static void take_build(struct unpacking *u, const struct shelf_item *i,
		       struct supply_host *ret)
{
	struct fleet_bytes b = bytes_of(u, i);
	struct codec_arena a;
	char why[FLEET_WHY_MAX];

	if (ret->builds_n == SUPPLY_BUILDS_MAX) {
		u->cut = true;
		return;
	}
	if (!more_room(u, &a) ||
	    fleet_read_build(&a, &b, &u->fleet->builds[ret->builds_n], why) < 0)
		return;
	ret->builds_n++;
	u->used += a.used;
}

static void take_past(struct unpacking *u, const struct shelf_host *h,
		      struct supply_host *ret)
{
	for (const struct shelf_item *i = h->newest; i; i = i->older) {
		if (i->kind == SHELF_FINDING)
			take_finding(u, i, ret);
		else
			take_build(u, i, ret);
	}
	u->cut |= h->cut;
}

int fleet_tell_host(struct fleet *f, const char *id, struct supply_host *ret)
{
	struct unpacking u = { .fleet = f, .id = id };
	const struct shelf_host *h = shelf_host(&f->shelf, id);
	uint32_t host = picture_find(f->look.picture, id);
	struct picture_row r;

	if (host == PICTURE_NONE || !picture_row(f->look.picture, host, &r))
		return -ENOENT;
	*ret = (struct supply_host){
		.received_ns = r.heard_ns,
		.judged = (enum row_state)r.verdict,
		.judged_ns = r.since_ns,
		.connected = r.connected,
		.connected_known = true,
		.events = f->events,
		.builds = f->builds,
	};
	if (!h)
		return 0;
	ret->state = state_of(&u, h->state);
	take_past(&u, h, ret);
	ret->cut = u.cut;
	return 0;
}
