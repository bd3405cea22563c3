/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Says what a device-mapper device is, and whether it has a leg to lose: by
 * its table's status where we may ask for that, else by the prefix of its uuid
 * and the state of its paths. Where the answer is not to be had it counts as
 * not redundant: better one build refused. Whether members are lost is the
 * driver array's to say.
 */
#include <errno.h>
#include <fcntl.h>

#include "array.h"

/* Paths of a multipath device, by the state of their SCSI devices. */
struct paths {
	const struct storage *s;
	const char *name;
	unsigned int live;
	struct storage_array *array;
};

static int see_path(void *ctx, const char *slave)
{
	struct paths *w = ctx;
	struct storage_array *array = w->array;
	struct storage_dev *failed = &array->failed[array->n_failed];
	char attr[HALE_PATH_MAX], state[24];

	if (snprintf(attr, sizeof(attr), "slaves/%s/device/state", slave) >=
		    (int)sizeof(attr) ||
	    storage_attr(w->s, w->name, attr, state, sizeof(state)) <= 0)
		return 0;
	if (strcmp(state, "running") == 0 || strcmp(state, "live") == 0) {
		w->live++;
		return 0;
	}
	snprintf(attr, sizeof(attr), "slaves/%s/dev", slave);
	if (array->n_failed < HALE_ARRAY_SIZE(array->failed) &&
	    storage_number(w->s, w->name, attr, failed) == 0)
		array->n_failed++;
	return 0;
}

static void paths_by_state(const struct storage *s, const char *name,
			   struct storage_array *array)
{
	struct paths w = { .s = s, .name = name, .array = array };
	char path[HALE_PATH_MAX];

	snprintf(path, sizeof(path), "%s/slaves", name);
	storage_each_entry(s->block_fd, path, STORAGE_SLAVES_MAX, see_path, &w);
	array->redundant = w.live >= 2;
	if (w.live == 0)
		array->n_failed = 0;
}

struct dm_prefix {
	const char *prefix, *via;
};

static void dm_by_uuid(const struct storage *s, const char *name,
		       struct storage_array *array)
{
	static const struct dm_prefix prefixes[] = {
		{ "LVM-", "lvm" },	   { "CRYPT-", "crypt" },
		{ "mpath-", "multipath" }, { "DMRAID-", "dmraid" },
		{ "part", "partition" },   { "VDO-", "vdo" },
		{ "stratis-", "stratis" },
	};
	char uuid[HALE_PATH_MAX];

	HALE_SET(array->via, "dm");
	if (storage_attr(s, name, "dm/uuid", uuid, sizeof(uuid)) <= 0)
		return;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(prefixes); i++) {
		if (strncmp(uuid, prefixes[i].prefix,
			    strlen(prefixes[i].prefix)) == 0)
			HALE_SET(array->via, prefixes[i].via);
	}
	if (strcmp(array->via, "multipath") == 0)
		paths_by_state(s, name, array);
}

void storage_dm_read(const struct storage *s, const struct storage_block *b,
		     struct storage_array *ret_array)
{
	struct storage_array array = { 0 };

	if (!storage_dm_by_table(s, b, &array))
		dm_by_uuid(s, b->name, &array);
	*ret_array = array;
}
