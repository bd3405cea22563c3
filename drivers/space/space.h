/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DRIVERS_SPACE_H
#define DRIVERS_SPACE_H

/* Private to the driver space: what its rooms hand each other. */

#include "hale/base.h"
#include "hale/driver.h"

#include "../mounts.h"

struct space_state {
	int lock_fd; /* one byte a remote filesystem: see remote.c */
};

/* What a filesystem answered. Fixed size: it also crosses a pipe. */
struct space_answer {
	int32_t error; /* 0, or errno: the numbers are not there */
	uint64_t avail_bytes, total_bytes; /* total 0: it has no such limit */
	uint64_t free_inodes, total_inodes;
};

/* One pass. */
struct space {
	struct hale_probe *p;
	const struct mounts *mounts;
};

/**
 * space_ask() - statvfs of a filesystem, by the first of its mount points that
 *               is not hidden under another mount; may block
 *
 * The answer's error is ENOENT where it has none that can be reached.
 */
void space_ask(const struct space *sp, const struct mounts_fs *fs,
	       struct space_answer *ret_answer);

/* Says what was answered: measures, or why there are none. */
void space_say(const struct space *sp, const struct mounts_fs *fs,
	       const struct space_answer *answer);

/* Says @condition of a filesystem; @evidence is cut where it is long. */
void space_state(const struct space *sp, const struct mounts_fs *fs,
		 enum hale_condition condition, bool holds,
		 const char *evidence);

/* Says what the kernel keeps about a filesystem: read-only, damaged. Asks no
 * filesystem. */
void space_say_kept(const struct space *sp, const struct mounts_fs *fs);

/* Asks servers, each in a process of its own; returns after all have answered
 * or @ms have passed. Those that have not are said to hang. */
void space_ask_remote(const struct space *sp, int ms);

/* Is it one that only another process may be sent to ask? */
bool space_is_remote(const struct mounts_fs *fs);
/* Could a build ever write to it? */
bool space_matters(const struct mounts_fs *fs);
/* And is it not read-only by someone's choice? Then its room is worth asking */
bool space_has_room(const struct mounts_fs *fs);

#endif
