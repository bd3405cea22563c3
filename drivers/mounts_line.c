/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads mountinfo. Anyone who may mount chooses what stands in its lines
 * (mount points, sources, options), so every field is taken as hostile: lines
 * are bounded, what is longer is cut and says so, a line that does not parse
 * is counted and left out. Fields come out unescaped; options do not, because
 * an escaped comma inside one must not split it.
 */
#include <errno.h>
#include <fcntl.h>

#include "hale/base.h"
#include "hale/mountinfo.h"

#include "mounts_line.h"

/* A field of @line, from now on terminated where it lies. */
static char *ended(char *line, const struct hale_mountinfo_text *field)
{
	char *at = line + (field->at - line);

	at[field->len] = '\0';
	return at;
}

static char *unescaped(char *line, const struct hale_mountinfo_text *field)
{
	char *at = ended(line, field);

	hale_mountinfo_unescape(at, field->len + 1, at, field->len);
	return at;
}

int mounts_line_parse(char *line, struct mounts_line *ret_info)
{
	struct mounts_line info = { 0 };
	struct hale_mountinfo m;

	if (!hale_mountinfo_parse(line, strlen(line), &m))
		return -EINVAL;
	info.id = m.id;
	info.major = m.major;
	info.minor = m.minor;
	info.root = unescaped(line, &m.root);
	info.mountpoint = unescaped(line, &m.mountpoint);
	info.mount_ro = mounts_line_has_option(ended(line, &m.flags), "ro");
	info.type = unescaped(line, &m.type);
	info.source = unescaped(line, &m.source);
	info.options = ended(line, &m.options);
	info.super_ro = mounts_line_has_option(info.options, "ro");
	*ret_info = info;
	return 0;
}

/* Where the value of the @nth option @key begins, and its length. */
static const char *find_option(const char *options, const char *key,
			       unsigned int nth, size_t *ret_len)
{
	size_t key_len = strlen(key);

	while (*options) {
		size_t len = strcspn(options, ",");

		if (len >= key_len && strncmp(options, key, key_len) == 0 &&
		    (len == key_len || options[key_len] == '=') && nth-- == 0) {
			size_t skip = key_len + (len > key_len);

			*ret_len = len - skip;
			return options + skip;
		}
		options += len;
		options += *options == ',';
	}
	return NULL;
}

bool mounts_line_has_option(const char *options, const char *key)
{
	size_t len;

	return find_option(options, key, 0, &len) != NULL;
}

int mounts_line_option(const char *options, const char *key, unsigned int nth,
		       char *buf, size_t size)
{
	size_t len;
	const char *value = find_option(options, key, nth, &len);

	if (!value)
		return -ENOENT;
	if (len >= size)
		return -EMSGSIZE;
	hale_mountinfo_unescape(buf, size, value, len);
	return (int)strlen(buf);
}

/* What of the file is in memory: one line at least, or its beginning. */
struct reader {
	int fd;
	bool cut; /* the line that begins at @buf has lost its end */
	bool eof;
	size_t len;
	char buf[MOUNTS_LINE_MAX];
};

static int reader_read(struct reader *r)
{
	ssize_t n;

	do {
		n = read(r->fd, r->buf + r->len, sizeof(r->buf) - 1 - r->len);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	r->eof = n == 0;
	r->len += (size_t)n;
	return 0;
}

/* Keeps the first part of a line that is too long, and drops up to its end. */
static int reader_cut(struct reader *r)
{
	const size_t keep = sizeof(r->buf) - 1 - 4096;
	char *end = NULL;

	r->cut = true;
	while (!end && !r->eof) {
		int e;

		r->len = keep;
		e = reader_read(r);
		if (e < 0)
			return e;
		end = memchr(r->buf + keep, '\n', r->len - keep);
	}
	if (!end)
		return 0;
	r->len -= (size_t)(end - r->buf) - keep;
	memmove(r->buf + keep, end, r->len - keep);
	return 0;
}

static int reader_fill(struct reader *r)
{
	if (r->len == sizeof(r->buf) - 1)
		return reader_cut(r);
	return reader_read(r);
}

/* Hands out the line at @buf that is @len long, then forgets it. */
static int reader_line(struct reader *r, size_t len,
		       int (*see)(void *ctx, const struct mounts_line *info),
		       void *ctx)
{
	size_t used = len < r->len ? len + 1 : len;
	struct mounts_line info;
	int seen = 1;

	r->buf[len] = '\0';
	if (strlen(r->buf) == len && mounts_line_parse(r->buf, &info) == 0) {
		info.cut = r->cut;
		seen = see(ctx, &info);
	}
	r->len -= used;
	memmove(r->buf, r->buf + used, r->len);
	r->cut = false;
	return seen;
}

static int reader_run(struct reader *r,
		      int (*see)(void *ctx, const struct mounts_line *info),
		      void *ctx)
{
	int bad = 0;

	while (!r->eof || r->len) {
		char *end = memchr(r->buf, '\n', r->len);
		int e;

		if (!end && !r->eof) {
			e = reader_fill(r);
			if (e < 0)
				return e;
			continue;
		}
		e = reader_line(r, end ? (size_t)(end - r->buf) : r->len, see,
				ctx);
		if (e < 0)
			return e;
		bad += e > 0;
	}
	return bad;
}

int mounts_line_each(int dirfd, const char *path,
		     int (*see)(void *ctx, const struct mounts_line *info),
		     void *ctx)
{
	struct reader *r = malloc(sizeof(*r));
	int ret;

	if (!r)
		return -ENOMEM;
	r->fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	r->cut = r->eof = false;
	r->len = 0;
	if (r->fd < 0) {
		ret = -errno;
	} else {
		ret = reader_run(r, see, ctx);
		close(r->fd);
	}
	free(r);
	return ret;
}
