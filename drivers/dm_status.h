/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DRIVERS_DM_STATUS_H
#define DRIVERS_DM_STATUS_H

/*
 * Status lines of device-mapper's targets (Documentation/admin-guide/
 * device-mapper: dm-raid, thin-provisioning; drivers/md/dm-raid1.c, dm-mpath.c,
 * dm-vdo-target.c) to numbers. Pure; shared by drivers. Each returns false, and
 * leaves its result alone, where it does not understand the line.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DM_LEGS_MAX 64

/* A target that has several legs. */
struct dm_legs {
	uint32_t n, lost;
	uint32_t bears;	    /* how many it surely can do without */
	uint64_t dead;	    /* 1 << leg */
	uint64_t done, all; /* sectors in sync; all 0: not told */
	char level[32];	    /* "raid1", "mirror", "multipath" */
};

bool dm_status_raid(const char *status, struct dm_legs *ret_legs);
bool dm_status_mirror(const char *status, struct dm_legs *ret_legs);
/* Of a path, @ret_legs->dead tells whether it has failed; @see, which may be
 * NULL, gets each as "8:16". */
bool dm_status_multipath(const char *status,
			 void (*see)(void *ctx, const char *dev, bool failed),
			 void *ctx, struct dm_legs *ret_legs);

enum dm_pool_mode {
	DM_POOL_WRITE = 0,
	DM_POOL_NO_SPACE, /* out of data space: writes wait or fail */
	DM_POOL_READ_ONLY,
	DM_POOL_FAILED,
};

/* A pool that gives out blocks of itself on demand. */
struct dm_pool {
	enum dm_pool_mode mode;
	bool needs_check;
	uint64_t used, total;		/* blocks of data */
	uint64_t meta_used, meta_total; /* blocks; total 0: none told */
};

bool dm_status_thin_pool(const char *status, struct dm_pool *ret_pool);
bool dm_status_vdo(const char *status, struct dm_pool *ret_pool);

/* The table line of a pool: bytes of a block. Of a thin volume: its pool. */
bool dm_table_thin_pool(const char *table, uint64_t *ret_block_bytes);
bool dm_table_thin(const char *table, uint32_t *ret_major, uint32_t *ret_minor);
/* The @nth data device of a raid's table, "8:16"; false: it has none. */
bool dm_table_raid_leg(const char *table, uint32_t nth, char *ret_dev,
		       size_t size);
/* The device that holds that leg's metadata. */
bool dm_table_raid_metadata(const char *table, uint32_t nth, char *ret_dev,
			    size_t size);

/* Sectors that a thin volume has got; false: none told ("-", "Fail"). */
bool dm_status_thin(const char *status, uint64_t *ret_sectors);

/* "8:16" with a blank or nothing behind it. */
bool dm_number(const char *word, uint32_t *ret_major, uint32_t *ret_minor);

#endif
