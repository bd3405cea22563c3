/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which files are held by a process, open or mapped: their inodes, whatever the
 * filesystem, because the numbers of mappings are not those of stat everywhere.
 * One too many keeps a file that might have gone, which is the right mistake.
 */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "agent/cli/reclaim.h"
#include "hale/base.h"

#define SLOTS_FIRST 4096u
#define SLOTS_MAX   (1u << 22)

struct reclaim_open {
	size_t n, size;	  /* a power of two */
	uint64_t *inodes; /* 0: free */
	bool all;	  /* no memory: everything counts as held */
};

static size_t slot_of(const struct reclaim_open *o, uint64_t inode)
{
	size_t at = (size_t)(inode * UINT64_C(0x9e3779b97f4a7c15) >> 20);

	at &= o->size - 1;
	while (o->inodes[at] != 0 && o->inodes[at] != inode)
		at = (at + 1) & (o->size - 1);
	return at;
}

static bool grow(struct reclaim_open *o)
{
	struct reclaim_open more = { .size = o->size ? 2 * o->size
						     : SLOTS_FIRST };

	if (more.size <= SLOTS_MAX)
		more.inodes = calloc(more.size, sizeof(*more.inodes));
	if (!more.inodes)
		return false;
	for (size_t i = 0; i < o->size; i++) {
		if (o->inodes[i])
			more.inodes[slot_of(&more, o->inodes[i])] =
				o->inodes[i];
	}
	more.n = o->n;
	free(o->inodes);
	*o = more;
	return true;
}

static void add(struct reclaim_open *o, uint64_t inode)
{
	size_t at;

	if (inode == 0 || o->all)
		return;
	if (2 * o->n >= o->size && !grow(o)) {
		o->all = true;
		return;
	}
	at = slot_of(o, inode);
	o->n += o->inodes[at] == 0;
	o->inodes[at] = inode;
}

static void add_descriptors(struct reclaim_open *o, int process)
{
	int fd = openat(process, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *e;
	struct stat s;

	if (!dir && fd >= 0)
		close(fd);
	while (dir && (e = readdir(dir))) {
		if (isdigit((unsigned char)e->d_name[0]) &&
		    fstatat(fd, e->d_name, &s, 0) == 0 && S_ISREG(s.st_mode))
			add(o, s.st_ino);
	}
	if (dir)
		closedir(dir);
}

/* "7f..-7f.. r-xp 00000000 08:01 123456  /path" */
static void add_mappings(struct reclaim_open *o, int process)
{
	int fd = openat(process, "maps", O_RDONLY | O_CLOEXEC);
	_cleanup_file_ FILE *f = fd >= 0 ? fdopen(fd, "r") : NULL;
	char line[2048]; /* a longer path comes in pieces */

	if (!f && fd >= 0)
		close(fd);
	while (f && fgets(line, sizeof(line), f)) {
		const char *at = line;

		for (int field = 0; field < 4; field++) {
			at += strcspn(at, " ");
			at += strspn(at, " ");
		}
		add(o, strtoull(at, NULL, 10));
	}
}

struct reclaim_open *reclaim_open_new(void)
{
	struct reclaim_open *o = calloc(1, sizeof(*o));
	DIR *proc = o ? opendir("/proc") : NULL;
	const struct dirent *e;

	if (o && !grow(o))
		o->all = true;
	while (proc && (e = readdir(proc))) {
		int fd = -1;

		if (isdigit((unsigned char)e->d_name[0]))
			fd = openat(dirfd(proc), e->d_name,
				    O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0)
			continue;
		add_descriptors(o, fd);
		add_mappings(o, fd);
		close(fd);
	}
	if (proc)
		closedir(proc);
	return o;
}

struct reclaim_open *reclaim_open_free(struct reclaim_open *o)
{
	if (o)
		free(o->inodes);
	free(o);
	return NULL;
}

bool reclaim_open_has(const struct reclaim_open *o, uint64_t inode)
{
	return !o || o->all || o->inodes[slot_of(o, inode)] == inode;
}
