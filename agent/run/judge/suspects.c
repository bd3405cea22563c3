/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds the files that a build wrote in a stretch of time, by walking its
 * folders. By change time (ctime), which the kernel sets and no program can set
 * back: tar, install -p and Cargo give files any modification time they like.
 * Bounded in time, depth, entries and memory; never follows a link, never
 * leaves the filesystem that a folder lies on, never reads a file.
 */
#include "suspects.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#include "hale/base.h"

/* A cold cache reads about 20,000 names a second; a person waits. */
#define SECONDS_MAX 10
#define FILES_MAX   1000000
#define DEPTH_MAX   64
#define ROOTS_MAX   32
/* Times of files come from a clock that ticks, 100 times a second at least. */
#define TICK_NS (20 * HALE_NS_PER_MS)

struct id {
	dev_t dev;
	ino_t ino;
};

struct search {
	struct suspects *out;
	uint64_t end_mono_ns, looked_at;
	FILE *list;
	size_t n_roots;
	struct id roots[ROOTS_MAX];
	size_t len; /* of @path */
	char path[PATH_MAX];
};

static uint64_t now_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * HALE_NS_PER_S + (uint64_t)ts.tv_nsec;
}

static void cut(struct search *s, const char *why)
{
	if (!s->out->cut)
		HALE_SET(s->out->why, why);
	s->out->cut = true;
}

static bool within_bounds(struct search *s)
{
	if (s->looked_at++ >= FILES_MAX)
		cut(s, "there are more files than are looked at");
	else if (s->looked_at % 256 == 0 &&
		 now_ns(CLOCK_MONOTONIC) > s->end_mono_ns)
		cut(s, "looking took too long; the list is not whole");
	return !s->out->cut;
}

/* A name may hold anything; a line of a list may not. */
static void list(struct search *s)
{
	for (const char *at = s->path; s->list && *at; at++) {
		if ((unsigned char)*at < 0x20 || *at == 0x7f || *at == '\\')
			fprintf(s->list, "\\%03o", (unsigned char)*at);
		else
			fputc(*at, s->list);
	}
	if (s->list)
		fputc('\n', s->list);
}

static void keep(struct search *s)
{
	struct suspects *out = s->out;

	out->files++;
	list(s);
	if (out->n_paths >= SUSPECTS_LISTED_MAX)
		return;
	out->paths[out->n_paths] = strdup(s->path);
	out->n_paths += out->paths[out->n_paths] != NULL;
}

static bool in_window(const struct search *s, const struct stat *st)
{
	int64_t at = (int64_t)st->st_ctim.tv_sec * (int64_t)HALE_NS_PER_S +
		     st->st_ctim.tv_nsec + s->out->ahead_ns;

	return at + (int64_t)TICK_NS >= (int64_t)s->out->since_ns &&
	       at <= (int64_t)s->out->until_ns;
}

/* Another root is looked at in its own turn, with its own filesystem. */
static bool is_root(const struct search *s, const struct stat *st)
{
	for (size_t i = 0; i < s->n_roots; i++) {
		if (s->roots[i].dev == st->st_dev &&
		    s->roots[i].ino == st->st_ino)
			return true;
	}
	return false;
}

/* --- the walk: one open folder for each level, so DEPTH_MAX at most --- */

struct level {
	DIR *dir;
	dev_t dev;
	size_t len; /* of its path */
};

static bool push_name(struct search *s, size_t len, const char *name)
{
	size_t n = strlen(name);

	if (len + 1 + n >= sizeof(s->path))
		return false;
	s->path[len] = '/';
	memcpy(s->path + len + 1, name, n + 1);
	s->len = len + 1 + n;
	return true;
}

static DIR *open_folder(int parent, const char *name)
{
	/* O_NOATIME is for owners only */
	int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(parent, name, flags | O_NOATIME);
	DIR *dir;

	if (fd < 0 && errno == EPERM)
		fd = openat(parent, name, flags);
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir)
		hale_cleanup_fd(&fd);
	return dir;
}

