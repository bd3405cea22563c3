/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is forgotten, so that the store stays within its bounds. Age first;
 * then, where it is nearly full, the oldest builds of whoever holds the most of
 * it: who fills it pushes out his own, never those of one who holds less. Must
 * be called within a transaction, and never shed without end for one build.
 */
#include <errno.h>

#include "hale/base.h"

#include "agent/ship/db_room.h"

/* Old rows are looked for so often at most. */
#define LOOK_NS	     (UINT64_C(3600) * HALE_NS_PER_S)
#define FULL_PERCENT 85
#define BATCH	     32
#define BATCHES_MAX  64
/* Empty pages go back to the disk so many at a time, where there are many. */
#define SPARE_PAGES 256
#define GIVE_BACK   "PRAGMA incremental_vacuum(64)"
/* Findings: a host with more has had thousands of ends and beginnings. */
#define FINDINGS_MAX 10000

static int forget_old(struct db *db, uint64_t now_ns)
{
	static const enum db_statement both[] = { DB_OLD_BUILDS,
						  DB_OLD_FINDINGS };
	uint64_t keep = db->setup.retention_ns;
	int r = 0;

	if (db->kept_ns != 0 && now_ns - db->kept_ns < LOOK_NS)
		return 0;
	for (int i = 0; i < 2 && r == 0; i++) {
		sqlite3_stmt *s = db_statement(db, both[i]);

		if (!s)
			return db_error(sqlite3_errcode(db->sql));
		sqlite3_bind_int64(
			s, 1, now_ns > keep ? (int64_t)(now_ns - keep) : 0);
		r = db_run(s);
	}
	if (r == 0)
		db->kept_ns = now_ns;
	return r;
}

static bool nearly_full(struct db *db)
{
	int64_t used = db_pragma(db, "PRAGMA page_count") -
		       db_pragma(db, "PRAGMA freelist_count");
	int64_t all = (int64_t)(db->setup.size_bytes / DB_PAGE);

	return used * 100 > all * FULL_PERCENT;
}

static int shed_findings(struct db *db, int n)
{
	sqlite3_stmt *s = db_statement(db, DB_SHED_FINDINGS);

	if (!s)
		return db_error(sqlite3_errcode(db->sql));
	sqlite3_bind_int(s, 1, n);
	return db_run(s);
}

/* Of the user who holds the most; where nobody holds any, findings go. */
static int shed(struct db *db)
{
	sqlite3_stmt *s = db_statement(db, DB_GREEDIEST);
	int64_t uid;
	int r;

	if (!s)
		return db_error(sqlite3_errcode(db->sql));
	r = sqlite3_step(s);
	uid = sqlite3_column_int64(s, 0);
	sqlite3_reset(s);
	if (r == SQLITE_DONE)
		return shed_findings(db, BATCH);
	if (r != SQLITE_ROW)
		return db_error(r);
	s = db_statement(db, DB_SHED_BUILDS);
	if (!s)
		return db_error(sqlite3_errcode(db->sql));
	sqlite3_bind_int64(s, 1, uid);
	sqlite3_bind_int(s, 2, BATCH);
	return db_run(s);
}

static int bound_findings(struct db *db)
{
	sqlite3_stmt *s = db_statement(db, DB_COUNT_FINDINGS);
	int64_t n = 0;

	if (s && sqlite3_step(s) == SQLITE_ROW)
		n = sqlite3_column_int64(s, 0);
	if (s)
		sqlite3_reset(s);
	return n > FINDINGS_MAX ? shed_findings(db, (int)(n - FINDINGS_MAX))
				: 0;
}

int db_keep(struct db *db, uint64_t now_ns)
{
	bool look = db->kept_ns == 0 || now_ns - db->kept_ns >= LOOK_NS;
	int r = forget_old(db, now_ns);

	if (r == 0 && look)
		r = bound_findings(db);
	for (int i = 0; i < BATCHES_MAX && r == 0 && nearly_full(db); i++)
		r = shed(db);
	if (r == 0 && db_pragma(db, "PRAGMA freelist_count") > SPARE_PAGES)
		r = db_exec(db, GIVE_BACK);
	return r;
}
