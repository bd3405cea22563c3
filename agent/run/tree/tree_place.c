/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a file is that a thread waits for: a terminal, a pipe, a lock that
 * another holds, a filesystem on a disk. Decides by the names that /proc gives
 * to open files and by the mounts of the process. Must never open, stat or
 * touch the file itself: it hangs, that is why it is asked about.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>

#include "hale/base.h"
#include "hale/mountinfo.h"
#include "hale/text.h"

#include "tree_proc.h"
#include "tree_wait.h"

__attribute__((format(printf, 4, 5))) static void set(struct tree_wait *ret,
						      enum tree_rank rank,
						      enum run_wait wait,
						      const char *format, ...)
{
	char text[160];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	ret->rank = rank;
	ret->wait = wait;
	hale_print_text(ret->what, sizeof(ret->what), text, strlen(text));
}

static FILE *open_text(int dir, const char *path)
{
	int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	FILE *f = fd >= 0 ? fdopen(fd, "r") : NULL;

	if (!f && fd >= 0)
		close(fd);
	return f;
}

/* --- filesystems
 * ------------------------------------------------------------------ */

struct place {
	uint32_t major, minor;
	size_t len; /* of the mountpoint that fits */
	char mountpoint[64], type[24], source[64];
};

static void keep(const struct hale_mountinfo *m, struct place *ret)
{
	ret->major = m->major;
	ret->minor = m->minor;
	hale_mountinfo_unescape(ret->mountpoint, sizeof(ret->mountpoint),
				m->mountpoint.at, m->mountpoint.len);
	hale_mountinfo_unescape(ret->type, sizeof(ret->type), m->type.at,
				m->type.len);
	hale_mountinfo_unescape(ret->source, sizeof(ret->source), m->source.at,
				m->source.len);
}

static bool is_below(const char *path, const struct hale_mountinfo *m,
		     size_t *ret_len)
{
	char point[HALE_PATH_MAX];
	size_t len;

	hale_mountinfo_unescape(point, sizeof(point), m->mountpoint.at,
				m->mountpoint.len);
	len = strlen(point);
	*ret_len = len;
	return strcmp(point, "/") == 0 ||
	       (strncmp(path, point, len) == 0 &&
		(path[len] == '/' || path[len] == '\0'));
}

/* @id: -1, then the mount that @path is below. Of two that fit equally the
 * later one lies above. */
static bool find_mount(int dir, long id, const char *path, struct place *ret)
{
	_cleanup_file_ FILE *f = open_text(dir, "mountinfo");
	_cleanup_free_ char *line = NULL; /* of an overlay: any length */
	size_t room = 0;
	ssize_t n;
	bool found = false;

	while (f && (n = getline(&line, &room, f)) > 0) {
		struct hale_mountinfo m;
		size_t len = 0;

		if (!hale_mountinfo_parse(line, (size_t)n - 1, &m))
			continue;
		if (id >= 0 ? m.id != (uint32_t)id
			    : !is_below(path, &m, &len) || len < ret->len)
			continue;
		keep(&m, ret);
		ret->len = len;
		found = true;
	}
	return found;
}

static long mount_of_fd(int dir, int fd)
{
	char path[32], text[512];
	const char *at;

	snprintf(path, sizeof(path), "fdinfo/%d", fd);
	if (tree_read(dir, path, text, sizeof(text)) < 0)
		return -1;
	at = strstr(text, "mnt_id:");
	return at ? strtol(at + strlen("mnt_id:"), NULL, 10) : -1;
}

/* "sdb1" of a filesystem on one device; else what was mounted. */
static void name_device(const struct place *p, char *ret, size_t size)
{
	char path[48], link[HALE_PATH_MAX];
	const char *slash;

	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u", p->major,
		 p->minor);
	if (p->major != 0 && tree_link(AT_FDCWD, path, link, sizeof(link)) > 0)
		slash = strrchr(link, '/');
	else
		slash = NULL;
	if (slash)
		snprintf(ret, size, "disk %s", slash + 1);
	else
		snprintf(ret, size, "%s", p->source);
}

static void say_disk(const struct tree_act_of *a, const struct place *p,
		     struct tree_wait *ret)
{
	char device[80];

