/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Follows the storage map from a filesystem down. Decides what a set of
 * redundant legs still bears: a leg counts fully only once all legs of its
 * array are broken. Says where the map ends before it reaches a disk. Never
 * judges a finding. Invariant: flags only grow while they spread, so that
 * cycles in the map end like anything else.
 */
#include "hale/fs_type.h"

#include "closure.h"

static struct closure_node *find_node(struct closure *c, uint32_t major,
				      uint32_t minor)
{
	for (uint32_t i = 0; i < c->n; i++) {
		if (c->nodes[i].major == major && c->nodes[i].minor == minor)
			return &c->nodes[i];
	}
	return NULL;
}

static void tell(struct closure *c, const char *what, const char *where,
		 const char *story)
{
	if (!c->story[0])
		snprintf(c->story, sizeof(c->story), "%.31s: %.100s%s", what,
			 where, story);
}

static void node_name(struct closure_node *n, const struct storage *s)
{
	struct name fs;

	if (n->device)
		HALE_SET(n->part, inventory_text(s->inventory, n->device,
						 INVENTORY_PART));
	if (n->mount) {
		naming_filesystem(s, n->major, n->minor, &fs);
		HALE_SET(n->fs, fs.part);
	}
	n->part_key = text_key(n->part);
	n->fs_key = text_key(n->fs);
}

static void count_device(struct closure *c, const struct inventory_device *d)
{
	if (d->kind == HALE_BLOCK_DISK)
		c->disks++;
	if (d->kind == HALE_BLOCK_DISK && d->removable)
		c->removable = true;
	if (d->kind == HALE_BLOCK_LOOP)
		c->loop = true;
}

/* Return: the node's index; CLOSURE_MAX: there is no room for it. */
static uint32_t add_node(struct closure *c, const struct storage *s,
			 uint32_t major, uint32_t minor)
{
	struct closure_node *n = find_node(c, major, minor);

	if (n)
		return (uint32_t)(n - c->nodes);
	if (c->n == CLOSURE_MAX)
		return CLOSURE_MAX;
	n = &c->nodes[c->n++];
	memset(n, 0, sizeof(*n));
	n->major = major;
	n->minor = minor;
	n->device = inventory_by_number(s->inventory, major, minor);
	n->mount = map_mount_by_number(s->map, major, minor);
	if (n->device)
		count_device(c, n->device);
	node_name(n, s);
	return c->n - 1;
}

static void add_edge(struct closure *c, uint32_t upper, uint32_t lower,
		     const struct closure_edge *kind)
{
	struct closure_edge *e = &c->edges[c->n_edges];

	if (lower == CLOSURE_MAX || c->n_edges == CLOSURE_EDGES_MAX) {
		tell(c, "storage map", "", "too many devices under one path");
		return;
	}
	*e = *kind;
	e->upper = (uint16_t)upper;
	e->lower = (uint16_t)lower;
	c->n_edges++;
}

static bool is_bottom(const struct closure_node *n, const struct storage *s)
{
	if (n->device)
		return n->device->kind == HALE_BLOCK_DISK ||
		       n->device->kind == HALE_BLOCK_OPTICAL ||
		       n->device->kind == HALE_BLOCK_NETWORK ||
		       n->device->kind == HALE_BLOCK_MEMORY;
	return n->mount && (n->mount->remote ||
			    hale_fs_diskless(map_type(s->map, n->mount)));
}

/* The way ends here, and not on a disk: what can be said about it. */
static void tell_dead_end(struct closure *c, const struct closure_node *n,
			  const struct storage *s)
{
	static const char unknown[] = " stands on something unknown";
	const struct pool *text = &s->map->text;
	char number[HALE_NAME_MAX];

	if (n->device) {
		tell(c, "storage map",
		     inventory_text(s->inventory, n->device, INVENTORY_NAME),
		     unknown);
	} else if (n->mount) {
		const char *type = map_type(s->map, n->mount);

		c->fuse = strncmp(type, "fuse", 4) == 0;
		tell(c, type, pool_text(text, n->mount->mountpoint), unknown);
	} else {
		snprintf(number, sizeof(number), "%u:%u", n->major, n->minor);
		tell(c, "storage map", number, " is not a known device");
	}
}

static void tell_unmapped(struct closure *c, const struct closure_node *n,
			  const struct storage *s, const char *via)
{
	const char *where =
		n->mount ? pool_text(&s->map->text, n->mount->mountpoint) : "";

	c->fuse = strncmp(via, "fuse", 4) == 0;
	tell(c, via, where,
	     where[0] ? ": its disks are not known"
		      : "its disks are not known");
}

