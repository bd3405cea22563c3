/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Talks to SQLite. Every statement that the store ever runs stands here, with
 * its values bound, never printed into it. What SQLite says is turned into
 * errno here, and nowhere else. Invariant: after db_end() no transaction is
 * open.
 */
#include <errno.h>
#include <sys/stat.h>

#include "hale/base.h"

#include "agent/ship/db_room.h"
#include "proto/codec.h"

/* A log that a reader keeps from being written back for so long, 16 MiB: then
 * nothing is taken on top of it. */
#define LOG_PAGES_MAX 4096

static const char *const texts[DB_STATEMENTS] = {
	[DB_ADD_BUILD] =
		"INSERT INTO builds(id, uid, started_ns, ended_ns, host, repo, "
		"outcome, cause, strategy, wall_ns, memory, disk, inodes, "
		"bytes, message) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, "
		"?10, ?11, ?12, ?13, ?14, ?15) "
		"ON CONFLICT(uid, id) DO NOTHING",
	[DB_BUILDS] =
		"SELECT n, started_ns, message FROM builds WHERE "
		"(started_ns, n) < (?1, ?2) AND started_ns >= ?3 AND "
		"(?4 = 0 OR started_ns < ?4) AND (?5 = '' OR repo = ?5 OR "
		"substr(repo, -length(?5) - 1) = '/' || ?5 COLLATE NOCASE) AND "
		"(?6 = '' OR host = ?6) AND (?7 = '' OR cause = ?7) AND "
		"(?8 < 0 OR uid = ?8) AND (?9 = 0 OR outcome IN (2, 3)) "
		"ORDER BY started_ns DESC, n DESC LIMIT ?10",
	[DB_RECORDED] = "SELECT n, started_ns, message FROM builds WHERE "
			"n > ?1 ORDER BY n LIMIT ?2",
	[DB_NEWEST] = "SELECT ifnull(max(n), 0) FROM builds",
	[DB_NAMED] = "SELECT DISTINCT repo FROM builds WHERE substr(repo, "
		     "-length(?1) - 1) = '/' || ?1 COLLATE NOCASE LIMIT 2",
	[DB_NEEDS] = "SELECT disk, inodes, memory, wall_ns FROM builds WHERE "
		     "repo = ?1 AND outcome IN (1, 4) "
		     "ORDER BY started_ns DESC LIMIT ?2",
	[DB_BEST] = "SELECT strategy, sum(outcome IN (1, 4)) AS passed, "
		    "avg(wall_ns) FROM (SELECT strategy, outcome, wall_ns FROM "
		    "builds WHERE repo = ?1 AND outcome IN (1, 2, 4) "
		    "ORDER BY started_ns DESC LIMIT ?2) GROUP BY strategy "
		    "HAVING passed > 0 ORDER BY passed * 10 / ?2 DESC, "
		    "avg(wall_ns) LIMIT 1",
	[DB_ADD_FINDING] =
		"INSERT INTO findings(part, condition, first_ns, last_ns, "
		"closed_ns, count, effect, bytes, message) "
		"VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) "
		"ON CONFLICT(part, condition, first_ns) DO UPDATE SET "
		"last_ns = excluded.last_ns, closed_ns = excluded.closed_ns, "
		"count = excluded.count, effect = excluded.effect, "
		"bytes = excluded.bytes, message = excluded.message "
		"WHERE last_ns <> excluded.last_ns OR "
		"closed_ns <> excluded.closed_ns OR count <> excluded.count OR "
		"effect <> excluded.effect",
	[DB_OPEN_FINDINGS] = "SELECT n, part, condition, first_ns FROM "
			     "findings WHERE closed_ns = 0",
	[DB_CLOSE_FINDING] = "UPDATE findings SET closed_ns = ?2 WHERE n = ?1",
	[DB_FINDINGS] =
		"SELECT n, last_ns, closed_ns, message FROM findings WHERE "
		"(last_ns, n) < (?1, ?2) AND "
		"(last_ns >= ?3 OR closed_ns >= ?3 OR closed_ns = 0) AND "
		"(?4 = 0 OR first_ns < ?4) AND (?5 = '' OR condition = ?5) "
		"ORDER BY last_ns DESC, n DESC LIMIT ?6",
	[DB_OLD_BUILDS] = "DELETE FROM builds WHERE started_ns < ?1",
	[DB_OLD_FINDINGS] = "DELETE FROM findings WHERE closed_ns > 0 AND "
			    "closed_ns < ?1",
	[DB_GREEDIEST] = "SELECT uid FROM users ORDER BY bytes DESC LIMIT 1",
	[DB_SHED_BUILDS] =
		"DELETE FROM builds WHERE n IN (SELECT n FROM builds WHERE "
		"uid = ?1 ORDER BY started_ns, n LIMIT ?2)",
	[DB_SHED_FINDINGS] =
		"DELETE FROM findings WHERE n IN (SELECT n FROM findings "
		"ORDER BY closed_ns = 0, last_ns LIMIT ?1)",
	[DB_COUNT_FINDINGS] = "SELECT count(*) FROM findings",
	/* every index must know the row, and its whole message be readable */
	[DB_CHECK_BUILDS] =
		"SELECT n, message, (SELECT count(*) FROM builds AS x INDEXED "
		"BY builds_time WHERE x.started_ns = b.started_ns AND x.n = "
		"b.n) + (SELECT count(*) FROM builds AS x INDEXED BY "
		"builds_repo WHERE x.repo = b.repo AND x.started_ns = "
		"b.started_ns AND x.n = b.n) + (SELECT count(*) FROM builds AS "
		"x INDEXED BY builds_uid WHERE x.uid = b.uid AND x.started_ns "
		"= b.started_ns AND x.n = b.n) = 3 FROM builds AS b "
		"WHERE n > ?1 ORDER BY n LIMIT ?2",
	[DB_CHECK_FINDINGS] =
		"SELECT n, message, (SELECT count(*) FROM findings AS x "
		"INDEXED "
		"BY findings_time WHERE x.last_ns = f.last_ns AND x.n = f.n) + "
		"(SELECT count(*) FROM findings AS x INDEXED BY findings_open "
		"WHERE x.closed_ns = f.closed_ns AND x.n = f.n) = 2 FROM "
		"findings AS f WHERE n > ?1 ORDER BY n LIMIT ?2",
};

