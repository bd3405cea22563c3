/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tool caches that the configuration names. One walk measures, another one
 * removes what was not used for so long: plain files only, never one that a
 * process holds, never one with a second name elsewhere, never beyond the
 * folder's filesystem or through a link. Every name is looked up below an open
 * folder, so that whoever may write there cannot lead the walk astray.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>

#include "agent/cli/reclaim.h"
#include "hale/base.h"

#define DEPTH_MAX 64

struct walk {
	const struct reclaim_open *open;
	uint64_t now_ns, age_ns;
	dev_t dev;
	struct reclaim_step *step; /* what it counts into */
	size_t n_ages;		   /* measuring: one step for each age */
	const uint64_t *ages;
	bool remove;
};

static uint64_t ns_of(struct timespec t)
{
	return (uint64_t)t.tv_sec * HALE_NS_PER_S + (uint64_t)t.tv_nsec;
}

/* Reading counts as use, where the filesystem remembers it. */
static uint64_t idle_ns(const struct walk *w, const struct stat *s)
{
	uint64_t read = ns_of(s->st_atim), written = ns_of(s->st_mtim);
	uint64_t used = read > written ? read : written;

	return used < w->now_ns ? w->now_ns - used : 0;
}

/* Removing a name frees nothing where another one stays. */
static bool may_go(const struct walk *w, const struct stat *s)
{
	return S_ISREG(s->st_mode) && s->st_nlink == 1 &&
	       !reclaim_open_has(w->open, s->st_ino);
}

static void count(struct walk *w, const struct stat *s)
{
	uint64_t bytes = (uint64_t)s->st_blocks * 512;
	uint64_t idle = idle_ns(w, s);
	struct reclaim_step *step = w->step;
	size_t i = 0;

	while (i < w->n_ages && idle < w->ages[i])
		i++;
	if (i == w->n_ages || !may_go(w, s)) {
		step[w->n_ages - 1].kept++;
		step[w->n_ages - 1].kept_bytes += bytes;
		return;
	}
	step[i].count++;
	step[i].bytes += bytes;
}

static void remove_old(struct walk *w, int dir, const char *name,
		       const struct stat *s)
{
	if (!may_go(w, s) || idle_ns(w, s) < w->age_ns)
		return;
	if (unlinkat(dir, name, 0) == 0)
		w->step->freed += (uint64_t)s->st_blocks * 512;
	else if (errno != ENOENT)
		snprintf(w->step->why, sizeof(w->step->why), "%.100s: %s", name,
			 strerrordesc_np(errno));
}

static void walk_folder(struct walk *w, int fd, unsigned int depth);

static void walk_entry(struct walk *w, int dir, const char *name,
		       unsigned int depth)
{
	struct stat s;
	int fd;

	if (fstatat(dir, name, &s, AT_SYMLINK_NOFOLLOW) < 0 ||
	    s.st_dev != w->dev)
		return;
	if (!S_ISDIR(s.st_mode)) {
		if (w->remove)
			remove_old(w, dir, name, &s);
		else
			count(w, &s);
		return;
	}
	if (depth == DEPTH_MAX)
		return;
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return;
	walk_folder(w, fd, depth + 1);
	/* only an empty one goes */
	if (w->remove && idle_ns(w, &s) >= w->age_ns)
		unlinkat(dir, name, AT_REMOVEDIR);
}

/* Closes @fd. */
static void walk_folder(struct walk *w, int fd, unsigned int depth)
{
	DIR *dir = fdopendir(fd);
	const struct dirent *e;
	struct stat s;

	if (!dir) {
		close(fd);
		return;
	}
	/* it may be another one than that which was looked at */
	if (fstat(fd, &s) == 0 && s.st_dev == w->dev) {
		while ((e = readdir(dir))) {
			if (strcmp(e->d_name, ".") != 0 &&
			    strcmp(e->d_name, "..") != 0)
				walk_entry(w, fd, e->d_name, depth);
		}
	}
	closedir(dir);
}

static int begin(struct walk *w, const char *path)
{
	struct stat s;
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (fstat(fd, &s) < 0) {
		close(fd);
		return -errno;
	}
	w->dev = s.st_dev;
	walk_folder(w, fd, 0);
	return 0;
}

/* --- which folders --- */

static bool is_a_home(const char *path)
{
	const struct passwd *p;
	bool home = false;

	setpwent();
	while (!home && (p = getpwent()))
		home = strcmp(p->pw_dir, path) == 0;
	endpwent();
	return home;
}

static bool deep_enough(const char *path)
{
	unsigned int slashes = 0;

	for (; *path; path++)
		slashes += *path == '/';
	return slashes >= 2;
}

bool reclaim_cache_fit(const char *path, char ret_why[HALE_EVIDENCE_MAX])
{
	_cleanup_free_ char *real = realpath(path, NULL);

	if (!real)
		snprintf(ret_why, HALE_EVIDENCE_MAX, "%.120s: %s", path,
			 strerrordesc_np(errno));
	else if (!deep_enough(real))
		snprintf(ret_why, HALE_EVIDENCE_MAX,
			 "%.120s is no cache: name a folder within it", real);
	else if (is_a_home(real))
		snprintf(ret_why, HALE_EVIDENCE_MAX,
			 "%.120s is somebody's home: name a folder within it",
			 real);
	else
		return true;
	return false;
}

/* --- measuring and removing --- */

static void measure(struct reclaim *r, struct reclaim_cache *c,
		    const struct reclaim_open *open)
{
	uint64_t ages[4];
	size_t n = reclaim_ages(&r->options, c->age_ns, ages), first = r->n;
	struct walk w = { .open = open, .now_ns = r->now_ns, .ages = ages };

	for (size_t i = 0; i < n; i++) {
		struct reclaim_step *s = reclaim_add(r, RECLAIM_TOOL_CACHE);

		if (!s)
			return;
		s->cache = c;
		s->age_ns = ages[i];
	}
	w.n_ages = n;
	w.step = &r->steps[first];
	begin(&w, c->path);
}

void reclaim_caches(struct reclaim *r)
{
	struct reclaim_open *open = r->n_caches ? reclaim_open_new() : NULL;
	char why[HALE_EVIDENCE_MAX];

	for (size_t i = 0; i < r->n_caches; i++) {
		/* one that is not there holds nothing */
		if (access(r->caches[i].path, F_OK) < 0 && errno == ENOENT)
			continue;
		if (reclaim_cache_fit(r->caches[i].path, why))
			measure(r, &r->caches[i], open);
		else
			fprintf(stderr, "hale reclaim: left alone: %s\n", why);
	}
	reclaim_open_free(open);
}

int reclaim_cache_do(struct reclaim_step *s, uint64_t now_ns)
{
	struct walk w = {
		.now_ns = now_ns, .age_ns = s->age_ns, .step = s, .remove = true
	};
	struct reclaim_open *open = reclaim_open_new();
	int r;

	w.open = open;
	r = begin(&w, s->cache->path);
	reclaim_open_free(open);
	return r < 0 ? r : s->why[0] ? -EIO : 0;
}
