/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CORE_NAMING_H
#define HALE_CORE_NAMING_H

/*
 * From the names that drivers and the kernel use to part ids: who "sde1",
 * "ata3" or "8:65" was at the time it was said.
 */

#include "topology.h"

/* What is known about storage now; both stay the owner's. */
struct storage {
	const struct inventory *inventory;
	const struct map *map;
};

struct name {
	char part[HALE_PART_MAX];
	char alias[HALE_NAME_MAX]; /* today's kernel name, or "" */
};

/* The part of a name that could not be told: "disk/unresolved-sde". */
#define NAMING_UNRESOLVED "unresolved-"

/* Is this part such a one? Then the name stands behind the mark, else NULL.
 * Also of "disk/unknown", where a line named nothing. */
const char *naming_unresolved(const char *part);

/**
 * naming_resolve() - the part that an observation is about
 * Always gives a part; one that is not known is "<kind>/unresolved-<name>".
 */
void naming_resolve(const struct storage *s, enum hale_ref ref,
		    const char *name, uint64_t time_ns, struct name *ret_name);

/* The filesystem with this superblock device. */
void naming_filesystem(const struct storage *s, uint32_t major, uint32_t minor,
		       struct name *ret_name);

/* The filesystem that a mount is of, where the map may not know it. */
void naming_mount(const char *type, const char *mountpoint,
		  struct name *ret_name);

#endif
