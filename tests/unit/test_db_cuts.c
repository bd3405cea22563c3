/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The power goes at every single write and sync of a store's life, and of the
 * writes that were not synced any sectors arrive: what was acknowledged is
 * there, once, in a file that is sound. So it is where the disk is full, where
 * it fails, and where a failed sync loses what it was called for.
 */
#include "store_files.h"

#include <errno.h>

#include "cut_disk.h"

#define BUILDS 36
/* Each moment; a few of them where each look takes the sanitizer's time. */
#ifdef __SANITIZE_ADDRESS__
#define STEP 9
#else
#define STEP 1
#endif

/* When each build was acknowledged; 0: it was not. */
static size_t acknowledged[BUILDS];

static struct db *reopen(void)
{
	const struct db_setup setup = { .path = room_path,
					.size_bytes = DB_SIZE_MIN };
	char said[DB_SAID_MAX];
	struct db *db = NULL;

	if (db_open(&setup, said, &db) < 0)
		return NULL;
	assert_string_equal(said, "");
	return db;
}

static int add(struct db *db, int i)
{
	char id[16];
	const struct room_build b = { .id = id,
				      .uid = 7,
				      .padding = (size_t)(i * 977 % 9000) };

	snprintf(id, sizeof(id), "%08x", i + 1);
	return room_add(db, &b);
}

static Hale__V1__Part part;

static int report(struct db *db, int i)
{
	Hale__V1__Finding f, *list[] = { &f };

	hale__v1__finding__init(&f);
	hale__v1__part__init(&part);
	part.id = (char *)(uintptr_t) "disk/a";
	f.part = &part;
	f.condition = (char *)(uintptr_t) "disk.io_error";
	f.first_ns = 1000;
	f.last_ns = 1000 + (uint64_t)i;
	f.count = (uint64_t)i + 1;
	return db_add_findings(db, list, 1, NOW);
}

static struct db *live(struct db *db, int from, int to)
{
	for (int i = from; i < to; i++) {
		if (db && add(db, i) == 0)
			acknowledged[i] = cut_moment();
		if (db && i % 5 == 0)
			report(db, i);
	}
	return db;
}

static bool mark(void *data, Hale__V1__BuildResult *m)
{
	unsigned char *seen = data;
	unsigned long i = strtoul(m->id, NULL, 16) - 1;

	assert_true(i < BUILDS);
	seen[i]++;
	return true;
}

/* After a cut at this moment. */
static void expect_all(size_t moment)
{
	struct db_query q = { .repo = "", .host = "", .cause = "", .uid = -1 };
	unsigned char seen[BUILDS] = { 0 };
	struct db *db = reopen();

	assert_non_null(db);
	assert_int_equal(db_pragma(db, "SELECT count(*) FROM "
				       "pragma_integrity_check WHERE "
				       "integrity_check <> 'ok'"),
			 0);
	db_cursor_init(&q);
	assert_true(db_builds(db, &q, 1000, mark, seen) >= 0);
	for (int i = 0; i < BUILDS; i++) {
		if (acknowledged[i] != 0 && acknowledged[i] <= moment)
			assert_int_equal(seen[i], 1);
		assert_true(seen[i] <= 1);
	}
	assert_int_equal(db_pragma(db, "SELECT ifnull(sum(bytes), 0) FROM "
				       "users"),
			 db_pragma(db, "SELECT ifnull(sum(bytes), 0) FROM "
				       "builds"));
	db_close(db);
}

/* Made on the real disk, which is memory here, and looked at through it. */
static void cut_everywhere(void)
{
	size_t end = cut_moment();

	for (size_t moment = 0; moment <= end; moment += STEP) {
		cut_make(moment, CUT_NOTHING, 1);
		expect_all(moment);
		cut_make(moment, CUT_ALL, 1);
		expect_all(moment);
		cut_make(moment, CUT_SOME, moment + 1);
		expect_all(moment);
	}
	print_message("# %zu moments, %zu cuts\n", end / STEP + 1,
		      3 * (end / STEP + 1));
}

static void test_a_cut_at_every_write(void **state)
{
	struct db *db;

	(void)state;
	memset(acknowledged, 0, sizeof(acknowledged));
	db = live(reopen(), 0, BUILDS / 2);
	db_close(db);
	db = live(reopen(), BUILDS / 2, BUILDS);
	for (int i = 0; i < BUILDS; i++)
		assert_true(acknowledged[i] != 0);
	db_close(db);
	cut_everywhere();
}

/* Of each version: it is the old one whole, or today's. */
static void test_a_cut_while_it_is_brought_to_today(void **state)
{
	(void)state;
	for (int version = 1; version < DB_VERSION; version++) {
		size_t begin, end;

		room_version(version);
		begin = cut_moment();
		db_close(room_open());
		end = cut_moment();
		for (size_t at = begin; at <= end; at += STEP) {
			struct db *db;

			cut_make(at, CUT_SOME, at + 1);
			db = reopen();
			assert_int_equal(room_count(db, 1000), 2);
			assert_int_equal(room_count(db, 1001), 1);
			db_close(db);
		}
		room_end(NULL);
		cut_end();
		room_begin(NULL);
		cut_begin();
	}
}

/* As kill -9 leaves it: nothing is written back on the way. */
static struct db *die(struct db *db)
{
	if (db)
		sqlite3_db_config(db->sql, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1,
				  NULL);
	return db_close(db);
}

/* One fault at every operation, in turn: the build is told again, by a process
 * that lives on or by the next. The cut comes at the end. */
static void suffer(enum cut_fault fault, bool dies)
{
	for (long at = 0; at < 90; at++) {
		struct db *db;
		size_t end;

		memset(acknowledged, 0, sizeof(acknowledged));
		cut_break(fault, at, 1);
		db = reopen();
		for (int i = 0; i < 10; i++) {
			for (int tries = 0; tries < 4; tries++) {
				db = db ? db : reopen();
				if (db && add(db, i) == 0) {
					acknowledged[i] = cut_moment();
					break;
				}
				if (dies)
					db = die(db);
			}
			assert_true(acknowledged[i] != 0);
		}
		cut_break(CUT_FINE, 0, 0);
		end = cut_moment();
		db_close(db);
		cut_make(end, CUT_NOTHING, 1);
		expect_all(end);
		room_end(NULL);
		cut_end();
		room_begin(NULL);
		cut_begin();
	}
}

static void test_no_room_at_any_write(void **state)
{
	(void)state;
	suffer(CUT_NO_SPACE, false);
	suffer(CUT_NO_SPACE, true);
}

static void test_an_error_at_any_write(void **state)
{
	(void)state;
	suffer(CUT_IO_ERROR, false);
	suffer(CUT_IO_ERROR, true);
}

/* What was written is in the page cache and reads well, but is not on the disk:
 * told again it must not be taken for stored. */
static void test_a_sync_that_loses(void **state)
{
	(void)state;
	suffer(CUT_SYNC_LOSES, false);
	suffer(CUT_SYNC_LOSES, true);
}

static int begin(void **state)
{
	int r = room_begin(state);

	cut_begin();
	return r;
}

static int end(void **state)
{
	cut_end();
	return room_end(state);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(test_a_cut_at_every_write),
		TEST(test_a_cut_while_it_is_brought_to_today),
		TEST(test_no_room_at_any_write),
		TEST(test_an_error_at_any_write),
		TEST(test_a_sync_that_loses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
