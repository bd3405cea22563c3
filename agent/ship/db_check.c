/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is this file a store of hale, and a sound one? Whoever could write the folder
 * may have put anything there. Must never run what lies in the file: a schema
 * that is not, word for word, one that hale makes is nobody's store, whatever
 * marks it bears. Invariant: db_identify() writes nothing.
 */
#include <errno.h>

#include "hale/base.h"

#include "agent/ship/db_room.h"

/* quick_check reads some 500 MiB a second from memory, a hundredth of that from
 * a bad disk. A longer file is walked through afterwards, in pieces. */
#define WHOLE_BYTES (UINT64_C(64) << 20)
#define ROWS_A_TIME 64

static bool text_is(struct db *db, const char *pragma, const char *wanted)
{
	sqlite3_stmt *s = NULL;
	const unsigned char *text = NULL;
	bool is = false;

	if (sqlite3_prepare_v2(db->sql, pragma, -1, &s, NULL) == SQLITE_OK &&
	    sqlite3_step(s) == SQLITE_ROW)
		text = sqlite3_column_text(s, 0);
	if (text)
		is = strcmp((const char *)text, wanted) == 0;
	sqlite3_finalize(s);
	return is;
}

/* A new file has no schema, version or mark; the store's of the first three
 * versions have no mark. */
static int judge(struct db *db, int *ret_version)
{
	const struct db_schema *schema = db->setup.schema;
	int64_t mark = db_pragma(db, "PRAGMA application_id");
	int64_t version = db_pragma(db, "PRAGMA user_version");

	if (mark != 0 && mark != schema->application)
		return -EBADMSG;
	if (version > schema->version)
		return -EPROTONOSUPPORT;
	if (version < 0 || (mark != 0) != (version >= schema->marked_from) ||
	    db_pragma(db, "PRAGMA page_size") != DB_PAGE ||
	    !text_is(db, "PRAGMA encoding", "UTF-8"))
		return -EBADMSG;
	*ret_version = (int)version;
	return db_schema_is(db, (int)version);
}

int db_identify(struct db *db, int *ret_version)
{
	/* one view of it, should another process migrate it just now; and a
	 * read, so that an error of the disk is not taken for damage */
	int r = db_exec(db, "BEGIN; SELECT count(*) FROM sqlite_schema");

	if (r == 0)
		r = judge(db, ret_version);
	if (!sqlite3_get_autocommit(db->sql))
		db_exec(db, "ROLLBACK");
	return r;
}

static bool is_long(struct db *db)
{
	int64_t pages = db_pragma(db, "PRAGMA page_count");

	return pages > (int64_t)(WHOLE_BYTES / DB_PAGE);
}

int db_check(struct db *db)
{
	const char *sql = db->setup.check == DB_CHECK_WHOLE
				  ? "PRAGMA integrity_check(1)"
				  : "PRAGMA quick_check(1)";
	sqlite3_stmt *s = NULL;
	const unsigned char *text;
	int r;

	db->checking = DB_STATEMENTS;
	if (db->setup.check == DB_CHECK_NONE)
		return 0;
	if (db->setup.check == DB_CHECK_QUICK && is_long(db)) {
		db->checking = DB_CHECK_BUILDS;
		return 0;
	}
	r = sqlite3_prepare_v2(db->sql, sql, -1, &s, NULL);
	if (r == SQLITE_OK)
		r = sqlite3_step(s);
	if (r == SQLITE_ROW) {
		text = sqlite3_column_text(s, 0);
		r = text && strcmp((const char *)text, "ok") == 0
			    ? SQLITE_OK
			    : SQLITE_CORRUPT;
	}
	sqlite3_finalize(s);
	return db_error(r);
}

/* Rows of one table; how many. */
static int walk(struct db *db)
{
	sqlite3_stmt *s = db_statement(db, db->checking);
	int r = SQLITE_ROW, n = 0;

	if (!s)
		return db_error(sqlite3_errcode(db->sql));
	sqlite3_bind_int64(s, 1, db->checked);
	sqlite3_bind_int(s, 2, ROWS_A_TIME);
	while ((r = sqlite3_step(s)) == SQLITE_ROW) {
		if (!sqlite3_column_blob(s, 1) && sqlite3_column_bytes(s, 1))
			r = SQLITE_CORRUPT;
		if (sqlite3_column_int(s, 2) != 1)
			r = SQLITE_CORRUPT;
		if (r != SQLITE_ROW)
			break;
		db->checked = sqlite3_column_int64(s, 0);
		n++;
	}
	sqlite3_reset(s);
	r = db_error(r);
	return r < 0 ? r : n;
}

int db_check_on(struct db *db)
{
	int n;

	if (db->checking == DB_STATEMENTS)
		return 0;
	n = walk(db);
	if (n < 0)
		return n;
	if (n == ROWS_A_TIME)
		return 1;
	db->checking = db->checking == DB_CHECK_BUILDS ? DB_CHECK_FINDINGS
						       : DB_STATEMENTS;
	db->checked = INT64_MIN;
	return db->checking != DB_STATEMENTS;
}
