/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_FS_TYPE_H
#define HALE_FS_TYPE_H

/*
 * What the name of a filesystem's type says about it: one table for drivers,
 * core and libhale alike (agent/core/fs_type.c). @type is as in mountinfo, so
 * with a subtype: "fuse.sshfs".
 */

#include <stdbool.h>
#include <stdint.h>

/* What a filesystem stands on. */
enum hale_fs_class {
	HALE_FSTYPE_BLOCK = 0, /* its superblock's device is a block device */
	HALE_FSTYPE_MEMORY,    /* tmpfs and its kin: no disk */
	HALE_FSTYPE_PSEUDO,    /* the kernel talking: no storage at all */
	HALE_FSTYPE_REMOTE,    /* a server or a hypervisor: may hang */
	HALE_FSTYPE_OVERLAY,   /* stands on other mounted filesystems */
	HALE_FSTYPE_POOL,      /* names its block devices by itself: btrfs */
	HALE_FSTYPE_OPAQUE,    /* has storage, and does not say where */
};

/* @major: of the superblock's device; 0 is an anonymous one. */
enum hale_fs_class hale_fs_class(const char *type, uint32_t major);

/* No disk of this host lies beneath: in memory, the kernel's, or remote. */
bool hale_fs_diskless(const char *type);

/* An image: full, and never written, by its nature. */
bool hale_fs_image(const char *type);

/* How statfs(2) answers, and so who may ask it. */
enum hale_fs_statfs {
	HALE_STATFS_WAITS = 0, /* perhaps on a disk */
	HALE_STATFS_QUICK,     /* adds counters up in memory */
	HALE_STATFS_HANGS,     /* perhaps when another host or process does */
	HALE_STATFS_NEVER,     /* asking is an act: autofs mounts something */
};

enum hale_fs_statfs hale_fs_statfs(const char *type);

#endif
