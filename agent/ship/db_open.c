/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opens the store. Decides what SQLite may do with the file, and what becomes
 * of one that is no store, damaged, or of a newer hale. Must never write to a
 * file before it is known to be ours, nor call anything stored that may still
 * be in the page cache alone: what a process wrote and did not live to sync is
 * found in the log by the next, and would be taken for stored. Invariant: an
 * open store has the schema of today, and all that is in it is on the disk.
 */
#include <errno.h>
#include <sys/stat.h>

#include "hale/base.h"

#include "agent/ship/db_room.h"

#define BUSY_MS	  500
#define CACHE_KIB "-128"
#define LOG_PAGES 64 /* a quarter of a MiB, then it is written back */
#define LOG_BYTES "1048576"

/* --- what may be done with it --- */

/* Far above what the store's own statements need. */
static void set_limits(sqlite3 *sql)
{
	static const struct {
		int which, most;
	} limits[] = {
		{ SQLITE_LIMIT_LENGTH, 4 << 20 },
		{ SQLITE_LIMIT_SQL_LENGTH, 64 * 1024 },
		{ SQLITE_LIMIT_COLUMN, 64 },
		{ SQLITE_LIMIT_EXPR_DEPTH, 64 },
		{ SQLITE_LIMIT_COMPOUND_SELECT, 4 },
		{ SQLITE_LIMIT_VDBE_OP, 5000 },
		{ SQLITE_LIMIT_FUNCTION_ARG, 16 },
		{ SQLITE_LIMIT_ATTACHED, 0 },
		{ SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 64 },
		{ SQLITE_LIMIT_VARIABLE_NUMBER, 32 },
		{ SQLITE_LIMIT_TRIGGER_DEPTH, 4 },
		{ SQLITE_LIMIT_WORKER_THREADS, 0 },
	};

	for (size_t i = 0; i < HALE_ARRAY_SIZE(limits); i++)
		sqlite3_limit(sql, limits[i].which, limits[i].most);
}

/* What lies in the file decides nothing but what is read from it. Triggers stay
 * on: the store's own are three lines, and no others get past db_identify(). */
static void set_defences(sqlite3 *sql)
{
	static const struct {
		int which, on;
	} flags[] = {
		{ SQLITE_DBCONFIG_DEFENSIVE, 1 },
		{ SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 },
		{ SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0 },
		{ SQLITE_DBCONFIG_ENABLE_VIEW, 0 },
		{ SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0 },
		{ SQLITE_DBCONFIG_DQS_DML, 0 },
		{ SQLITE_DBCONFIG_DQS_DDL, 0 },
		/* what is set aside is left as it was found */
		{ SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1 },
	};

	for (size_t i = 0; i < HALE_ARRAY_SIZE(flags); i++)
		sqlite3_db_config(sql, flags[i].which, flags[i].on, NULL);
	set_limits(sql);
}

static int open_file(struct db *db)
{
	bool read_only = db->setup.read_only;
	int flags = read_only ? SQLITE_OPEN_READONLY
			      : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
	struct stat st;
	int r;

	/* no fifo, no device: what they do when they are opened is theirs */
	if (lstat(db->setup.path, &st) == 0 && !S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode)   ? -EISDIR
		       : S_ISLNK(st.st_mode) ? -ELOOP
					     : -ENOTSUP;
	r = sqlite3_open_v2(db->setup.path, &db->sql,
			    flags | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX,
			    NULL);
	if (r != SQLITE_OK)
		return sqlite3_system_errno(db->sql) > 0
			       ? -sqlite3_system_errno(db->sql)
			       : db_error(r);
	/* SQLite opens for reading what it may not write, and says nothing */
	if (!read_only && sqlite3_db_readonly(db->sql, "main") == 1)
		return -EROFS;
	if (stat(db->setup.path, &st) < 0)
		return -errno;
	db->device = st.st_dev;
	sqlite3_extended_result_codes(db->sql, 1);
	sqlite3_busy_timeout(db->sql, db->setup.busy_ms > 0 ? db->setup.busy_ms
							    : BUSY_MS);
	set_defences(db->sql);
	return db_exec(db, "PRAGMA cache_size = " CACHE_KIB ";"
			   "PRAGMA temp_store = MEMORY;"
			   "PRAGMA mmap_size = 0;"
			   "PRAGMA cell_size_check = 1");
}

