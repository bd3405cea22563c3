/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What cgroups say about a command: whose limit ended something of it, and what
 * it used. Only a group whose own "oom" count grew was at its limit; oom_kill
 * alone also counts what the host's own shortage killed. A file that is not
 * there means that it is not known, never zero.
 */
#include <errno.h>
#include <fcntl.h>

#include "hale/base.h"

#include "cgroup_file.h"

int cgroup_file_read(int at, const char *name, char ret[CGROUP_TEXT_MAX])
{
	_cleanup_fd_ int fd = openat(at, name, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, ret, CGROUP_TEXT_MAX - 1);
	if (n < 0)
		return -errno;
	ret[n] = '\0';
	return 0;
}

int cgroup_file_write(int at, const char *name, const char *text)
{
	_cleanup_fd_ int fd = openat(at, name, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		return -errno;
	return 0;
}

bool cgroup_file_name(const struct cgroup *c, size_t len, const char *file,
		      char ret[CGROUP_NAME_MAX])
{
	int n = snprintf(ret, CGROUP_NAME_MAX, "%.*s%s%s", (int)len, c->path,
			 len > 0 ? "/" : "", file);

	return n > 0 && n < CGROUP_NAME_MAX;
}

static uint64_t number(const char *text)
{
	if (*text < '0' || *text > '9')
		return UINT64_MAX; /* "max" */
	return strtoull(text, NULL, 10);
}

static uint64_t behind(const char *text, const char *key)
{
	size_t len = strlen(key);

	while (text && strncmp(text, key, len) != 0) {
		text = strchr(text, '\n');
		if (text)
			text++;
	}
	return text ? number(text + len) : UINT64_MAX;
}

uint64_t cgroup_file_count(const struct cgroup *c, size_t len, const char *file,
			   const char *key)
{
	char name[CGROUP_NAME_MAX], text[CGROUP_TEXT_MAX] = "";

	if (!cgroup_file_name(c, len, file, name) ||
	    cgroup_file_read(c->root, name, text) < 0)
		return UINT64_MAX;
	return behind(text, key);
}

uint64_t cgroup_kills(const struct cgroup *c)
{
	for (uint32_t i = 0; i < c->n_levels; i++) {
		uint64_t n = cgroup_file_count(c, c->levels[i].len,
					       "memory.events", "oom_kill ");

		if (n != UINT64_MAX)
			return n;
	}
	return UINT64_MAX;
}

static uint64_t grown(uint64_t before, uint64_t now)
{
	return before == UINT64_MAX || now == UINT64_MAX || now < before
		       ? 0
		       : now - before;
}

static void name_limit(const struct cgroup *c, size_t len,
		       struct run_limits *ret)
{
	ret->limit_bytes = cgroup_file_count(c, len, "memory.max", "");
	ret->cgroup[0] = '/';
	hale_copy(ret->cgroup + 1, sizeof(ret->cgroup) - 1, c->path, len);
}

/* Where it has a memory controller, it has counted the command's alone. */
static uint64_t own_kills(const struct cgroup *c)
{
	char text[CGROUP_TEXT_MAX] = "";

	if (c->own < 0 || cgroup_file_read(c->own, "memory.events", text) < 0)
		return UINT64_MAX;
	return behind(text, "oom_kill ");
}

static void read_limits(const struct cgroup *c, struct run_limits *ret)
{
	uint64_t own = own_kills(c);
	uint64_t kills =
		own != UINT64_MAX ? own : grown(c->kills, cgroup_kills(c));

	ret->known = own != UINT64_MAX || c->kills != UINT64_MAX;
	for (uint32_t i = 0; i < c->n_levels; i++) {
		const struct cgroup_level *l = &c->levels[i];
		uint64_t ooms = cgroup_file_count(
			c, l->len, "memory.events.local", "oom ");

		ret->pids_refused += grown(
			l->refused,
			cgroup_file_count(c, l->len, "pids.events", "max "));
		if (grown(l->ooms, ooms) == 0 || ret->oom_kills > 0)
			continue;
		ret->oom_kills = kills;
		name_limit(c, l->len, ret);
	}
}

/* Fields "rbytes=N wbytes=N" of io.stat, a line a disk. */
static uint64_t sum(const char *text, const char *key)
{
	uint64_t n = 0;

	while ((text = strstr(text, key))) {
		text += strlen(key);
		n += strtoull(text, NULL, 10);
	}
	return n;
}

static void read_usage(const struct cgroup *c, struct run_usage *u)
{
	char text[CGROUP_TEXT_MAX] = "";

	if (cgroup_file_read(c->own, "cpu.stat", text) == 0) {
		uint64_t user = behind(text, "user_usec ");
		uint64_t system = behind(text, "system_usec ");

		if (user != UINT64_MAX && system != UINT64_MAX) {
			u->user_ns = user * HALE_NS_PER_US;
			u->system_ns = system * HALE_NS_PER_US;
		}
	}
	if (cgroup_file_read(c->own, "io.stat", text) == 0 && text[0]) {
		u->read_bytes = sum(text, "rbytes=");
		u->written_bytes = sum(text, "wbytes=");
	}
	if (cgroup_file_read(c->own, "memory.peak", text) == 0) {
		u->peak_memory_bytes = number(text);
		u->cgroup = true;
	}
}

void cgroup_read(const struct cgroup *c, struct run_attempt *a)
{
	char name[CGROUP_NAME_MAX];

	a->limits.limit_bytes = UINT64_MAX;
	if (c->root < 0)
		return;
	read_limits(c, &a->limits);
	if (c->own < 0)
		return;
	read_usage(c, &a->usage);
	if (cgroup_file_name(c, strlen(c->path), c->name, name)) {
		a->cgroup[0] = '/';
		hale_copy(a->cgroup + 1, sizeof(a->cgroup) - 1, name,
			  strlen(name));
	}
}
