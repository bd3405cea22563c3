/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way from a path down to the metal, as a list for people: the filesystem,
 * what it stands on, the disks, the ports they hang on. Decides only the order
 * and the names. Invariant: it ends, whatever the map says: no hop is deeper
 * than HOPS_DEEP, and a device on its own way down is not entered twice.
 */
#include "core.h"

#define HOPS_DEEP 16 /* ext4 on crypt on LVM on raid on partition is 6 */

struct hops {
	struct storage s;
	struct hale_hop *list;
	size_t n, max;
	uint64_t way[HOPS_DEEP]; /* device numbers from the top to here */
};

static struct hale_hop *add_hop(struct hops *h, uint32_t depth,
				const char *name, const char *via)
{
	struct hale_hop *hop;

	if (h->n == h->max)
		return NULL;
	hop = &h->list[h->n++];
	memset(hop, 0, sizeof(*hop));
	hop->depth = depth;
	HALE_SET(hop->name, name);
	HALE_SET(hop->via, via);
	return hop;
}

/* The kind of a devpath component worth a hop, or NULL. */
static const char *port_kind(const char *text, size_t len)
{
	if (len == 12 && text[4] == ':' && text[7] == ':' && text[10] == '.')
		return "pci";
	if (len > 3 && strncmp(text, "ata", 3) == 0)
		return "ata";
	if (text[0] >= '1' && text[0] <= '9' && memchr(text, '-', len) &&
	    !memchr(text, ':', len))
		return "usb";
	return NULL;
}

static void add_port(struct hops *h, uint32_t depth, const char *text,
		     size_t len)
{
	const char *kind = port_kind(text, len);
	char name[HALE_NAME_MAX];
	struct hale_hop *hop;

	if (!kind)
		return;
	hale_copy(name, sizeof(name), text, len);
	hop = add_hop(h, depth, name, kind);
	if (hop && strcmp(kind, "ata") != 0)
		snprintf(hop->part, sizeof(hop->part), "%s/%s", kind, name);
}

/* From the disk outwards: the last component of its path first. */
static void add_ports(struct hops *h, uint32_t depth,
		      const struct inventory_device *d)
{
	const char *path = inventory_text(h->s.inventory, d, INVENTORY_DEVPATH);
	size_t end = strlen(path);

	while (end > 0) {
		size_t start = end;

		while (start > 0 && path[start - 1] != '/')
			start--;
		if (end > start)
			add_port(h, depth, path + start, end - start);
		end = start > 0 ? start - 1 : 0;
	}
}

static void describe(struct hops *h, struct hale_hop *hop,
		     const struct inventory_device *d)
{
	const struct inventory *inv = h->s.inventory;
	const char *model = inventory_text(inv, d, INVENTORY_MODEL);
	const char *serial = inventory_text(inv, d, INVENTORY_SERIAL);

	HALE_SET(hop->part, inventory_text(inv, d, INVENTORY_PART));
	snprintf(hop->detail, sizeof(hop->detail), "%s%s%s%s%s", model,
		 model[0] && serial[0] ? "  " : "", serial[0] ? "serial " : "",
		 serial, d->until_ns ? "  (gone)" : "");
}

static void go_down(struct hops *h, uint32_t depth, uint32_t major,
		    uint32_t minor);

/* A filesystem on a whole device, and not on a partition of it, stands on what
 * has its own name and findings: a hop for that. Return: the next depth. */
static uint32_t add_whole(struct hops *h, uint32_t depth,
			  const struct inventory_device *d)
{
	const struct inventory *inv = h->s.inventory;
	const char *via = d && d->kind == HALE_BLOCK_DISK   ? "disk"
			  : d && d->kind == HALE_BLOCK_LOOP ? "loop"
			  : d && d->kind == HALE_BLOCK_MD   ? "md"
							    : NULL;
	struct hale_hop *hop;

	if (!via || depth >= HOPS_DEEP ||
	    !inventory_text(inv, d, INVENTORY_PART)[0])
		return depth;
	hop = add_hop(h, depth, inventory_text(inv, d, INVENTORY_NAME), via);
	if (!hop)
		return depth;
	describe(h, hop, d);
	h->way[depth] = h->way[depth - 1];
	return depth + 1;
}

