/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_LIB_LOOKUP_H
#define HALE_LIB_LOOKUP_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#define LOOKUP_NAME_MAX PATH_MAX /* the kernel takes no longer ones */

/**
 * lookup_nearest() - an O_PATH file of the nearest ancestor that exists
 * @cached: from the kernel's caches only; else it may hang.
 * @buf: LOOKUP_NAME_MAX bytes of scratch memory.
 *
 * Return: a file for the caller to close, or negative errno; -EAGAIN (and
 * before Linux 5.12 -ENOSYS, -EINVAL or, in some containers, -EPERM): the
 * caches do not know; -ENOENT: a symbolic link on the way leads nowhere.
 */
int lookup_nearest(const char *name, bool cached, char *buf);

struct lookup_id {
	uint64_t unique; /* never used again; 0 before Linux 6.8 */
	uint32_t id;	 /* as in mountinfo; 0 where @unique is set */
};

/**
 * lookup_mount() - the number of this file's mount
 * @unique: the unique one, where the kernel has such. Else that of mountinfo.
 * @by_statx: ask statx(2) (Linux 5.8) and not just fdinfo in /proc.
 *
 * Return: 0 or negative errno.
 */
int lookup_mount(int fd, bool unique, bool by_statx, struct lookup_id *ret_id);

#endif
