/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lookups that are kept to the kernel's caches. Decides nothing but how often
 * to ask; must never touch a disk.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cached.h"

/* A rename elsewhere fails one cached lookup; three in a row are no accident.
 */
enum {
	TRIES = 3
};

int cached_open(int root_fd, const char *path, int flags,
		unsigned long long resolve)
{
	struct open_how how = { .flags = (unsigned int)flags | O_CLOEXEC,
				.resolve = RESOLVE_CACHED | resolve };
	long fd = -1;

	for (int i = 0; i < TRIES && fd < 0; i++) {
		fd = syscall(SYS_openat2, root_fd, path, &how, sizeof(how));
		if (fd < 0 && errno != EAGAIN)
			break;
	}
	return fd < 0 ? -errno : (int)fd;
}