static bool enter(struct hops *h, uint32_t depth, uint32_t major,
		  uint32_t minor)
{
	uint64_t number = (uint64_t)major << 32 | minor;

	if (depth >= HOPS_DEEP)
		return false;
	for (uint32_t i = 0; i < depth; i++) {
		if (h->way[i] == number)
			return false;
	}
	h->way[depth] = number;
	return true;
}

static void step(struct hops *h, uint32_t depth, const struct map_layer *l)
{
	const struct storage *s = &h->s;
	const char *via = pool_text(&s->map->words, l->via);
	const struct inventory_device *d = inventory_by_number(
		s->inventory, l->lower_major, l->lower_minor);
	const struct map_mount *m =
		map_mount_by_number(s->map, l->lower_major, l->lower_minor);
	char name[HALE_NAME_MAX];
	struct hale_hop *hop;

	if (l->unmapped) {
		hop = add_hop(h, depth, "?", via);
		if (hop)
			HALE_SET(hop->detail, "its disks are not known");
		return;
	}
	snprintf(name, sizeof(name), "%u:%u", l->lower_major, l->lower_minor);
	if (d)
		HALE_SET(name, inventory_text(s->inventory, d, INVENTORY_NAME));
	hop = add_hop(h, depth, name, via);
	if (!hop)
		return;
	hop->redundant = l->redundant;
	if (d)
		describe(h, hop, d);
	if (m) {
		struct name fs;

		naming_filesystem(s, l->lower_major, l->lower_minor, &fs);
		HALE_SET(hop->part, fs.part);
		HALE_SET(hop->detail, pool_text(&s->map->text, m->mountpoint));
	}
	if (!enter(h, depth, l->lower_major, l->lower_minor))
		return;
	depth = m ? add_whole(h, depth + 1, d) : depth + 1;
	go_down(h, depth, l->lower_major, l->lower_minor);
}

/* The map may know a partition's disk, or only the inventory. */
static void step_partition(struct hops *h, uint32_t depth,
			   const struct inventory_device *d, bool mapped)
{
	const struct inventory_device *disk;
	struct hale_hop *hop;

	if (mapped || d->kind != HALE_BLOCK_PARTITION)
		return;
	disk = inventory_disk_of(h->s.inventory, d);
	if (!disk)
		return;
	hop = add_hop(h, depth,
		      inventory_text(h->s.inventory, disk, INVENTORY_NAME),
		      "partition");
	if (!hop)
		return;
	describe(h, hop, disk);
	if (enter(h, depth, disk->major, disk->minor))
		go_down(h, depth + 1, disk->major, disk->minor);
}

static void go_down(struct hops *h, uint32_t depth, uint32_t major,
		    uint32_t minor)
{
	uint32_t n;
	const struct map_layer *l = map_layers(h->s.map, major, minor, &n);
	const struct inventory_device *d =
		inventory_by_number(h->s.inventory, major, minor);

	for (uint32_t i = 0; i < n; i++)
		step(h, depth, &l[i]);
	if (!d)
		return;
	step_partition(h, depth, d, n > 0);
	if (d->kind == HALE_BLOCK_DISK)
		add_ports(h, depth, d);
}

size_t middle_hops(struct middle *m, const struct hale_scope_path *path,
		   struct hale_hop *ret_hops, size_t max)
{
	struct hops h = { .s = middle_storage(m),
			  .list = ret_hops,
			  .max = max };
	const struct map_mount *mount = middle_mount(m, path);
	const struct inventory_device *d =
		inventory_by_number(h.s.inventory, path->major, path->minor);
	const char *type = mount ? map_type(h.s.map, mount) : path->type;
	struct hale_hop *hop;
	struct name fs = { .part = "" };

	hop = add_hop(&h, 0,
		      d ? inventory_text(h.s.inventory, d, INVENTORY_NAME)
			: path->source,
		      type);
	if (!hop)
		return 0;
	if (mount || d)
		naming_filesystem(&h.s, path->major, path->minor, &fs);
	else
		naming_mount(path->type, path->mountpoint, &fs);
	HALE_SET(hop->part, fs.part);
	HALE_SET(hop->detail, path->mountpoint);
	enter(&h, 0, path->major, path->minor);
	if (d || middle_knows(m, path))
		go_down(&h, add_whole(&h, 1, d), path->major, path->minor);
	return h.n;
}
