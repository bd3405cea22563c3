/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command that needs no disk. Decides what kind of filesystem holds it, and
 * that it is whole before anybody can see it: the mount is filled while it has
 * no name, made read-only, and only then put in its place. Must never follow a
 * link, nor take away a filesystem that is not its own kind. Invariant: what
 * lies at RUN/bin is a whole copy, or nothing is mounted there.
 */
#include "agent/daemon/rescue.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "hale/base.h"

#define RESCUE_NAME "hale"
/* Known to agent/cli/cli.c; not "libexec", where it looks before it asks. */
#define RESCUE_HELPERS "installed"
/* Stripped it is 1 MiB, with its debug information 2. */
#define RESCUE_MAX ((off_t)(8 * HALE_MIB))
/* Of a tmpfs: the bound above; inodes of a folder, a file and a link. */
#define RESCUE_SIZE   "8m"
#define RESCUE_INODES "4"
/* One that was killed leaves a mount; more than a few were never ours. */
#define LAYERS_MAX 8
#define PHDRS_MAX  32

/* --- the installed command --- */

/* DIR/sbin/haled has DIR/bin/hale; DIR/haled and DIR/tests/haled of a tree that
 * was built have DIR/hale. */
static const struct {
	const char *command, *helpers;
} beside[] = {
	{ "/../bin/hale", "/../libexec/hale" },
	{ "/hale", "/libexec" },
	{ "/../hale", "/../libexec" },
};

struct installed {
	int fd;
	off_t size;
	char *helpers; /* the folder of what it starts; NULL: not installed */
};

/* One that somebody else may write to is not made root's command. */
static bool is_ours(int fd, off_t *ret_size)
{
	struct stat st;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
	    (st.st_uid != 0 && st.st_uid != geteuid()) ||
	    (st.st_mode & (S_IWGRP | S_IWOTH)) != 0 || st.st_size > RESCUE_MAX)
		return false;
	*ret_size = st.st_size;
	return true;
}

/* A dynamic one would go to the disk for its libraries. */
static bool is_static(int fd)
{
	Elf64_Ehdr e;
	Elf64_Phdr p;

	if (pread(fd, &e, sizeof(e), 0) != (ssize_t)sizeof(e) ||
	    memcmp(e.e_ident, ELFMAG, SELFMAG) != 0 ||
	    e.e_ident[EI_CLASS] != ELFCLASS64 || e.e_phnum > PHDRS_MAX ||
	    e.e_phentsize != sizeof(p) || e.e_phoff > (Elf64_Off)RESCUE_MAX)
		return false;
	for (int i = 0; i < e.e_phnum; i++) {
		off_t at = (off_t)e.e_phoff + i * (off_t)sizeof(p);

		if (pread(fd, &p, sizeof(p), at) != (ssize_t)sizeof(p) ||
		    p.p_type == PT_INTERP)
			return false;
	}
	return true;
}

static int open_installed(struct installed *ret)
{
	char dir[1024], path[1100];
	ssize_t n = readlink("/proc/self/exe", dir, sizeof(dir) - 1);
	char *slash;

	if (n <= 0)
		return -ENOENT;
	dir[n] = '\0';
	slash = strrchr(dir, '/');
	if (!slash)
		return -ENOENT;
	*slash = '\0';
	for (size_t i = 0; i < HALE_ARRAY_SIZE(beside); i++) {
		int fd;

		snprintf(path, sizeof(path), "%s%s", dir, beside[i].command);
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		if (fd < 0)
			continue;
		ret->fd = fd;
		if (!is_ours(fd, &ret->size) || !is_static(fd))
			return -ENOEXEC;
		snprintf(path, sizeof(path), "%s%s", dir, beside[i].helpers);
		ret->helpers = realpath(path, NULL);
		return 0;
	}
	return -ENOENT;
}

/* --- a filesystem for it --- */

static int set(int fs, const char *key, const char *value)
{
	return fsconfig(fs, value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG,
			key, value, 0) < 0
		       ? -errno
		       : 0;
}

static int create(int fs)
{
	return fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0 ? -errno
								    : 0;
}

