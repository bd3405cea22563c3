/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a process while it dies. The race: from its signal to the end of its
 * address space there is the time that its core takes to be written, or to be
 * taken by the program in core_pattern. Without both (RLIMIT_CORE 0 and a file
 * as pattern) it is 10 to 130 us by its size, while the agent opens its first
 * file after 100 to 500 (measured with ftrace, Linux 6.18 in a VM): then only
 * its user, parent and cgroup are found.
 * Decides the order: what goes first is what is gone first. Must never make up
 * what it did not see; and must not stop the process, which is not ours.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>

#include "hale/base.h"
#include "hale/text.h"

#include "victim.h"

/* A linker with a thousand inputs has maps of 300 KiB; what is beyond is not
 * looked at. */
#define MAPS_MAX   (512 * 1024)
#define TEXT_MAX   2048
#define OPEN_MAX   64 /* descriptors */
#define TARGET_MAX 512

struct look {
	struct hale_probe *p;
	int dir_fd; /* proc/<pid> */
	struct hale_victim v;
	bool late; /* what there is to see is its parent's */
	struct victim_holds holds;
	char maps[MAPS_MAX];
};

static void say(const struct look *l)
{
	struct hale_fact f = { .kind = HALE_FACT_VICTIM };

	f.u.victim = l->v;
	l->p->emit(l->p->sink, &f);
}

/* Where a link leads; false: it is gone. */
static bool follow(int dir_fd, const char *name, char *ret, size_t size)
{
	ssize_t n = readlinkat(dir_fd, name, ret, size - 1);

	ret[n > 0 ? n : 0] = '\0';
	return n > 0;
}

static void read_maps(struct look *l)
{
	char target[TARGET_MAX], *at = l->maps;

	if (follow(l->dir_fd, "exe", target, sizeof(target)))
		hale_print_text(l->v.exe, sizeof(l->v.exe), target,
				strlen(target));
	hale_read_at(l->dir_fd, "maps", l->maps, sizeof(l->maps));
	while (*at) {
		size_t len = strcspn(at, "\n");
		bool whole = at[len] == '\n' || at[len + 1] == '\0';
		struct victim_map m;

		at[len] = '\0';
		if (whole && victim_map_parse(at, &m))
			victim_hold_map(&l->holds, &m, &l->v);
		at += len + 1;
		if (at >= l->maps + sizeof(l->maps))
			break;
	}
}

static void read_folder(struct look *l)
{
	char target[TARGET_MAX];

	if (follow(l->dir_fd, "cwd", target, sizeof(target)))
		victim_hold_path(&l->holds, target, HALE_HELD_CWD);
}

static void read_open(struct look *l)
{
	int fd = openat(l->dir_fd, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	char target[TARGET_MAX];
	const struct dirent *e;

	for (int i = 0; dir && i < OPEN_MAX && (e = readdir(dir)); i++) {
		if (follow(dirfd(dir), e->d_name, target, sizeof(target)))
			victim_hold_path(&l->holds, target, HALE_HELD_OPEN);
	}
	if (dir)
		closedir(dir);
	else if (fd >= 0)
		close(fd);
}

/* What the kernel keeps until its parent has taken notice. */
static void read_rest(struct look *l, int dir_fd)
{
	char text[TEXT_MAX];
	uint32_t n;

	hale_read_at(dir_fd, "stat", text, sizeof(text));
	if (victim_stat_parse(text, &l->v))
		l->v.witnesses |= HALE_WITNESS_PROC;
	hale_read_at(dir_fd, "cgroup", text, sizeof(text));
	victim_cgroup_parse(text, l->v.cgroup, sizeof(l->v.cgroup));
	hale_read_at(dir_fd, "status", text, sizeof(text));
	if (victim_status_number(text, "Tgid:", &n) && n != 0)
		l->v.pid = n;
	if (victim_status_number(text, "Uid:", &n)) {
		l->v.uid = n;
		l->v.uid_known = true;
	}
}

/* It was too late: its parent shares its user and folder, as a rule. */
static void ask_parent(struct look *l)
{
	char path[32], target[TARGET_MAX], text[TEXT_MAX];
	_cleanup_fd_ int fd = -1;
	uint32_t uid;

	if (l->v.parent <= 1)
		return;
	snprintf(path, sizeof(path), "proc/%" PRIu32, l->v.parent);
	fd = openat(l->p->root_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (follow(fd, "cwd", target, sizeof(target)))
		victim_hold_path(&l->holds, target, HALE_HELD_PARENT);
	hale_read_at(fd, "status", text, sizeof(text));
	if (!l->v.uid_known && victim_status_number(text, "Uid:", &uid)) {
		l->v.uid = uid;
		l->v.uid_known = true;
	}
	if (l->v.cgroup[0])
		return;
	hale_read_at(fd, "cgroup", text, sizeof(text));
	victim_cgroup_parse(text, l->v.cgroup, sizeof(l->v.cgroup));
}

/* The quick part is said before that which may wait. */
static void look(struct look *l)
{
	if (l->dir_fd >= 0) {
		read_maps(l);
		read_folder(l);
		read_open(l);
		read_rest(l, l->dir_fd);
	}
	l->late = l->holds.n == 0;
	if (l->late)
		ask_parent(l);
	victim_choose(&l->holds, &l->v);
	say(l);
	if (l->holds.n == 0)
		return;
	victim_place(l->p->root_fd, l->late ? l->v.parent : l->v.pid,
		     &l->holds);
	victim_choose(&l->holds, &l->v);
	say(l);
	victim_measure(l->p->root_fd, l->v.pid, &l->v, &l->holds);
	victim_choose(&l->holds, &l->v);
	say(l);
}

void victim_look(struct hale_probe *p, const struct hale_victim *v)
{
	struct look *l = calloc(1, sizeof(*l));
	char path[32];

	if (!l)
		return;
	l->p = p;
	l->v = *v;
	l->v.n_files = 0;
	snprintf(path, sizeof(path), "proc/%" PRIu32, v->pid);
	l->dir_fd =
		openat(p->root_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	look(l);
	if (l->dir_fd >= 0)
		close(l->dir_fd);
	free(l);
}
