/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_SHIP_DB_H
#define HALE_SHIP_DB_H

/*
 * The store: builds and findings in one SQLite file. What is acknowledged is on
 * the disk (WAL, synchronous FULL). A file that is damaged or of a newer hale
 * is set aside, never deleted, never written to. Times are nanoseconds since
 * the epoch. Functions return 0 or negative errno, unless said otherwise:
 * -ENOSPC: the disk or the store is full; -EBADMSG: the file is damaged or no
 * store; -EPROTONOSUPPORT: it is of a newer hale; -EBUSY: another process
 * writes, or keeps the log from being written back.
 */

#include <sqlite3.h>
#include <stdbool.h>
#include <sys/types.h>

#include "hale.pb-c.h"
#include "proto/arena.h"

#define DB_SAID_MAX 320

/* Defaults of [store]: a year of a busy host, some 50,000 builds. */
#define DB_RETENTION_NS (UINT64_C(365) * 86400 * 1000000000)
#define DB_SIZE		(UINT64_C(64) << 20)
#define DB_SIZE_MIN	(UINT64_C(1) << 20)

enum db_check {
	DB_CHECK_QUICK = 0, /* every page, where the file is not too long */
	DB_CHECK_NONE,	    /* whoever opens it is waited for */
	DB_CHECK_WHOLE,	    /* every page and every index: it is suspect */
};

/* What a file is made of; the store's own is in db_schema.c. */
struct db_schema {
	const char *const *steps; /* from nothing to today; as released */
	int version;		  /* how many; user_version */
	int marked_from;	  /* the first one with the mark: */
	int64_t application;	  /* application_id */
};

struct db_setup {
	const char *path;
	const struct db_schema *schema;	   /* NULL: builds and findings */
	uint64_t retention_ns, size_bytes; /* 0: the defaults */
	bool read_only;			   /* nothing is created or changed */
	bool stays;  /* what is no store is left where it is */
	int busy_ms; /* wait so long for other writers */
	enum db_check check;
};

struct db;

/**
 * db_open() - open, check, and bring to the version of today
 * @said: "" or one line for the log: what was set aside, what is wrong.
 *
 * What is acknowledged from here on, and what an earlier process wrote but
 * perhaps never saw on the disk, is on the disk.
 */
int db_open(const struct db_setup *setup, char said[DB_SAID_MAX],
	    struct db **ret_db);
struct db *db_close(struct db *db);
/* Gives back what a burst of work took. */
void db_rest(struct db *db);
/* 0: it can be written to, and is still the file that its name stands for;
 * -ESTALE: it is not. */
int db_try(struct db *db);
/* A piece of the check that db_open() left out; 1: there is more. */
int db_check_on(struct db *db);

/* Stored already counts as stored. @m is as it shall be told. */
int db_add_build(struct db *db, const Hale__V1__BuildResult *m,
		 uint64_t now_ns);

struct db_query {
	const char *repo, *host, *cause; /* "": any */
	uint64_t since_ns, until_ns;	 /* 0: not bounded */
	int64_t uid;			 /* -1: anybody's */
	bool failed;
	bool recorded; /* by their numbers instead, @before_row is the last */
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

#endif
