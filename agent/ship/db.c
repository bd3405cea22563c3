/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opens the store and talks to SQLite. Decides what becomes of a file that is
 * no store, or one of a newer hale. Must never delete or overwrite one. What
 * SQLite says is turned into errno here, and nowhere else. Invariant: an open
 * store passed a quick_check and has the schema of today.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "hale/base.h"

#include "agent/ship/db.h"
#include "proto/codec.h"

#define BUSY_MS	  500
#define CACHE_KIB "-128"
#define WAL_PAGES "64" /* a quarter of a MiB, then it is written back */

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
		"(?4 = 0 OR started_ns < ?4) AND (?5 = '' OR repo = ?5) AND "
		"(?6 = '' OR host = ?6) AND (?7 = '' OR cause = ?7) AND "
		"(?8 < 0 OR uid = ?8) AND (?9 = 0 OR outcome IN (2, 3)) "
		"ORDER BY started_ns DESC, n DESC LIMIT ?10",
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

/* 0 where every page is sound, -EBADMSG where one is not. */
static int check(struct db *db)
{
	sqlite3_stmt *s = NULL;
	const unsigned char *text;
	int r = sqlite3_prepare_v2(db->sql, "PRAGMA quick_check(1)", -1, &s,
				   NULL);

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

static int settle(struct db *db)
{
	char pages[64];
	int r;

	if (db->setup.read_only)
		return 0;
	r = db_exec(db, "PRAGMA auto_vacuum = INCREMENTAL;"
			"PRAGMA journal_mode = WAL;"
			"PRAGMA synchronous = FULL;"
			"PRAGMA wal_autocheckpoint = " WAL_PAGES ";"
			"PRAGMA journal_size_limit = 1048576");
	if (r < 0)
		return r;
	snprintf(pages, sizeof(pages), "PRAGMA max_page_count = %llu",
		 (unsigned long long)(db->setup.size_bytes / 4096));
	return db_exec(db, pages);
}

static int open_file(struct db *db)
{
	int flags = db->setup.read_only
			    ? SQLITE_OPEN_READONLY
			    : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
	int r = sqlite3_open_v2(
		db->setup.path, &db->sql,
		flags | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX, NULL);

	if (r != SQLITE_OK)
		return db_error(r);
	sqlite3_extended_result_codes(db->sql, 1);
	sqlite3_busy_timeout(db->sql, db->setup.busy_ms > 0 ? db->setup.busy_ms
							    : BUSY_MS);
	/* what lies in the file decides nothing but what is read from it */
	sqlite3_db_config(db->sql, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db->sql, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	return db_exec(db, "PRAGMA cache_size = " CACHE_KIB ";"
			   "PRAGMA temp_store = MEMORY;"
			   "PRAGMA cell_size_check = 1");
}

/* -EPROTONOSUPPORT: a newer hale wrote it. */
static int bring_to_today(struct db *db)
{
	int64_t version;
	int r = check(db);

	if (r < 0)
		return r;
	version = db_pragma(db, "PRAGMA user_version");
	if (version < 0)
		return -EBADMSG;
	if (version > DB_VERSION)
		return -EPROTONOSUPPORT;
	r = settle(db);
	if (r < 0 || db->setup.read_only)
		return r;
	return db_migrate(db, (int)version);
}

static int try_open(const struct db_setup *setup, struct db **ret_db)
{
	struct db *db = calloc(1, sizeof(*db));
	int r;

	if (!db)
		return -ENOMEM;
	db->setup = *setup;
	if (db->setup.size_bytes == 0)
		db->setup.size_bytes = DB_SIZE;
	if (db->setup.retention_ns == 0)
		db->setup.retention_ns = DB_RETENTION_NS;
	r = open_file(db);
	if (r == 0)
		r = bring_to_today(db);
	if (r < 0)
		db_close(db);
	else
		*ret_db = db;
	return r;
}

static const char *words_of(int r)
{
	return r == -EPROTONOSUPPORT ? "is of a newer hale"
				     : "is damaged or no store of hale";
}

int db_open(const struct db_setup *setup, char said[DB_SAID_MAX],
	    struct db **ret_db)
{
	char name[DB_NAME_MAX];
	int r = try_open(setup, ret_db), aside;

	said[0] = '\0';
	if (r != -EBADMSG && r != -EPROTONOSUPPORT) {
		if (r < 0)
			snprintf(said, DB_SAID_MAX, "%.200s: %s", setup->path,
				 strerrordesc_np(-r));
		return r;
	}
	if (setup->read_only) {
		snprintf(said, DB_SAID_MAX, "%.200s %s", setup->path,
			 words_of(r));
		return r;
	}
	aside = db_set_aside(setup->path, name);
	if (aside < 0) {
		snprintf(said, DB_SAID_MAX,
			 "%.200s %s and cannot be moved aside: %s", setup->path,
			 words_of(r), strerrordesc_np(-aside));
		return r;
	}
	snprintf(said, DB_SAID_MAX, "%.150s %s; kept as %s, beginning anew",
		 setup->path, words_of(r), name);
	return try_open(setup, ret_db);
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
