/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one ship leaves the next: a file that only memory holds, below the run
 * folder where that is a tmpfs, so that a supervisor after this one finds it,
 * too. Decides whether what is there is ours, and how much of it there may be:
 * nothing seals such a file, so it has a filesystem to itself that holds
 * SUCCESSOR_BYTES and no more. Must never read it: who wrote it reads builds of
 * strangers. Invariant: its size is SUCCESSOR_BYTES whenever a ship is started.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "hale/base.h"

#include "agent/daemon/log.h"
#include "agent/daemon/small_fs.h"
#include "agent/sandbox/successor.h"
#include "agent/super/super.h"

#define DIR_NAME "waiting"
#define NAME	 "records"
/* The folder itself, and the file. */
#define INODES "2"

static int open_dir(int run_fd)
{
	int fd = openat(run_fd, DIR_NAME,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* What an earlier supervisor left; nobody but us can have made it. */
static int open_left(int dir_fd)
{
	int fd = openat(dir_fd, NAME,
			O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_uid == geteuid() && st.st_nlink == 1 &&
	    (st.st_mode & (S_IRWXG | S_IRWXO)) == 0)
		return fd;
	close(fd);
	return -EPERM;
}

static int open_file(int dir_fd)
{
	int fd = open_left(dir_fd);

	if (fd >= 0)
		return fd;
	unlinkat(dir_fd, NAME, 0);
	fd = openat(dir_fd, NAME,
		    O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	return fd < 0 ? -errno : fd;
}

/* 0, or negative errno where this is not to be had: not root, or a container
 * that may not mount. */
static int mount_own(int run_fd)
{
	char size[24];
	const struct small_fs what = { .size = size,
				       .inodes = INODES,
				       .mode = "0700" };
	_cleanup_fd_ int fs = -1;
	_cleanup_fd_ int mount = -1;

	snprintf(size, sizeof(size), "%d", SUCCESSOR_BYTES);
	fs = small_fs_new(&what);
	if (fs < 0)
		return fs;
	mount = fsmount(fs, FSMOUNT_CLOEXEC,
			MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
				MOUNT_ATTR_NOEXEC);
	return mount < 0 ? -errno : small_fs_put(run_fd, DIR_NAME, mount);
}

/* Where none can be mounted, the folder is the run folder's. */
static int open_below(int run_fd)
{
	_cleanup_fd_ int dir = -1;
	int there;

	if (mkdirat(run_fd, DIR_NAME, 0700) < 0 && errno != EEXIST)
		return -errno;
	there = small_fs_is_there(run_fd, DIR_NAME);
	if (there < 0)
		return there;
	if (there == 0)
		mount_own(run_fd);
	dir = open_dir(run_fd);
	return dir < 0 ? dir : open_file(dir);
}

void super_open_waiting(struct super *s)
{
	int fd = small_fs_holds(s->run_fd) ? open_below(s->run_fd) : -ENOTSUP;

	if (fd < 0)
		fd = memfd_create("hale-waiting", MFD_CLOEXEC);
	if (fd < 0)
		log_line(LOG_LEVEL_WARNING,
			 "nothing that waits for the history's disk will "
			 "outlive its process: %s",
			 strerror(errno));
	s->waiting_fd = fd;
}

void super_keep_waiting(const struct super *s)
{
	struct stat st;

	if (s->waiting_fd < 0 ||
	    (fstat(s->waiting_fd, &st) == 0 && st.st_size == SUCCESSOR_BYTES))
		return;
	if (ftruncate(s->waiting_fd, SUCCESSOR_BYTES) < 0)
		return; /* the next finds it wrong, and says so */
}

static void remove_all(int run_fd)
{
	_cleanup_fd_ int dir = open_dir(run_fd);

	if (dir < 0)
		return;
	unlinkat(dir, NAME, 0);
	if (small_fs_take_away(run_fd, DIR_NAME) == 0)
		unlinkat(run_fd, DIR_NAME, AT_REMOVEDIR);
}

void super_close_waiting(struct super *s)
{
	struct stat st;

	if (s->waiting_fd < 0)
		return;
	if (fstat(s->waiting_fd, &st) == 0 && st.st_blocks == 0)
		remove_all(s->run_fd);
	close(s->waiting_fd);
	s->waiting_fd = -1;
}
