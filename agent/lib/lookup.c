/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One path to one open file and the number of its mount. In cached mode the
 * kernel walks names that it has in memory and says EAGAIN at the first one
 * that it would have to ask a filesystem for; that is the only mode in which
 * the calling process may come here. Only signal-safe functions are used.
 */
#include "lookup.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "hale/base.h"

#ifndef STATX_MNT_ID_UNIQUE
#define STATX_MNT_ID_UNIQUE 0x4000u /* Linux 6.8 */
#endif

static int open_as(const char *name, bool cached, uint64_t flags)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC | flags,
		.resolve = RESOLVE_CACHED,
	};
	long fd;

	if (cached)
		fd = syscall(SYS_openat2, AT_FDCWD, name, &how, sizeof(how));
	else
		fd = openat(AT_FDCWD, name, (int)how.flags);
	return fd < 0 ? -errno : (int)fd;
}

/* Cuts the last component off; false where nothing is left to cut. */
static bool to_parent(char *name)
{
	size_t len = strlen(name);

	while (len > 1 && name[len - 1] == '/')
		len--;
	while (len > 0 && name[len - 1] != '/')
		len--;
	if (len == 0 && strcmp(name, ".") == 0)
		return false;
	if (len == 0) {
		memcpy(name, ".", sizeof("."));
		return true;
	}
	if (len == 1)
		len = name[1] == '\0' ? 0 : 2;
	name[len - (len > 0)] = '\0';
	return len > 0;
}

int lookup_nearest(const char *name, bool cached, char *buf)
{
	if (!hale_copy(buf, LOOKUP_NAME_MAX, name, LOOKUP_NAME_MAX))
		return -ENAMETOOLONG;
	for (;;) {
		int fd = open_as(buf, cached, 0), link;

		if (fd != -ENOENT && fd != -ENOTDIR)
			return fd;
		/* A link that leads nowhere: builds would go who knows where.
		 */
		link = open_as(buf, cached, O_NOFOLLOW);
		if (link == -EAGAIN)
			return link;
		if (link >= 0) {
			close(link);
			return -ENOENT;
		}
		if (!to_parent(buf))
			return fd;
	}
}

static int id_by_statx(int fd, unsigned int mask, uint64_t *ret_id)
{
	struct statx st;

	if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT,
		  mask, &st) < 0)
		return -errno;
	if (!(st.stx_mask & mask))
		return -EOPNOTSUPP;
	*ret_id = st.stx_mnt_id;
	return 0;
}

static int id_by_fdinfo(int fd, uint32_t *ret_id)
{
	char path[40], text[256], *at;
	_cleanup_fd_ int info = -1;
	ssize_t n;

	/* snprintf is no signal-safe function, but glibc's is for integers. */
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	info = open(path, O_RDONLY | O_CLOEXEC);
	if (info < 0)
		return -errno;
	n = read(info, text, sizeof(text) - 1);
	if (n < 0)
		return -errno;
	text[n] = '\0';
	at = strstr(text, "mnt_id:");
	if (!at)
		return -EOPNOTSUPP;
	*ret_id = (uint32_t)strtoul(at + strlen("mnt_id:"), NULL, 10);
	return 0;
}

int lookup_mount(int fd, bool unique, bool by_statx, struct lookup_id *ret_id)
{
	struct lookup_id id = { .id = 0 };
	uint64_t wide = 0;

	if (unique && by_statx &&
	    id_by_statx(fd, STATX_MNT_ID_UNIQUE, &id.unique) == 0) {
		*ret_id = id;
		return 0;
	}
	if (by_statx && id_by_statx(fd, STATX_MNT_ID, &wide) == 0) {
		ret_id->unique = 0;
		ret_id->id = (uint32_t)wide;
		return 0;
	}
	ret_id->unique = 0;
	return id_by_fdinfo(fd, &ret_id->id);
}