/* A partition stands on its disk also after sysfs has forgotten both. */
static bool expand_partition(struct closure *c, const struct storage *s,
			     uint32_t i)
{
	const struct inventory_device *d = c->nodes[i].device, *disk;
	const struct closure_edge plain = { 0 };

	if (!d || d->kind != HALE_BLOCK_PARTITION)
		return false;
	disk = inventory_disk_of(s->inventory, d);
	if (!disk)
		return false;
	add_edge(c, i, add_node(c, s, disk->major, disk->minor), &plain);
	return true;
}

static void expand_layer(struct closure *c, const struct storage *s, uint32_t i,
			 const struct map_layer *l)
{
	const char *via = pool_text(&s->map->words, l->via);
	const struct closure_edge kind = {
		.redundant = l->redundant,
		.reading = strncmp(via, "overlay-lower", 13) == 0,
		.file = strncmp(via, "loop", 4) == 0,
	};

	if (l->unmapped)
		tell_unmapped(c, &c->nodes[i], s, via);
	else
		add_edge(c, i, add_node(c, s, l->lower_major, l->lower_minor),
			 &kind);
}

static void expand(struct closure *c, const struct storage *s, uint32_t i)
{
	const struct closure_node *n = &c->nodes[i];
	uint32_t n_layers;
	const struct map_layer *l =
		map_layers(s->map, n->major, n->minor, &n_layers);
	bool deeper = expand_partition(c, s, i) || n_layers > 0;

	for (uint32_t k = 0; k < n_layers; k++)
		expand_layer(c, s, i, &l[k]);
	if (!deeper && !is_bottom(n, s))
		tell_dead_end(c, n, s);
}

void closure_walk(struct closure *c, const struct storage *s, uint32_t major,
		  uint32_t minor)
{
	memset(c, 0, offsetof(struct closure, edges));
	add_node(c, s, major, minor);
	for (uint32_t i = 0; i < c->n; i++)
		expand(c, s, i);
	if (s->map->dropped_layers > 0 && c->disks > 0)
		tell(c, "storage map", "", "it is full, layers were left out");
}

/*
 * All legs of the redundant set under @upper are broken. Not where it has a leg
 * that is not redundant: it lives by that one, and the others are spares, or
 * members that it has already given up.
 */
static bool set_broken(const struct closure *c, uint32_t upper)
{
	uint32_t legs = 0, broken = 0;

	for (uint32_t i = 0; i < c->n_edges; i++) {
		const struct closure_edge *e = &c->edges[i];

		if (e->upper != upper)
			continue;
		if (!e->redundant)
			return false;
		legs++;
		broken += c->nodes[e->lower].broken;
	}
	return legs > 0 && legs == broken;
}

/* Does what @e leads to, being broken, break what stands on it? */
static bool edge_breaks(const struct closure *c, const struct closure_edge *e)
{
	return c->nodes[e->lower].broken &&
	       (!e->redundant || set_broken(c, e->upper));
}

static void find_broken(struct closure *c)
{
	bool grew = true;

	for (uint32_t i = 0; i < c->n; i++)
		c->nodes[i].broken = c->nodes[i].bad;
	while (grew) {
		grew = false;
		for (uint32_t i = 0; i < c->n_edges; i++) {
			struct closure_node *upper =
				&c->nodes[c->edges[i].upper];

			if (upper->broken || !edge_breaks(c, &c->edges[i]))
				continue;
			upper->broken = true;
			grew = true;
		}
	}
}

static bool spread(bool *flag, bool also)
{
	if (*flag || !also)
		return false;
	*flag = true;
	return true;
}

static bool spread_edge(struct closure *c, const struct closure_edge *e)
{
	const struct closure_node *upper = &c->nodes[e->upper];
	struct closure_node *lower = &c->nodes[e->lower];
	bool frozen = upper->mount && upper->mount->read_only;
	bool grew;

	grew = spread(&lower->plain, upper->plain && (!e->redundant ||
						      set_broken(c, e->upper)));
	grew |= spread(&lower->written,
		       upper->written && !e->reading && !frozen);
	grew |= spread(&lower->roomy,
		       upper->roomy && !e->reading && !e->file && !frozen);
	return grew;
}

void closure_settle(struct closure *c, bool written)
{
	bool grew = c->n > 0;

	find_broken(c);
	for (uint32_t i = 0; i < c->n; i++)
		c->nodes[i].plain = c->nodes[i].written = c->nodes[i].roomy =
			false;
	if (c->n > 0) {
		c->nodes[0].plain = true;
		c->nodes[0].written = c->nodes[0].roomy = written;
	}
	while (grew) {
		grew = false;
		for (uint32_t i = 0; i < c->n_edges; i++)
			grew |= spread_edge(c, &c->edges[i]);
	}
}
