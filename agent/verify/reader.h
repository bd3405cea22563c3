/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_VERIFY_READER_H
#define HALE_VERIFY_READER_H

/*
 * Reads a disk in a child, because a read may never return: then the child is
 * left behind, and its silence is the finding. The device is opened read-only
 * and past the page cache (O_RDONLY, O_DIRECT); nothing is ever written to it.
 */

#include "plan.h"
#include "verify.h"

/* Of one read: the kernel's own timeout (30 s) and a few resets. */
#define READER_SILENCE_MS 90000
/* Bad blocks of one piece after which the rest of it is passed over. */
#define READER_BAD_MOST 64
/* Of all of it, after which it is known well enough: it ends with EUCLEAN. */
#define READER_BAD_ALL 2048

/* The device itself. */
struct reader_device {
	char name[HALE_NAME_MAX]; /* "sde" */
	uint32_t major, minor;
};

struct reader_job {
	struct reader_device device;
	const struct hale_failing *failing; /* may be NULL */
	uint64_t sample;
	bool full;
};

struct reader_seen {
	uint64_t size, bytes;	      /* of the disk; read well */
	uint64_t failed, failed_good; /* blocks that had failed */
	uint64_t n_bad;		      /* blocks that cannot be read */
	uint32_t n_ranges;	      /* of them, as far as listed */
	struct hale_sector_range bad[VERIFY_BAD_MAX];
	uint64_t stalled_at;		 /* byte */
	uint32_t block;			 /* logical, bytes */
	bool all, full, stalled, listed; /* listed: those that had failed */
	int error;			 /* cannot be opened, or it is gone */
};

/* 0, -EINTR, -ETIME: see verify_wait(); @ret_seen is set in any case. */
int reader_run(struct verify *v, const struct reader_job *job,
	       struct reader_seen *ret_seen);

/* Opens /dev's node of a device, whatever it is called there. */
int reader_open(const struct reader_device *d, int flags);

#endif
