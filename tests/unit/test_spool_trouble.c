/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A spool whose disk is gone, full, damaged or another's: it says so, goes on
 * in bounded memory, and is a spool again when it can be.
 */
#include <sqlite3.h>
#include <sys/file.h>

#include "spool_look.h"

#define LATER (11 * HALE_NS_PER_S)

static void sql(const char *text)
{
	sqlite3 *file = NULL;

	assert_int_equal(sqlite3_open(room_path, &file), SQLITE_OK);
	if (sqlite3_exec(file, text, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sqlite3_errmsg(file), text);
	sqlite3_close(file);
}

static int count_files(void)
{
	char command[96];
	FILE *f;
	int n = -1;

	snprintf(command, sizeof(command), "ls %s | wc -l", room);
	f = popen(command, "re"); /* NOLINT(cert-env33-c) */
	assert_non_null(f);
	assert_int_equal(fscanf(f, "%d", &n), 1); /* NOLINT(cert-err34-c) */
	pclose(f);
	return n;
}

/* --- no folder --- */

static void test_without_a_folder_memory_serves(void **state)
{
	struct spool *s;
	struct spool_item item;

	(void)state;
	rmdir(room);
	s = room_open_sized(0);
	assert_non_null(strstr(said, room_path));
	assert_false(spool_news(s, said));
	assert_int_equal(room_put(s, FLEET_FINDING, 1), 1);
	assert_int_equal(room_put(s, FLEET_BUILD, 2), 1);
	assert_string_equal(room_waits(s), "1 2");
	assert_true(room_tell(s).trouble[0] != '\0');
	assert_int_equal(room_tell(s).findings_waiting, 1);
	assert_int_equal(room_tell(s).bytes, 600);
	assert_int_equal(room_tell(s).oldest_ns, NOW);
	assert_int_equal(spool_peek(s, 0, &item, 1), 1);
	spool_ack(s, &item.id, 1);
	assert_string_equal(room_waits(s), "2");
	/* it is there again */
	assert_int_equal(mkdir(room, 0700), 0);
	spool_tidy(s, NOW + 1);
	assert_true(spool_news(s, said));
	assert_string_equal(said, "the fleet's spool is written again; 2 "
				  "messages waited, 0 found no room");
	assert_false(spool_news(s, said));
	assert_string_equal(room_tell(s).trouble, "");
	assert_string_equal(room_waits(s), "2");
	assert_int_equal(room_put(s, FLEET_FINDING, 3), 0);
	spool_close(s);
	s = room_open();
	assert_string_equal(room_waits(s), "2 3");
	spool_close(s);
}

static void test_memory_is_bounded(void **state)
{
	Hale__Fleet__V1__Spool m;
	struct spool *s;

	(void)state;
	rmdir(room);
	s = room_open_sized(0);
	for (uint32_t i = 0; i < 5000; i++)
		assert_int_equal(room_put_sized(s, FLEET_FINDING, i, 100, NOW),
				 1);
	m = room_tell(s);
	assert_int_equal(m.findings_waiting, 1024);
	assert_int_equal(m.findings_dropped, 5000 - 1024);
	for (uint32_t i = 0; i < 500; i++)
		assert_int_equal(room_put_sized(s, FLEET_BUILD, i, 4096, NOW),
				 1);
	m = room_tell(s);
	assert_in_range(m.bytes, SPOOL_MEMORY_MAX - 4096, SPOOL_MEMORY_MAX);
	assert_int_equal(m.findings_waiting, 0);
	assert_int_equal(m.findings_dropped, 5000);
	assert_int_equal(m.builds_waiting + m.builds_dropped, 500);
	/* the loss is told for good, where it can be written */
	assert_int_equal(mkdir(room, 0700), 0);
	assert_int_equal(room_put_sized(s, FLEET_BUILD, 7, 100, NOW + LATER),
			 0);
	assert_true(spool_news(s, said));
	assert_non_null(strstr(said, "5500 messages waited"));
	spool_close(s);
	s = room_open();
	assert_int_equal(room_tell(s).findings_dropped, 5000);
	assert_int_equal(room_tell(s).builds_waiting, m.builds_waiting + 1);
	spool_close(s);
}

/* Nobody who reads on misses one, wherever it went meanwhile. */
static void test_places_are_kept(void **state)
{
	struct spool_item items[SPOOL_BATCH];
	struct spool *s;
	uint64_t after;

	(void)state;
	rmdir(room);
	s = room_open_sized(0);
	for (uint32_t i = 1; i <= 3; i++)
		assert_int_equal(room_put(s, FLEET_FINDING, i), 1);
	assert_int_equal(spool_peek(s, 0, items, 2), 2);
	after = items[1].at;
	assert_int_equal(mkdir(room, 0700), 0);
	spool_tidy(s, NOW);
	assert_int_equal(room_put(s, FLEET_FINDING, 4), 0);
	assert_int_equal(spool_peek(s, after, items, SPOOL_BATCH), 2);
	assert_int_equal(room_number(&items[0]), 3);
	assert_int_equal(room_number(&items[1]), 4);
	spool_close(s);
}

/* However much of the disk one look does not hold. */
static void test_memory_comes_behind_the_disk(void **state)
{
	struct spool *s = room_open();
	sqlite3 *other = NULL;

	(void)state;
	for (uint32_t i = 1; i <= 20; i++)
		assert_int_equal(room_put_sized(s, FLEET_FINDING, i, 4096, NOW),
				 0);
	assert_int_equal(sqlite3_open(room_path, &other), SQLITE_OK);
	assert_int_equal(
		sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL),
		SQLITE_OK);
	assert_int_equal(room_put(s, FLEET_FINDING, 21), 1);
	assert_string_equal(room_waits(s), "1 2 3 4 5 6 7 8 9 10 11 12 13 14 "
					   "15 16 17 18 19 20 21");
	sqlite3_close(other);
	spool_close(s);
}

