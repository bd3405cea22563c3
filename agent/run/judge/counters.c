/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the kernel's running totals for one build: OOM kills, pressure, EDAC,
 * and the error counts of the scope's disks and filesystems. Decides nothing.
 * Must not touch a disk: all of it comes from /proc and /sys. A source that is
 * not there is unknown, which is not zero.
 */
#include "counters.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

#include "hale/base.h"

#define UNKNOWN	    UINT64_MAX
#define DEPTH_MAX   6  /* filesystem, partition, LVM, crypt, md, disk */
#define ENTRIES_MAX 64 /* of one folder of sysfs */
#define CONTROLLERS "sys/devices/system/edac/mc"

static DIR *folder(int root_fd, const char *path)
{
	int fd = openat(root_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (!d)
		hale_cleanup_fd(&fd);
	return d;
}

static ssize_t read_text(int root_fd, const char *path, char *text, size_t size)
{
	_cleanup_fd_ int fd = openat(root_fd, path, O_RDONLY | O_CLOEXEC);
	size_t used = 0;
	ssize_t n;

	if (fd < 0)
		return -errno;
	do {
		n = read(fd, text + used, size - 1 - used);
		used += n > 0 ? (size_t)n : 0;
	} while (n > 0 && used < size - 1);
	text[used] = '\0';
	return n < 0 ? -errno : (ssize_t)used;
}

/* A file of one number; @base as strtoull has it. */
static uint64_t read_number(int root_fd, const char *path, int base)
{
	char text[64], *end;
	uint64_t v;

	if (read_text(root_fd, path, text, sizeof(text)) <= 0)
		return UNKNOWN;
	errno = 0;
	v = strtoull(text, &end, base);
	return end == text || errno ? UNKNOWN : v;
}

static void add(uint64_t *sum, uint64_t v)
{
	if (v == UNKNOWN)
		return;
	*sum = *sum == UNKNOWN ? v : *sum + v;
}

/* "full avg10=0.00 avg60=0.00 avg300=0.00 total=123", in microseconds. */
static uint64_t stalled(int root_fd, const char *path)
{
	char text[512];
	const char *full, *total;

	if (read_text(root_fd, path, text, sizeof(text)) <= 0)
		return UNKNOWN;
	full = strstr(text, "full ");
	total = full ? strstr(full, "total=") : NULL;
	return total ? strtoull(total + strlen("total="), NULL, 10) : UNKNOWN;
}

/* A file of some 200 lines of "name number". */
static uint64_t oom_kills(int root_fd)
{
	static const char name[] = "oom_kill ";
	int fd = openat(root_fd, "proc/vmstat", O_RDONLY | O_CLOEXEC);
	_cleanup_file_ FILE *f = fd < 0 ? NULL : fdopen(fd, "r");
	char line[128];

	if (!f && fd >= 0)
		close(fd);
	while (f && fgets(line, sizeof(line), f)) {
		if (strncmp(line, name, strlen(name)) == 0)
			return strtoull(line + strlen(name), NULL, 10);
	}
	return UNKNOWN;
}

static void memory_errors(int root_fd, struct counters *c)
{
	char path[512];
	struct dirent *e;
	DIR *d = folder(root_fd, CONTROLLERS);

	if (!d)
		return;
	for (int i = 0; i < ENTRIES_MAX && (e = readdir(d)); i++) {
		if (strncmp(e->d_name, "mc", 2) != 0)
			continue;
		snprintf(path, sizeof(path), CONTROLLERS "/%s/ce_count",
			 e->d_name);
		add(&c->corrected, read_number(root_fd, path, 10));
		snprintf(path, sizeof(path), CONTROLLERS "/%s/ue_count",
			 e->d_name);
		add(&c->uncorrected, read_number(root_fd, path, 10));
	}
	closedir(d);
}

/* --- disks --- */

/* "8:1" */
static bool read_dev(int root_fd, const char *path, uint32_t *ret_major,
		     uint32_t *ret_minor)
{
	char text[32], *colon, *end;
	unsigned long major, minor;

	if (read_text(root_fd, path, text, sizeof(text)) <= 0)
		return false;
	major = strtoul(text, &colon, 10);
	if (colon == text || *colon != ':')
		return false;
	minor = strtoul(colon + 1, &end, 10);
	if (end == colon + 1 || major > UINT32_MAX || minor > UINT32_MAX)
		return false;
	*ret_major = (uint32_t)major;
	*ret_minor = (uint32_t)minor;
	return true;
}

static bool known(const struct counters_disks *disks, uint32_t major,
		  uint32_t minor)
{
	for (uint32_t i = 0; i < disks->n; i++) {
		if (disks->disk[i].major == major &&
		    disks->disk[i].minor == minor)
			return true;
	}
	return false;
}

struct way {
	int root_fd, depth;
	struct counters_disks *out;
};

static void follow(struct way *w, uint32_t major, uint32_t minor);

static void follow_slaves(struct way *w, const char *slaves)
{
	char path[512];
	struct dirent *e;
	uint32_t major, minor;
	DIR *d = folder(w->root_fd, slaves);

	if (!d)
		return;
	for (int i = 0; i < ENTRIES_MAX && (e = readdir(d)); i++) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s/dev", slaves, e->d_name);
		if (read_dev(w->root_fd, path, &major, &minor))
			follow(w, major, minor);
	}
	closedir(d);
}

