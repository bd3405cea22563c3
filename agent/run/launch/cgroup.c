/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command's own cgroup, cgroup-v2.rst. hale enables no controller anywhere:
 * where hale's group has handed its own down, the new group has them, else it
 * has only what every group has (cpu.stat, cgroup.kill). None is made where
 * hale's own group is limited: runtimes (JVM, Node.js) read the limit of the
 * very group that they are in, and would find none.
 */
#include "cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include "hale/base.h"

#include "cgroup_file.h"

static int open_root(void)
{
	static const char *const places[] = { "/sys/fs/cgroup",
					      "/sys/fs/cgroup/unified" };

	for (size_t i = 0; i < HALE_ARRAY_SIZE(places); i++) {
		int fd = open(places[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
		struct statfs fs;

		if (fd >= 0 && fstatfs(fd, &fs) == 0 &&
		    (uint64_t)fs.f_type == CGROUP2_SUPER_MAGIC)
			return fd;
		if (fd >= 0)
			close(fd);
	}
	return -1;
}

/* The line "0::/a/b" of /proc/self/cgroup, without its first slash. */
static bool find_path(struct cgroup *c)
{
	char text[CGROUP_TEXT_MAX], *line, *end;

	if (cgroup_file_read(AT_FDCWD, "/proc/self/cgroup", text) < 0)
		return false;
	line = strncmp(text, "0::/", 4) == 0 ? text : strstr(text, "\n0::/");
	if (!line)
		return false;
	line = strchr(line, '/') + 1;
	end = strchr(line, '\n');
	if (end)
		*end = '\0';
	/* a namespace below its root; or one that was removed */
	if (strncmp(line, "..", 2) == 0 || strstr(line, " (deleted)"))
		return false;
	return HALE_SET(c->path, line);
}

/* Has it a limit of its own? */
static bool limited(const struct cgroup *c, const char *file)
{
	char name[CGROUP_NAME_MAX], text[CGROUP_TEXT_MAX];

	if (!cgroup_file_name(c, strlen(c->path), file, name) ||
	    cgroup_file_read(c->root, name, text) < 0)
		return false;
	return strncmp(text, "max", 3) != 0;
}

static void make_own(struct cgroup *c)
{
	char name[CGROUP_NAME_MAX];

	if (limited(c, "memory.max") || limited(c, "memory.high") ||
	    limited(c, "cpu.max") || limited(c, "pids.max"))
		return;
	snprintf(c->name, sizeof(c->name), "hale-run-%d", (int)getpid());
	if (!cgroup_file_name(c, strlen(c->path), c->name, name))
		return;
	/* of a process of that number that died */
	unlinkat(c->root, name, AT_REMOVEDIR);
	if (mkdirat(c->root, name, 0755) < 0)
		return;
	c->own = openat(c->root, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (c->own < 0)
		unlinkat(c->root, name, AT_REMOVEDIR);
}

/* Hale's own group and all above it that can be seen. */
static void find_levels(struct cgroup *c)
{
	size_t len = strlen(c->path);

	for (;;) {
		struct cgroup_level *l = &c->levels[c->n_levels++];

		l->len = len;
		l->ooms = cgroup_file_count(c, len, "memory.events.local",
					    "oom ");
		l->refused = cgroup_file_count(c, len, "pids.events", "max ");
		if (len == 0 || c->n_levels == CGROUP_LEVELS_MAX)
			return;
		while (len > 0 && c->path[len - 1] != '/')
			len--;
		if (len > 0)
			len--;
	}
}

void cgroup_open(struct cgroup *c)
{
	*c = (struct cgroup){ .root = open_root(), .own = -1 };
	if (c->root >= 0 && !find_path(c)) {
		close(c->root);
		c->root = -1;
	}
	if (c->root < 0)
		return;
	find_levels(c);
	c->kills = cgroup_kills(c);
	make_own(c);
}

static int next_pid(FILE *f)
{
	char line[32];

	return fgets(line, sizeof(line), f) ? (int)strtol(line, NULL, 10) : 0;
}

static FILE *open_members(const struct cgroup *c)
{
	int fd = openat(c->own, "cgroup.procs", O_RDONLY | O_CLOEXEC);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "r");

	if (!f && fd >= 0)
		close(fd);
	return f;
}

void cgroup_signal(const struct cgroup *c, int sig)
{
	_cleanup_file_ FILE *f = NULL;
	int pid;

	if (c->own < 0)
		return;
	/* all at once, those in groups below as well; Linux 5.14 */
	if (sig == SIGKILL &&
	    cgroup_file_write(c->own, "cgroup.kill", "1") == 0)
		return;
	f = open_members(c);
	while (f && (pid = next_pid(f)) > 0)
		kill(pid, sig);
}

/* Those that outlive the command: daemons. Bounded, as new ones may come. */
static void move_back(const struct cgroup *c)
{
	char name[CGROUP_NAME_MAX], text[16];

	if (!cgroup_file_name(c, strlen(c->path), "cgroup.procs", name))
		return;
	for (int i = 0; i < 8; i++) {
		_cleanup_file_ FILE *f = open_members(c);
		int pid, n = 0;

		while (f && (pid = next_pid(f)) > 0) {
			snprintf(text, sizeof(text), "%d", pid);
			cgroup_file_write(c->root, name, text);
			n++;
		}
		if (n == 0)
			return;
	}
}

void cgroup_done(struct cgroup *c)
{
	char name[CGROUP_NAME_MAX];

	if (c->own >= 0) {
		move_back(c);
		close(c->own);
		if (cgroup_file_name(c, strlen(c->path), c->name, name))
			unlinkat(c->root, name, AT_REMOVEDIR);
	}
	if (c->root >= 0)
		close(c->root);
	c->own = c->root = -1;
}
