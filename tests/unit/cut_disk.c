/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The VFS under test_db_cuts: passes everything to the real one and keeps a log
 * of it. A sector of 512 bytes is written whole or not at all; nothing else is
 * promised between two syncs. A file's end and its name are as volatile as its
 * contents. After a sync that failed the pages count as clean (fsync(2) on
 * Linux), so what they held is never written.
 */
#include "cut_disk.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct cut_file {
	sqlite3_file base;
	int number; /* -1: not one that outlives a cut */
	bool new;   /* its first sync is one of its folder, too */
	sqlite3_file *real;
};

static struct {
	sqlite3_vfs vfs, *real;
	char paths[CUT_FILES][256];
	int files;
	struct cut_op *ops;
	size_t n, room;
	enum cut_fault fault;
	long after, times;
} disk;

static sqlite3_file *real_of(sqlite3_file *f)
{
	return ((struct cut_file *)(void *)f)->real;
}

static int number_of(sqlite3_file *f)
{
	return ((struct cut_file *)(void *)f)->number;
}

static void note(enum cut_kind kind, int file, int64_t at, const void *bytes,
		 size_t len)
{
	struct cut_op *o;

	if (file < 0)
		return;
	if (disk.n == disk.room) {
		disk.room = disk.room ? 2 * disk.room : 256;
		disk.ops = realloc(disk.ops, disk.room * sizeof(*disk.ops));
		assert(disk.ops);
	}
	o = &disk.ops[disk.n++];
	*o = (struct cut_op){
		.kind = kind, .file = file, .at = at, .len = len
	};
	if (!bytes)
		return;
	o->bytes = malloc(len + 1);
	assert(o->bytes);
	memcpy(o->bytes, bytes, len);
}

/* Does this operation break? */
static bool breaks(bool sync)
{
	if (disk.fault == CUT_FINE || disk.times == 0 ||
	    sync != (disk.fault == CUT_SYNC_LOSES))
		return false;
	if (disk.after > 0) {
		disk.after--;
		return false;
	}
	if (disk.times > 0)
		disk.times--;
	return true;
}

/* --- one file --- */

static int on_close(sqlite3_file *f)
{
	sqlite3_file *real = real_of(f);
	int r = real->pMethods->xClose(real);

	free(real);
	return r;
}

static int on_read(sqlite3_file *f, void *to, int n, sqlite3_int64 at)
{
	return real_of(f)->pMethods->xRead(real_of(f), to, n, at);
}

static int on_write(sqlite3_file *f, const void *from, int n, sqlite3_int64 at)
{
	if (number_of(f) >= 0 && breaks(false))
		return disk.fault == CUT_NO_SPACE ? SQLITE_FULL
						  : SQLITE_IOERR_WRITE;
	note(CUT_WRITE, number_of(f), at, from, (size_t)n);
	return real_of(f)->pMethods->xWrite(real_of(f), from, n, at);
}

static int on_truncate(sqlite3_file *f, sqlite3_int64 len)
{
	note(CUT_TRUNCATE, number_of(f), len, NULL, 0);
	return real_of(f)->pMethods->xTruncate(real_of(f), len);
}

static int on_sync(sqlite3_file *f, int flags)
{
	if (number_of(f) >= 0 && breaks(true)) {
		note(CUT_LOSE, number_of(f), 0, NULL, 0);
		return SQLITE_IOERR_FSYNC;
	}
	note(CUT_SYNC, number_of(f), 0, NULL, 0);
	if (((struct cut_file *)(void *)f)->new)
		note(CUT_SYNC_NAMES, number_of(f), 0, NULL, 0);
	((struct cut_file *)(void *)f)->new = false;
	return real_of(f)->pMethods->xSync(real_of(f), flags);
}

static int on_size(sqlite3_file *f, sqlite3_int64 *ret)
{
	return real_of(f)->pMethods->xFileSize(real_of(f), ret);
}

static int on_lock(sqlite3_file *f, int how)
{
	return real_of(f)->pMethods->xLock(real_of(f), how);
}

static int on_unlock(sqlite3_file *f, int how)
{
	return real_of(f)->pMethods->xUnlock(real_of(f), how);
}

static int on_reserved(sqlite3_file *f, int *ret)
{
	return real_of(f)->pMethods->xCheckReservedLock(real_of(f), ret);
}

static int on_control(sqlite3_file *f, int what, void *arg)
{
	return real_of(f)->pMethods->xFileControl(real_of(f), what, arg);
}

static int on_sector(sqlite3_file *f)
{
	return real_of(f)->pMethods->xSectorSize(real_of(f));
}

static int on_device(sqlite3_file *f)
{
	return real_of(f)->pMethods->xDeviceCharacteristics(real_of(f));
}

static int on_map(sqlite3_file *f, int page, int size, int extend,
		  void volatile **ret)
{
	return real_of(f)->pMethods->xShmMap(real_of(f), page, size, extend,
					     ret);
}

