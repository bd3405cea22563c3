/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parts that no path leads to, and the scopes they belong to all the same. An
 * engine and its data-root matter to builds in containers only: a host that
 * builds without them is fit with a dead engine, so they stay out of its scope
 * unless the configuration says otherwise. A network card matters to all, since
 * builds fetch what they need; but only one that the host rests on, and as a
 * warning, since whether a build fetches is not known.
 */
#include "scope.h"

static bool starts(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

static enum hale_effect warns_at_most(enum hale_effect effect)
{
	return effect < HALE_EFFECT_WARNS ? effect : HALE_EFFECT_WARNS;
}

bool scope_has_engines(const struct judgment *j)
{
	return j->req->container || (j->req->host && j->m->policy.containers);
}

enum hale_effect scope_aside_effect(const struct judgment *j,
				    const struct ledger_entry *e)
{
	enum hale_effect effect = ledger_effect(&j->m->ledger, e);

	if (starts(e->part, "engine/"))
		return scope_has_engines(j) ? effect : HALE_EFFECT_NONE;
	if (starts(e->part, "net/"))
		return rests_host_on(&j->m->rests, e->part)
			       ? warns_at_most(effect)
			       : HALE_EFFECT_NONE;
	return j->req->host ? warns_at_most(effect) : HALE_EFFECT_NONE;
}

/* What was measured is as old as the last round: good enough to hold a need
 * against, while the thresholds are the ledger's, which remembers. */
static void fill_path(const struct judgment *j, const struct rests_row *row,
		      struct hale_scope_path *p)
{
	const struct map *map = topology_map(&j->m->topology);
	const struct map_mount *mount =
		map_mount_by_number(map, row->r.major, row->r.minor);
	const struct rests_room *room;

	memset(p, 0, sizeof(*p));
	p->major = row->r.major;
	p->minor = row->r.minor;
	HALE_SET(p->path, row->r.path);
	if (mount) {
		HALE_SET(p->type, map_type(map, mount));
		HALE_SET(p->source, pool_text(&map->text, mount->source));
		HALE_SET(p->mountpoint,
			 pool_text(&map->text, mount->mountpoint));
	}
	if (j->req->need_bytes == 0 && j->req->need_inodes == 0)
		return;
	room = rests_room(&j->m->rests, row->r.major, row->r.minor, j->now_ns);
	p->measured = room && room->total_bytes > 0;
	if (!p->measured)
		return;
	p->avail_bytes = room->avail_bytes;
	p->total_bytes = room->total_bytes;
	p->avail_inodes = room->avail_inodes;
	p->total_inodes = room->total_inodes;
}

/* Does anything that we know of stand on this disk? */
static bool is_used(const struct middle *m, const struct inventory_device *disk)
{
	const struct inventory *inv = &m->inventory;
	const struct map *map = topology_map(&m->topology);

	if (map_uses(map, disk->major, disk->minor))
		return true;
	for (uint32_t i = 0; i < inv->n; i++) {
		const struct inventory_device *d = &inv->devices[i];

		if (d->kind == HALE_BLOCK_PARTITION && d->until_ns == 0 &&
		    inventory_disk_of(inv, d) == disk &&
		    map_uses(map, d->major, d->minor))
			return true;
	}
	return false;
}

/* Its data is on one of the disks that are idle here: a fault of any of them
 * may be the one that it meets, and without one there is no telling. */
static void mark_unmounted(struct judgment *j)
{
	static const struct mark nowhere;
	struct middle *m = j->m;

	for (uint32_t i = 0; i < m->ledger.n; i++) {
		const struct ledger_entry *e = &m->ledger.entries[i];
		const struct inventory_device *d =
			starts(e->part, "disk/")
				? inventory_by_part(&m->inventory, e->part)
				: NULL;

		if (d && d->kind == HALE_BLOCK_DISK && d->until_ns == 0 &&
		    !is_used(m, d))
			scope_raise(&m->marks[i], ledger_effect(&m->ledger, e),
				    false, &nowhere);
	}
}

static bool is_down(const struct ledger_entry *e)
{
	return e->condition == HALE_ENGINE_DOWN && e->open;
}

static void mark_engine(struct judgment *j, uint32_t i)
{
	const struct rests_row *row = &j->m->rests.rows[i];
	struct hale_scope_path *p = &j->m->engine_paths[i];
	const struct mark where = { .path = p };
	char story[HALE_EVIDENCE_MAX];

	fill_path(j, row, p);
	if (p->major != 0 || p->minor != 0) {
		scope_mark_path(j, p);
		return;
	}
	snprintf(story, sizeof(story),
		 "%.40s: its folder %.120s is not on this host", row->r.part,
		 row->r.path);
	verdict_missing(j, &where, story);
}

size_t middle_engine_paths(const struct middle *m, const char **ret, size_t max)
{
	size_t n = 0;

	for (uint32_t i = 0; i < m->rests.n && n < max; i++) {
		const struct hale_rests *r = &m->rests.rows[i].r;

		if (starts(r->part, "engine/") && !r->on[0] &&
		    (r->major != 0 || r->minor != 0))
			ret[n++] = r->path;
	}
	return n;
}

static bool knows_engine(const struct middle *m)
{
	char story[HALE_EVIDENCE_MAX];

	return coverage_has(&m->coverage, HALE_SENSE_ENGINE, story,
			    sizeof(story));
}

void scope_mark_engines(struct judgment *j)
{
	static const struct mark nowhere;
	struct middle *m = j->m;
	uint32_t engines = 0;

	if (!scope_has_engines(j))
		return;
	for (uint32_t i = 0; i < m->rests.n; i++) {
		const struct hale_rests *r = &m->rests.rows[i].r;

		if (!starts(r->part, "engine/"))
			continue;
		if (strcmp(r->on, HALE_RESTS_UNMOUNTED) == 0)
			mark_unmounted(j);
		if (r->on[0])
			continue;
		mark_engine(j, i);
		engines++;
	}
	/* the one that is down does not say where its data is */
	for (uint32_t i = 0; i < m->ledger.n; i++)
		engines += is_down(&m->ledger.entries[i]);
	if (engines == 0 && knows_engine(m))
		verdict_missing(j, &nowhere,
				"engine: where it keeps its data is not known");
	j->verdict->n_parts++;
}
