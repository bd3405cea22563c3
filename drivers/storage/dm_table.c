/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Says whether a device-mapper table has a leg to lose, by its targets' status
 * lines. Pure. A line that is not understood means no redundancy. A table is
 * redundant only if each of its targets is.
 */
#include <ctype.h>

#include "../dm_status.h"
#include "array.h"

static bool legs_spare(struct storage_array *array, const struct dm_legs *legs)
{
	array->members = legs->n;
	array->lost = legs->lost;
	array->bears = legs->bears;
	return legs->lost < legs->bears && legs->lost < legs->n;
}

static void see_path(void *ctx, const char *dev, bool failed)
{
	struct storage_array *array = ctx;
	struct storage_dev at;

	if (failed && array->n_failed < HALE_ARRAY_SIZE(array->failed) &&
	    dm_number(dev, &at.major, &at.minor))
		array->failed[array->n_failed++] = at;
}

static bool multipath_spare(struct storage_array *array, const char *status)
{
	struct dm_legs legs = { 0 };

	if (!dm_status_multipath(status, see_path, array, &legs) ||
	    legs.lost == legs.n) /* nothing to lean on: each path matters */
		array->n_failed = 0;
	return legs.n - legs.lost >= 2;
}

static bool target_spare(struct storage_array *array, const char *type,
			 const char *status)
{
	struct dm_legs legs;

	if (strcmp(type, "raid") == 0)
		return dm_status_raid(status, &legs) &&
		       legs_spare(array, &legs);
	if (strcmp(type, "mirror") == 0)
		return dm_status_mirror(status, &legs) &&
		       legs_spare(array, &legs);
	if (strcmp(type, "multipath") == 0)
		return multipath_spare(array, status);
	return false;
}

void storage_dm_target(struct storage_array *array, unsigned int nth,
		       const char *type, const char *status)
{
	bool spare = target_spare(array, type, status);
	const char *name = type;
	char level[HALE_NAME_MAX];

	if (strcmp(type, "raid") == 0 && isalpha((unsigned char)status[0])) {
		hale_copy(level, sizeof(level), status, strcspn(status, " "));
		name = level;
	}
	if (nth == 0) {
		HALE_SET(array->via, name);
		array->redundant = spare;
		return;
	}
	array->redundant = array->redundant && spare;
	if (strcmp(array->via, name) != 0)
		HALE_SET(array->via, "dm");
}
