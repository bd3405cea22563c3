/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The schema, as the steps that lead to it: a store of any earlier version goes
 * through those that it lacks. Columns are what is searched and counted by; the
 * message is the whole. Must never change a step that was released: a new one
 * is appended. Invariant: all steps and their user_version are one transaction,
 * so that a file is of one version wholly, whenever the power goes.
 */
#include <errno.h>

#include "hale/base.h"

#include "agent/ship/db_room.h"

static const char *const steps[DB_VERSION] = {
	/* 1 */
	"CREATE TABLE builds(n INTEGER PRIMARY KEY, id TEXT NOT NULL, "
	"uid INTEGER NOT NULL, started_ns INTEGER NOT NULL, "
	"ended_ns INTEGER NOT NULL, host TEXT NOT NULL, repo TEXT NOT NULL, "
	"outcome INTEGER NOT NULL, cause TEXT NOT NULL, "
	"strategy TEXT NOT NULL, wall_ns INTEGER NOT NULL, "
	"memory INTEGER NOT NULL, disk INTEGER NOT NULL, "
	"inodes INTEGER NOT NULL, bytes INTEGER NOT NULL, "
	"message BLOB NOT NULL, UNIQUE(uid, id));"
	"CREATE INDEX builds_time ON builds(started_ns);"
	"CREATE INDEX builds_repo ON builds(repo, started_ns);"
	"CREATE INDEX builds_uid ON builds(uid, started_ns);",
	/* 2 */
	"CREATE TABLE findings(n INTEGER PRIMARY KEY, part TEXT NOT NULL, "
	"condition TEXT NOT NULL, first_ns INTEGER NOT NULL, "
	"last_ns INTEGER NOT NULL, closed_ns INTEGER NOT NULL, "
	"count INTEGER NOT NULL, effect INTEGER NOT NULL, "
	"bytes INTEGER NOT NULL, message BLOB NOT NULL, "
	"UNIQUE(part, condition, first_ns));"
	"CREATE INDEX findings_time ON findings(last_ns);"
	"CREATE INDEX findings_open ON findings(closed_ns);",
	/* 3: what each user holds, kept up by the store itself */
	"CREATE TABLE users(uid INTEGER PRIMARY KEY, "
	"builds INTEGER NOT NULL, bytes INTEGER NOT NULL);"
	"INSERT INTO users SELECT uid, count(*), sum(bytes) FROM builds "
	"GROUP BY uid;"
	"CREATE TRIGGER build_added AFTER INSERT ON builds BEGIN "
	"INSERT INTO users VALUES(new.uid, 1, new.bytes) "
	"ON CONFLICT(uid) DO UPDATE SET builds = builds + 1, "
	"bytes = bytes + new.bytes; END;"
	"CREATE TRIGGER build_gone AFTER DELETE ON builds BEGIN "
	"UPDATE users SET builds = builds - 1, bytes = bytes - old.bytes "
	"WHERE uid = old.uid; "
	"DELETE FROM users WHERE uid = old.uid AND builds <= 0; END;",
	/* 4: whose file it is: DB_APPLICATION */
	"PRAGMA application_id = 1751215205;",
};

const struct db_schema db_store_schema = {
	.steps = steps,
	.version = DB_VERSION,
	.marked_from = 4,
	.application = DB_APPLICATION,
};

/* Where another process was quicker there is less to do, or nothing. */
static int all(struct db *db, int from)
{
	const struct db_schema *schema = db->setup.schema;
	char mark[48];
	int64_t now = db_pragma(db, "PRAGMA user_version");
	int r = now < 0 ? -EIO : 0;

	for (int at = now > from ? (int)now : from;
	     at < schema->version && r == 0; at++)
		r = db_exec(db, schema->steps[at]);
	snprintf(mark, sizeof(mark), "PRAGMA user_version = %d",
		 schema->version);
	return r == 0 ? db_exec(db, mark) : r;
}

int db_migrate(struct db *db, int from)
{
	int r;

	if (from >= db->setup.schema->version)
		return 0;
	r = db_exec(db, "BEGIN IMMEDIATE");
	return r < 0 ? r : db_end(db, all(db, from));
}

/* --- is it that of a version, and no more? --- */

/* What ANALYZE leaves behind changes nothing that is answered. */
static const char wanted[] =
	"SELECT type, name, tbl_name, ifnull(sql, '') FROM sqlite_schema "
	"WHERE name NOT LIKE 'sqlite\\_stat%' ESCAPE '\\' "
	"ORDER BY type, name";

static bool same_row(sqlite3_stmt *a, sqlite3_stmt *b)
{
	for (int i = 0; i < 4; i++) {
		const unsigned char *x = sqlite3_column_text(a, i);
		const unsigned char *y = sqlite3_column_text(b, i);

		if (!x || !y || strcmp((const char *)x, (const char *)y) != 0)
			return false;
	}
	return true;
}

static int compare(sqlite3 *file, sqlite3 *model)
{
	sqlite3_stmt *a = NULL, *b = NULL;
	int x = sqlite3_prepare_v2(file, wanted, -1, &a, NULL);
	int y = sqlite3_prepare_v2(model, wanted, -1, &b, NULL);

	while (x == SQLITE_OK && y == SQLITE_OK) {
		x = sqlite3_step(a);
		y = sqlite3_step(b);
		if (x == SQLITE_ROW && y == SQLITE_ROW && same_row(a, b))
			x = y = SQLITE_OK;
	}
	/* the first difference, or both at their ends */
	if (x == SQLITE_ROW || (x == SQLITE_DONE && y == SQLITE_ROW))
		x = SQLITE_CORRUPT;
	sqlite3_finalize(a);
	sqlite3_finalize(b);
	return db_error(y == SQLITE_NOMEM ? y : x);
}

int db_schema_is(struct db *db, int version)
{
	struct db model = { .sql = NULL };
	int r = db_error(sqlite3_open_v2(":memory:", &model.sql,
					 SQLITE_OPEN_READWRITE |
						 SQLITE_OPEN_CREATE |
						 SQLITE_OPEN_NOMUTEX,
					 NULL));

	for (int i = 0; i < version && r == 0; i++)
		r = db_exec(&model, db->setup.schema->steps[i]);
	if (r == 0)
		r = compare(db->sql, model.sql);
	sqlite3_close(model.sql);
	return r;
}
