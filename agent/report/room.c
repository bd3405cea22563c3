/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this host has to build with: processors, memory, room on the filesystems
 * that builds write to. Everything is opened before the sandbox and asked again
 * with each state. Must never look a path up later: fstatfs(2) of an open
 * folder asks no disk of a local filesystem, and others are left out.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include "hale/base.h"
#include "hale/fs_type.h"

#include "agent/lib/mountinfo.h"
#include "agent/report/report.h"
#include "proto/arena.h"

/* The mount that a path leads to, as it is spelt: the last of the longest. */
struct leading {
	const char *where;
	size_t len;
	enum hale_fs_statfs answers;
	char at[PATH_MAX]; /* the mount that is looked at */
};

static bool on_mount(void *data, const struct hale_mountinfo *m)
{
	struct leading *l = data;
	char type[64];
	size_t len;

	hale_mountinfo_unescape(l->at, sizeof(l->at), m->mountpoint.at,
				m->mountpoint.len);
	hale_mountinfo_unescape(type, sizeof(type), m->type.at, m->type.len);
	len = strlen(l->at);
	if (len < l->len || strncmp(l->where, l->at, len) != 0 ||
	    (len > 1 && l->where[len] != '\0' && l->where[len] != '/'))
		return true;
	l->len = len;
	l->answers = hale_fs_statfs(type);
	return true;
}

/* Of those a server that is away makes each question hang, the first as well;
 * and to ask autofs is to mount. So nobody asks the path. */
static bool is_remote(const char *where)
{
	_cleanup_fd_ int fd =
		open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	_cleanup_free_ char *buf = malloc(MOUNTINFO_BUFFER);
	_cleanup_free_ struct leading *l = calloc(1, sizeof(*l));

	if (fd < 0 || !buf || !l)
		return true;
	l->where = where;
	if (mountinfo_read(fd, buf, on_mount, l) < 0)
		return true;
	return l->answers == HALE_STATFS_HANGS ||
	       l->answers == HALE_STATFS_NEVER;
}

static bool is_known(const struct report *r, const struct stat *st)
{
	struct stat other;

	for (size_t i = 0; i < r->n_rooms; i++) {
		if (fstat(r->rooms[i].fd, &other) == 0 &&
		    other.st_dev == st->st_dev)
			return true;
	}
	return false;
}

static void open_room(struct report *r, const char *where)
{
	int fd = is_remote(where)
			 ? -1
			 : open(where, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return;
	if (r->n_rooms == HALE_ARRAY_SIZE(r->rooms) || fstat(fd, &st) < 0 ||
	    is_known(r, &st)) {
		close(fd);
		return;
	}
	r->rooms[r->n_rooms++] = (struct report_room){ where, fd };
}

void report_open_rooms(struct report *r)
{
	open_room(r, "/");
	for (size_t i = 0; i < r->setup.n_rooms; i++)
		open_room(r, r->setup.rooms[i]);
	r->meminfo_fd = open("/proc/meminfo", O_RDONLY | O_CLOEXEC);
}

static uint64_t memory_of(const char *text, const char *name)
{
	const char *at = strstr(text, name);

	return at ? strtoull(at + strlen(name), NULL, 10) * HALE_KIB : 0;
}

static void add_memory(const struct report *r, Hale__Fleet__V1__Capacity *m)
{
	char text[256];
	ssize_t n = r->meminfo_fd < 0
			    ? -1
			    : pread(r->meminfo_fd, text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	m->memory_bytes = memory_of(text, "MemTotal:");
	m->memory_available_bytes = memory_of(text, "MemAvailable:");
}

static Hale__Fleet__V1__Room *make_room(const struct report_room *room,
					struct codec_arena *a)
{
	Hale__Fleet__V1__Room *m = codec_alloc(a, sizeof(*m));
	struct statfs fs;

	if (!m || fstatfs(room->fd, &fs) < 0)
		return NULL;
	hale__fleet__v1__room__init(m);
	m->where = codec_borrow(room->where);
	m->total_bytes = (uint64_t)fs.f_blocks * (uint64_t)fs.f_bsize;
	m->available_bytes = (uint64_t)fs.f_bavail * (uint64_t)fs.f_bsize;
	m->total_inodes = (uint64_t)fs.f_files;
	m->available_inodes = (uint64_t)fs.f_ffree;
	return m;
}

Hale__Fleet__V1__Capacity *report_capacity(const struct report *r,
					   struct codec_arena *a)
{
	Hale__Fleet__V1__Capacity *m = codec_alloc(a, sizeof(*m));
	cpu_set_t cpus;

	if (!m)
		return NULL;
	hale__fleet__v1__capacity__init(m);
	if (sched_getaffinity(0, sizeof(cpus), &cpus) == 0)
		m->cpus = (uint32_t)CPU_COUNT(&cpus);
	add_memory(r, m);
	m->rooms = codec_alloc(a, FLEET_ROOMS_MAX * sizeof(*m->rooms));
	for (size_t i = 0;
	     m->rooms && i < r->n_rooms && m->n_rooms < FLEET_ROOMS_MAX; i++) {
		Hale__Fleet__V1__Room *room = make_room(&r->rooms[i], a);

		if (room)
			m->rooms[m->n_rooms++] = room;
	}
	return m;
}
