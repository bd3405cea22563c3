/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The schema, as the steps that lead to it: a store of any earlier version goes
 * through those that it lacks. Columns are what is searched and counted by; the
 * message is the whole. Must never change a step that was released: a new one
 * is appended. Invariant: each step and its user_version are one transaction.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>

#include "hale/base.h"

#include "agent/ship/db.h"

#define ASIDE_MAX 99

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
};

static int step(struct db *db, int version)
{
	char mark[48];
	int r = db_exec(db, "BEGIN IMMEDIATE");

	if (r < 0)
		return r;
	/* another process may have been quicker */
	if (db_pragma(db, "PRAGMA user_version") >= version)
		return db_exec(db, "ROLLBACK");
	snprintf(mark, sizeof(mark), "PRAGMA user_version = %d; COMMIT",
		 version);
	r = db_exec(db, steps[version - 1]);
	if (r == 0)
		r = db_exec(db, mark);
	if (r < 0)
		db_exec(db, "ROLLBACK");
	return r;
}

int db_migrate(struct db *db, int from)
{
	int r = 0;

	for (int version = from + 1; version <= DB_VERSION && r == 0; version++)
		r = step(db, version);
	return r;
}

/* Never over another file. */
static int move(const char *path, const char *end, const char *name)
{
	char from[1200], to[1200];

	snprintf(from, sizeof(from), "%s%s", path, end);
	snprintf(to, sizeof(to), "%s%s%s", path, name, end);
	if (syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 1) < 0)
		return -errno; /* 1: RENAME_NOREPLACE */
	return 0;
}

int db_set_aside(const char *path, char ret_name[DB_NAME_MAX])
{
	const char *base = strrchr(path, '/');
	char name[16];
	int r = -EEXIST;

	if (strlen(path) > 1024)
		return -ENAMETOOLONG;
	for (int i = 1; i <= ASIDE_MAX && r == -EEXIST; i++) {
		snprintf(name, sizeof(name), ".aside-%d", i);
		r = move(path, "", name);
	}
	if (r < 0)
		return r;
	/* what was not written back yet belongs to it */
	move(path, "-wal", name);
	move(path, "-shm", name);
	snprintf(ret_name, DB_NAME_MAX, "%.40s%s", base ? base + 1 : path,
		 name);
	return 0;
}