/* --- what is acknowledged is on the disk --- */

/* After each commit: how long is the log, and back into the file with it. */
static int on_commit(void *data, sqlite3 *sql, const char *name, int pages)
{
	struct db *db = data;

	db->log_pages = pages;
	/* PASSIVE waits for nobody; its failure is the next commit's */
	if (pages >= LOG_PAGES)
		sqlite3_wal_checkpoint_v2(sql, name, SQLITE_CHECKPOINT_PASSIVE,
					  &db->log_pages, NULL);
	return SQLITE_OK;
}

/* Each commit waits for the log to be on the disk: with NORMAL a power cut
 * takes back what was acknowledged. EXTRA is FULL where there is a log; until
 * there is one, the end of a rollback journal is on the disk as well. */
static int settle(struct db *db, bool fresh)
{
	char pages[64];
	int r = fresh ? db_exec(db, "PRAGMA page_size = 4096;"
				    "PRAGMA auto_vacuum = INCREMENTAL")
		      : 0;

	if (r == 0)
		r = db_exec(db, "PRAGMA synchronous = EXTRA;"
				"PRAGMA journal_mode = WAL;"
				"PRAGMA journal_size_limit = " LOG_BYTES);
	if (r < 0)
		return r;
	sqlite3_wal_hook(db->sql, on_commit, db);
	snprintf(pages, sizeof(pages), "PRAGMA max_page_count = %llu",
		 (unsigned long long)(db->setup.size_bytes / DB_PAGE));
	return db_exec(db, pages);
}

/* --- as a whole --- */

static int bring_to_today(struct db *db)
{
	int version = 0;
	int r = db_identify(db, &version);

	if (r == 0)
		r = db_check(db);
	if (r < 0 || db->setup.read_only)
		return r < 0 || version == db->setup.schema->version ? r
								     : -ENODATA;
	r = version == 0 ? 0 : db_log_sync(db);
	if (r == 0)
		r = settle(db, version == 0);
	if (r == 0)
		r = db_migrate(db, version);
	/* its own name, that of its log, and that its journal has none */
	if (r == 0)
		r = db_sync_folder(db->setup.path);
	if (r == 0)
		sqlite3_db_config(db->sql, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0,
				  NULL);
	return r;
}

static int try_open(const struct db_setup *setup, struct db **ret_db)
{
	struct db *db = calloc(1, sizeof(*db));
	int r;

	if (!db)
		return -ENOMEM;
	db->setup = *setup;
	db->checked = INT64_MIN;
	if (!db->setup.schema)
		db->setup.schema = &db_store_schema;
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

int db_try(struct db *db)
{
	int r = db_begin(db);

	return r < 0 ? r : db_end(db, 0);
}

static const char *words_of(int r)
{
	return r == -EPROTONOSUPPORT ? "is of a newer hale"
	       : r == -ENODATA ? "is of an older hale and cannot be changed"
			       : "is damaged or no store of hale";
}

static bool is_no_store(int r)
{
	return r == -EBADMSG || r == -EPROTONOSUPPORT;
}

int db_open(const struct db_setup *setup, char said[DB_SAID_MAX],
	    struct db **ret_db)
{
	char name[DB_NAME_MAX];
	int r = try_open(setup, ret_db), aside;

	said[0] = '\0';
	if (!is_no_store(r) && r != -ENODATA) {
		if (r < 0)
			snprintf(said, DB_SAID_MAX, "%.200s: %s", setup->path,
				 r == -EBUSY ? "another process holds it"
					     : strerrordesc_np(-r));
		return r;
	}
	if (setup->read_only || setup->stays) {
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
