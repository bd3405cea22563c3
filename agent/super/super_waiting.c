/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one ship leaves the next: a file that only memory holds, in the run
 * folder where that is a tmpfs, so that a supervisor after this one finds it,
 * too. Decides whether what is there is ours. Must never read it: who wrote it
 * reads builds of strangers. Invariant: its size is SUCCESSOR_BYTES whenever a
 * ship is started.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "hale/base.h"

#include "agent/daemon/log.h"
#include "agent/sandbox/successor.h"
#include "agent/super/super.h"

#define NAME "waiting"

static bool in_memory(int dir_fd)
{
	struct statfs fs;

	return fstatfs(dir_fd, &fs) == 0 &&
	       (fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC);
}

/* What an earlier supervisor left; nobody but us can have made it. */
static int open_left(int run_fd)
{
	int fd = openat(run_fd, NAME,
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

static int open_in(int run_fd)
{
	int fd = open_left(run_fd);

	if (fd >= 0)
		return fd;
	unlinkat(run_fd, NAME, 0);
	fd = openat(run_fd, NAME,
		    O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	return fd < 0 ? -errno : fd;
}

void super_open_waiting(struct super *s)
{
	int fd = in_memory(s->run_fd) ? open_in(s->run_fd) : -ENOTSUP;

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

void super_close_waiting(struct super *s)
{
	struct stat st;

	if (s->waiting_fd < 0)
		return;
	if (fstat(s->waiting_fd, &st) == 0 && st.st_blocks == 0)
		unlinkat(s->run_fd, NAME, 0);
	close(s->waiting_fd);
	s->waiting_fd = -1;
}
