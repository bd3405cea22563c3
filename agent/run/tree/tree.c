/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Samples a command's process tree. Decides who belongs to it: whoever is in
 * its cgroup, is a child of a member, is of its process group, or was a member
 * before (a daemon whose parent is gone). A process is its number and its start
 * time: numbers come again. Must never touch a process's memory or the files it
 * works on, which may hang. Invariant: the totals never run back. What a child
 * used is in its parent's counts once that has waited for it, so of what a
 * parent gains, the last known share of its vanished descendants is not new.
 */
#include "tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "hale/base.h"

#include "tree_members.h"
#include "tree_proc.h"

/* A parent's parent's …: deeper than any build that was seen. */
#define DEPTH_MAX 64

/* --- the table
 * ------------------------------------------------------------------ */

static struct tree_process *entry_of(struct tree *t, pid_t pid)
{
	for (uint32_t i = 0; i < t->n; i++) {
		if (t->pids[i] == pid)
			return &t->processes[i];
	}
	return NULL;
}

const struct tree_process *tree_find(const struct tree *t, pid_t pid)
{
	for (uint32_t i = 0; i < t->n; i++) {
		if (t->pids[i] == pid)
			return &t->processes[i];
	}
	return NULL;
}

/* A free one, or that of the process that is dead longest. */
static struct tree_process *entry_new(struct tree *t, pid_t pid)
{
	uint32_t at = 0;

	if (t->n < TREE_MAX) {
		at = t->n++;
	} else {
		for (uint32_t i = 1; i < t->n; i++) {
			if (t->processes[i].sampled < t->processes[at].sampled)
				at = i;
		}
		/* those of the last sample are still to be accounted for */
		if (t->processes[at].sampled + 1 >= t->samples) {
			t->cut = true;
			return NULL;
		}
	}
	t->pids[at] = pid;
	t->processes[at] = (struct tree_process){ .pid = pid };
	return &t->processes[at];
}

/* --- accounting
 * ------------------------------------------------------------------ */

static void values_of(const struct tree_process *p, uint64_t ret[4])
{
	ret[0] = p->cpu_ticks + p->children_ticks;
	ret[1] = p->read_bytes;
	ret[2] = p->written_bytes;
	ret[3] = p->io_bytes;
}

/* @e is gone: whoever waited for it has its share in its own counts. */
static void bury(struct tree *t, const struct tree_process *e)
{
	struct tree_process *p = entry_of(t, e->parent);
	uint64_t values[4];

	for (int depth = 0; p && !p->seen && depth < DEPTH_MAX; depth++) {
		if (p->sampled + 1 != t->samples || p->parent == p->pid)
			return;
		p = entry_of(t, p->parent);
	}
	if (!p || !p->seen)
		return;
	values_of(e, values);
	for (int i = 0; i < 4; i++)
		p->owed[i] += values[i];
}

static void add_up(struct tree *t)
{
	uint64_t *const totals[4] = { &t->cpu_ticks, &t->read_bytes,
				      &t->written_bytes, &t->io_bytes };

	for (uint32_t i = 0; i < t->n; i++) {
		const struct tree_process *e = &t->processes[i];

		if (!e->seen && e->sampled + 1 == t->samples)
			bury(t, e);
	}
	t->alive = 0;
	t->rss_bytes = 0;
	for (uint32_t i = 0; i < t->n; i++) {
		const struct tree_process *e = &t->processes[i];

		for (int k = 0; e->seen && k < 4; k++) {
			if (e->grown[k] > e->owed[k])
				*totals[k] += e->grown[k] - e->owed[k];
		}
		t->alive += e->seen;
		t->rss_bytes += e->seen ? e->rss_bytes : 0;
	}
}

/* --- one process
 * ------------------------------------------------------------------ */

static void look_at_file(int dir, const char *link, char *path, uint32_t dev[2])
{
	struct statx sx;

	if (tree_link(dir, link, path, HALE_VICTIM_PATH_MAX) < 0) {
		path[0] = '\0';
		return;
	}
	/* what is in memory of it: never asks a server that hangs */
	if (statx(dir, link, AT_STATX_DONT_SYNC, 0, &sx) == 0) {
		dev[0] = sx.stx_dev_major;
		dev[1] = sx.stx_dev_minor;
	}
}

