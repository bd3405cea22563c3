/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DRIVERS_CACHED_H
#define DRIVERS_CACHED_H

/*
 * Shared by drivers: names looked up in the kernel's caches and nowhere else,
 * so that a disk or a server that hangs does not hang who asks (openat2(2),
 * RESOLVE_CACHED, since Linux 5.12).
 */

/**
 * cached_open() - opens a name without a look at any disk
 * @flags: of open(2), O_CLOEXEC is added: O_PATH, with O_NOFOLLOW perhaps.
 * @resolve: RESOLVE_* besides, of openat2(2).
 *
 * Return: a descriptor; -EAGAIN: it would have to look; -ENOSYS, -EINVAL or
 * -EPERM: this kernel, or who confined us, does not have it; negative errno.
 */
int cached_open(int root_fd, const char *path, int flags,
		unsigned long long resolve);

#endif
