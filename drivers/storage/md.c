/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads an md array from sysfs (Documentation/admin-guide/md.rst): its level,
 * how many members it lacks, and whether it can lose another. A member whose
 * disk was pulled counts as lost before md itself has noticed. What cannot be
 * read makes an array not redundant, and no array at all to speak of.
 */
#include <errno.h>

#include "array.h"

static bool read_count(const struct storage *s, const char *name,
		       const char *attr, uint32_t *ret)
{
	char text[24];

	return storage_attr(s, name, attr, text, sizeof(text)) > 0 &&
	       storage_parse_count(text, ret);
}

/* How many members an array of this level can lose when it is whole. */
static uint32_t tolerance(const char *level, uint32_t disks)
{
	static const struct {
		const char *level;
		uint32_t lose;
	} levels[] = {
		{ "raid4", 1 },
		{ "raid5", 1 },
		{ "raid6", 2 },
		{ "raid10", 1 },
	};

	if (strcmp(level, "raid1") == 0)
		return disks ? disks - 1 : 0;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(levels); i++) {
		if (strcmp(levels[i].level, level) == 0)
			return levels[i].lose;
	}
	return 0;
}

struct members {
	const struct storage *s;
	const char *name;
	uint32_t gone; /* in use, and their disk is not there any more */
};

static int see_member(void *ctx, const char *entry)
{
	struct members *w = ctx;
	struct storage_dev dev;
	char attr[HALE_PATH_MAX];

	if (strncmp(entry, "dev-", 4) != 0 ||
	    !storage_md_leg_in_use(w->s, w->name, entry + 4) ||
	    snprintf(attr, sizeof(attr), "slaves/%s/dev", entry + 4) >=
		    (int)sizeof(attr))
		return 0;
	w->gone += storage_number(w->s, w->name, attr, &dev) < 0;
	return 0;
}

static uint32_t gone_members(const struct storage *s, const char *name)
{
	struct members w = { .s = s, .name = name };
	char path[64];

	snprintf(path, sizeof(path), "%s/md", name);
	/* a hundred attributes stand beside the members */
	storage_each_entry(s->block_fd, path, STORAGE_SLAVES_MAX + 100,
			   see_member, &w);
	return w.gone;
}

void storage_md_read(const struct storage *s, const char *name,
		     struct storage_array *ret_array)
{
	struct storage_array array = { .via = "md" };
	uint32_t disks, degraded = 0;
	char level[HALE_NAME_MAX];

	if (storage_attr(s, name, "md/level", level, sizeof(level)) > 0)
		HALE_SET(array.via, level);
	if (read_count(s, name, "md/raid_disks", &disks)) {
		array.bears = tolerance(array.via, disks);
		/* raid0 and linear have no such attribute */
		if (read_count(s, name, "md/degraded", &degraded) ||
		    array.bears == 0)
			array.members = disks;
		array.lost = degraded + gone_members(s, name);
	}
	array.redundant = array.members && array.lost < array.bears;
	*ret_array = array;
}

bool storage_md_leg_in_use(const struct storage *s, const char *name,
			   const char *leg)
{
	char attr[HALE_PATH_MAX], state[128];

	if (snprintf(attr, sizeof(attr), "md/dev-%s/state", leg) >=
	    (int)sizeof(attr))
		return true;
	/* kernel: state_show() in md.c, a list with commas */
	if (storage_attr(s, name, attr, state, sizeof(state)) <= 0)
		return true;
	return !strstr(state, "faulty") && !strstr(state, "spare");
}