static void look_at_files(struct tree_process *e, int dir)
{
	uint32_t exe[2] = { e->exe_major, e->exe_minor };
	uint32_t cwd[2] = { e->cwd_major, e->cwd_minor };

	look_at_file(dir, "exe", e->exe, exe);
	look_at_file(dir, "cwd", e->cwd, cwd);
	e->exe_major = exe[0];
	e->exe_minor = exe[1];
	e->cwd_major = cwd[0];
	e->cwd_minor = cwd[1];
}

static int read_process(int dir, struct tree_process *ret)
{
	char text[1024];
	int r = tree_read(dir, "stat", text, sizeof(text));

	if (r < 0)
		return r;
	return tree_parse_stat(text, ret);
}

/* @p: as just read, of a member. */
static void update(struct tree *t, int dir, const struct tree_process *p)
{
	struct tree_process *e = entry_of(t, p->pid);
	uint64_t before[4], after[4];
	char text[512] = "";
	bool another = !e || e->start_ticks != p->start_ticks;
	bool renamed = another || strcmp(e->comm, p->comm) != 0;

	if (e && another)
		*e = (struct tree_process){ .pid = p->pid };
	else if (!e)
		e = entry_new(t, p->pid);
	if (!e)
		return;
	values_of(e, before);
	tree_copy_stat(e, p);
	if (tree_read(dir, "io", text, sizeof(text)) > 0)
		tree_parse_io(text, e);
	values_of(e, after);
	for (int i = 0; i < 4; i++) {
		e->grown[i] = after[i] > before[i] ? after[i] - before[i] : 0;
		e->owed[i] = 0;
	}
	e->seen = true;
	e->sampled = t->samples;
	if (renamed || (t->samples & 7) == 0)
		look_at_files(e, dir);
}

static int open_process(const struct tree *t, pid_t pid)
{
	char name[16];

	snprintf(name, sizeof(name), "%d", pid);
	return openat(t->proc_fd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* --- who belongs to it
 * -------------------------------------------------------------- */

static bool belongs(struct tree *t, const struct tree_process *p)
{
	const struct tree_process *e = entry_of(t, p->pid), *parent;

	if (e && e->sampled > 0 && e->start_ticks == p->start_ticks)
		return true;
	if (p->pid == t->root)
		return t->samples == 1;
	parent = entry_of(t, p->parent);
	if (parent && parent->seen)
		return true;
	return p->group == t->root && p->start_ticks >= t->root_start;
}

bool tree_take(struct tree *t, pid_t pid, bool surely, pid_t *ret_parent)
{
	const struct tree_process *e = tree_find(t, pid);
	_cleanup_fd_ int dir = -1;
	struct tree_process p;

	/* once a sample: what grew is counted from the one before */
	if (e && e->seen) {
		*ret_parent = e->parent;
		return true;
	}
	dir = open_process(t, pid);
	if (dir < 0 || read_process(dir, &p) < 0 || p.pid != pid)
		return false;
	*ret_parent = p.parent;
	if (!surely && !belongs(t, &p))
		return false;
	if (pid == t->root && t->samples == 1)
		t->root_start = p.start_ticks;
	update(t, dir, &p);
	return true;
}

/* Those of before that no other way found. */
static void take_former(struct tree *t)
{
	for (uint32_t i = 0; i < t->n; i++) {
		pid_t parent;

		if (!t->processes[i].seen &&
		    t->processes[i].sampled + 1 == t->samples)
			tree_take(t, t->pids[i], false, &parent);
	}
}

int tree_sample(struct tree *t)
{
	pid_t parent;
	int r;

	t->samples++;
	for (uint32_t i = 0; i < t->n; i++)
		t->processes[i].seen = false;
	tree_take(t, t->root, false, &parent);
	r = t->cgroup_fd >= 0 ? tree_take_cgroup(t) : -ENOENT;
	if (r < 0)
		r = tree_take_descendants(t);
	take_former(t);
	add_up(t);
	return r;
}
