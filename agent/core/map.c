/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Questions to the storage map. Changes nothing. Invariant: swap areas are
 * never taken for a filesystem, although a swap file bears its filesystem's
 * number.
 */
#include "topology.h"

const struct map_mount *map_mount_by_number(const struct map *map,
					    uint32_t major, uint32_t minor)
{
	for (uint32_t i = 0; i < map->n_mounts; i++) {
		const struct map_mount *m = &map->mounts[i];

		if (m->major == major && m->minor == minor && !m->swap)
			return m;
	}
	return NULL;
}

/* How many bytes of @path the mount point covers; 0: none, "/" covers 1. */
static size_t covers(const char *mountpoint, const char *path)
{
	size_t len = strlen(mountpoint);

	if (strcmp(mountpoint, "/") == 0)
		return path[0] == '/';
	if (len == 0 || strncmp(mountpoint, path, len) != 0 ||
	    (path[len] != '/' && path[len] != '\0'))
		return 0;
	return len + 1;
}

const struct map_mount *map_mount_by_path(const struct map *map,
					  const char *path)
{
	const struct map_mount *found = NULL;
	size_t most = 0;

	for (uint32_t i = 0; i < map->n_mounts; i++) {
		const struct map_mount *m = &map->mounts[i];
		size_t len = covers(pool_text(&map->text, m->mountpoint), path);

		/* the later of two on one mount point hides the earlier */
		if (len > 0 && len >= most && !m->swap) {
			found = m;
			most = len;
		}
	}
	return found;
}

bool map_uses(const struct map *map, uint32_t major, uint32_t minor)
{
	for (uint32_t i = 0; i < map->n_mounts; i++) {
		if (map->mounts[i].major == major &&
		    map->mounts[i].minor == minor)
			return true;
	}
	for (uint32_t i = 0; i < map->n_layers; i++) {
		const struct map_layer *l = &map->layers[i];

		if (!l->unmapped && l->lower_major == major &&
		    l->lower_minor == minor)
			return true;
	}
	return false;
}