	name_device(p, device, sizeof(device));
	ret->major = p->major;
	ret->minor = p->minor;
	set(ret, TREE_RANK_DISK, RUN_WAIT_DISK,
	    "waits for %s (%s on %s), in state %c%s%s", device, p->type,
	    p->mountpoint, a->state, a->wchan[0] ? ", " : "", a->wchan);
}

/* The path of a call, made absolute; else where the process stands. */
static bool path_of(const struct tree_look *l, const struct tree_act_of *a,
		    char *ret, size_t size)
{
	char cwd[HALE_PATH_MAX];

	if (a->path[0] == '/')
		return hale_copy(ret, size, a->path, strlen(a->path));
	if (tree_link(l->dir, "cwd", cwd, sizeof(cwd)) < 0)
		return false;
	snprintf(ret, size, "%s/%s", cwd, a->path);
	return a->path[0] != '\0';
}

/* A page fault names no file: the program itself is one that it may be of. Not
 * enough to name a disk as the cause by, so no number is set. */
static void say_page(const struct tree_look *l, const struct tree_act_of *a,
		     struct tree_wait *ret)
{
	char exe[HALE_PATH_MAX], device[80], where[200] = "";
	struct place p = { 0 };

	if (tree_link(l->dir, "exe", exe, sizeof(exe)) > 0 &&
	    find_mount(l->dir, -1, exe, &p) && p.major != 0) {
		name_device(&p, device, sizeof(device));
		snprintf(where, sizeof(where), "; its program is on %s (%s)",
			 device, p.mountpoint);
	}
	set(ret, TREE_RANK_DISK, RUN_WAIT_DISK,
	    "waits in the kernel, in state %c%s%s%s", a->state,
	    a->wchan[0] ? ", " : "", a->wchan, where);
}

void tree_wait_disk(const struct tree_look *l, const struct tree_act_of *a,
		    struct tree_wait *ret)
{
	char path[HALE_PATH_MAX * 2] = "";
	struct place p = { 0 };
	long id = a->fd >= 0 ? mount_of_fd(l->dir, a->fd) : -1;

	if ((id >= 0 && find_mount(l->dir, id, "", &p)) ||
	    (path_of(l, a, path, sizeof(path)) &&
	     find_mount(l->dir, -1, path, &p)))
		say_disk(a, &p, ret);
	else
		say_page(l, a, ret);
}

/* --- locks
 * ------------------------------------------------------------------------- */

/* "3: -> FLOCK  ADVISORY  WRITE 4321 fd:00:25314 0 EOF" waits for the one of
 * that number without an arrow. Its holder's pid; 0: not known. */
static pid_t holder_of(int proc_fd, pid_t waiter)
{
	_cleanup_file_ FILE *f = open_text(proc_fd, "locks");
	char line[256];
	long number = 0, holder = 0;

	while (f && fgets(line, sizeof(line), f)) {
		bool waits = strstr(line, "->") != NULL;
		long n = strtol(line, NULL, 10);
		long pid = strtol(tree_field(line, waits ? 5 : 4), NULL, 10);

		if (!waits) {
			number = n;
			holder = pid;
		} else if (n == number && pid == waiter) {
			return holder > 0 ? (pid_t)holder : 0;
		}
	}
	return 0;
}

/* A lock belongs to the open file: it may outlive who took it. */
static void name_holder(int proc_fd, pid_t pid, char *ret, size_t size)
{
	char path[32], comm[64] = "";

	if (pid <= 0)
		return;
	snprintf(path, sizeof(path), "%d/comm", pid);
	if (tree_read(proc_fd, path, comm, sizeof(comm)) > 0)
		comm[strcspn(comm, "\n")] = '\0';
	if (comm[0])
		snprintf(ret, size, ", held by %.32s (pid %d)", comm, pid);
	else
		snprintf(ret, size, ", taken by pid %d, which has ended", pid);
}

