/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_LIB_MOUNTINFO_H
#define HALE_LIB_MOUNTINFO_H

/* /proc/<pid>/mountinfo line by line, never in memory as a whole. */

#include "hale/mountinfo.h"

#define MOUNTINFO_BUFFER    16384 /* longest line; overlay's may be longer */
#define MOUNTINFO_BYTES_MAX (8u << 20) /* 80,000 mounts: then we stop */

/**
 * mountinfo_read() - give every mount to @visit until that returns false
 * @buf: MOUNTINFO_BUFFER bytes of scratch memory. Allocates nothing, so that
 *       a forked child may call it. Malformed lines are skipped, overlong
 *       ones lose their last options.
 *
 * Return: 0, or negative errno of read(2); -EFBIG past MOUNTINFO_BYTES_MAX.
 */
int mountinfo_read(int fd, char *buf,
		   bool (*visit)(void *ctx, const struct hale_mountinfo *m),
		   void *ctx);

#endif
