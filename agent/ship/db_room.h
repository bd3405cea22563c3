/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_SHIP_DB_ROOM_H
#define HALE_SHIP_DB_ROOM_H

/* What the files db*.c share: the open store and its statements. */

#include "agent/ship/db.h"

#define DB_VERSION 4 /* user_version; db_schema.c */
/* application_id, "hale": file(1) and we tell our files by it, from 4 on. */
#define DB_APPLICATION 0x68616c65
#define DB_PAGE	       4096

enum db_statement {
	DB_ADD_BUILD = 0,
	DB_BUILDS,
	DB_RECORDED,
	DB_NEWEST,
	DB_NAMED,
	DB_NEEDS,
	DB_BEST,
	DB_ADD_FINDING,
	DB_OPEN_FINDINGS,
	DB_CLOSE_FINDING,
	DB_FINDINGS,
	DB_OLD_BUILDS,
	DB_OLD_FINDINGS,
	DB_GREEDIEST,
	DB_SHED_BUILDS,
	DB_SHED_FINDINGS,
	DB_COUNT_FINDINGS,
	DB_CHECK_BUILDS,
	DB_CHECK_FINDINGS,
	DB_STATEMENTS
};

struct db {
	sqlite3 *sql;
	struct db_setup setup;
	dev_t device;	  /* of the file, as it was opened */
	uint64_t kept_ns; /* when old rows were last looked for */
	int log_pages;	  /* of the log, as of the last commit */
	/* What db_open() left to check: the table, and its last row. */
	enum db_statement checking; /* DB_STATEMENTS: nothing */
	int64_t checked;
	sqlite3_stmt *statements[DB_STATEMENTS];
};

/* db.c */
int db_error(int sqlite_code);
int db_exec(struct db *db, const char *sql);
int64_t db_pragma(struct db *db, const char *sql); /* a number, or -1 */
/* Prepared, reset; NULL where that fails. */
sqlite3_stmt *db_statement(struct db *db, enum db_statement which);
int db_bind_text(sqlite3_stmt *s, int at, const char *text);
int db_run(sqlite3_stmt *s); /* one that returns no row */
/* BEGIN for writing, and its end: COMMIT where @r is 0; the error. -ESTALE: the
 * file has lost its name. */
int db_begin(struct db *db);
int db_end(struct db *db, int r);
/* Each row to @give, with memory to unpack it in; false ends it before that
 * row. Columns 0 and 1 move the cursor. Returns as db_builds(). */
typedef bool (*db_give_fn)(sqlite3_stmt *s, struct codec_arena *a, void *data);
int db_walk(sqlite3_stmt *s, struct db_query *q, db_give_fn give, void *data);

/* db_keep.c: within an open transaction, makes room by age and by size. */
int db_keep(struct db *db, uint64_t now_ns);

/* db_schema.c: builds and findings. */
extern const struct db_schema db_store_schema;
/* All steps from @from on, in one transaction. */
int db_migrate(struct db *db, int from);
/* 0: the file has the schema that this version had, and nothing else. */
int db_schema_is(struct db *db, int version);

/* db_check.c: whose file is it, and of which version? */
int db_identify(struct db *db, int *ret_version);
/* Reads it through, as the setup says. */
int db_check(struct db *db);

/* db_log.c: all that the log holds is on the disk. */
int db_log_sync(struct db *db);

/* db_aside.c: renames it and what belongs to it; never over another file. */
#define DB_NAME_MAX 64
int db_set_aside(const char *path, char ret_name[DB_NAME_MAX]);
/* Its folder's entries are on the disk. */
int db_sync_folder(const char *path);

#endif
