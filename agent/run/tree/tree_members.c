/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds the members of a tree: by its cgroup, whose files name them, or else by
 * ancestry, which takes a look at every process of the host. Decides nothing
 * about a single one. Bounded: so many processes, cgroups and levels, whatever
 * a build creates.
 */
#include "tree_members.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

#include "hale/base.h"

/* Of cgroups that a build may make below its own. */
#define CGROUPS_MAX 256
#define LEVELS_MAX  8
/* Of processes that are looked at for being descendants. */
#define OTHERS_MAX 32768

static void close_dir(DIR **d)
{
	if (*d)
		closedir(*d);
}

#define _cleanup_dir_ __attribute__((cleanup(close_dir)))

/* --- by cgroup
 * ------------------------------------------------------------------- */

static int take_procs(struct tree *t, int dir_fd)
{
	int fd = openat(dir_fd, "cgroup.procs", O_RDONLY | O_CLOEXEC);
	_cleanup_file_ FILE *f = fd >= 0 ? fdopen(fd, "r") : NULL;
	char line[32];
	pid_t parent;

	if (!f) {
		if (fd >= 0)
			close(fd);
		return -errno;
	}
	for (int n = 0; n < TREE_MAX && fgets(line, sizeof(line), f); n++) {
		unsigned long pid = strtoul(line, NULL, 10);

		if (pid > 0 && pid <= INT32_MAX)
			tree_take(t, (pid_t)pid, true, &parent);
	}
	return 0;
}

static int take_below(struct tree *t, int dir_fd, int level, int *left)
{
	_cleanup_dir_ DIR *d = NULL;
	const struct dirent *e;
	int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = take_procs(t, dir_fd);

	d = fd >= 0 ? fdopendir(fd) : NULL;
	if (!d && fd >= 0)
		close(fd);
	while (d && level < LEVELS_MAX && (e = readdir(d)) && *left > 0) {
		_cleanup_fd_ int sub = -1;

		if (e->d_type != DT_DIR || e->d_name[0] == '.')
			continue;
		(*left)--;
		sub = openat(dir_fd, e->d_name,
			     O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (sub >= 0)
			take_below(t, sub, level + 1, left);
	}
	return r;
}

int tree_take_cgroup(struct tree *t)
{
	int left = CGROUPS_MAX;

	return take_below(t, t->cgroup_fd, 0, &left);
}

/* --- by ancestry
 * ------------------------------------------------------------------ */

struct other {
	pid_t pid, parent;
};

static bool is_taken(const struct tree *t, pid_t pid)
{
	const struct tree_process *e = tree_find(t, pid);

	return e && e->seen;
}

/* A child may have a lower number than its parent, and comes first then. */
static void take_children(struct tree *t, struct other *others, uint32_t n)
{
	bool more = true;

	while (more) {
		more = false;
		for (uint32_t i = 0; i < n; i++) {
			if (others[i].pid == 0 ||
			    !is_taken(t, others[i].parent))
				continue;
			tree_take(t, others[i].pid, false, &others[i].parent);
			others[i].pid = 0;
			more = true;
		}
	}
}

int tree_take_descendants(struct tree *t)
{
	_cleanup_free_ struct other *others =
		malloc(OTHERS_MAX * sizeof(*others));
	int fd = openat(t->proc_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_dir_ DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *e;
	uint32_t n = 0;

	if (!d || !others) {
		if (!d && fd >= 0)
			close(fd);
		return others ? -errno : -ENOMEM;
	}
	while ((e = readdir(d)) && n < OTHERS_MAX) {
		unsigned long pid = strtoul(e->d_name, NULL, 10);
		struct other *o = &others[n];

		if (pid == 0 || pid > INT32_MAX || is_taken(t, (pid_t)pid))
			continue;
		*o = (struct other){ .pid = (pid_t)pid };
		if (!tree_take(t, o->pid, false, &o->parent) && o->parent > 0)
			n++;
	}
	take_children(t, others, n);
	return 0;
}
