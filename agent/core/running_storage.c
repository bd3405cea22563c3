/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Devices, the storage map and what rests on it, to notes and back. Decides
 * nothing: names, numbers and times come back as they were known. Invariants of
 * inventory.c kept: one present record a name, its strings in the pool.
 */
#include "running.h"

#include <errno.h>

static enum note_made make_device(const struct middle *m, uint32_t i,
				  struct hale_memory_note *ret)
{
	const struct inventory *inv = &m->inventory;
	const struct inventory_device *d = &inv->devices[i];

	if (i >= inv->n)
		return NOTE_OVER;
	return NOTE_PUT(ret,
			NOTE_NUMBERS(d->major, d->minor, d->since_ns,
				     d->until_ns, d->known_ns, d->seen, d->kind,
				     d->removable, d->named),
			NOTE_TEXTS(inventory_text(inv, d, INVENTORY_NAME),
				   inventory_text(inv, d, INVENTORY_DISK),
				   inventory_text(inv, d, INVENTORY_PART),
				   inventory_text(inv, d, INVENTORY_DEVPATH),
				   inventory_text(inv, d, INVENTORY_MODEL),
				   inventory_text(inv, d, INVENTORY_SERIAL),
				   inventory_text(inv, d, INVENTORY_FS_UUID)));
}

static bool device_valid(const struct inventory *inv,
			 const struct hale_memory_note *n)
{
	const uint64_t *x = n->number;
	const char *name = n->text[INVENTORY_NAME];

	if (!note_is_number(x[0], x[1]) || x[6] >= HALE_BLOCK_COUNT ||
	    x[5] > UINT32_MAX || !name[0] || strlen(name) >= HALE_NAME_MAX ||
	    strlen(n->text[INVENTORY_DISK]) >= HALE_NAME_MAX ||
	    strlen(n->text[INVENTORY_PART]) >= HALE_PART_MAX ||
	    strlen(n->text[INVENTORY_MODEL]) > HALE_UUID_MAX ||
	    strlen(n->text[INVENTORY_SERIAL]) > HALE_UUID_MAX ||
	    strlen(n->text[INVENTORY_FS_UUID]) >= HALE_UUID_MAX)
		return false;
	for (uint32_t i = 0; x[3] == 0 && i < inv->n; i++) {
		const struct inventory_device *d = &inv->devices[i];

		if (d->until_ns == 0 &&
		    strcmp(inventory_text(inv, d, INVENTORY_NAME), name) == 0)
			return false;
	}
	return true;
}

static int take_device(struct middle *m, const struct hale_memory_note *n,
		       uint64_t now_ns)
{
	const uint64_t *x = n->number;
	struct inventory_device d = {
		.major = (uint32_t)x[0],
		.minor = (uint32_t)x[1],
		.since_ns = x[2], /* as drivers say it: it may be ahead */
		.until_ns = x[3],
		.known_ns = note_past(x[4], now_ns),
		.seen = (uint32_t)x[5],
		.kind = (uint8_t)x[6],
		.removable = x[7] != 0,
		.named = x[8] != 0,
	};

	if (!device_valid(&m->inventory, n) || m->inventory.n == INVENTORY_MAX)
		return -EINVAL;
	return inventory_restore(&m->inventory, &d, n->text);
}

const struct note_kind note_device = { make_device, take_device };

static enum note_made make_mount(const struct middle *m, uint32_t i,
				 struct hale_memory_note *ret)
{
	const struct map *map = topology_map(&m->topology);
	const struct map_mount *f = &map->mounts[i];

	if (i >= map->n_mounts)
		return NOTE_OVER;
	return NOTE_PUT(ret,
			NOTE_NUMBERS(f->major, f->minor, f->read_only,
				     f->remote, f->writable, f->swap),
			NOTE_TEXTS(map_type(map, f),
				   pool_text(&map->text, f->source),
				   pool_text(&map->text, f->mountpoint)));
}

static int take_mount(struct middle *m, const struct hale_memory_note *n,
		      uint64_t now_ns)
{
	struct hale_fact f = { .kind = HALE_FACT_MOUNT };
	struct hale_mount *mount = &f.u.mount;

	(void)now_ns;
	if (!note_is_number(n->number[0], n->number[1]) ||
	    !m->topology.building)
		return -EINVAL;
	*mount = (struct hale_mount){
		.major = (uint32_t)n->number[0],
		.minor = (uint32_t)n->number[1],
		.read_only = n->number[2] != 0,
		.remote = n->number[3] != 0,
		.writable = n->number[4] != 0,
		.swap = n->number[5] != 0,
	};
	HALE_SET(mount->type, n->text[0]);
	HALE_SET(mount->source, n->text[1]);
	HALE_SET(mount->mountpoint, n->text[2]);
	topology_fact(&m->topology, &m->inventory, &f);
	return 0;
}

const struct note_kind note_mount = { make_mount, take_mount };

static enum note_made make_layer(const struct middle *m, uint32_t i,
				 struct hale_memory_note *ret)
{
	const struct map *map = topology_map(&m->topology);
	const struct map_layer *l = &map->layers[i];

