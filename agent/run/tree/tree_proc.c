/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /proc as text to numbers. Decides nothing; must take any bytes, because a
 * process chooses its own name: "a) R 1 (" is one. Invariant: what is parsed
 * has a pid above 0, or it is refused.
 */
#include "tree_proc.h"

#include <errno.h>
#include <fcntl.h>

#include "hale/base.h"
#include "hale/text.h"

int tree_read(int dir_fd, const char *path, char *buf, size_t size)
{
	_cleanup_fd_ int fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC);
	size_t used = 0;
	ssize_t n = 1;

	if (fd < 0)
		return -errno;
	while (n > 0 && used < size - 1) {
		n = read(fd, buf + used, size - 1 - used);
		if (n < 0)
			return -errno;
		used += (size_t)n;
	}
	buf[used] = '\0';
	return (int)used;
}

int tree_link(int dir_fd, const char *path, char *buf, size_t size)
{
	ssize_t n = readlinkat(dir_fd, path, buf, size - 1);

	if (n < 0)
		return -errno;
	buf[n] = '\0';
	return (int)n;
}

const char *tree_field(const char *line, int number)
{
	line += strspn(line, " \t");
	for (; number > 0 && *line != '\0'; number--) {
		line += strcspn(line, " \t");
		line += strspn(line, " \t");
	}
	return line;
}

/* The fields of stat behind the name, by their numbers in proc(5). */
enum {
	STATE = 3,
	PARENT = 4,
	GROUP = 5,
	SESSION = 6,
	TTY = 7,
	TTY_GROUP = 8,
	USER_TICKS = 14,
	SYSTEM_TICKS = 15,
	CHILDREN_USER = 16,
	CHILDREN_SYSTEM = 17,
	START = 22,
	RSS = 24,
	FIELDS
};

static pid_t as_pid(uint64_t n)
{
	return n <= INT32_MAX ? (pid_t)n : 0;
}

/* "-1" reads as 2^64 - 1. */
static int take_fields(const char *s, uint64_t fields[FIELDS])
{
	for (int i = PARENT; i < FIELDS; i++) {
		char *end;

		errno = 0;
		fields[i] = strtoull(s, &end, 10);
		if (end == s)
			return -EINVAL;
		s = end;
	}
	return 0;
}

int tree_parse_stat(const char *text, struct tree_process *ret)
{
	static long page;
	const char *name = strchr(text, '('), *end = strrchr(text, ')');
	uint64_t f[FIELDS] = { 0 };
	uint64_t pid = strtoull(text, NULL, 10);

	if (!name || !end || end < name || end[1] != ' ' || end[2] == '\0')
		return -EINVAL;
	if (as_pid(pid) == 0 || take_fields(end + 3, f) < 0)
		return -EINVAL;
	if (page == 0)
		page = sysconf(_SC_PAGESIZE);
	ret->pid = as_pid(pid);
	hale_print_text(ret->comm, sizeof(ret->comm), name + 1,
			(size_t)(end - name - 1));
	ret->state = end[2];
	ret->parent = as_pid(f[PARENT]);
	ret->group = as_pid(f[GROUP]);
	ret->session = as_pid(f[SESSION]);
	ret->background = f[TTY] != 0 && f[TTY_GROUP] != f[GROUP];
	ret->start_ticks = f[START];
	ret->cpu_ticks = f[USER_TICKS] + f[SYSTEM_TICKS];
	ret->children_ticks = f[CHILDREN_USER] + f[CHILDREN_SYSTEM];
	ret->rss_bytes = f[RSS] * (uint64_t)page;
	return 0;
}

void tree_copy_stat(struct tree_process *to, const struct tree_process *from)
{
	to->parent = from->parent;
	to->group = from->group;
	to->session = from->session;
	to->start_ticks = from->start_ticks;
	to->cpu_ticks = from->cpu_ticks;
	to->children_ticks = from->children_ticks;
	to->rss_bytes = from->rss_bytes;
	to->state = from->state;
	to->background = from->background;
	memcpy(to->comm, from->comm, sizeof(to->comm));
}

static uint64_t value_of(const char *text, const char *name, uint64_t other)
{
	const char *at = strstr(text, name);

	return at ? strtoull(at + strlen(name), NULL, 10) : other;
}

void tree_parse_io(const char *text, struct tree_process *ret)
{
	uint64_t in = value_of(text, "rchar: ", 0);
	uint64_t out = value_of(text, "wchar: ", 0);

	ret->read_bytes = value_of(text, "\nread_bytes: ", ret->read_bytes);
	ret->written_bytes =
		value_of(text, "\nwrite_bytes: ", ret->written_bytes);
	if (text[0] != '\0')
		ret->io_bytes = in + out + ret->read_bytes + ret->written_bytes;
}