/* The next life begins without the folder as well: its rows and those of the
 * file do not meet in one place. */
static void test_places_of_two_lives(void **state)
{
	char away[80];
	struct spool *s;

	(void)state;
	snprintf(away, sizeof(away), "%s.away", room);
	rmdir(room);
	s = room_open_sized(0);
	assert_int_equal(room_put(s, FLEET_FINDING, 1), 1);
	assert_int_equal(mkdir(room, 0700), 0);
	spool_tidy(s, NOW);
	spool_close(s);
	assert_int_equal(rename(room, away), 0);
	s = room_open_sized(0);
	assert_int_equal(room_put(s, FLEET_FINDING, 2), 1);
	assert_int_equal(rename(away, room), 0);
	spool_tidy(s, NOW);
	assert_string_equal(room_tell(s).trouble, "");
	assert_string_equal(room_waits(s), "1 2");
	spool_close(s);
}

/* --- the file is another one, or none --- */

static void test_a_file_that_was_deleted(void **state)
{
	struct spool *s = room_open();
	char command[96];

	(void)state;
	assert_int_equal(room_put(s, FLEET_FINDING, 1), 0);
	snprintf(command, sizeof(command), "rm %s/*", room);
	assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c) */
	/* what was in it is lost; nothing goes to a file without a name */
	assert_int_equal(room_put(s, FLEET_FINDING, 2), 0);
	assert_string_equal(room_waits(s), "2");
	spool_close(s);
	s = room_open();
	assert_string_equal(room_waits(s), "2");
	spool_close(s);
}

static void test_junk_is_set_aside(void **state)
{
	FILE *f = fopen(room_path, "we");
	struct spool *s;

	(void)state;
	assert_non_null(f);
	for (int i = 0; i < 2000; i++)
		assert_true(fputs("junk ", f) > 0);
	fclose(f);
	s = room_open_sized(0);
	assert_non_null(strstr(said, "kept as spool.db.aside-1"));
	assert_int_equal(room_put(s, FLEET_FINDING, 1), 0);
	assert_string_equal(room_waits(s), "1");
	spool_close(s);
}

static void test_a_newer_hale_is_set_aside(void **state)
{
	struct spool *s = room_open();

	(void)state;
	assert_int_equal(room_put(s, FLEET_FINDING, 1), 0);
	spool_close(s);
	sql("PRAGMA user_version = 2");
	s = room_open_sized(0);
	assert_non_null(strstr(said, "is of a newer hale; kept as "));
	assert_string_equal(room_waits(s), "");
	spool_close(s);
	/* it, its folder's other files, and the new one */
	assert_true(count_files() >= 2);
}

/* The history is no spool, though it is hale's. */
static void test_a_file_of_another_kind_is_set_aside(void **state)
{
	struct spool *s;

	(void)state;
	sql("PRAGMA application_id = 1751215205; PRAGMA user_version = 1; "
	    "CREATE TABLE t(x)");
	s = room_open_sized(0);
	assert_non_null(strstr(said, "aside-1"));
	spool_close(s);
}

static void test_foreign_rows_are_set_aside(void **state)
{
	static const char *const rows[] = {
		"INSERT INTO outbox VALUES(1, 7, randomblob(16), 0, 'x')",
		"INSERT INTO outbox VALUES(1, 1, randomblob(15), 0, x'00')",
		"INSERT INTO outbox VALUES(1, 1, randomblob(16), 0, "
		"zeroblob(4097))",
		"INSERT INTO outbox VALUES(-5, 1, randomblob(16), 0, x'00')",
		"INSERT INTO outbox VALUES(9223372036854775807, 1, "
		"randomblob(16), 0, x'00')",
		"UPDATE spool SET seq = 9223372036854775807",
	};

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(rows); i++) {
		char text[256];

		spool_close(room_open());
		snprintf(text, sizeof(text),
			 "PRAGMA ignore_check_constraints = 1; %s", rows[i]);
		sql(text);
		spool_close(room_open_sized(0));
		assert_non_null(strstr(said, "is damaged or no store"));
		room_end(NULL);
		room_begin(NULL);
	}
}

