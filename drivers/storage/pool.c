/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds the devices of filesystems that manage their own: btrfs from its
 * folder in sysfs, bcachefs from the names in its mount source. A btrfs is
 * matched by one of its devices being the mount's source. It is redundant only
 * if every kind of its block groups is, and no more devices are missing than
 * the weakest of them bears.
 */
#include <errno.h>
#include <fcntl.h>

#include "storage.h"

enum {
	POOLS_MAX = 256,
	POOL_DEVICES_MAX = 256
};

struct pool {
	struct storage *s;
	struct storage_dev fs;
	struct storage_dev source;
	bool by_source; /* false: take the only one there is */
	bool found;
	unsigned int n_pools, n_devices, missing, tolerance;
	int dirfd; /* sys/fs/btrfs */
	const char *uuid;
	char profile[HALE_NAME_MAX];
	bool redundant;
};

/* Copies that a profile can lose. Others (single, raid0, dup): none. */
static unsigned int profile_tolerance(const char *profile)
{
	static const struct {
		const char *profile;
		unsigned int lose;
	} profiles[] = {
		{ "raid1", 1 },	 { "raid1c3", 2 }, { "raid1c4", 3 },
		{ "raid10", 1 }, { "raid5", 1 },   { "raid6", 2 },
	};

	for (size_t i = 0; i < HALE_ARRAY_SIZE(profiles); i++) {
		if (strcmp(profiles[i].profile, profile) == 0)
			return profiles[i].lose;
	}
	return 0;
}

static bool is_profile(const char *name)
{
	return profile_tolerance(name) || strcmp(name, "single") == 0 ||
	       strcmp(name, "dup") == 0 || strcmp(name, "raid0") == 0;
}

static int see_profile(void *ctx, const char *name)
{
	struct pool *w = ctx;

	if (!is_profile(name))
		return 0;
	if (!w->profile[0] || profile_tolerance(name) < w->tolerance) {
		HALE_SET(w->profile, name);
		w->tolerance = profile_tolerance(name);
	}
	return 0;
}

static int see_missing(void *ctx, const char *id)
{
	struct pool *w = ctx;
	char path[160], text[8];

	snprintf(path, sizeof(path), "%s/devinfo/%.20s/missing", w->uuid, id);
	if (hale_read_at(w->dirfd, path, text, sizeof(text)) > 0)
		w->missing += text[0] == '1';
	return 0;
}

static void read_redundancy(struct pool *w)
{
	static const char *const groups[] = { "data", "metadata", "system" };
	char path[160];

	for (size_t i = 0; i < HALE_ARRAY_SIZE(groups); i++) {
		snprintf(path, sizeof(path), "%s/allocation/%s", w->uuid,
			 groups[i]);
		storage_each_entry(w->dirfd, path, 64, see_profile, w);
	}
	snprintf(path, sizeof(path), "%s/devinfo", w->uuid);
	storage_each_entry(w->dirfd, path, POOL_DEVICES_MAX, see_missing, w);
	w->redundant = w->missing < w->tolerance;
}

static int device_number(const struct pool *w, const char *name,
			 struct storage_dev *ret_dev)
{
	char attr[16] = "dev";

	return storage_number(w->s, name, attr, ret_dev);
}

static int match_device(void *ctx, const char *name)
{
	struct pool *w = ctx;
	struct storage_dev dev;

	if (device_number(w, name, &dev) == 0 && dev.major == w->source.major &&
	    dev.minor == w->source.minor)
		w->found = true;
	return 0;
}

static int emit_device(void *ctx, const char *name)
{
	struct pool *w = ctx;
	char via[HALE_NAME_MAX + 8];
	struct storage_dev dev;

	if (device_number(w, name, &dev) < 0)
		return 0;
	snprintf(via, sizeof(via), "btrfs%s%s", w->profile[0] ? "-" : "",
		 w->profile);
	storage_layer(w->s, w->fs, dev, via, w->redundant);
	w->n_devices++;
	return 0;
}

/* "0b6c…-…": other entries ("features") are no filesystems. */
static bool is_uuid(const char *name)
{
	return strlen(name) == 36 && name[8] == '-';
}

static int see_pool(void *ctx, const char *name)
{
	struct pool *w = ctx;
	char path[64];

	if (!is_uuid(name) || w->n_devices)
		return 0;
	w->n_pools++;
	w->uuid = name;
	snprintf(path, sizeof(path), "%.36s/devices", name);
	w->found = !w->by_source;
	if (w->by_source)
		storage_each_entry(w->dirfd, path, POOL_DEVICES_MAX,
				   match_device, w);
	if (!w->found)
		return 0;
	read_redundancy(w);
	storage_each_entry(w->dirfd, path, POOL_DEVICES_MAX, emit_device, w);
	return 0;
}

static int count_pool(void *ctx, const char *name)
{
	struct pool *w = ctx;

	w->n_pools += is_uuid(name);
	return 0;
}

static void btrfs(struct storage *s, const struct mounts_fs *fs)
{
	struct pool w = { .s = s, .fs = { fs->major, fs->minor } };
	_cleanup_fd_ int dirfd = -1;

	dirfd = openat(s->p->root_fd, "sys/fs/btrfs",
		       O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	w.dirfd = dirfd;
	if (dirfd >= 0) {
		storage_each_entry(dirfd, ".", POOLS_MAX, count_pool, &w);
		w.by_source =
			storage_dev_of_node(s, fs->source, &w.source) == 0;
		if (w.by_source || w.n_pools == 1)
			storage_each_entry(dirfd, ".", POOLS_MAX, see_pool, &w);
	}
	if (w.n_devices == 0)
		storage_unmapped(s, w.fs, "btrfs");
}

static void bcachefs(struct storage *s, const struct mounts_fs *fs)
{
	const struct storage_dev upper = { fs->major, fs->minor };
	const char *at = fs->source;
	bool all = *at != '\0';

	while (*at) {
		size_t len = strcspn(at, ":");
		struct storage_dev lower;
		char node[HALE_PATH_MAX];

		if (hale_copy(node, sizeof(node), at, len) &&
		    storage_dev_of_node(s, node, &lower) == 0)
			storage_layer(s, upper, lower, "bcachefs", false);
		else
			all = false;
		at += len + (at[len] == ':');
	}
	if (!all)
		storage_unmapped(s, upper, "bcachefs");
}

void storage_pool(struct storage *s, const struct mounts_fs *fs)
{
	if (strcmp(fs->type, "btrfs") == 0)
		btrfs(s, fs);
	else
		bcachefs(s, fs);
}
