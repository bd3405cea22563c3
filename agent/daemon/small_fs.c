/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes and mounts a filesystem that memory holds. Decides what counts as one
 * that an earlier haled left: a tmpfs or ramfs that is not the run directory's
 * own. Must never follow a link, nor take away another kind. Invariant: what is
 * put in place was whole before it had a name.
 */
#include "agent/daemon/small_fs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "hale/base.h"

/* One that was killed leaves a mount; more than a few were never ours. */
#define LAYERS_MAX 8

int small_fs_set(int fs, const char *key, const char *value)
{
	return fsconfig(fs, value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG,
			key, value, 0) < 0
		       ? -errno
		       : 0;
}

int small_fs_create(int fs)
{
	return fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0 ? -errno
								    : 0;
}

int small_fs_new(const struct small_fs *what)
{
	int fs = fsopen("tmpfs", FSOPEN_CLOEXEC);
	int r = fs < 0 ? -errno : 0;

	if (r == 0 && what->stays)
		r = small_fs_set(fs, "noswap", NULL);
	if (r == 0)
		r = small_fs_set(fs, "size", what->size);
	if (r == 0)
		r = small_fs_set(fs, "nr_inodes", what->inodes);
	if (r == 0)
		r = small_fs_set(fs, "mode", what->mode);
	if (r == 0)
		r = small_fs_create(fs);
	if (r == 0)
		return fs;
	if (fs >= 0)
		close(fs);
	return r;
}

bool small_fs_holds(int dir_fd)
{
	struct statfs fs;

	return fstatfs(dir_fd, &fs) == 0 &&
	       (fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC);
}

static int open_place(int run_fd, const char *name)
{
	int fd = openat(run_fd, name,
			O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int small_fs_is_there(int run_fd, const char *name)
{
	_cleanup_fd_ int fd = open_place(run_fd, name);
	struct stat run, place;
	struct statfs fs;

	if (fd < 0)
		return fd;
	if (fstat(run_fd, &run) < 0 || fstat(fd, &place) < 0 ||
	    fstatfs(fd, &fs) < 0)
		return -errno;
	if (run.st_dev == place.st_dev)
		return 0;
	return fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC ? 1
								    : -EBUSY;
}

int small_fs_take_away(int run_fd, const char *name)
{
	char path[64];
	int r = small_fs_is_there(run_fd, name);

	snprintf(path, sizeof(path), "/proc/self/fd/%d/%.32s", run_fd, name);
	for (int i = 0; r == 1 && i < LAYERS_MAX; i++) {
		if (umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) < 0)
			return -errno;
		r = small_fs_is_there(run_fd, name);
	}
	return r == 1 ? -EBUSY : r;
}

int small_fs_put(int run_fd, const char *name, int mount)
{
	_cleanup_fd_ int place = open_place(run_fd, name);

	if (place < 0)
		return place;
	return move_mount(mount, "", place, "",
			  MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0
		       ? -errno
		       : 0;
}
