/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is anything done for a command in a container engine? Decides by names and
 * ancestry: what descends from an engine's process and began since the command
 * did may be its work. That of others which began meanwhile counts as well: a
 * hang that is noticed late is better than a build that is ended while it
 * works. Must never touch more of a process than its counters.
 */
#include "tree_engine.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

#include "hale/base.h"

#include "tree_proc.h"

#define PROCESSES_MAX 32768
#define DEPTH_MAX     32

/* As the kernel cuts names: 15 bytes. */
static const char *const engines[] = {
	"dockerd", "containerd", "containerd-shim", "buildkitd",
	"podman",  "conmon",	 "buildah",	    "crio",
};

struct one {
	pid_t pid, parent;
	bool engine;
	uint64_t start_ticks, cpu_ticks;
};

struct all {
	struct one *list;
	size_t n;
};

static bool is_engine(const char *comm)
{
	for (size_t i = 0; i < HALE_ARRAY_SIZE(engines); i++) {
		if (strcmp(comm, engines[i]) == 0)
			return true;
	}
	return false;
}

static bool read_one(int proc_fd, const char *name, struct one *ret)
{
	struct tree_process p = { .pid = 0 };
	char path[32], text[1024];

	snprintf(path, sizeof(path), "%.16s/stat", name);
	if (tree_read(proc_fd, path, text, sizeof(text)) < 0 ||
	    tree_parse_stat(text, &p) < 0)
		return false;
	*ret = (struct one){ .pid = p.pid,
			     .parent = p.parent,
			     .engine = is_engine(p.comm),
			     .start_ticks = p.start_ticks,
			     .cpu_ticks = p.cpu_ticks + p.children_ticks };
	return true;
}

static int by_pid(const void *a, const void *b)
{
	const struct one *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

static int read_all(int proc_fd, struct all *a)
{
	int fd = openat(proc_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *e;

	if (!d) {
		int r = -errno;

		hale_cleanup_fd(&fd);
		return r;
	}
	while ((e = readdir(d)) && a->n < PROCESSES_MAX) {
		if (e->d_name[0] >= '1' && e->d_name[0] <= '9' &&
		    read_one(proc_fd, e->d_name, &a->list[a->n]))
			a->n++;
	}
	closedir(d);
	qsort(a->list, a->n, sizeof(*a->list), by_pid);
	return 0;
}

/* Does an engine's process stand above it? */
static bool is_inside(const struct all *a, const struct one *o)
{
	for (int depth = 0; o && depth < DEPTH_MAX; depth++) {
		const struct one parent = { .pid = o->parent };

		o = bsearch(&parent, a->list, a->n, sizeof(*a->list), by_pid);
		if (o && o->engine)
			return true;
	}
	return false;
}

static uint64_t io_of(int proc_fd, pid_t pid)
{
	struct tree_process p = { .pid = pid };
	char path[32], text[512];

	snprintf(path, sizeof(path), "%d/io", pid);
	if (tree_read(proc_fd, path, text, sizeof(text)) > 0)
		tree_parse_io(text, &p);
	return p.io_bytes;
}

int tree_engine(int proc_fd, uint64_t since_ticks, struct tree_engine *ret)
{
	_cleanup_free_ struct one *list = malloc(PROCESSES_MAX * sizeof(*list));
	struct tree_engine sum = { .cpu_ticks = 0 };
	struct all a = { .list = list };
	int r = list ? read_all(proc_fd, &a) : -ENOMEM, n = 0;

	if (r < 0)
		return r;
	for (size_t i = 0; i < a.n; i++) {
		const struct one *o = &list[i];

		if (!o->engine &&
		    (o->start_ticks < since_ticks || !is_inside(&a, o)))
			continue;
		n++;
		sum.cpu_ticks += o->cpu_ticks;
		if (!o->engine)
			sum.io_bytes += io_of(proc_fd, o->pid);
	}
	*ret = sum;
	return n;
}
