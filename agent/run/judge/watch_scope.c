/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a build rests on: its working directory, its temporary folder, what the
 * user names, and the caches of its tools where they lie on filesystems of
 * their own. The gate takes only so many paths: of the caches one for each
 * filesystem is asked about. Must not look into a filesystem itself: that is
 * libhale's, which never hangs.
 */
#include <errno.h>
#include <unistd.h>

#include "hale/base.h"

#include "agent/lib/answer.h"
#include "agent/lib/resolve.h"
#include "container.h"
#include "watch_own.h"

#define TMP 1 /* paths[0] is the working directory */

/* Where tools keep what a build reads and writes besides its own folder. */
struct cache {
	const char *variable; /* names the folder; or NULL */
	const char *home;     /* below $HOME otherwise; or NULL */
};

static const struct cache caches[] = {
	{ "CARGO_TARGET_DIR", NULL },
	{ "XDG_CACHE_HOME", ".cache" },
	{ "CARGO_HOME", ".cargo" },
	{ "npm_config_cache", ".npm" },
	{ NULL, ".m2" },
	{ "GRADLE_USER_HOME", ".gradle" },
	{ "GOPATH", "go" },
	{ "GOCACHE", NULL },
	{ "GOMODCACHE", NULL },
	{ "CCACHE_DIR", ".ccache" },
	{ "SCCACHE_DIR", NULL },
	{ "PIP_CACHE_DIR", NULL },
	{ "YARN_CACHE_FOLDER", NULL },
};

_Static_assert(HALE_ARRAY_SIZE(caches) <= HALE_SCOPE_PATHS_MAX,
	       "asked about at once");

static int add(char **list, size_t *n, size_t max, const char *path)
{
	if (*n >= max)
		return 0;
	list[*n] = strdup(path);
	if (!list[*n])
		return -ENOMEM;
	++*n;
	return 0;
}

static int add_path(struct watch *w, const char *path)
{
	return add(w->paths, &w->n_paths, HALE_ARRAY_SIZE(w->paths), path);
}

/* GOPATH is a list; only its first folder is written to. NULL: no such one. */
static char *cache_path(const struct cache *c)
{
	const char *named = c->variable ? getenv(c->variable) : NULL;
	const char *home = getenv("HOME");
	char *path = NULL;

	if (named && named[0] == '/')
		return strndup(named, strcspn(named, ":"));
	if (!c->home || !home || home[0] != '/')
		return NULL;
	return asprintf(&path, "%s/%s", home, c->home) < 0 ? NULL : path;
}

static bool same_mount(const struct hale_scope_path *a,
		       const struct hale_scope_path *b)
{
	return a->major == b->major && a->minor == b->minor &&
	       strcmp(a->mountpoint, b->mountpoint) == 0;
}

/* A cache that leads nowhere, or may not be looked at, is not this build's. */
static bool counts(const struct hale_scope_path *p)
{
	return !p->unresolved || p->error == 0 || p->error == EIO;
}

/* One path for each filesystem that none of the first @n has. */
static int add_distinct(struct watch *w, const struct hale_scope_path *base,
			size_t n, struct hale_scope_path *found, size_t n_found)
{
	for (size_t i = 0; i < n_found; i++) {
		bool seen = !counts(&found[i]);
		int r;

		for (size_t k = 0; k < n && !seen; k++)
			seen = same_mount(&base[k], &found[i]);
		for (size_t k = 0; k < i && !seen; k++)
			seen = same_mount(&found[k], &found[i]);
		if (seen)
			continue;
		r = add_path(w, found[i].path);
		if (r < 0)
			return r;
	}
	return 0;
}

static int add_caches(struct watch *w)
{
	const char *names[HALE_SCOPE_PATHS_MAX];
	_cleanup_free_ struct hale_scope_path *found =
		calloc(HALE_SCOPE_PATHS_MAX, sizeof(*found));
	size_t n = 0, first = w->n_roots;
	int r = found ? 0 : -ENOMEM;

	for (size_t i = 0; i < HALE_ARRAY_SIZE(caches) && r == 0; i++) {
		_cleanup_free_ char *path = cache_path(&caches[i]);

		if (path)
			r = add(w->roots, &w->n_roots, WATCH_ROOTS_MAX, path);
	}
	for (size_t i = first; i < w->n_roots && r == 0; i++, n++) {
		names[n] = w->roots[i];
		HALE_SET(found[n].path, names[n]);
	}
	if (r == 0 && n > 0)
		r = resolve_paths(NULL, names, found, n);
	return r < 0 ? r : add_distinct(w, w->found, w->n_paths, found, n);
}

static int add_own(struct watch *w)
{
	const char *tmp = secure_getenv("TMPDIR");
	_cleanup_free_ char *cwd = getcwd(NULL, 0);
	int r = add_path(w, cwd ? cwd : ".");

	if (r == 0)
		r = add_path(w, tmp && tmp[0] ? tmp : "/tmp");
	for (size_t i = 0; i < w->options->n_paths && r == 0; i++)
		r = add_path(w, w->options->paths[i]);
	return r;
}

int watch_scope_engines(struct watch *w, const struct hale_reply *reply)
{
	const char *path;

	while (w->n_seen > w->n_paths) {
		free(w->paths[--w->n_seen]);
		w->paths[w->n_seen] = NULL;
	}
	for (size_t i = 0; (path = reply_engine_path(reply, i)) != NULL; i++) {
		int r = add(w->paths, &w->n_seen, HALE_ARRAY_SIZE(w->paths),
			    path);

		if (r < 0)
			return r;
	}
	return 0;
}

int watch_scope(struct watch *w)
{
	const struct run_options *o = w->options;
	const char *root = container_root(o->command);
	int r = add_own(w);

	w->container = container_wanted(o, o->command, getenv("DOCKER_HOST"));
	if (r == 0 && w->container && root)
		r = add_path(w, root);
	for (size_t i = 0; i < w->n_paths && r == 0; i++) {
		HALE_SET(w->found[i].path, w->paths[i]);
		/* what others write into /tmp is no output of this build */
		if (i != TMP || strcmp(w->paths[i], "/tmp") != 0)
			r = add(w->roots, &w->n_roots, WATCH_ROOTS_MAX,
				w->paths[i]);
	}
	if (r == 0)
		r = resolve_paths(NULL, (const char *const *)w->paths, w->found,
				  w->n_paths);
	if (r == 0)
		r = add_caches(w);
	w->n_seen = w->n_paths;
	return r;
}
