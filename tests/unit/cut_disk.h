/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_TESTS_CUT_DISK_H
#define HALE_TESTS_CUT_DISK_H

/*
 * A disk between SQLite and its files that remembers every write and sync, so
 * that what a power cut would have left at any moment can be made: what was
 * synced, and of the rest any sectors. It can fail, too.
 */

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CUT_FILES 4

enum cut_left {
	CUT_NOTHING = 0, /* of what was not synced */
	CUT_ALL,
	CUT_SOME, /* of each sector of it, by lot */
};

enum cut_fault {
	CUT_FINE = 0,
	CUT_NO_SPACE,	/* writes find no room */
	CUT_IO_ERROR,	/* writes fail */
	CUT_SYNC_LOSES, /* a sync fails, and what it was for never arrives */
};

/* What happened, in its order. */
enum cut_kind {
	CUT_WRITE,
	CUT_TRUNCATE,
	CUT_SYNC,
	CUT_LOSE,
	CUT_DELETE,
	CUT_SYNC_NAMES
};

struct cut_op {
	enum cut_kind kind;
	int file;
	int64_t at;
	size_t len;
	uint8_t *bytes;
};

/* All files of SQLite from here on; freed by cut_end(). */
void cut_begin(void);
void cut_end(void);
/* With -Wl,--wrap=pwrite,--wrap=fsync what the store writes itself counts, too.
 */
/* How much has happened: a moment for cut_make(). */
size_t cut_moment(void);
/* Breaks after @ops more operations, for @times of them; -1: for good. */
void cut_break(enum cut_fault fault, long ops, long times);
const struct cut_op *cut_op(size_t i);
const char *cut_path(int file); /* NULL: there are no more */
/* cut_image.c: writes the files as a cut at @moment leaves them, through the
 * real disk. */
void cut_make(size_t moment, enum cut_left left, uint64_t seed);

#endif
