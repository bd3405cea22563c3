/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DRIVERS_MOUNTS_H
#define DRIVERS_MOUNTS_H

/*
 * The mounts of this namespace, folded: one entry a superblock, however often
 * it is bind-mounted. Shared by the drivers storage and space, which build it
 * in their child, use it and throw it away.
 */

#include "hale/base.h"
#include "hale/fact.h"
#include "hale/fs_type.h"

#define MOUNTS_FS_MAX	4096  /* superblocks: 1000 containers have 3000 */
#define MOUNTS_MAX	32768 /* mounts; the kernel's own limit is 100000 */
#define MOUNTS_TEXT_MAX (8u << 20) /* all their names and overlay options */

struct mounts_fs {
	uint32_t major, minor;
	enum hale_fs_class class;
	bool super_ro;
	bool emergency_ro; /* ext4 of 6.15 and later: read-only after an
			    * error, without the superblock's flag */
	bool shut_down;
	bool some_rw;	/* some mount of it has its own flag at rw */
	bool whole_ro;	/* a mount of its root, or @mount, is ro by itself */
	bool whole;	/* @mount is of its root, not of a directory in it */
	bool cut;	/* @options lost its end */
	uint32_t mount; /* index of the mount to name it by */
	char type[HALE_NAME_MAX];
	const char *source;
	const char *options; /* raw; "" unless stacked */
};

struct mounts_row {
	uint32_t id;
	uint32_t fs;   /* index */
	uint32_t next; /* index + 1 of the next mount of this fs; 0: none */
	const char *path;
};

struct mounts {
	uint32_t n_fs, n_rows;
	uint32_t n_bad;	 /* lines that did not parse */
	uint32_t n_lost; /* mounts that did not fit */
	size_t text_used;
	char *text;
	struct mounts_fs fs[MOUNTS_FS_MAX];
	struct mounts_row rows[MOUNTS_MAX];
	uint16_t by_dev[2 * MOUNTS_FS_MAX]; /* hash: index of fs + 1 */
};

/**
 * mounts_new() - read the mounts of this process's namespace
 * @root_fd: "/"; proc/self/mountinfo below it is read.
 *
 * Return: 0, -ENOMEM, or what reading it said.
 */
int mounts_new(int root_fd, struct mounts **ret_mounts);
struct mounts *mounts_free(struct mounts *m);

/* NULL where no such superblock is mounted. */
const struct mounts_fs *mounts_by_device(const struct mounts *m, uint32_t major,
					 uint32_t minor);
const struct mounts_fs *mounts_by_id(const struct mounts *m, uint64_t id);

/**
 * mounts_by_path() - by name alone, without touching any filesystem
 * @path: absolute, free of symbolic links.
 *
 * Return: the filesystem whose mount point is the longest beginning of @path.
 */
const struct mounts_fs *mounts_by_path(const struct mounts *m,
				       const char *path);

/* Made read-only by the kernel, not by whoever mounted it? */
bool mounts_forced_ro(const struct mounts_fs *fs);

#endif
