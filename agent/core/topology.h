/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CORE_TOPOLOGY_H
#define HALE_CORE_TOPOLOGY_H

/*
 * The storage map: what is mounted, and what stands on what, by device number.
 * A new map replaces the old one as a whole, at MAP_END.
 */

#include "inventory.h"

#define MAP_MOUNTS_MAX 512
#define MAP_LAYERS_MAX 2048
#define MAP_TEXT       (64 * 1024) /* source and mount point, ~120 bytes a mount */
#define MAP_WORDS      2048 /* filesystem types and layer names, each once */

struct map_mount {
	uint32_t major, minor;
	uint32_t type;		     /* in the map's words */
	uint32_t source, mountpoint; /* in the map's text */
	bool read_only, remote, writable, swap;
};

struct map_layer {
	uint32_t upper_major, upper_minor;
	uint32_t lower_major, lower_minor;
	uint32_t via; /* in the map's words */
	bool redundant, unmapped;
};

struct map {
	uint32_t n_mounts, n_layers;
	uint32_t dropped_mounts, dropped_layers;
	struct pool text, words;
	struct map_mount mounts[MAP_MOUNTS_MAX];
	struct map_layer layers[MAP_LAYERS_MAX]; /* sorted by upper */
	char text_bytes[MAP_TEXT];
	char words_bytes[MAP_WORDS];
};

struct topology {
	bool ready;    /* there is a whole map */
	bool building; /* between MAP_BEGIN and MAP_END */
	uint8_t now;   /* index of the whole map */
	struct map maps[2];
};

void topology_init(struct topology *t);

static inline const struct map *topology_map(const struct topology *t)
{
	return &t->maps[t->now];
}

/* The map before the last MAP_END; valid until the next MAP_BEGIN. */
static inline const struct map *topology_old_map(const struct topology *t)
{
	return &t->maps[!t->now];
}

/**
 * topology_fact() - MAP_BEGIN, MOUNT, LAYER or MAP_END
 * What stood on a device that has since vanished from @inv keeps standing on
 * it: the kernel forgets the layer, the filesystem does not.
 *
 * Return: true at a MAP_END that changed the map.
 */
bool topology_fact(struct topology *t, const struct inventory *inv,
		   const struct hale_fact *f);

/* The filesystem (not swap) with this superblock device; NULL: none. */
const struct map_mount *map_mount_by_number(const struct map *map,
					    uint32_t major, uint32_t minor);

/* The filesystem that holds @path, by its mount points; NULL: none does. */
const struct map_mount *map_mount_by_path(const struct map *map,
					  const char *path);

/* The layers under a device: *@ret_n of them, from the returned one on. */
const struct map_layer *map_layers(const struct map *map, uint32_t major,
				   uint32_t minor, uint32_t *ret_n);

/* Does a filesystem, a swap area or a layer stand on this device? */
bool map_uses(const struct map *map, uint32_t major, uint32_t minor);

static inline const char *map_type(const struct map *map,
				   const struct map_mount *m)
{
	return pool_text(&map->words, m->type);
}

#endif
