/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What device-mapper answers about a device (../dm_ioctl.h), in the words of
 * the storage map: what kind of array it is, and what it is made of.
 */
#include <sys/sysmacros.h>

#include "../dm_ioctl.h"
#include "../dm_status.h"
#include "array.h"

static void note_failed(struct storage_array *array, const char *dev)
{
	struct storage_dev *to = &array->failed[array->n_failed];

	if (array->n_failed < HALE_ARRAY_SIZE(array->failed) &&
	    dm_number(dev, &to->major, &to->minor))
		array->n_failed++;
}

/* The status of a raid counts its dead legs, only its table names them. */
static void note_dead_legs(const struct storage *s, struct storage_dev dev,
			   const struct dm_legs *legs,
			   struct storage_array *array)
{
	_cleanup_free_ struct dm_answer *a = calloc(1, sizeof(*a));
	struct dm_walk walk = { .answer = a };
	struct dm_target row;
	char at[24];

	if (!a || !dm_ask_table(s->dm_fd, dev.major, dev.minor, false, a) ||
	    !dm_next(&walk, &row))
		return;
	for (uint32_t i = 0; i < legs->n; i++) {
		if (!(legs->dead >> i & 1))
			continue;
		if (dm_table_raid_leg(row.params, i, at, sizeof(at)))
			note_failed(array, at);
		if (dm_table_raid_metadata(row.params, i, at, sizeof(at)))
			note_failed(array, at);
	}
}

bool storage_dm_by_table(const struct storage *s, const struct storage_block *b,
			 struct storage_array *array)
{
	_cleanup_free_ struct dm_answer *a = calloc(1, sizeof(*a));
	struct dm_walk walk = { .answer = a };
	struct dm_target target;
	struct dm_legs legs;

	if (!a || !dm_ask_table(s->dm_fd, b->dev.major, b->dev.minor, true, a))
		return false;
	for (unsigned int n = 0; dm_next(&walk, &target); n++) {
		storage_dm_target(array, n, target.type, target.params);
		if (strcmp(target.type, "raid") == 0 &&
		    dm_status_raid(target.params, &legs) && legs.lost > 0 &&
		    legs.lost <= legs.bears)
			note_dead_legs(s, b->dev, &legs, array);
	}
	return array->via[0] != '\0';
}

int storage_dm_lowers(const struct storage *s, const struct storage_block *b,
		      struct storage_dev *lowers, unsigned int max)
{
	uint64_t deps[STORAGE_SLAVES_MAX];
	int n = dm_ask_deps(s->dm_fd, b->dev.major, b->dev.minor, deps,
			    max < STORAGE_SLAVES_MAX ? max
						     : STORAGE_SLAVES_MAX);

	for (int i = 0; i < n; i++) {
		lowers[i].major = major(deps[i]);
		lowers[i].minor = minor(deps[i]);
	}
	return n;
}
