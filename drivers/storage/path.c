/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds the filesystem that a name lies on: a loop's backing file, a layer of
 * an overlay, a swap file. The kernel holds these files open, so a lookup that
 * is kept to its caches nearly always succeeds. Where it does not, a server is
 * never asked; a local disk is, under the deadline of our process.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "../cached.h"
#include "storage.h"

static int open_blocking(int root_fd, const char *path)
{
	int fd = openat(root_fd, path, O_PATH | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static void set_dev(struct storage_dev *dev, const struct mounts_fs *fs)
{
	dev->major = fs->major;
	dev->minor = fs->minor;
}

/* By mount id: a btrfs subvolume's st_dev is not its superblock's. */
static int dev_of_fd(const struct storage *s, int fd, const char *path,
		     struct storage_dev *ret_dev)
{
	const struct mounts_fs *fs = NULL;
	struct statx st;

	if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC,
		  STATX_TYPE | STATX_MNT_ID, &st) < 0)
		return -errno;
	if (S_ISBLK(st.stx_mode)) {
		ret_dev->major = st.stx_rdev_major;
		ret_dev->minor = st.stx_rdev_minor;
		return 0;
	}
	if (st.stx_mask & STATX_MNT_ID)
		fs = mounts_by_id(s->mounts, st.stx_mnt_id);
	if (!fs)
		fs = mounts_by_device(s->mounts, st.stx_dev_major,
				      st.stx_dev_minor);
	if (!fs)
		fs = mounts_by_path(s->mounts, path);
	if (!fs)
		return -ENOENT;
	set_dev(ret_dev, fs);
	return 0;
}

static int open_path(const struct storage *s, const char *path)
{
	const char *below = path[1] ? path + 1 : ".";
	const struct mounts_fs *fs;
	int fd = cached_open(s->p->root_fd, below, O_PATH, 0);

	if (fd != -EAGAIN && fd != -ENOSYS && fd != -EINVAL && fd != -EPERM)
		return fd;
	fs = mounts_by_path(s->mounts, path);
	if (fs && (fs->class == HALE_FSTYPE_REMOTE ||
		   fs->class == HALE_FSTYPE_OPAQUE))
		return -EAGAIN;
	return open_blocking(s->p->root_fd, below);
}

static int by_name(const struct storage *s, const char *path,
		   struct storage_dev *ret_dev)
{
	const struct mounts_fs *fs = mounts_by_path(s->mounts, path);

	if (!fs)
		return -ENOENT;
	set_dev(ret_dev, fs);
	return 0;
}

/* Does the kernel say that the file of this name is removed? */
static bool deleted(const char *path)
{
	static const char mark[] = " (deleted)";
	size_t len = strlen(path), mark_len = sizeof(mark) - 1;

	return len > mark_len && strcmp(path + len - mark_len, mark) == 0;
}

int storage_path_fs(const struct storage *s, const char *path,
		    struct storage_dev *ret_dev)
{
	int fd, r;

	if (path[0] != '/')
		return -EINVAL;
	fd = open_path(s, path);
	if (fd == -EAGAIN || (fd == -ENOENT && deleted(path)))
		return by_name(s, path, ret_dev);
	if (fd < 0)
		return fd;
	r = dev_of_fd(s, fd, path, ret_dev);
	close(fd);
	return r;
}
