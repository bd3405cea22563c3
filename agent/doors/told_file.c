/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What hooks were told, kept in STATE/doors/told: so that a restart or a reboot
 * does not tell everything again, and a finding that ended meanwhile is told as
 * over. Must never stop the doors: without the file they tell once too often.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "hale/base.h"

#include "agent/doors/doors.h"
#include "agent/doors/told_file.h"

/* 9 lists of 512 lines of some 150 bytes. */
#define FILE_MAX_BYTES (1024 * 1024)

static void path_of(const struct doors *d, const char *name, char path[512])
{
	snprintf(path, 512, "%.400s/%s", d->state_dir, name);
}

static struct notify *find(struct doors *d, const char *hook)
{
	if (d->config.endpoint[0] && strcmp(hook, d->logs_hook.name) == 0)
		return &d->logs;
	for (size_t i = 0; i < d->n_hooks; i++) {
		if (strcmp(d->hooks[i].notify.hook->name, hook) == 0)
			return &d->hooks[i].notify;
	}
	return NULL;
}

void told_load(struct doors *d)
{
	_cleanup_free_ char *text = NULL;
	char path[512], hook[HALE_NAME_MAX], *rest, *line;
	struct told told;
	struct notify *n;

	if (!d->state_dir)
		return;
	path_of(d, "told", path);
	if (setup_load(path, FILE_MAX_BYTES, &text) < 0)
		return;
	rest = text;
	while ((line = strsep(&rest, "\n")) != NULL) {
		if (told_line_read(line, hook, &told) < 0)
			continue;
		n = find(d, hook);
		if (n)
			notify_recall(n, &told);
	}
}

static void print(struct text *t, const struct notify *n)
{
	for (size_t i = 0; i < n->n_told; i++)
		told_line_write(t, n->hook->name, &n->told[i]);
}

static int replace(const char *fresh, const char *path, const struct text *t)
{
	_cleanup_fd_ int fd = open(
		fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
		0640);

	if (fd < 0)
		return -errno;
	if (write(fd, t->at, t->len) != (ssize_t)t->len || fsync(fd) < 0 ||
	    rename(fresh, path) < 0)
		return -errno;
	return 0;
}

void told_save(struct doors *d)
{
	_cleanup_free_ char *bytes = malloc(FILE_MAX_BYTES);
	struct text t = { .at = bytes, .size = FILE_MAX_BYTES };
	char path[512], fresh[512];
	int r;

	if (!bytes || !d->state_dir)
		return;
	bytes[0] = '\0';
	for (size_t i = 0; i < d->n_hooks; i++)
		print(&t, &d->hooks[i].notify);
	if (d->config.endpoint[0])
		print(&t, &d->logs);
	path_of(d, "told", path);
	path_of(d, "told.new", fresh);
	r = replace(fresh, path, &t);
	if (r < 0)
		doors_log(4, "%s: %s: after a restart it is told once more",
			  path, strerror(-r));
}
