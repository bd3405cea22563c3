/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that somebody else made: with all marks of a store of hale, and more in
 * them than hale ever put there. They are set aside with all that belongs to
 * them, unchanged, and nothing in them is run.
 */
#include "store_files.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

/* Each after a whole store of today, through SQLite as anyone has it. */
static const char *const hostile[] = {
	/* more than there should be */
	"CREATE VIEW v AS SELECT * FROM builds",
	"CREATE TRIGGER t AFTER INSERT ON builds BEGIN DELETE FROM builds; END",
	"CREATE TABLE more(x)",
	"CREATE TABLE more(x, y AS (zeroblob(1000000000)))",
	"CREATE INDEX more ON builds(abs(n))",
	"CREATE VIRTUAL TABLE more USING fts5(x)",
	/* less */
	"DROP INDEX builds_uid",
	"DROP TRIGGER build_gone",
	"DROP TABLE findings",
	/* by the same name another thing */
	"DROP TABLE findings; CREATE VIEW findings AS SELECT 1 AS n, 1 AS "
	"last_ns, 1 AS closed_ns, randomblob(1000000000) AS message",
	"DROP TRIGGER build_gone; CREATE TRIGGER build_gone AFTER DELETE ON "
	"builds BEGIN INSERT INTO users SELECT n, n, n FROM builds; END",
	"ALTER TABLE builds ADD COLUMN more",
	"PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = "
	"'CREATE TABLE findings(n)' WHERE name = 'findings'",
	"PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE' "
	"WHERE name = 'builds'",
	"PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = "
	"(SELECT rootpage FROM sqlite_schema WHERE name = 'users') "
	"WHERE name = 'findings'",
	"PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = 77 "
	"WHERE name = 'builds'",
	/* whose is it? */
	"PRAGMA application_id = 1234",
	"PRAGMA application_id = 0",
	"PRAGMA user_version = 3",
	"PRAGMA user_version = 0",
	"PRAGMA user_version = -1",
	"PRAGMA journal_mode = DELETE; PRAGMA page_size = 512; VACUUM",
};

static void expect_aside(const char *why)
{
	const struct db_setup setup = { .path = room_path };
	char said[DB_SAID_MAX], kept[80];
	struct db *db = NULL;

	assert_int_equal(db_open(&setup, said, &db), 0);
	if (!strstr(said, "kept as builds.db.aside-1"))
		fail_msg("accepted: %s", why);
	snprintf(kept, sizeof(kept), "%s.aside-1", room_path);
	assert_int_equal(access(kept, F_OK), 0);
	assert_int_equal(room_count(db, -1), 0);
	assert_int_equal(room_add(db, &(struct room_build){ .uid = 1 }), 0);
	db_close(db);
}

static void test_more_or_less_than_hale_makes(void **state)
{
	for (size_t i = 0; i < HALE_ARRAY_SIZE(hostile); i++) {
		room_version(DB_VERSION);
		room_sql(hostile[i]);
		expect_aside(hostile[i]);
		room_end(state);
		room_begin(state);
	}
}

/* ANALYZE by an administrator is no attack. */
static void test_statistics_are_no_harm(void **state)
{
	struct db *db;

	(void)state;
	room_version(DB_VERSION);
	room_sql("ANALYZE");
	db = room_open();
	assert_int_equal(room_count(db, -1), 3);
	db_close(db);
}

static void read_file(const char *end, char *buf, size_t size, ssize_t *ret_len)
{
	char path[96];
	int fd;

	snprintf(path, sizeof(path), "%s%s", room_path, end);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	*ret_len = read(fd, buf, size);
	close(fd);
}

/* Of what is set aside the log is a part: nothing of it is written back, and it
 * goes along. */