int db_error(int code)
{
	switch (code & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return 0;
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return -EBADMSG;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_READONLY:
		return -EROFS;
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return -EACCES;
	case SQLITE_TOOBIG:
		return -EMSGSIZE;
	default:
		return -EIO;
	}
}

int db_exec(struct db *db, const char *sql)
{
	return db_error(sqlite3_exec(db->sql, sql, NULL, NULL, NULL));
}

int64_t db_pragma(struct db *db, const char *sql)
{
	sqlite3_stmt *s = NULL;
	int64_t value = -1;

	if (sqlite3_prepare_v2(db->sql, sql, -1, &s, NULL) == SQLITE_OK &&
	    sqlite3_step(s) == SQLITE_ROW)
		value = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return value;
}

sqlite3_stmt *db_statement(struct db *db, enum db_statement which)
{
	sqlite3_stmt **s = &db->statements[which];

	if (!*s &&
	    sqlite3_prepare_v3(db->sql, texts[which], -1,
			       SQLITE_PREPARE_PERSISTENT, s, NULL) != SQLITE_OK)
		return NULL;
	sqlite3_reset(*s);
	sqlite3_clear_bindings(*s);
	return *s;
}

int db_bind_text(sqlite3_stmt *s, int at, const char *text)
{
	return sqlite3_bind_text(s, at, text ? text : "", -1, SQLITE_TRANSIENT);
}

int db_run(sqlite3_stmt *s)
{
	int r = sqlite3_step(s);

	sqlite3_reset(s);
	return db_error(r);
}

/* A file without a name takes what is written, and is gone with its last user:
 * somebody deleted it, or mounted over its folder. SQLite compares the number
 * of the inode alone, and another disk's may have the same. */
static bool has_moved(struct db *db)
{
	struct stat st;
	int moved = 0;

	if (stat(db->setup.path, &st) == 0 && st.st_dev != db->device)
		return true;
	return sqlite3_file_control(db->sql, "main", SQLITE_FCNTL_HAS_MOVED,
				    &moved) == SQLITE_OK &&
	       moved != 0;
}

int db_begin(struct db *db)
{
	if (has_moved(db))
		return -ESTALE;
	if (db->log_pages > LOG_PAGES_MAX &&
	    sqlite3_wal_checkpoint_v2(db->sql, NULL, SQLITE_CHECKPOINT_RESTART,
				      &db->log_pages, NULL) != SQLITE_OK)
		return -EBUSY;
	return db_exec(db, "BEGIN IMMEDIATE");
}

int db_end(struct db *db, int r)
{
	if (r == 0)
		r = db_exec(db, "COMMIT");
	/* where SQLite has rolled back by itself, there is nothing to do */
	if (r < 0 && !sqlite3_get_autocommit(db->sql))
		db_exec(db, "ROLLBACK");
	return r;
}

void db_rest(struct db *db)
{
	for (int i = 0; i < DB_STATEMENTS; i++) {
		sqlite3_finalize(db->statements[i]);
		db->statements[i] = NULL;
	}
	sqlite3_db_release_memory(db->sql);
}

struct db *db_close(struct db *db)
{
	if (!db)
		return NULL;
	if (db->sql)
		db_rest(db);
	sqlite3_close(db->sql);
	free(db);
	return NULL;
}

int db_walk(sqlite3_stmt *s, struct db_query *q, db_give_fn give, void *data)
{
	_cleanup_free_ uint8_t *mem = malloc(CODEC_ARENA_UNPACK);
	struct codec_arena a = { .mem = mem, .size = CODEC_ARENA_UNPACK };
	int n = 0, r = SQLITE_OK;

	if (!mem)
		return -ENOMEM;
	while ((r = sqlite3_step(s)) == SQLITE_ROW) {
		a.used = 0;
		if (!give(s, &a, data))
			break;
		q->before_row = sqlite3_column_int64(s, 0);
		q->before_ns = (uint64_t)sqlite3_column_int64(s, 1);
		n++;
	}
	sqlite3_reset(s);
	r = db_error(r);
	return r < 0 ? r : n;
}
