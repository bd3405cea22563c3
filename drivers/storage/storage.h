/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DRIVERS_STORAGE_H
#define DRIVERS_STORAGE_H

/* Private to the driver storage: what its rooms hand each other. */

#include "hale/base.h"
#include "hale/driver.h"

#include "../mounts.h"

/* Block devices in one pass: 1000 LUNs over 4 paths would still fit. */
#define STORAGE_BLOCKS_MAX 8192
#define STORAGE_SLAVES_MAX 256	/* md's own limit is below 400 */
#define STORAGE_PATH_MAX   2048 /* longer names of files lead nowhere */

struct storage_dev {
	uint32_t major, minor;
};

/* One pass. */
struct storage {
	struct hale_probe *p;
	struct mounts *mounts;
	int block_fd;	    /* sys/class/block */
	int dm_fd;	    /* dev/mapper/control, or -1 */
	bool udevd;	    /* its database is kept up to date */
	char lost_swap[64]; /* a swap file that is not in this namespace */
};

/* What sysfs says of one block device. */
struct storage_block {
	struct storage_dev dev;
	enum hale_block_kind kind;
	bool partition;
	char name[HALE_NAME_MAX];
	char parent[HALE_NAME_MAX];  /* of a partition: its disk */
	char devpath[HALE_PATH_MAX]; /* "/devices/…", or "" */
};

/* number.c: return what follows the number, or NULL where there is none */
const char *storage_parse_count(const char *text, uint32_t *ret_count);
/* "8:16" */
const char *storage_parse_dev(const char *text, struct storage_dev *ret_dev);

/* block.c */
int storage_attr(const struct storage *s, const char *name, const char *attr,
		 char *buf, size_t size);
int storage_number(const struct storage *s, const char *name, const char *attr,
		   struct storage_dev *ret_dev);
int storage_block_read(const struct storage *s, const char *name,
		       struct storage_block *ret_block);
/* Calls @see for each entry of a directory; not "." and "..". Returns how
 * many, or negative errno. */
int storage_each_entry(int dirfd, const char *path, unsigned int max,
		       int (*see)(void *ctx, const char *name), void *ctx);
/* Of "/dev/sda2", "/dev/mapper/x": by sysfs, else by stat(2). */
int storage_dev_of_node(const struct storage *s, const char *path,
			struct storage_dev *ret_dev);

/* identity.c */
void storage_identify(const struct storage *s, const struct storage_block *b,
		      struct hale_device *device);
/* Must the device itself be asked for its serial number? Then it may hang. */
bool storage_identity_hangs(const struct storage *s,
			    const struct storage_block *b);

/* birth.c: agent time at which a disk appeared; 0: with the boot, or unknown */
uint64_t storage_birth(const struct storage *s, const struct storage_block *b);
/* The same out of the birth times of its node and of /dev/null, wall clock. */
uint64_t storage_birth_ns(int64_t node_ns, int64_t null_ns,
			  const struct hale_probe *p);

/* layers.c: emit what stands below */
void storage_layer(const struct storage *s, struct storage_dev upper,
		   struct storage_dev lower, const char *via, bool redundant);
void storage_unmapped(const struct storage *s, struct storage_dev upper,
		      const char *via);
void storage_block_layers(struct storage *s, const struct storage_block *b);

/* path.c */
/**
 * storage_path_fs() - which filesystem, or block device, a name leads to
 * @path: absolute. A trailing " (deleted)", as d_path() puts it to the names
 *        of removed files, leads to where the file was.
 *
 * Takes what is in the kernel's caches where that suffices, and asks no server.
 * Return: 0, or negative errno.
 */
int storage_path_fs(const struct storage *s, const char *path,
		    struct storage_dev *ret_dev);

/* overlay.c, pool.c: overlay, btrfs and other filesystems that name what they
 * stand on */
void storage_overlay(struct storage *s, const struct mounts_fs *fs);
void storage_pool(struct storage *s, const struct mounts_fs *fs);

/* map.c */
void storage_emit_map(struct storage *s);

#endif