static void test_its_log_goes_along(void **state)
{
	static char before[65536], log[65536], after[65536];
	ssize_t n, n_log, m;
	sqlite3 *file = NULL;

	(void)state;
	room_version(DB_VERSION);
	assert_int_equal(sqlite3_open(room_path, &file), SQLITE_OK);
	sqlite3_db_config(file, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	assert_int_equal(sqlite3_exec(file,
				      "PRAGMA user_version = 99;"
				      "DELETE FROM builds WHERE n = 1",
				      NULL, NULL, NULL),
			 SQLITE_OK);
	sqlite3_close(file);
	read_file("", before, sizeof(before), &n);
	read_file("-wal", log, sizeof(log), &n_log);
	assert_true(n_log > 0);
	expect_aside("of a newer hale");
	read_file(".aside-1", after, sizeof(after), &m);
	assert_int_equal(n, m);
	assert_memory_equal(before, after, (size_t)n);
	read_file(".aside-1-wal", after, sizeof(after), &m);
	assert_int_equal(n_log, m);
	assert_memory_equal(log, after, (size_t)m);
}

/* Nine are kept; then nothing is touched any more, and that is said. */
static void test_there_is_an_end_to_it(void **state)
{
	const struct db_setup setup = { .path = room_path };
	char said[DB_SAID_MAX];
	struct db *db = NULL;

	(void)state;
	for (int i = 0; i < 9; i++) {
		room_version(1);
		room_sql("CREATE TABLE more(x)");
		assert_int_equal(db_open(&setup, said, &db), 0);
		db = db_close(db);
		unlink(room_path);
	}
	room_version(1);
	room_sql("CREATE TABLE more(x)");
	assert_int_equal(db_open(&setup, said, &db), -EBADMSG);
	assert_non_null(strstr(said, "cannot be moved aside"));
	assert_int_equal(access(room_path, F_OK), 0);
}

static void test_no_file_at_all(void **state)
{
	const struct db_setup setup = { .path = room_path };
	char said[DB_SAID_MAX];
	struct db *db = NULL;

	(void)state;
	assert_int_equal(mkfifo(room_path, 0600), 0);
	assert_int_equal(db_open(&setup, said, &db), -ENOTSUP);
	unlink(room_path);
	assert_int_equal(mkdir(room_path, 0700), 0);
	assert_int_equal(db_open(&setup, said, &db), -EISDIR);
	assert_string_not_equal(said, "");
}

/* Deleted under it, or its folder unmounted: what is written then would go with
 * the process. */
static void test_a_file_that_lost_its_name(void **state)
{
	struct db *db;

	(void)state;
	db = room_open();
	assert_int_equal(db_try(db), 0);
	unlink(room_path);
	assert_int_equal(db_try(db), -ESTALE);
	assert_int_equal(room_add(db, &(struct room_build){ .uid = 1 }),
			 -ESTALE);
	db_close(db);
}

/* A reader that never ends keeps the log from being written back: at 16 MiB
 * nothing more is taken, and all is well when it is gone. */
static void test_the_log_is_bounded(void **state)
{
	sqlite3 *reader = NULL;
	struct db *db = room_open();
	struct stat st;
	char path[80];
	int r = 0;

	(void)state;
	assert_int_equal(sqlite3_open(room_path, &reader), SQLITE_OK);
	assert_int_equal(sqlite3_exec(reader, "BEGIN; SELECT * FROM builds",
				      NULL, NULL, NULL),
			 SQLITE_OK);
	sqlite3_busy_timeout(db->sql, 1);
	for (int i = 0; i < 2000 && r == 0; i++)
		r = room_add(db, &(struct room_build){ .padding = 50000 });
	assert_int_equal(r, -EBUSY);
	snprintf(path, sizeof(path), "%s-wal", room_path);
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size < 18 << 20);
	sqlite3_close(reader);
	assert_int_equal(room_add(db, &(struct room_build){ .uid = 1 }), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size <= 2 << 20);
	db_close(db);
}

/* What was forgotten makes the file shorter. */
static void test_room_is_given_back(void **state)
{
	struct db *db = room_open_sized(0, 30 * DAY);
	int64_t most;

	(void)state;
	for (int i = 0; i < 100; i++)
		room_add(db, &(struct room_build){ .padding = 40000,
						   .ago_ns = 40 * DAY });
	most = db_pragma(db, "PRAGMA page_count");
	db_close(db);
	db = room_open_sized(0, 30 * DAY);
	for (int i = 0; i < 20; i++)
		room_add(db, &(struct room_build){ .uid = 1 });
	assert_true(db_pragma(db, "PRAGMA page_count") < most / 2);
	db_close(db);
}

/* Its schema may be changed, and is not looked at. */
static struct db *reopen_unchecked(struct db *db)
{
	db_rest(db);
	sqlite3_close(db->sql);
	memset(db->statements, 0, sizeof(db->statements));
	assert_int_equal(sqlite3_open(room_path, &db->sql), SQLITE_OK);
	sqlite3_db_config(db->sql, SQLITE_DBCONFIG_WRITABLE_SCHEMA, 1, NULL);
	return db;
}

/* A long file is read through in pieces; damage in it is found there. */
static void test_in_pieces(void **state)
{
	struct db *db = room_open();
	int r, pieces = 0;

	(void)state;
	for (int i = 0; i < 200; i++)
		room_add(db, &(struct room_build){ .padding = 6000 });
	assert_int_equal(db_check_on(db), 0); /* it was whole before */
	db->checking = DB_CHECK_BUILDS;
	while ((r = db_check_on(db)) == 1)
		pieces++;
	assert_int_equal(r, 0);
	assert_true(pieces >= 4);
	/* a row that one of its indices has lost */
	sqlite3_db_config(db->sql, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
	sqlite3_db_config(db->sql, SQLITE_DBCONFIG_WRITABLE_SCHEMA, 1, NULL);
	assert_int_equal(
		db_exec(db, "UPDATE sqlite_schema SET sql = 'CREATE INDEX "
			    "builds_uid ON builds(uid, started_ns) WHERE uid "
			    "<> 9' WHERE name = 'builds_uid'"),
		0);
	db = reopen_unchecked(db);
	room_add(db, &(struct room_build){ .uid = 9 });
	assert_int_equal(
		db_exec(db, "UPDATE sqlite_schema SET sql = 'CREATE INDEX "
			    "builds_uid ON builds(uid, started_ns)' WHERE name "
			    "= 'builds_uid'"),
		0);
	db = reopen_unchecked(db);
	db->checking = DB_CHECK_BUILDS;
	while ((r = db_check_on(db)) == 1)
		;
	assert_int_equal(r, -EBADMSG);
	db_close(db);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, room_begin, room_end)
	const struct CMUnitTest tests[] = {
		TEST(test_more_or_less_than_hale_makes),
		TEST(test_statistics_are_no_harm),
		TEST(test_its_log_goes_along),
		TEST(test_there_is_an_end_to_it),
		TEST(test_no_file_at_all),
		TEST(test_a_file_that_lost_its_name),
		TEST(test_the_log_is_bounded),
		TEST(test_room_is_given_back),
		TEST(test_in_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
