/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loop devices on sparse files. Such a disk is larger than what its file takes
 * up, and the rest is to come out of the filesystem that the file is on: where
 * that has no room left, writes fail that should not. A file that is written in
 * full, or whose filesystem has room for all of it, is in no danger. Asks no
 * filesystem before it has said so.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "virt.h"

#define LOOPS_MAX 256

static bool read_attr(int block_fd, const char *name, const char *attr,
		      char *text, size_t size)
{
	char path[HALE_PATH_MAX];

	snprintf(path, sizeof(path), "%.32s/%s", name, attr);
	return hale_read_at(block_fd, path, text, size) > 0;
}

static int measure(struct hale_probe *p, struct virt_file *f)
{
	_cleanup_fd_ int fd =
		openat(p->root_fd, f->path + 1, O_PATH | O_CLOEXEC);
	struct statvfs v;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || fstatvfs(fd, &v) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -ENOTBLK;
	f->size = (uint64_t)st.st_size;
	f->written = (uint64_t)st.st_blocks * 512;
	/* the kernel's own writes may use what is kept for root */
	f->free_bytes = (uint64_t)v.f_bfree * v.f_frsize;
	f->total_bytes = (uint64_t)v.f_blocks * v.f_frsize;
	return 0;
}

void virt_say_loop(struct hale_probe *p, const char *name,
		   const struct virt_file *f)
{
	uint64_t missing = f->size > f->written ? f->size - f->written : 0;
	const struct virt_room room = { f->free_bytes, f->total_bytes };
	char evidence[HALE_EVIDENCE_MAX], lacks[16], avail[16];

	if (missing <= f->free_bytes) {
		virt_no_want(p, name);
		return;
	}
	virt_size(lacks, sizeof(lacks), missing);
	virt_size(avail, sizeof(avail), f->free_bytes);
	snprintf(evidence, sizeof(evidence),
		 "%.140s is sparse: %s of it are not written yet, its "
		 "filesystem has %s free",
		 f->path, lacks, avail);
	virt_measure(p, name, &room, evidence);
}

static void look_at(struct hale_probe *p, const struct mounts *m, int block_fd,
		    const char *name)
{
	const struct mounts_fs *fs;
	struct virt_file f = { 0 };
	char ro[8];

	if (!read_attr(block_fd, name, "loop/backing_file", f.path,
		       sizeof(f.path)) ||
	    f.path[0] != '/')
		return;
	if (!read_attr(block_fd, name, "ro", ro, sizeof(ro)) || ro[0] != '0')
		return;
	fs = mounts_by_path(m, f.path);
	if (fs && virt_turn_to(p, fs->major, fs->minor) && measure(p, &f) == 0)
		virt_say_loop(p, name, &f);
}

void virt_look_at_loops(struct hale_probe *p, const struct mounts *m)
{
	int fd = openat(p->root_fd, "sys/class/block",
			O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *e;
	unsigned int n = 0;

	while (dir && n < LOOPS_MAX && (e = readdir(dir)) != NULL) {
		if (strncmp(e->d_name, "loop", 4) != 0 ||
		    strchr(e->d_name, 'p') != strrchr(e->d_name, 'p'))
			continue;
		n++;
		look_at(p, m, fd, e->d_name);
	}
	if (dir)
		closedir(dir);
}