	if (i >= map->n_layers)
		return NOTE_OVER;
	return NOTE_PUT(ret,
			NOTE_NUMBERS(l->upper_major, l->upper_minor,
				     l->lower_major, l->lower_minor,
				     l->redundant, l->unmapped),
			NOTE_TEXTS(pool_text(&map->words, l->via)));
}

static int take_layer(struct middle *m, const struct hale_memory_note *n,
		      uint64_t now_ns)
{
	struct hale_fact f = { .kind = HALE_FACT_LAYER };
	struct hale_layer *layer = &f.u.layer;

	(void)now_ns;
	if (!note_is_number(n->number[0], n->number[1]) ||
	    !note_is_number(n->number[2], n->number[3]) ||
	    !m->topology.building)
		return -EINVAL;
	*layer = (struct hale_layer){
		.upper_major = (uint32_t)n->number[0],
		.upper_minor = (uint32_t)n->number[1],
		.lower_major = (uint32_t)n->number[2],
		.lower_minor = (uint32_t)n->number[3],
		.redundant = n->number[4] != 0,
		.unmapped = n->number[5] != 0,
	};
	HALE_SET(layer->via, n->text[0]);
	topology_fact(&m->topology, &m->inventory, &f);
	return 0;
}

const struct note_kind note_layer = { make_layer, take_layer };

static enum note_made make_bearer(const struct middle *m, uint32_t i,
				  struct hale_memory_note *ret)
{
	const struct bearer *b = &m->inventory.bearers.list[i];

	if (i >= m->inventory.bearers.n)
		return NOTE_OVER;
	return NOTE_PUT(ret,
			NOTE_NUMBERS(b->left_ns, b->announced_ns, b->came_ns,
				     b->since_ns, b->heard_ns),
			NOTE_TEXTS(b->name));
}

static int take_bearer(struct middle *m, const struct hale_memory_note *n,
		       uint64_t now_ns)
{
	struct bearers *all = &m->inventory.bearers;
	struct bearer *b = &all->list[all->n];

	if (all->n == BEARERS_MAX || !n->text[0][0])
		return -EINVAL;
	for (uint32_t i = 0; i < all->n; i++) {
		if (strcmp(all->list[i].name, n->text[0]) == 0)
			return -EINVAL;
	}
	*b = (struct bearer){
		.left_ns = n->number[0],
		.announced_ns = n->number[1],
		.came_ns = n->number[2],
		.since_ns = n->number[3],
		.heard_ns = note_past(n->number[4], now_ns),
	};
	HALE_SET(b->name, n->text[0]);
	all->n++;
	return 0;
}

const struct note_kind note_bearer = { make_bearer, take_bearer };

static enum note_made make_rests(const struct middle *m, uint32_t i,
				 struct hale_memory_note *ret)
{
	const struct rests_row *row = &m->rests.rows[i];

	if (i >= m->rests.n)
		return NOTE_OVER;
	return NOTE_PUT(
		ret, NOTE_NUMBERS(row->r.major, row->r.minor, row->said_ns),
		NOTE_TEXTS(row->r.part, row->r.on, row->r.path, row->driver));
}

static int take_rests(struct middle *m, const struct hale_memory_note *n,
		      uint64_t now_ns)
{
	struct hale_rests r = { .holds = true };

	if (!note_is_number(n->number[0], n->number[1]) || !n->text[0][0] ||
	    m->rests.n == RESTS_MAX)
		return -EINVAL;
	r.major = (uint32_t)n->number[0];
	r.minor = (uint32_t)n->number[1];
	HALE_SET(r.part, n->text[0]);
	HALE_SET(r.on, n->text[1]);
	HALE_SET(r.path, n->text[2]);
	rests_take(&m->rests, n->text[3], &r, note_past(n->number[2], now_ns));
	return 0;
}

const struct note_kind note_rests = { make_rests, take_rests };

static enum note_made make_room(const struct middle *m, uint32_t i,
				struct hale_memory_note *ret)
{
	const struct rests_room *r = &m->rests.rooms[i];

	if (i >= RESTS_ROOMS)
		return NOTE_OVER;
	if (r->key == 0)
		return NOTE_SKIPPED;
	return NOTE_PUT(ret, NOTE_NUMBERS(i, r->key, r->time_ns, r->avail_bytes,
					  r->total_bytes, r->avail_inodes,
					  r->total_inodes));
}

static int take_room(struct middle *m, const struct hale_memory_note *note,
		     uint64_t now_ns)
{
	const uint64_t *n = note->number;

	if (n[0] >= RESTS_ROOMS || m->rests.rooms[n[0]].key != 0)
		return -EINVAL;
	m->rests.rooms[n[0]] = (struct rests_room){
		.key = n[1],
		.time_ns = note_past(n[2], now_ns),
		.avail_bytes = n[3],
		.total_bytes = n[4],
		.avail_inodes = n[5],
		.total_inodes = n[6],
	};
	return 0;
}

const struct note_kind note_room = { make_room, take_room };
