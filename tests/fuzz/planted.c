/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A folder of any files, out of an input. Decides what may be in it: nothing
 * that leads out, so that a fuzzer reads its own files only. Must leave nothing
 * behind but the folder itself.
 */
#include "planted.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "hale/base.h"

enum {
	PATH_BYTES = 256,
	RECORDS = 128
};

static void check(bool holds)
{
	if (!holds)
		abort();
}

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *at)
{
	(void)st;
	(void)type;
	if (at->level > 0)
		remove(path);
	return 0;
}

/* The folder in which @path lies, made where it is not there; no link on the
 * way. Negative errno. */
static int folder_of(int root_fd, char *path, unsigned int *ret_depth)
{
	struct open_how how = { .flags = O_DIRECTORY | O_CLOEXEC | O_PATH,
				.resolve =
					RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS };
	int fd = fcntl(root_fd, F_DUPFD_CLOEXEC, 0);

	*ret_depth = 0;
	for (char *name = path, *end; fd >= 0 && (end = strchr(name, '/'));
	     name = end + 1) {
		int next;

		*end = '\0';
		mkdirat(fd, name, 0755);
		next = (int)syscall(SYS_openat2, fd, name, &how, sizeof(how));
		*end = '/';
		close(fd);
		fd = next;
		++*ret_depth;
	}
	return fd;
}

static bool is_inside(const char *target, unsigned int depth)
{
	for (; strncmp(target, "../", 3) == 0; target += 3) {
		if (depth-- == 0)
			return false;
	}
	return target[0] != '/' && !strstr(target, "..");
}

struct record {
	char path[PATH_BYTES], sort;
	const uint8_t *text;
	size_t len;
};

static void put_in(int dir, const char *name, const struct record *r,
		   unsigned int depth)
{
	char target[PATH_BYTES];
	int fd;

	hale_copy(target, sizeof(target), (const char *)r->text, r->len);
	if (r->sort == '\xfd') {
		if (is_inside(target, depth) &&
		    symlinkat(target, dir, name) < 0)
			check(errno == EEXIST || errno == ENOENT ||
			      errno == ENAMETOOLONG);
		return;
	}
	fd = openat(dir, name,
		    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
		    0644);
	if (fd < 0)
		return;
	check(write(fd, r->text, r->len) == (ssize_t)r->len);
	close(fd);
}

/* "a/b/" is a folder, and its record may end with that. */
static void put(int root_fd, struct record *r)
{
	const char *slash = strrchr(r->path, '/');
	const char *name = slash ? slash + 1 : r->path;
	unsigned int depth;
	int dir;

	if (r->path[0] == '/' || strstr(r->path, ".."))
		return;
	dir = folder_of(root_fd, r->path, &depth);
	if (dir < 0)
		return;
	if (name[0])
		put_in(dir, name, r, depth);
	close(dir);
}

void planted(int root_fd, const uint8_t *data, size_t size)
{
	for (int n = 0; size > 0 && n < RECORDS; n++) {
		const uint8_t *end = memchr(data, 0xff, size);
		size_t len = end ? (size_t)(end - data) : size, at = 0;
		struct record r;

		while (at < len && data[at] < 0xfd)
			at++;
		hale_copy(r.path, sizeof(r.path), (const char *)data, at);
		if (at < len) {
			r.sort = (char)data[at];
			r.text = data + at + 1;
			r.len = len - at - 1;
			put(root_fd, &r);
		}
		data += len + (end ? 1 : 0);
		size -= len + (end ? 1 : 0);
	}
}

int planted_open(char *root)
{
	check(mkdtemp(root) != NULL);
	return open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

void planted_clear(const char *root)
{
	nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}
