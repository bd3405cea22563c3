/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_SHIP_DB_H
#define HALE_SHIP_DB_H

/*
 * The store: builds and findings in one SQLite file. What is acknowledged is on
 * the disk (WAL, synchronous FULL). A file that is damaged or of a newer hale
 * is set aside, never deleted, never written to. Times are nanoseconds since
 * the epoch. Functions return 0 or negative errno, unless said otherwise:
 * -ENOSPC: the disk or the store is full; -EBADMSG: the file is damaged;
 * -EBUSY: another process writes.
 */

#include <sqlite3.h>
#include <stdbool.h>
#include <sys/types.h>

#include "hale.pb-c.h"
#include "proto/arena.h"

#define DB_VERSION  3 /* user_version; db_schema.c */
#define DB_SAID_MAX 320

/* Defaults of [store]: a year of a busy host, some 50,000 builds. */
#define DB_RETENTION_NS (UINT64_C(365) * 86400 * 1000000000)
#define DB_SIZE		(UINT64_C(64) << 20)
#define DB_SIZE_MIN	(UINT64_C(1) << 20)

struct db_setup {
	const char *path;
	uint64_t retention_ns, size_bytes; /* 0: the defaults */
	bool read_only;			   /* nothing is created or set aside */
	int busy_ms;			   /* wait so long for other writers */
};

enum db_statement {
	DB_ADD_BUILD = 0,
	DB_BUILDS,
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
	DB_STATEMENTS
};

struct db {
	sqlite3 *sql;
	struct db_setup setup;
	uint64_t kept_ns; /* when old rows were last looked for */
	sqlite3_stmt *statements[DB_STATEMENTS];
};

/**
 * db_open() - open, check, and bring to the version of today
 * @said: "" or one line for the log: what was set aside, what is wrong.
 */
int db_open(const struct db_setup *setup, char said[DB_SAID_MAX],
	    struct db **ret_db);
struct db *db_close(struct db *db);
/* Gives back what a burst of work took. */
void db_rest(struct db *db);

/* Stored already counts as stored. @m is as it shall be told. */
int db_add_build(struct db *db, const Hale__V1__BuildResult *m,
		 uint64_t now_ns);

struct db_query {
	const char *repo, *host, *cause; /* "": any */
	uint64_t since_ns, until_ns;	 /* 0: not bounded */
	int64_t uid;			 /* -1: anybody's */
	bool failed;
	/* Where to go on, the newest first; db_cursor_init(). */
	uint64_t before_ns;
	int64_t before_row;
};

void db_cursor_init(struct db_query *q);
/* Up to @max rows to @visit, its own until it returns, moving the cursor; false
 * ends it before that row. Returns how many; 0: no more. Negative errno. */
int db_builds(struct db *db, struct db_query *q, int max,
	      bool (*visit)(void *data, Hale__V1__BuildResult *m), void *data);
int db_findings(struct db *db, struct db_query *q, int max,
		bool (*visit)(void *data, Hale__V1__Finding *m), void *data);
/* Its texts are the caller's to free(): repo and strategy. */
int db_needs(struct db *db, const char *repo, Hale__V1__Needs *ret_needs);

/* All that stands, and what has closed: one report of the agent. Findings that
 * are open here and not in it are closed as of @as_of_ns. */
int db_add_findings(struct db *db, Hale__V1__Finding *const *findings, size_t n,
		    uint64_t as_of_ns);

/* db_keep.c: within an open transaction, makes room by age and by size. */
int db_keep(struct db *db, uint64_t now_ns);

int db_migrate(struct db *db, int from); /* db_schema.c, and the next */
#define DB_NAME_MAX 64
int db_set_aside(const char *path, char ret_name[DB_NAME_MAX]);

/* db.c: shared by the files db_*.c */
int db_error(int sqlite_code);
int db_exec(struct db *db, const char *sql);
int64_t db_pragma(struct db *db, const char *sql); /* a number, or -1 */
/* Prepared, reset; NULL where that fails. */
sqlite3_stmt *db_statement(struct db *db, enum db_statement which);
int db_bind_text(sqlite3_stmt *s, int at, const char *text);
int db_run(sqlite3_stmt *s); /* one that returns no row */
/* Each row to @give, with memory to unpack it in; false ends it before that
 * row. Columns 0 and 1 move the cursor. Returns as db_builds(). */
typedef bool (*db_give_fn)(sqlite3_stmt *s, struct codec_arena *a, void *data);
int db_walk(sqlite3_stmt *s, struct db_query *q, db_give_fn give, void *data);

#endif