static void follow(struct way *w, uint32_t major, uint32_t minor)
{
	struct counters_disks *out = w->out;
	char path[128];
	uint32_t up_major, up_minor;

	if (w->depth >= DEPTH_MAX || out->n >= COUNTERS_DISKS_MAX ||
	    known(out, major, minor))
		return;
	out->disk[out->n++] = (struct counters_disk){
		.major = major,
		.minor = minor,
		.filesystem = w->depth == 0,
	};
	w->depth++;
	snprintf(path, sizeof(path), "sys/dev/block/%u:%u/partition", major,
		 minor);
	if (faccessat(w->root_fd, path, F_OK, 0) == 0) {
		snprintf(path, sizeof(path), "sys/dev/block/%u:%u/../dev",
			 major, minor);
		if (read_dev(w->root_fd, path, &up_major, &up_minor))
			follow(w, up_major, up_minor);
	}
	snprintf(path, sizeof(path), "sys/dev/block/%u:%u/slaves", major,
		 minor);
	follow_slaves(w, path);
	w->depth--;
}

/* btrfs has no device number of its own: by the name of what is mounted. */
static bool by_source(int root_fd, const char *source, uint32_t *ret_major,
		      uint32_t *ret_minor)
{
	const char *name = strrchr(source, '/');
	char path[HALE_PATH_MAX + 32];

	if (strncmp(source, "/dev/", 5) != 0 || !name || !name[1])
		return false;
	snprintf(path, sizeof(path), "sys/class/block/%s/dev", name + 1);
	return read_dev(root_fd, path, ret_major, ret_minor);
}

void counters_disks(int root_fd, const struct hale_scope_path *paths, size_t n,
		    struct counters_disks *ret)
{
	struct way w = { .root_fd = root_fd, .out = ret };

	ret->n = 0;
	for (size_t i = 0; i < n; i++) {
		uint32_t major = paths[i].major, minor = paths[i].minor;

		if (paths[i].unresolved)
			continue;
		if (major == 0 &&
		    !by_source(root_fd, paths[i].source, &major, &minor))
			continue;
		follow(&w, major, minor);
	}
}

static void fs_errors(int root_fd, const struct counters_disk *d,
		      struct counters *c)
{
	char path[512], target[256];
	const char *name;
	ssize_t n;

	snprintf(path, sizeof(path), "sys/dev/block/%u:%u", d->major, d->minor);
	n = readlinkat(root_fd, path, target, sizeof(target) - 1);
	if (n <= 0)
		return;
	target[n] = '\0';
	name = strrchr(target, '/');
	snprintf(path, sizeof(path), "sys/fs/ext4/%s/errors_count",
		 name ? name + 1 : target);
	add(&c->fs_errors, read_number(root_fd, path, 10));
}

void counters_read(int root_fd, const struct counters_disks *disks,
		   struct counters *ret)
{
	char path[128];

	memset(ret, 0xff, sizeof(*ret));
	ret->oom_kills = oom_kills(root_fd);
	ret->memory_full_us = stalled(root_fd, "proc/pressure/memory");
	ret->io_full_us = stalled(root_fd, "proc/pressure/io");
	memory_errors(root_fd, ret);
	for (uint32_t i = 0; i < disks->n; i++) {
		const struct counters_disk *d = &disks->disk[i];

		snprintf(path, sizeof(path),
			 "sys/dev/block/%u:%u/device/ioerr_cnt", d->major,
			 d->minor);
		add(&ret->disk_errors, read_number(root_fd, path, 0));
		if (d->filesystem)
			fs_errors(root_fd, d, ret);
	}
}

uint64_t counters_grown(uint64_t before, uint64_t after)
{
	if (before == UNKNOWN || after == UNKNOWN || after < before)
		return 0;
	return after - before;
}
