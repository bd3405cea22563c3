/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing files. It decides when what is there may go; it must never leave half
 * a file, nor a secret that was readable by others for a moment. Invariant:
 * what is replaced unasked is what we wrote ourselves.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "hale/base.h"

#include "agent/fleetcli/files.h"

#define PATH_BYTES 1024

bool files_exist(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

int files_folder(const char *path, mode_t mode)
{
	struct stat st;

	if (mkdir(path, mode) == 0)
		return 0;
	if (errno != EEXIST)
		return -errno;
	if (stat(path, &st) < 0)
		return -errno;
	return S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
}

ssize_t files_read(const char *path, char *ret, size_t size)
{
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n = 0;

	if (fd < 0)
		return -errno;
	while (len < size && (n = read(fd, ret + len, size - len)) > 0)
		len += (size_t)n;
	if (n < 0)
		return -errno;
	if (len == size)
		return -EFBIG;
	ret[len] = '\0';
	return (ssize_t)len;
}

/* 1: holds just that, 0: something else, or negative errno. */
static int holds(const char *path, struct files_text text)
{
	_cleanup_file_ FILE *f = fopen(path, "re");
	char block[2048];
	size_t at = 0, n;

	if (!f)
		return -errno;
	while ((n = fread(block, 1, sizeof(block), f)) > 0) {
		if (n > text.len - at || memcmp(block, text.at + at, n) != 0)
			return 0;
		at += n;
	}
	return ferror(f) ? -EIO : at == text.len;
}

static int write_whole(int fd, struct files_text text)
{
	while (text.len > 0) {
		ssize_t n = write(fd, text.at, text.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text.at += n;
		text.len -= (size_t)n;
	}
	return fsync(fd) < 0 ? -errno : 0;
}

/* The folder's own entry on the disk. */
static void sync_folder(const char *path)
{
	char folder[PATH_BYTES];
	const char *end = strrchr(path, '/');
	_cleanup_fd_ int fd = -1;

	if (!end || !hale_copy(folder, sizeof(folder), path,
			       (size_t)(end - path) + (end == path)))
		return;
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		fsync(fd);
}

static int write_beside(const char *beside, struct files_text text, mode_t mode)
{
	_cleanup_fd_ int fd = open(
		beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
		mode);
	int r;

	if (fd < 0)
		return -errno;
	r = fchmod(fd, mode) < 0 ? -errno : write_whole(fd, text);
	if (r < 0)
		unlink(beside);
	return r;
}

static int put_anew(const char *path, struct files_text text, mode_t mode)
{
	char beside[PATH_BYTES];
	int n = snprintf(beside, sizeof(beside), "%s.%d.new", path,
			 (int)getpid());
	int r;

	if (n < 0 || (size_t)n >= sizeof(beside))
		return -ENAMETOOLONG;
	unlink(beside);
	r = write_beside(beside, text, mode);
	if (r == 0 && rename(beside, path) < 0)
		r = -errno;
	if (r < 0)
		unlink(beside);
	else
		sync_folder(path);
	return r;
}

static int keep_old(const char *path)
{
	char old[PATH_BYTES];
	int n = snprintf(old, sizeof(old), "%s.old", path);

	if (n < 0 || (size_t)n >= sizeof(old))
		return -ENAMETOOLONG;
	unlink(old);
	return link(path, old) < 0 ? -errno : 0;
}

int files_put(const char *path, struct files_text text, mode_t mode,
	      bool replace)
{
	enum files_put done = FILES_MADE;
	int r = holds(path, text);

	if (r == 1)
		return FILES_SAME;
	if (r < 0 && r != -ENOENT)
		return r;
	if (r == 0 && !replace)
		return FILES_KEPT;
	if (r == 0) {
		done = FILES_REPLACED;
		r = keep_old(path);
	} else {
		r = 0;
	}
	if (r == 0)
		r = put_anew(path, text, mode);
	return r < 0 ? r : (int)done;
}

int files_begin(struct files_builder *b)
{
	*b = (struct files_builder){ 0 };
	b->to = open_memstream(&b->at, &b->len);
	return b->to ? 0 : -errno;
}

int files_end(struct files_builder *b, const char *path, mode_t mode,
	      bool replace)
{
	int r = ferror(b->to) ? -ENOMEM : 0;

	if (fclose(b->to) != 0)
		r = -ENOMEM;
	if (r == 0)
		r = files_put(path, (struct files_text){ b->at, b->len }, mode,
			      replace);
	free(b->at);
	*b = (struct files_builder){ 0 };
	return r;
}