static bool enter(struct level *l, int parent, const char *name, size_t len)
{
	DIR *dir = open_folder(parent, name);
	struct stat st;

	if (!dir)
		return false;
	if (fstat(dirfd(dir), &st) < 0) {
		closedir(dir);
		return false;
	}
	*l = (struct level){ .dir = dir, .dev = st.st_dev, .len = len };
	return true;
}

/* Looks at one name; returns whether it is a folder to enter. */
static bool look_at(struct search *s, const struct level *l, const char *name)
{
	struct stat st;

	if (!push_name(s, l->len, name) ||
	    fstatat(dirfd(l->dir), name, &st,
		    AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) < 0)
		return false;
	if (S_ISDIR(st.st_mode))
		return st.st_dev == l->dev && !is_root(s, &st);
	if (S_ISREG(st.st_mode) && in_window(s, &st))
		keep(s);
	return false;
}

static bool dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static void walk(struct search *s, struct level levels[DEPTH_MAX])
{
	int depth = 0;

	while (depth >= 0) {
		struct level *l = &levels[depth];
		struct dirent *e = within_bounds(s) ? readdir(l->dir) : NULL;

		if (!e) {
			closedir(l->dir);
			depth--;
			continue;
		}
		if (dots(e->d_name) || !look_at(s, l, e->d_name))
			continue;
		if (depth + 1 == DEPTH_MAX) {
			cut(s, "folders are nested too deep");
			continue;
		}
		if (enter(l + 1, dirfd(l->dir), e->d_name, s->len))
			depth++;
	}
}

static void walk_root(struct search *s, const char *root)
{
	struct level *levels = calloc(DEPTH_MAX, sizeof(*levels));
	size_t len = strlen(root);

	if (!levels)
		return;
	while (len > 0 && root[len - 1] == '/')
		len--;
	if (len < sizeof(s->path) &&
	    enter(levels, AT_FDCWD, len > 0 ? root : "/", len)) {
		memcpy(s->path, root, len);
		s->path[len] = '\0';
		walk(s, levels);
	}
	free(levels);
}

/* Each folder once, however many of the names lead there. */
static void add_root(struct search *s, const char *root)
{
	struct stat st;

	if (s->out->cut || s->n_roots >= ROOTS_MAX || stat(root, &st) < 0 ||
	    !S_ISDIR(st.st_mode) || is_root(s, &st))
		return;
	s->roots[s->n_roots++] = (struct id){ st.st_dev, st.st_ino };
}

static int open_list(const char *path, FILE **ret)
{
	int fd;

	if (!path)
		return 0;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0)
		return -errno;
	*ret = fdopen(fd, "w");
	if (*ret)
		return 0;
	close(fd);
	return -ENOMEM;
}

int suspects_find(const char *const *roots, size_t n, const char *list_path,
		  struct suspects *out)
{
	struct search *s = calloc(1, sizeof(*s));
	bool first[ROOTS_MAX] = { false };
	int r;

	if (!s)
		return -ENOMEM;
	s->out = out;
	s->end_mono_ns = now_ns(CLOCK_MONOTONIC) + SECONDS_MAX * HALE_NS_PER_S;
	r = open_list(list_path, &s->list);
	for (size_t i = 0; i < n && i < ROOTS_MAX; i++) {
		size_t before = s->n_roots;

		add_root(s, roots[i]);
		first[i] = s->n_roots > before;
	}
	for (size_t i = 0; i < n && i < ROOTS_MAX; i++) {
		if (first[i])
			walk_root(s, roots[i]);
	}
	if (s->list && (fflush(s->list) != 0 || ferror(s->list)) && r == 0)
		r = -EIO;
	if (s->list)
		fclose(s->list);
	free(s);
	return r;
}

void suspects_done(struct suspects *s)
{
	for (uint32_t i = 0; i < s->n_paths; i++)
		free(s->paths[i]);
	s->n_paths = 0;
}
