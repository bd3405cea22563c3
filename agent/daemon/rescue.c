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
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#include "hale/base.h"

#include "agent/daemon/small_fs.h"

#define RESCUE_NAME "hale"
/* Known to agent/cli/cli.c; not "libexec", where it looks before it asks. */
#define RESCUE_HELPERS "installed"
/* Stripped it is 1 MiB, with its debug information 2. */
#define RESCUE_MAX ((off_t)(8 * HALE_MIB))
/* Of a tmpfs: the bound above; inodes of a folder, a file and a link. */
#define RESCUE_SIZE   "8m"
#define RESCUE_INODES "4"
#define PHDRS_MAX     32

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

static const struct small_fs wanted = {
	.size = RESCUE_SIZE,
	.inodes = RESCUE_INODES,
	.mode = "0755",
	.stays = true,
};

/* What goes into it is bounded here: it has no bound of its own. */
static int new_ramfs(void)
{
	int fs = fsopen("ramfs", FSOPEN_CLOEXEC);
	int r = fs < 0 ? -errno : small_fs_set(fs, "mode", wanted.mode);

	if (r == 0)
		r = small_fs_create(fs);
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
	int r = tmpfs ? small_fs_set(fs, "noswap", NULL) : 0;

	if (r == 0)
		r = small_fs_set(fs, "ro", NULL);
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

static int fill(int run_fd, int fs, bool tmpfs, const struct installed *from)
{
	_cleanup_fd_ int mount = fsmount(fs, FSMOUNT_CLOEXEC,
					 MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
	int r = mount < 0 ? -errno : copy(from, mount);

	if (r == 0)
		r = make_read_only(fs, tmpfs);
	return r == 0 ? small_fs_put(run_fd, RESCUE_DIR, mount) : r;
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
	r = small_fs_take_away(run_fd, RESCUE_DIR);
	if (r < 0)
		return r;
	r = open_installed(&from);
	fs = r < 0 ? r : small_fs_new(&wanted);
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
	if (small_fs_take_away(run_fd, RESCUE_DIR) == 0)
		unlinkat(run_fd, RESCUE_DIR, AT_REMOVEDIR);
}
