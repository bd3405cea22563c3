/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What becomes of a file that is no store of today: another name beside it.
 * Must never delete nor overwrite anything, nor part a database from its log:
 * the log goes first, because SQLite throws away one that it finds beside a
 * database which is not there. Invariant: what bore the name is whole under
 * another, or bears it still.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "hale/base.h"

#include "agent/ship/db_room.h"

/* Nine dead histories and a tenth: somebody has to look at that disk. */
#define ASIDE_MAX 9
#define PATH_SIZE 1200

static int move(const char *path, const char *end, const char *name)
{
	char from[PATH_SIZE], to[PATH_SIZE];

	snprintf(from, sizeof(from), "%s%s", path, end);
	snprintf(to, sizeof(to), "%s%s%s", path, name, end);
	if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) < 0)
		return -errno;
	return 0;
}

static bool taken(const char *path, const char *name)
{
	static const char *const ends[] = { "", "-wal", "-journal" };
	char text[PATH_SIZE];

	for (size_t i = 0; i < HALE_ARRAY_SIZE(ends); i++) {
		snprintf(text, sizeof(text), "%s%s%s", path, name, ends[i]);
		if (faccessat(AT_FDCWD, text, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
			return true;
	}
	return false;
}

/* What was not written back yet belongs to it; what it shared (-shm) is made
 * anew from that, but would be believed by whoever comes next. */
static int move_all(const char *path, const char *name)
{
	static const char *const ends[] = { "-wal", "-journal", "-shm", "" };
	int r = 0;

	for (size_t i = 0; i < HALE_ARRAY_SIZE(ends) && r == 0; i++) {
		r = move(path, ends[i], name);
		if (r == -ENOENT && ends[i][0])
			r = 0;
	}
	return r;
}

int db_sync_folder(const char *path)
{
	char folder[PATH_SIZE] = "";
	const char *slash = strrchr(path, '/');
	_cleanup_fd_ int fd = -1;

	if (slash)
		hale_copy(folder, sizeof(folder), path,
			  (size_t)(slash - path) + 1);
	fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 || fsync(fd) < 0 ? -errno : 0;
}

int db_set_aside(const char *path, char ret_name[DB_NAME_MAX])
{
	const char *base = strrchr(path, '/');
	char name[24] = "";
	int i = 1, r;

	if (strlen(path) > 1024)
		return -ENAMETOOLONG;
	do
		snprintf(name, sizeof(name), ".aside-%d", i);
	while (taken(path, name) && ++i <= ASIDE_MAX);
	r = i > ASIDE_MAX ? -EEXIST : move_all(path, name);
	if (r == 0)
		r = db_sync_folder(path);
	if (r == 0)
		snprintf(ret_name, DB_NAME_MAX, "%.40s%s",
			 base ? base + 1 : path, name);
	return r;
}
