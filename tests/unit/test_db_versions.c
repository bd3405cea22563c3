/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stores of other times: each earlier version is brought to today's with its
 * builds; what is damaged, newer or no store is set aside whole.
 */
#include "store_files.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

/* Three builds of two users, and from the second on two findings. */
static void expect_today(int version)
{
	struct db *db = room_open();

	assert_int_equal(db_pragma(db, "PRAGMA user_version"), DB_VERSION);
	assert_int_equal(db_pragma(db, "PRAGMA application_id"),
			 DB_APPLICATION);
	/* word for word what a new one has */
	assert_int_equal(db_schema_is(db, DB_VERSION), 0);
	assert_int_equal(room_count(db, 1000), 2);
	assert_int_equal(room_count(db, 1001), 1);
	assert_int_equal(db_pragma(db, "SELECT count(*) FROM findings"),
			 version >= 2 ? 2 : 0);
	assert_int_equal(room_add(db, &(struct room_build){ .uid = 1000 }), 0);
	/* it counts those from before as well */
	assert_int_equal(
		db_pragma(db, "SELECT builds FROM users WHERE uid = 1000"), 3);
	db_close(db);
}

static void test_every_version_comes_to_today(void **state)
{
	(void)state;
	for (int version = 1; version <= DB_VERSION; version++) {
		room_version(version);
		expect_today(version);
		unlink(room_path);
	}
}

static bool first_repo(void *data, Hale__V1__BuildResult *m)
{
	snprintf(data, 32, "%s", m->repo);
	return false;
}

/* A message of then is read by hale of now. */
static void test_what_was_told_then_is_told_now(void **state)
{
	struct db_query q = {
		.repo = "", .host = "", .cause = "host-io", .uid = -1
	};
	char repo[32] = "";
	struct db *db;

	(void)state;
	room_version(1);
	db = room_open();
	db_cursor_init(&q);
	db_builds(db, &q, 10, first_repo, repo);
	assert_string_equal(repo, "acme/shop");
	db_close(db);
}

/* Who may only read it cannot bring it to today, and says so. */
static void test_an_older_one_that_may_only_be_read(void **state)
{
	const struct db_setup setup = { .path = room_path, .read_only = true };
	char said[DB_SAID_MAX];
	struct db *db = NULL;

	(void)state;
	room_version(1);
	assert_int_equal(db_open(&setup, said, &db), -ENODATA);
	assert_non_null(strstr(said, "older hale"));
}

static void expect_aside(const char *name)
{
	const struct db_setup setup = { .path = room_path };
	char said[DB_SAID_MAX], path[128];
	struct db *db = NULL;

	assert_int_equal(db_open(&setup, said, &db), 0);
	assert_non_null(strstr(said, name));
	snprintf(path, sizeof(path), "%s/%s", room, name);
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(room_add(db, &(struct room_build){ .uid = 1 }), 0);
	assert_int_equal(room_count(db, -1), 1);
	db_close(db);
}

static void test_of_a_newer_hale(void **state)
{
	struct db *db = room_open();
	sqlite3 *sql = NULL;

	(void)state;
	db_exec(db, "CREATE TABLE more(x); PRAGMA user_version = 99");
	db_close(db);
	expect_aside("builds.db.aside-1");
	/* it is as it was */
	snprintf(room_path, sizeof(room_path), "%s/builds.db.aside-1", room);
	assert_int_equal(sqlite3_open(room_path, &sql), SQLITE_OK);
	assert_int_equal(
		sqlite3_exec(sql, "SELECT x FROM more", NULL, NULL, NULL),
		SQLITE_OK);
	sqlite3_close(sql);
}

static void overwrite(off_t at, size_t len)
{
	char bytes[4096];
	int fd = open(room_path, O_WRONLY | O_CLOEXEC);

	memset(bytes, 0x5a, sizeof(bytes));
	assert_int_equal(pwrite(fd, bytes, len, at), (ssize_t)len);
	close(fd);
}

static void test_damaged(void **state)
{
	struct db *db = room_open();

	(void)state;
	for (int i = 0; i < 50; i++)
		room_add(db, &(struct room_build){ .padding = 500 });
	db_close(db);
	overwrite((off_t)5 * 4096, 4096); /* a page in its midst */
	expect_aside("builds.db.aside-1");
	overwrite(0, 100); /* its very head */
	expect_aside("builds.db.aside-2");
}

static void test_no_store_at_all(void **state)
{
	FILE *f = fopen(room_path, "we");

	(void)state;
	for (int i = 0; i < 1000; i++)
		fputs("this is a text of somebody's\n", f);
	fclose(f);
	expect_aside("builds.db.aside-1");
}

/* Nothing is set aside where it is only to be read. */
static void test_read_only(void **state)
{
	const struct db_setup setup = { .path = room_path, .read_only = true };
	char said[DB_SAID_MAX];
	struct db *db = NULL;

	(void)state;
	db_close(room_open());
	overwrite(0, 100);
	assert_int_equal(db_open(&setup, said, &db), -EBADMSG);
	assert_non_null(strstr(said, "damaged"));
	assert_int_equal(access(room_path, F_OK), 0);
}

/* A link would have the agent, as root, write where somebody points it. */
static void test_a_link_is_not_followed(void **state)
{
	const struct db_setup setup = { .path = room_path };
	char said[DB_SAID_MAX], other[96];
	struct db *db = NULL;

	(void)state;
	snprintf(other, sizeof(other), "%s/other", room);
	assert_int_equal(symlink(other, room_path), 0);
	assert_true(db_open(&setup, said, &db) < 0);
	assert_int_equal(access(other, F_OK), -1);
	assert_string_not_equal(said, "");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, room_begin, room_end)
	const struct CMUnitTest tests[] = {
		TEST(test_every_version_comes_to_today),
		TEST(test_what_was_told_then_is_told_now),
		TEST(test_an_older_one_that_may_only_be_read),
		TEST(test_of_a_newer_hale),
		TEST(test_damaged),
		TEST(test_no_store_at_all),
		TEST(test_read_only),
		TEST(test_a_link_is_not_followed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
