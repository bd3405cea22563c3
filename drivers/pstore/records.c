/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds the records: in the kernel's own folder (fs/pstore/inode.c names them
 * TYPE-BACKEND-NUMBER), and where systemd-pstore has moved them to, by date in
 * folders of their own. Newest first, and only so many of them. Reads and
 * leaves everything as it is: to free the room is the administrator's to do.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "pstore.h"

struct record {
	char path[160]; /* below the folder */
	uint64_t wall_ns;
};

struct listing {
	struct record records[PSTORE_RECORDS_MAX];
	unsigned int n;
};

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool is_console(const char *name)
{
	return strncmp(name, "console-", 8) == 0;
}

/* systemd puts the parts of a log together in "dmesg.txt", and keeps them. */
static bool is_record(const char *name)
{
	return strncmp(name, "dmesg-", 6) == 0 || is_console(name);
}

/* The newest come first; the oldest falls out. */
static void insert(struct listing *l, const struct record *r)
{
	unsigned int i = l->n;

	if (i == PSTORE_RECORDS_MAX && l->records[i - 1].wall_ns >= r->wall_ns)
		return;
	if (i == PSTORE_RECORDS_MAX)
		i--;
	else
		l->n++;
	for (; i > 0 && l->records[i - 1].wall_ns < r->wall_ns; i--)
		l->records[i] = l->records[i - 1];
	l->records[i] = *r;
}

static uint64_t wall_ns(const struct stat *st)
{
	return st->st_mtim.tv_sec > 0
		       ? (uint64_t)st->st_mtim.tv_sec * HALE_NS_PER_S +
				 (uint64_t)st->st_mtim.tv_nsec
		       : 0;
}

static void list(struct listing *l, int fd, const char *prefix,
		 unsigned int depth);

static void list_folder(struct listing *l, int fd, const char *prefix,
			const char *name, unsigned int depth)
{
	char path[160];
	int below;

	if (snprintf(path, sizeof(path), "%s%s/", prefix, name) >=
	    (int)sizeof(path))
		return;
	below = openat(fd, name,
		       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	list(l, below, path, depth);
}

static void list_entry(struct listing *l, int fd, const char *prefix,
		       const char *name, unsigned int depth)
{
	struct record r;
	struct stat st;

	if (name[0] == '.' ||
	    snprintf(r.path, sizeof(r.path), "%s%s", prefix, name) >=
		    (int)sizeof(r.path) ||
	    fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	if (S_ISDIR(st.st_mode) && depth > 0) {
		list_folder(l, fd, prefix, name, depth - 1);
	} else if (S_ISREG(st.st_mode) && is_record(name)) {
		r.wall_ns = wall_ns(&st);
		insert(l, &r);
	}
}

/* Takes the descriptor over. */
static void list(struct listing *l, int fd, const char *prefix,
		 unsigned int depth)
{
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *entry;
	unsigned int left = 16 * PSTORE_RECORDS_MAX;

	if (!dir) {
		hale_cleanup_fd(&fd);
		return;
	}
	while (left-- > 0 && (entry = readdir(dir)))
		list_entry(l, dirfd(dir), prefix, entry->d_name, depth);
	closedir(dir);
}

/* Where a record does not say when, or says a time to come, it was before this
 * boot. Agent time and the wall clock are one when the agent starts. */
static uint64_t time_of(const struct pstore *s, const struct record *r)
{
	return r->wall_ns && r->wall_ns <= s->p->now_ns ? r->wall_ns
							: s->boot_ns;
}

static void mute(struct pstore *s, const char *name)
{
	if (s->n_mute++ == 0)
		HALE_SET(s->mute, name);
}

static void read_record(struct pstore *s, int fd, const struct record *r)
{
	const char *name = base_name(r->path);
	struct pstore_story story;
	uint64_t time_ns = time_of(s, r);
	int n;

	/* the same text again, only longer */
	if (is_console(name) && s->panicked)
		return;
	if (s->p->now_ns - time_ns > PSTORE_AGE_DAYS * 86400 * HALE_NS_PER_S)
		return;
	n = hale_read_at(fd, r->path, s->text, PSTORE_RECORD_MAX);
	if (n == -EMSGSIZE)
		n = PSTORE_RECORD_MAX - 1;
	if (n == 0)
		return;
	if (n < 0 || !pstore_read(s->rules, s->text, (size_t)n, &story)) {
		mute(s, name);
		return;
	}
	s->n_read++;
	pstore_say(s, name, time_ns,
		   pstore_hash(name, s->text, (size_t)n, r->wall_ns), &story);
}

int pstore_folder(struct pstore *s, const char *path, unsigned int depth)
{
	_cleanup_fd_ int fd =
		openat(s->p->root_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_free_ struct listing *l = NULL;

	if (fd < 0)
		return -errno;
	l = calloc(1, sizeof(*l));
	if (!l)
		return -ENOMEM;
	list(l, openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "", depth);
	for (unsigned int i = 0; i < l->n; i++) {
		if (!is_console(base_name(l->records[i].path)))
			read_record(s, fd, &l->records[i]);
	}
	for (unsigned int i = 0; i < l->n; i++) {
		if (is_console(base_name(l->records[i].path)))
			read_record(s, fd, &l->records[i]);
	}
	return (int)l->n;
}