void tree_wait_lock(const struct tree_look *l, int fd, struct tree_wait *ret)
{
	pid_t holder = holder_of(l->tree->proc_fd, l->pid);
	const struct tree_process *e =
		holder > 0 ? tree_find(l->tree, holder) : NULL;
	char path[32], link[HALE_VICTIM_PATH_MAX] = "a file", who[80] = "";

	snprintf(path, sizeof(path), "fd/%d", fd);
	if (fd >= 0)
		tree_link(l->dir, path, link, sizeof(link));
	name_holder(l->tree->proc_fd, holder, who, sizeof(who));
	/* one of the tree that holds it is the one to ask, if it is another */
	set(ret,
	    e && e->seen && e->pid != l->pid ? TREE_RANK_MEMBER
					     : TREE_RANK_LOCK,
	    RUN_WAIT_LOCK, "waits for the lock on %.64s%s", link, who);
}

/* --- open files
 * -------------------------------------------------------------------- */

static bool is_terminal(const char *link)
{
	return strncmp(link, "/dev/pts/", 9) == 0 ||
	       strncmp(link, "/dev/tty", 8) == 0 ||
	       strcmp(link, "/dev/console") == 0;
}

/* Both ends of a pipe have one name; fdinfo tells which one it is. */
static bool is_end(const struct tree *t, pid_t pid, int fd, bool for_writing)
{
	char path[48], text[256];
	const char *at;
	unsigned long mode;

	snprintf(path, sizeof(path), "%d/fdinfo/%d", pid, fd);
	if (tree_read(t->proc_fd, path, text, sizeof(text)) < 0)
		return false;
	at = strstr(text, "flags:");
	mode = at ? strtoul(at + strlen("flags:"), NULL, 8) & O_ACCMODE : 0;
	return mode == O_RDWR || mode == (for_writing ? O_WRONLY : O_RDONLY);
}

static bool holds(const struct tree *t, pid_t pid, const char *pipe,
		  bool for_writing)
{
	for (int fd = 0; fd < 256; fd++) {
		char path[48], link[64];

		snprintf(path, sizeof(path), "%d/fd/%d", pid, fd);
		if (tree_link(t->proc_fd, path, link, sizeof(link)) > 0 &&
		    strcmp(link, pipe) == 0 && is_end(t, pid, fd, for_writing))
			return true;
	}
	return false;
}

/* Has one of the tree its other end? Then that one is to be asked; or it is the
 * pipe that hands out make's jobs. */
static bool is_between(const struct tree_look *l, const char *pipe,
		       bool for_writing)
{
	int left = 64; /* of 256 links each: some ms */

	for (uint32_t i = 0; i < l->tree->n && left > 0; i++) {
		const struct tree_process *e = &l->tree->processes[i];

		if (!e->seen || e->state == 'Z')
			continue;
		left--;
		if (holds(l->tree, e->pid, pipe, for_writing))
			return true;
	}
	return false;
}

static void wait_pipe(const struct tree_look *l, int fd, const char *link,
		      bool writes, struct tree_wait *ret)
{
	enum tree_rank rank = is_between(l, link, !writes) ? TREE_RANK_MEMBER
							   : TREE_RANK_INPUT;

	if (writes)
		set(ret, rank, RUN_WAIT_INPUT,
		    "waits to write to a pipe that nobody reads");
	else if (fd == 0)
		set(ret, rank, RUN_WAIT_INPUT,
		    "waits to read its input, a pipe that says nothing");
	else
		set(ret, rank, RUN_WAIT_INPUT,
		    "waits to read a pipe that says nothing");
}

void tree_wait_fd(const struct tree_look *l, int fd, bool writes,
		  struct tree_wait *ret)
{
	char path[32], link[HALE_VICTIM_PATH_MAX];

	snprintf(path, sizeof(path), "fd/%d", fd);
	if (tree_link(l->dir, path, link, sizeof(link)) < 0)
		return;
	if (is_terminal(link))
		set(ret, TREE_RANK_TERMINAL, RUN_WAIT_TERMINAL,
		    "waits to %s the terminal %.64s: %s",
		    writes ? "write to" : "read", link,
		    writes ? "is it held?" : "does it ask something?");
	else if (strncmp(link, "socket:[", 8) == 0)
		tree_wait_socket(l, strtoull(link + 8, NULL, 10), ret);
	else if (strncmp(link, "pipe:", 5) == 0)
		wait_pipe(l, fd, link, writes, ret);
	else if (link[0] == '/')
		set(ret, TREE_RANK_INPUT, RUN_WAIT_INPUT, "waits to %s %.96s",
		    writes ? "write to" : "read", link);
}
