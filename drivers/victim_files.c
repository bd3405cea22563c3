/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the files of a dying process lie, as it has them mounted, and whether
 * they end before its mapping does or have no room to grow. Decides nothing.
 * Never asks a server or another process's filesystem: it might not answer.
 * Runs in a driver's child, which has a deadline, because the rest may wait for
 * a disk.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include "hale/base.h"
#include "hale/fs_type.h"

#include "mounts_line.h"
#include "victim.h"

/* A page cannot be had where there is no room for one; filesystems keep a few
 * blocks back, and round. */
#define NO_ROOM (UINT64_C(64) * HALE_KIB)

static bool knows_device(const struct victim_held *f)
{
	return f->prefix == 0 && (f->file.major != 0 || f->file.minor != 0);
}

/* Length of @mountpoint where @path lies in it; 0: it does not. */
static size_t covers(const char *mountpoint, const char *path)
{
	size_t len = strlen(mountpoint);

	if (strcmp(mountpoint, "/") == 0)
		return 1;
	return strncmp(path, mountpoint, len) == 0 &&
			       (path[len] == '/' || path[len] == '\0')
		       ? len
		       : 0;
}

/* Of what tells its device by itself. */
static int see_type(void *ctx, const struct mounts_line *line)
{
	struct victim_holds *h = ctx;

	for (uint32_t i = 0; i < h->n; i++) {
		struct victim_held *f = &h->held[i];

		if (knows_device(f) && f->file.major == line->major &&
		    f->file.minor == line->minor)
			HALE_SET(f->type, line->type);
	}
	return 0;
}

/* What is known by its path only is on the longest mount point, of several such
 * on the last: it covers the others. */
static int see_mount(void *ctx, const struct mounts_line *line)
{
	struct victim_holds *h = ctx;

	for (uint32_t i = 0; i < h->n; i++) {
		struct victim_held *f = &h->held[i];
		size_t len = knows_device(f)
				     ? 0
				     : covers(line->mountpoint, f->file.path);

		if (len == 0 || len < f->prefix)
			continue;
		f->prefix = len;
		f->file.major = line->major;
		f->file.minor = line->minor;
		HALE_SET(f->type, line->type);
	}
	return see_type(ctx, line);
}

/* The kernel's own tmpfs is mounted nowhere. */
static void place_nameless(struct victim_holds *h)
{
	for (uint32_t i = 0; i < h->n; i++) {
		struct victim_held *f = &h->held[i];

		if (!f->type[0] && (strncmp(f->file.path, "/memfd:", 7) == 0 ||
				    strncmp(f->file.path, "/SYSV", 5) == 0))
			HALE_SET(f->type, "tmpfs");
	}
}

static bool all_placed(const struct victim_holds *h)
{
	for (uint32_t i = 0; i < h->n; i++) {
		if (!h->held[i].type[0])
			return false;
	}
	return true;
}

void victim_place(int root_fd, uint32_t pid, struct victim_holds *h)
{
	char path[40];

	place_nameless(h);
	snprintf(path, sizeof(path), "proc/%" PRIu32 "/mountinfo", pid);
	/* of a container's overlay, kernels before 6.6 tell the filesystem
	 * beneath, which is mounted on the host only */
	if (mounts_line_each(root_fd, path, see_mount, h) < 0 || !all_placed(h))
		mounts_line_each(root_fd, "proc/self/mountinfo", see_mount, h);
}

static bool may_ask(const struct victim_held *f)
{
	switch (hale_fs_statfs(f->type)) {
	case HALE_STATFS_QUICK:
	case HALE_STATFS_WAITS:
		return f->type[0] != '\0';
	case HALE_STATFS_HANGS:
	case HALE_STATFS_NEVER:
		break;
	}
	return false;
}

static uint64_t pages_end(uint64_t size)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	return (size + page - 1) / page * page;
}

/* With the address: does the fault lie beyond the end? Without: can it? */
static bool is_truncated(const struct victim_held *f,
			 const struct hale_victim *v, uint64_t size)
{
	uint64_t reach = f->reach;

	if (v->address_known) {
		if (v->address < f->start || v->address >= f->end)
			return false;
		reach = f->reach - (f->end - v->address) + 1;
	}
	return reach > pages_end(size);
}

static void measure_file(int root_fd, const char *path,
			 const struct hale_victim *v, struct victim_held *f)
{
	struct statx stx;
	struct statfs fs;
	_cleanup_fd_ int fd = -1;

	if (statx(root_fd, path, AT_STATX_DONT_SYNC, STATX_SIZE | STATX_TYPE,
		  &stx) < 0)
		return;
	if (S_ISREG(stx.stx_mode))
		f->file.truncated = is_truncated(f, v, stx.stx_size);
	fd = openat(root_fd, path, O_PATH | O_CLOEXEC);
	if (fd >= 0 && fstatfs(fd, &fs) == 0 && fs.f_blocks > 0)
		f->file.full =
			(uint64_t)fs.f_bavail * (uint64_t)fs.f_bsize < NO_ROOM;
}

void victim_measure(int root_fd, uint32_t pid, const struct hale_victim *v,
		    struct victim_holds *h)
{
	char path[96];

	for (uint32_t i = 0; i < h->n; i++) {
		struct victim_held *f = &h->held[i];

		if (f->end == 0 || !may_ask(f) || hale_fs_image(f->type))
			continue;
		snprintf(path, sizeof(path),
			 "proc/%" PRIu32 "/map_files/%" PRIx64 "-%" PRIx64, pid,
			 f->start, f->end);
		measure_file(root_fd, path, v, f);
	}
}
