/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Metrics on request, and as a file for node-exporter's textfile collector.
 * Decides which form who asks gets. The file is replaced by a rename in its own
 * folder, so that a collector never reads a part of one; it is written each 15
 * seconds, which keeps its age a sign of life.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "hale/base.h"

#include "agent/doors/doors.h"
#include "agent/doors/openmetrics.h"

#define FILE_NS (15 * HALE_NS_PER_S)

static ssize_t print(struct doors *d, enum metrics_form form, char **ret_text)
{
	struct hook_counts hooks[HALE_HOOKS_MAX];
	struct door_counts counts;
	struct picture p = doors_picture(d, &counts, hooks);
	struct text t = { .at = malloc(METRICS_MAX), .size = METRICS_MAX };
	int r;

	if (!t.at)
		return -ENOMEM;
	r = metrics_print(&p, form, d->config.findings_max, &t);
	if (r < 0) {
		free(t.at);
		return r;
	}
	/* 16 clients may have one each */
	*ret_text = strdup(t.at);
	free(t.at);
	if (!*ret_text)
		return -ENOMEM;
	return (ssize_t)t.len;
}

static const char page[] = "hale's metrics are at /metrics\n";

ssize_t metrics_answer(void *doors, const struct http_request *r,
		       char **ret_body, const char **ret_type)
{
	if (strcmp(r->path, "/") == 0) {
		*ret_type = "text/plain; charset=utf-8";
		*ret_body = strdup(page);
		return *ret_body ? (ssize_t)strlen(page) : -ENOMEM;
	}
	if (strcmp(r->path, "/metrics") != 0)
		return -ENOENT;
	*ret_type =
		r->openmetrics ? METRICS_TYPE_OPENMETRICS : METRICS_TYPE_PLAIN;
	return print(doors,
		     r->openmetrics ? METRICS_OPENMETRICS : METRICS_PLAIN,
		     ret_body);
}

/* --- the file --- */

static int write_all(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno != EINTR)
			return -errno;
		text += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
	return 0;
}

/* Hidden from a collector, which reads *.prom. */
static int replace(const char *path, const char *text, size_t len)
{
	char fresh[HALE_DOOR_TEXT_MAX + 8];
	_cleanup_fd_ int fd = -1;
	int r;

	snprintf(fresh, sizeof(fresh), "%s.new", path);
	unlink(fresh);
	fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
		  0644);
	if (fd < 0)
		return -errno;
	/* whoever collects is another user */
	r = fchmod(fd, 0644) < 0 ? -errno : write_all(fd, text, len);
	if (r == 0 && rename(fresh, path) < 0)
		r = -errno;
	if (r < 0)
		unlink(fresh);
	return r;
}

static void tell(struct doors *d, int r)
{
	if (r < 0 && !d->textfile_failed)
		doors_log(4, "[metrics] textfile = %s: %s, ignoring",
			  d->config.textfile, strerror(-r));
	else if (r == 0 && d->textfile_failed)
		doors_log(5, "%s is written again", d->config.textfile);
	d->textfile_failed = r < 0;
}

void textfile_write(struct doors *d)
{
	_cleanup_free_ char *text = NULL;
	ssize_t len = print(d, METRICS_PLAIN, &text);
	int r = len < 0 ? (int)len
			: replace(d->config.textfile, text, (size_t)len);

	tell(d, r);
	d->textfile_ns = doors_now_ns() + FILE_NS;
}

/* What stays would be read on as if it were so. */
void textfile_remove(const struct doors *d)
{
	if (d->config.textfile[0])
		unlink(d->config.textfile);
}
