/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DRIVERS_ARRAY_ARRAY_H
#define DRIVERS_ARRAY_ARRAY_H

/* Private to the driver array: what its rooms hand each other. */

#include "hale/base.h"
#include "hale/driver.h"

#include "../dm_ioctl.h"
#include "../dm_status.h"

enum {
	ARRAY_BLOCKS_MAX = 8192, /* as the storage map */
	ARRAY_MEMBERS_MAX = 256,
	ARRAY_POOLS_MAX = 64, /* thin pools of one host */
};

/* What thin volumes that are in use may still ask their pool for. */
struct array_promise {
	uint32_t major, minor; /* of the pool */
	uint64_t sectors;
	uint64_t mapped; /* sectors that they have got, shared ones for each */
};

/* One pass. */
struct array {
	struct hale_probe *p;
	int block_fd; /* sys/class/block */
	int dm_fd;    /* dev/mapper/control, or -1 */
	unsigned int warn_percent;
	unsigned int n_dm, n_blind_dm; /* devices; those that did not answer */
	struct array_promise promises[ARRAY_POOLS_MAX];
	unsigned int n_promises;
	bool promises_whole; /* all of them are known */
	struct dm_answer status, table;
};

/* A redundant thing and what it lacks. */
struct array_state {
	enum hale_ref ref;
	char part[HALE_PART_MAX]; /* named in the way @ref says */
	char name[96];		  /* for people: "vg/root", "md0" */
	char level[HALE_NAME_MAX];
	uint32_t members, lost;
	bool failed;
	char lacks[160]; /* "sdb1 faulty"; "" where nobody can name them */
	char sync[64];	 /* "recovery 12 %", or "" */
};

/* say.c: states array.failed and array.degraded, held or not. */
void array_say(struct array *a, const struct array_state *s);
void array_say_condition(struct array *a, enum hale_ref ref, const char *part,
			 enum hale_condition condition, const char *evidence);
/* Adds "who what" to a list, with a comma before it where it is not first. */
void array_list(char *list, size_t size, const char *who, const char *what);
/* "11.5 GiB" */
void array_print_size(char *text, size_t size, uint64_t bytes);
/* Turns to a part that may not answer; false: it has not for long, leave it. */
bool array_turn_to(struct array *a, const char *name);

/* sysfs.c */
int array_attr(const struct array *a, const char *name, const char *attr,
	       char *buf, size_t size);
bool array_count(const struct array *a, const char *name, const char *attr,
		 uint64_t *ret_count);
/* Calls @see for each entry of a folder, but "." and "..". How many, or
 * negative errno. */
int array_each(int dirfd, const char *path, unsigned int max,
	       void (*see)(void *ctx, const char *name), void *ctx);
/* The block name of "8:16", or that itself. */
void array_block_name(const struct array *a, const char *dev, char *name,
		      size_t size);

/* md.c */
void array_md(struct array *a, const char *name);

/* dm.c: what pools have promised, before any is judged; then each device. */
void array_dm_promises(struct array *a, const char *name);
void array_dm(struct array *a, const char *name);
/* "vg--a-root" of LVM to "vg-a/root"; other names as they are. */
void array_dm_print_name(const char *uuid, const char *name, char *text,
			 size_t size);

/* pool.c: pure. What a pool's numbers mean. */
struct array_pool {
	struct dm_pool state;
	uint64_t block_bytes;
	uint64_t promised_bytes; /* that volumes may still ask for */
	uint64_t mapped_bytes;	 /* that they have got, each for itself */
	bool promised_known;
	unsigned int warn_percent;
	char name[96];
};
struct array_pool_judgment {
	/* each "" where it does not hold */
	char failed[HALE_EVIDENCE_MAX];
	char full[HALE_EVIDENCE_MAX];
	char low[HALE_EVIDENCE_MAX];
};
void array_pool_judge(const struct array_pool *pool,
		      struct array_pool_judgment *ret);

/* btrfs.c, zfs.c: arrays that are filesystems */
void array_btrfs(struct array *a);
void array_zfs(struct array *a);

#endif
