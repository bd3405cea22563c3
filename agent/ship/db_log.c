/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an earlier process left in the log, and perhaps in the page cache alone:
 * it was killed before its fsync(2), or that failed. After a failure the pages
 * count as clean (fsync(2), NOTES): no later sync writes them, yet they read
 * well. A store that goes on from there appends behind a hole, and a power cut
 * then takes what was acknowledged, or puts old pages over new ones. So every
 * byte is written again as it reads, and synced, before anything is put on top
 * of it. Must hold the writer's lock meanwhile. Found by test_db_cuts.
 */
#include <errno.h>
#include <fcntl.h>

#include "hale/base.h"

#include "agent/ship/db_room.h"

#define PIECE (64 * 1024)

static int write_again(int fd, uint8_t *piece)
{
	off_t at = 0;
	ssize_t n;

	while ((n = pread(fd, piece, PIECE, at)) > 0) {
		if (pwrite(fd, piece, (size_t)n, at) != n)
			return errno ? -errno : -EIO;
		at += n;
	}
	return n < 0 || fsync(fd) < 0 ? -errno : 0;
}

static int sync_file(const char *path)
{
	_cleanup_fd_ int fd = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	uint8_t *piece;
	int r;

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	piece = malloc(PIECE);
	if (!piece)
		return -ENOMEM;
	r = write_again(fd, piece);
	free(piece);
	return r;
}

int db_log_sync(struct db *db)
{
	char path[1200];
	int r = db_exec(db, "BEGIN IMMEDIATE");

	if (r < 0)
		return r;
	snprintf(path, sizeof(path), "%s-wal", db->setup.path);
	r = sync_file(path);
	db_exec(db, "ROLLBACK");
	return r;
}