static int on_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
	return real_of(f)->pMethods->xShmLock(real_of(f), offset, n, flags);
}

static void on_barrier(sqlite3_file *f)
{
	real_of(f)->pMethods->xShmBarrier(real_of(f));
}

static int on_unmap(sqlite3_file *f, int forget)
{
	return real_of(f)->pMethods->xShmUnmap(real_of(f), forget);
}

static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = on_close,
	.xRead = on_read,
	.xWrite = on_write,
	.xTruncate = on_truncate,
	.xSync = on_sync,
	.xFileSize = on_size,
	.xLock = on_lock,
	.xUnlock = on_unlock,
	.xCheckReservedLock = on_reserved,
	.xFileControl = on_control,
	.xSectorSize = on_sector,
	.xDeviceCharacteristics = on_device,
	.xShmMap = on_map,
	.xShmLock = on_shm_lock,
	.xShmBarrier = on_barrier,
	.xShmUnmap = on_unmap,
};

/* --- what the store does to its files itself --- */

ssize_t __real_pwrite(int fd, const void *from, size_t n, off_t at);
ssize_t __wrap_pwrite(int fd, const void *from, size_t n, off_t at);
int __real_fsync(int fd);
int __wrap_fsync(int fd);

static int number_of_fd(int fd)
{
	char link[32], path[256];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	for (int i = 0; n > 0 && i < disk.files; i++) {
		path[n] = '\0';
		if (strcmp(disk.paths[i], path) == 0)
			return i;
	}
	return -1;
}

ssize_t __wrap_pwrite(int fd, const void *from, size_t n, off_t at)
{
	note(CUT_WRITE, number_of_fd(fd), at, from, n);
	return __real_pwrite(fd, from, n, at);
}

int __wrap_fsync(int fd)
{
	int number = number_of_fd(fd);

	if (number >= 0 && breaks(true)) {
		note(CUT_LOSE, number, 0, NULL, 0);
		errno = EIO;
		return -1;
	}
	/* what else the store syncs is its folder */
	note(number >= 0 ? CUT_SYNC : CUT_SYNC_NAMES, number >= 0 ? number : 0,
	     0, NULL, 0);
	return __real_fsync(fd);
}

/* --- all of them --- */

static int number_for(const char *path)
{
	for (int i = 0; i < disk.files; i++) {
		if (strcmp(disk.paths[i], path) == 0)
			return i;
	}
	assert(disk.files < CUT_FILES);
	snprintf(disk.paths[disk.files], sizeof(disk.paths[0]), "%s", path);
	return disk.files++;
}

static int on_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *f,
		   int flags, int *ret_flags)
{
	struct cut_file *c = (struct cut_file *)(void *)f;
	const int kept = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL |
			 SQLITE_OPEN_MAIN_JOURNAL;
	int r;

	(void)vfs;
	c->base.pMethods = NULL;
	c->new = path &&
		 (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) &&
		 access(path, F_OK) < 0;
	c->number = path && (flags & kept) != 0 ? number_for(path) : -1;
	c->real = calloc(1, (size_t)disk.real->szOsFile);
	r = disk.real->xOpen(disk.real, path, c->real, flags, ret_flags);
	if (r == SQLITE_OK)
		c->base.pMethods = &methods;
	else
		free(c->real);
	return r;
}

static int on_delete(sqlite3_vfs *vfs, const char *path, int sync)
{
	(void)vfs;
	for (int i = 0; i < disk.files; i++) {
		if (strcmp(disk.paths[i], path) == 0)
			note(CUT_DELETE, i, 0, NULL, 0);
	}
	if (sync)
		note(CUT_SYNC_NAMES, 0, 0, NULL, 0);
	return disk.real->xDelete(disk.real, path, sync);
}

void cut_begin(void)
{
	memset(&disk, 0, sizeof(disk));
	disk.real = sqlite3_vfs_find(NULL);
	disk.vfs = *disk.real;
	disk.vfs.zName = "cut";
	disk.vfs.szOsFile = sizeof(struct cut_file);
	disk.vfs.xOpen = on_open;
	disk.vfs.xDelete = on_delete;
	sqlite3_vfs_register(&disk.vfs, 1);
}

void cut_end(void)
{
	sqlite3_vfs_unregister(&disk.vfs);
	sqlite3_vfs_register(disk.real, 1);
	for (size_t i = 0; i < disk.n; i++)
		free(disk.ops[i].bytes);
	free(disk.ops);
	disk.ops = NULL;
	disk.n = 0;
}

size_t cut_moment(void)
{
	return disk.n;
}

void cut_break(enum cut_fault fault, long ops, long times)
{
	disk.fault = fault;
	disk.after = ops;
	disk.times = times;
}

const struct cut_op *cut_op(size_t i)
{
	return &disk.ops[i];
}

const char *cut_path(int file)
{
	return file < disk.files ? disk.paths[file] : NULL;
}
