/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Builds the storage map beside the one in use and swaps them when it is whole:
 * a child that dies halfway changes nothing. Decides which layers outlive the
 * kernel's memory of them. Never follows a chain: that is closure.c. Invariant:
 * the map in use is sorted, and what did not fit into it is counted in it.
 */
#include "topology.h"

static void map_init(struct map *map)
{
	memset(map, 0, offsetof(struct map, text_bytes));
	pool_init(&map->text, map->text_bytes, sizeof(map->text_bytes));
	pool_init(&map->words, map->words_bytes, sizeof(map->words_bytes));
}

void topology_init(struct topology *t)
{
	t->ready = t->building = false;
	t->now = 0;
	map_init(&t->maps[0]);
	map_init(&t->maps[1]);
}

static void add_mount(struct map *map, const struct hale_mount *f)
{
	struct map_mount *m = &map->mounts[map->n_mounts];
	uint32_t used = map->text.used;

	if (map->n_mounts == MAP_MOUNTS_MAX) {
		map->dropped_mounts++;
		return;
	}
	/* field by field: maps are compared as bytes */
	m->major = f->major;
	m->minor = f->minor;
	m->type = pool_intern(&map->words, f->type);
	m->source = pool_put(&map->text, f->source);
	m->mountpoint = pool_put(&map->text, f->mountpoint);
	m->read_only = f->read_only;
	m->remote = f->remote;
	m->writable = f->writable;
	m->swap = f->swap;
	if (m->type == POOL_NONE || m->source == POOL_NONE ||
	    m->mountpoint == POOL_NONE) {
		map->text.used = used;
		memset(m, 0, sizeof(*m));
		map->dropped_mounts++;
		return;
	}
	map->n_mounts++;
}

static void add_layer(struct map *map, const struct map_layer *layer)
{
	if (map->n_layers == MAP_LAYERS_MAX || layer->via == POOL_NONE) {
		map->dropped_layers++;
		return;
	}
	map->layers[map->n_layers++] = *layer;
}

static void take_layer(struct map *map, const struct hale_layer *f)
{
	struct map_layer layer;

	memset(&layer, 0, sizeof(layer));
	layer.upper_major = f->upper_major;
	layer.upper_minor = f->upper_minor;
	layer.lower_major = f->lower_major;
	layer.lower_minor = f->lower_minor;
	layer.via = pool_intern(&map->words, f->via);
	layer.redundant = f->redundant;
	layer.unmapped = f->unmapped;
	add_layer(map, &layer);
}

static uint64_t number(uint32_t major, uint32_t minor)
{
	return (uint64_t)major << 32 | minor;
}

static uint64_t upper_of(const struct map_layer *l)
{
	return number(l->upper_major, l->upper_minor);
}

static int compare_layers(const void *a, const void *b)
{
	const struct map_layer *x = a, *y = b;
	uint64_t x_lower = number(x->lower_major, x->lower_minor);
	uint64_t y_lower = number(y->lower_major, y->lower_minor);

	if (upper_of(x) != upper_of(y))
		return upper_of(x) < upper_of(y) ? -1 : 1;
	if (x_lower != y_lower)
		return x_lower < y_lower ? -1 : 1;
	return x->via < y->via ? -1 : x->via > y->via;
}

const struct map_layer *map_layers(const struct map *map, uint32_t major,
				   uint32_t minor, uint32_t *ret_n)
{
	uint64_t upper = number(major, minor);
	uint32_t from = 0, to = map->n_layers, n = 0;

	while (from < to) {
		uint32_t middle = from + (to - from) / 2;

		if (upper_of(&map->layers[middle]) < upper)
			from = middle + 1;
		else
			to = middle;
	}
	while (from + n < map->n_layers &&
	       upper_of(&map->layers[from + n]) == upper)
		n++;
	*ret_n = n;
	return &map->layers[from];
}

static bool stands_on(const struct map_layer *layers, uint32_t n,
		      const struct map_layer *old)
{
	for (uint32_t i = 0; i < n; i++) {
		if (layers[i].lower_major == old->lower_major &&
		    layers[i].lower_minor == old->lower_minor)
			return true;
	}
	return false;
}

static bool vanished(const struct inventory *inv, uint32_t major,
		     uint32_t minor)
{
	const struct inventory_device *d =
		inventory_by_number(inv, major, minor);

	return d && d->until_ns != 0;
}

/*
 * Layers of the old map that the new one lacks because their lower device is
 * gone from sysfs. A redundant leg is not kept: its array goes on without it.
 * What is no longer used at all falls out with its own upper.
 */
static void keep_lost_layers(struct map *map, const struct map *old,
			     const struct inventory *inv)
{
	uint32_t n_new = map->n_layers;

	for (uint32_t i = 0; i < old->n_layers; i++) {
		const struct map_layer *l = &old->layers[i];
		struct map_layer kept = *l;

		if (l->redundant || l->unmapped ||
		    !vanished(inv, l->lower_major, l->lower_minor) ||
		    stands_on(map->layers, n_new, l) ||
		    !map_uses(map, l->upper_major, l->upper_minor))
			continue;
		kept.via = pool_intern(&map->words,
				       pool_text(&old->words, l->via));
		add_layer(map, &kept);
	}
}

static bool maps_equal(const struct map *a, const struct map *b)
{
	return a->n_mounts == b->n_mounts && a->n_layers == b->n_layers &&
	       a->dropped_mounts == b->dropped_mounts &&
	       a->dropped_layers == b->dropped_layers &&
	       a->text.used == b->text.used && a->words.used == b->words.used &&
	       memcmp(a->mounts, b->mounts,
		      a->n_mounts * sizeof(a->mounts[0])) == 0 &&
	       memcmp(a->layers, b->layers,
		      a->n_layers * sizeof(a->layers[0])) == 0 &&
	       memcmp(a->text_bytes, b->text_bytes, a->text.used) == 0 &&
	       memcmp(a->words_bytes, b->words_bytes, a->words.used) == 0;
}

static bool map_end(struct topology *t, const struct inventory *inv)
{
	struct map *map = &t->maps[!t->now];
	const struct map *old = &t->maps[t->now];
	bool changed;

	t->building = false;
	if (t->ready)
		keep_lost_layers(map, old, inv);
	qsort(map->layers, map->n_layers, sizeof(map->layers[0]),
	      compare_layers);
	changed = !t->ready || !maps_equal(map, old);
	t->now = !t->now;
	t->ready = true;
	return changed;
}

bool topology_fact(struct topology *t, const struct inventory *inv,
		   const struct hale_fact *f)
{
	struct map *map = &t->maps[!t->now];

	if (f->kind == HALE_FACT_MAP_BEGIN) {
		map_init(map);
		t->building = true;
	}
	if (!t->building)
		return false;
	if (f->kind == HALE_FACT_MOUNT)
		add_mount(map, &f->u.mount);
	if (f->kind == HALE_FACT_LAYER)
		take_layer(map, &f->u.layer);
	if (f->kind == HALE_FACT_MAP_END)
		return map_end(t, inv);
	return false;
}