/* Linux 6.4; before that a tmpfs may be paged out. */
static int new_tmpfs(void)
{
	int fs = fsopen("tmpfs", FSOPEN_CLOEXEC);
	int r = fs < 0 ? -errno : set(fs, "noswap", NULL);

	if (r == 0)
		r = set(fs, "size", RESCUE_SIZE);
	if (r == 0)
		r = set(fs, "nr_inodes", RESCUE_INODES);
	if (r == 0)
		r = set(fs, "mode", "0755");
	if (r == 0)
		r = create(fs);
	if (r == 0)
		return fs;
	if (fs >= 0)
		close(fs);
	return r;
}

/* What goes into it is bounded here: it has no bound of its own. */
static int new_ramfs(void)
{
	int fs = fsopen("ramfs", FSOPEN_CLOEXEC);
	int r = fs < 0 ? -errno : set(fs, "mode", "0755");

	if (r == 0)
		r = create(fs);
	if (r == 0)
		return fs;
	if (fs >= 0)
		close(fs);
	return r;
}

/* The whole filesystem, whoever mounts it again. A tmpfs wants to hear again
 * that it does not swap, a ramfs does not know the word. */
static int make_read_only(int fs, bool tmpfs)
{
	int r = tmpfs ? set(fs, "noswap", NULL) : 0;

	if (r == 0)
		r = set(fs, "ro", NULL);
	if (r == 0 && fsconfig(fs, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0) < 0)
		r = -errno;
	return r;
}

static int copy(const struct installed *from, int mount)
{
	_cleanup_fd_ int to = openat(
		mount, RESCUE_NAME,
		O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0700);
	off_t done = 0;

	if (to < 0)
		return -errno;
	while (done < from->size) {
		ssize_t n = sendfile(to, from->fd, &done,
				     (size_t)(from->size - done));

		if (n <= 0) /* 0: it became shorter while it was read */
			return n < 0 ? -errno : -EIO;
	}
	/* what it starts is on the disk: `hale check` starts nothing */
	if (from->helpers &&
	    symlinkat(from->helpers, mount, RESCUE_HELPERS) < 0)
		return -errno;
	return fchmod(to, 0755) < 0 ? -errno : 0;
}

/* --- its place --- */

static int open_place(int run_fd)
{
	int fd = openat(run_fd, RESCUE_DIR,
			O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* 1: something that we might have mounted; 0: nothing; else not ours. */
static int is_mounted(int run_fd)
{
	_cleanup_fd_ int fd = open_place(run_fd);
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

static int take_away(int run_fd)
{
	char path[64];
	int r = is_mounted(run_fd);

	snprintf(path, sizeof(path), "/proc/self/fd/%d/" RESCUE_DIR, run_fd);
	for (int i = 0; r == 1 && i < LAYERS_MAX; i++) {
		if (umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) < 0)
			return -errno;
		r = is_mounted(run_fd);
	}
	return r == 1 ? -EBUSY : r;
}

static int put_in_place(int run_fd, int mount)
{
	_cleanup_fd_ int place = open_place(run_fd);

	if (place < 0)
		return place;
	return move_mount(mount, "", place, "",
			  MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0
		       ? -errno
		       : 0;
}

static int fill(int run_fd, int fs, bool tmpfs, const struct installed *from)
{
	_cleanup_fd_ int mount = fsmount(fs, FSMOUNT_CLOEXEC,
					 MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
	int r = mount < 0 ? -errno : copy(from, mount);

	if (r == 0)
		r = make_read_only(fs, tmpfs);
	return r == 0 ? put_in_place(run_fd, mount) : r;
}

int rescue_mount(int run_fd)
{
	struct installed from = { .fd = -1 };
	_cleanup_fd_ int fs = -1;
	bool tmpfs;
	int r;

	if (geteuid() != 0)
		return -EPERM;
	if (mkdirat(run_fd, RESCUE_DIR, 0755) < 0 && errno != EEXIST)
		return -errno;
	r = take_away(run_fd);
	if (r < 0)
		return r;
	r = open_installed(&from);
	fs = r < 0 ? r : new_tmpfs();
	tmpfs = fs >= 0;
	if (r == 0 && !tmpfs)
		fs = new_ramfs();
	r = fs < 0 ? fs : fill(run_fd, fs, tmpfs, &from);
	if (from.fd >= 0)
		close(from.fd);
	free(from.helpers);
	return r;
}

void rescue_unmount(int run_fd)
{
	if (take_away(run_fd) == 0)
		unlinkat(run_fd, RESCUE_DIR, AT_REMOVEDIR);
}