static void test_damage_in_use(void **state)
{
	struct spool *s = room_open();
	FILE *f;

	(void)state;
	for (uint32_t i = 0; i < 2000; i++)
		assert_int_equal(room_put(s, FLEET_FINDING, i), 0);
	f = fopen(room_path, "r+e");
	assert_non_null(f);
	assert_int_equal(fseek(f, 4096, SEEK_SET), 0);
	for (int i = 0; i < 4096 * 100; i++)
		assert_int_equal(fputc(0xa5, f), 0xa5);
	fclose(f);
	/* found by reading or by writing, sooner or later */
	for (uint32_t i = 0; i < 2000 && count_files() < 4; i++) {
		room_waits(s);
		room_put_sized(s, FLEET_FINDING, i, 300, NOW + (i + 1) * LATER);
		spool_tidy(s, NOW + (i + 1) * LATER);
	}
	assert_true(spool_news(s, said));
	assert_non_null(strstr(said, "kept as spool.db.aside-1"));
	assert_string_equal(room_tell(s).trouble, "");
	assert_int_equal(room_put(s, FLEET_BUILD, 77), 0);
	spool_close(s);
}

/* Ten files that nobody has looked at: there is memory. */
static void test_no_more_is_set_aside_than_may_be(void **state)
{
	struct spool *s;

	(void)state;
	for (int i = 0; i < 10; i++) {
		FILE *f = fopen(room_path, "we");

		assert_non_null(f);
		assert_true(fputs("junk, and more of it than a header", f) > 0);
		fclose(f);
		spool_close(room_open_sized(0));
	}
	s = room_open_sized(0);
	assert_non_null(strstr(said, "cannot be moved aside"));
	assert_int_equal(room_put(s, FLEET_FINDING, 1), 1);
	assert_string_equal(room_waits(s), "1");
	spool_close(s);
}

/* --- who else --- */

static void test_another_holds_it(void **state)
{
	struct spool *s = room_open();
	sqlite3 *other = NULL;

	(void)state;
	assert_int_equal(sqlite3_open(room_path, &other), SQLITE_OK);
	assert_int_equal(
		sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL),
		SQLITE_OK);
	assert_int_equal(room_put(s, FLEET_FINDING, 1), 1);
	assert_true(spool_news(s, said));
	assert_non_null(strstr(said, "cannot be written"));
	assert_string_equal(room_waits(s), "1");
	sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL);
	sqlite3_close(other);
	/* the disk is not asked each time */
	assert_int_equal(room_put_sized(s, FLEET_FINDING, 2, 300, NOW + 1), 1);
	assert_int_equal(room_put_sized(s, FLEET_FINDING, 3, 300, NOW + LATER),
			 0);
	assert_string_equal(room_waits(s), "1 2 3");
	spool_close(s);
	s = room_open();
	assert_string_equal(room_waits(s), "1 2 3");
	spool_close(s);
}

/* Numbers go on where no disk keeps them, as those of another spool. */
static void test_numbers_without_a_disk(void **state)
{
	struct spool_mark first, last, mark;
	struct spool *s;

	(void)state;
	rmdir(room);
	s = room_open_sized(0);
	assert_int_equal(spool_mark(s, &first), 0);
	assert_int_equal(spool_mark(s, &last), 0);
	assert_true(last.seq > first.seq);
	assert_true(last.spool_id == first.spool_id);
	assert_int_equal(mkdir(room, 0700), 0);
	spool_tidy(s, NOW);
	assert_int_equal(spool_mark(s, &mark), 0);
	assert_true(mark.spool_id != first.spool_id);
	spool_close(s);
	s = room_open();
	assert_int_equal(spool_mark(s, &last), 0);
	assert_true(last.spool_id == mark.spool_id && last.seq > mark.seq);
	spool_close(s);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, room_begin, room_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_without_a_folder_memory_serves),
		TEST(test_memory_is_bounded),
		TEST(test_places_are_kept),
		TEST(test_memory_comes_behind_the_disk),
		TEST(test_places_of_two_lives),
		TEST(test_a_file_that_was_deleted),
		TEST(test_junk_is_set_aside),
		TEST(test_a_newer_hale_is_set_aside),
		TEST(test_a_file_of_another_kind_is_set_aside),
		TEST(test_foreign_rows_are_set_aside),
		TEST(test_damage_in_use),
		TEST(test_no_more_is_set_aside_than_may_be),
		TEST(test_another_holds_it),
		TEST(test_numbers_without_a_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
