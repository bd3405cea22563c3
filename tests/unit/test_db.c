/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store: what is told twice is kept once, what is old or too much goes, and
 * nobody's builds push out those of a user who has fewer.
 */
#include "store_room.h"

#include <errno.h>

static void test_a_build_is_stored_once(void **state)
{
	const struct room_build b = { .id = "0123456789abcdef", .uid = 1 };
	const struct room_build other = { .id = "0123456789abcdef", .uid = 2 };
	struct db *db = room_open();

	(void)state;
	assert_int_equal(room_add(db, &b), 0);
	assert_int_equal(room_add(db, &b), 0);
	assert_int_equal(room_count(db, -1), 1);
	/* another user cannot take an id away */
	assert_int_equal(room_add(db, &other), 0);
	assert_int_equal(room_count(db, -1), 2);
	db = db_close(db);
	db = room_open();
	assert_int_equal(room_count(db, 1), 1);
	db_close(db);
}

static bool seen_ids(void *data, Hale__V1__BuildResult *m)
{
	strcat(data, m->repo);
	return true;
}

/* In pieces of any size, each row once and the newest first, also those that
 * began at the same moment. */
static void test_rows_come_in_pieces(void **state)
{
	static const char *const repos[] = { "e", "d", "c", "b", "a" };
	struct db_query q = { .repo = "", .host = "", .cause = "", .uid = -1 };
	struct db *db = room_open();
	char got[32] = "";

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		const struct room_build b = { .repo = repos[i],
					      .ago_ns = (i < 2 ? 2 : 1) * DAY };

		assert_int_equal(room_add(db, &b), 0);
	}
	db_cursor_init(&q);
	while (db_builds(db, &q, 2, seen_ids, got) > 0)
		;
	assert_string_equal(got, "abcde");
	db_close(db);
}

static void test_what_is_asked_for(void **state)
{
	const struct room_build mine = { .repo = "r", .uid = 7 };
	const struct room_build failed = {
		.repo = "s", .uid = 8, .outcome = 2, .ago_ns = 3 * DAY
	};
	struct db *db = room_open();
	struct db_query q = { .repo = "", .host = "", .cause = "", .uid = -1 };
	char got[32] = "";

	(void)state;
	room_add(db, &mine);
	room_add(db, &failed);
	assert_int_equal(room_count(db, 7), 1);
	q.failed = true;
	db_cursor_init(&q);
	assert_int_equal(db_builds(db, &q, 9, seen_ids, got), 1);
	q.failed = false;
	q.since_ns = NOW - DAY;
	db_cursor_init(&q);
	assert_int_equal(db_builds(db, &q, 9, seen_ids, got), 1);
	q.repo = "s";
	db_cursor_init(&q);
	assert_int_equal(db_builds(db, &q, 9, seen_ids, got), 0);
	assert_string_equal(got, "sr");
	db_close(db);
}

static int builds_of(struct db *db, const char *repo)
{
	struct db_query q = {
		.repo = repo, .host = "", .cause = "", .uid = -1
	};
	int n = 0;

	db_cursor_init(&q);
	assert_true(db_builds(db, &q, 100, room_counted, &n) >= 0);
	return n;
}

/* As people name it: without the host that it lies on. */
static void test_the_end_of_a_name_is_enough(void **state)
{
	static const char *const repos[] = { "git.example.org/acme/shop",
					     "git.example.org/Other/Shop",
					     "git.example.org/acme/workshop",
					     "acme/shop" };
	struct db *db = room_open();

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(repos); i++) {
		const struct room_build b = { .repo = repos[i] };

		assert_int_equal(room_add(db, &b), 0);
	}
	assert_int_equal(builds_of(db, "git.example.org/acme/shop"), 1);
	assert_int_equal(builds_of(db, "acme/shop"), 2);
	assert_int_equal(builds_of(db, "other/shop"), 1);
	assert_int_equal(builds_of(db, "shop"), 3);
	/* whole words of the path, and as they are */
	assert_int_equal(builds_of(db, "hop"), 0);
	assert_int_equal(builds_of(db, "acme/%"), 0);
	assert_int_equal(builds_of(db, "g.example.org/acme/shop"), 0);
	assert_int_equal(builds_of(db, ""), 4);
	db_close(db);
}

static uint32_t needed_by(struct db *db, const char *repo)
{
	Hale__V1__Needs n;

	assert_int_equal(db_needs(db, repo, &n), 0);
	free(n.repo);
	free(n.strategy);
	return n.builds;
}

/* Needs of two repositories are not mixed. */
static void test_needs_of_a_short_name(void **state)
{
	const struct room_build shop = { .repo = "git.example.org/acme/shop" };
	const struct room_build other = { .repo = "example.net/other/shop" };
	struct db *db = room_open();

	(void)state;
	for (int i = 0; i < 3; i++)
		room_add(db, &shop);
	assert_int_equal(needed_by(db, "shop"), 3);
	room_add(db, &other);
	assert_int_equal(needed_by(db, "git.example.org/acme/shop"), 3);
	assert_int_equal(needed_by(db, "acme/shop"), 3);
	assert_int_equal(needed_by(db, "other/shop"), 1);
	assert_int_equal(needed_by(db, "shop"), 0);
	assert_int_equal(needed_by(db, ""), 0);
	db_close(db);
}

static void test_what_is_old_goes(void **state)
{
	const struct room_build old = { .ago_ns = 40 * DAY };
	const struct room_build young = { .ago_ns = 20 * DAY };
	struct db *db = room_open_sized(0, 30 * DAY);

	(void)state;
	room_add(db, &old);
	room_add(db, &young);
	assert_int_equal(room_count(db, -1), 2);
	/* it is looked for now and then: a store that is opened does */
	db = db_close(db);
	db = room_open_sized(0, 30 * DAY);
	room_add(db, &young);
	assert_int_equal(room_count(db, -1), 2);
	db_close(db);
}

/* A user who tells without end pushes out his own. */
static void test_who_fills_the_store_pushes_out_his_own(void **state)
{
	const struct room_build honest = { .uid = 1,
					   .ago_ns = 9 * DAY,
					   .padding = 2000 };
	const struct room_build greedy = { .uid = 2, .padding = 30000 };
	struct db *db = room_open_sized(DB_SIZE_MIN, 0);

	(void)state;
	for (int i = 0; i < 20; i++)
		assert_int_equal(room_add(db, &honest), 0);
	for (int i = 0; i < 300; i++)
		assert_int_equal(room_add(db, &greedy), 0);
	assert_int_equal(room_count(db, 1), 20);
	assert_in_range(room_count(db, 2), 1, 40);
	assert_true(db_pragma(db, "PRAGMA page_count") * 4096 <=
		    (int64_t)DB_SIZE_MIN);
	/* what each holds is what is there */
	assert_int_equal(db_pragma(db, "SELECT sum(bytes) FROM users"),
			 db_pragma(db, "SELECT sum(bytes) FROM builds"));
	db_close(db);
}

/* --- what builds usually need --- */

static void test_needs(void **state)
{
	struct db *db = room_open();
	Hale__V1__Needs n;

	(void)state;
	for (uint64_t i = 1; i <= 30; i++) {
		const struct room_build b = { .repo = "r",
					      .ago_ns = i * HALE_NS_PER_S,
					      .disk = i * HALE_GIB,
					      .memory = i * HALE_MIB,
					      .wall_ns = i * HALE_NS_PER_S,
					      .strategy = "warm" };

		assert_int_equal(room_add(db, &b), 0);
	}
	assert_int_equal(db_needs(db, "r", &n), 0);
	assert_int_equal(n.builds, 20); /* the last ones */
	assert_int_equal(n.disk_bytes, 19 * HALE_GIB);
	assert_int_equal(n.memory_bytes, 19 * HALE_MIB);
	assert_int_equal(n.inodes, 0); /* nobody measured them */
	assert_int_equal(n.wall_ns, 10 * HALE_NS_PER_S);
	assert_string_equal(n.strategy, "warm");
	free(n.repo);
	free(n.strategy);
	db_close(db);
}

static void test_needs_of_those_that_passed(void **state)
{
	const struct room_build failed = { .repo = "r",
					   .outcome = 2,
					   .disk = HALE_GIB };
	struct db *db = room_open();
	Hale__V1__Needs n;

	(void)state;
	room_add(db, &failed);
	assert_int_equal(db_needs(db, "r", &n), 0);
	assert_int_equal(n.builds, 0);
	assert_int_equal(n.disk_bytes, 0);
	assert_string_equal(n.strategy, "");
	free(n.repo);
	free(n.strategy);
	db_close(db);
}

/* --- findings --- */

static Hale__V1__Part part;

static Hale__V1__Finding finding(const char *id, uint64_t first, uint64_t count)
{
	Hale__V1__Finding f;

	hale__v1__finding__init(&f);
	hale__v1__part__init(&part);
	part.id = (char *)(uintptr_t)id;
	f.part = &part;
	f.condition = (char *)(uintptr_t) "disk.io_error";
	f.first_ns = first;
	f.last_ns = first + count;
	f.count = count;
	return f;
}

struct seen {
	int n;
	uint64_t count, closed_ns;
};

static bool see(void *data, Hale__V1__Finding *m)
{
	struct seen *s = data;

	s->n++;
	s->count = m->count;
	s->closed_ns = m->closed_ns;
	return true;
}

static struct seen look(struct db *db)
{
	struct db_query q = { .repo = "", .host = "", .cause = "", .uid = -1 };
	struct seen s = { .n = 0 };

	db_cursor_init(&q);
	assert_true(db_findings(db, &q, 100, see, &s) >= 0);
	return s;
}

static void test_a_finding_is_one_row(void **state)
{
	Hale__V1__Finding f = finding("disk/a", 1000, 1), *list[] = { &f };
	struct db *db = room_open();
	int64_t changes;

	(void)state;
	assert_int_equal(db_add_findings(db, list, 1, NOW), 0);
	f.count = 5;
	f.last_ns = 2000;
	assert_int_equal(db_add_findings(db, list, 1, NOW), 0);
	assert_int_equal(look(db).n, 1);
	assert_int_equal(look(db).count, 5);
	/* told again without news, nothing is written */
	changes = db_pragma(db, "SELECT total_changes()");
	assert_int_equal(db_add_findings(db, list, 1, NOW), 0);
	assert_int_equal(db_pragma(db, "SELECT total_changes()"), changes);
	/* it comes again: another one */
	f.first_ns = 5000;
	assert_int_equal(db_add_findings(db, list, 1, NOW), 0);
	assert_int_equal(look(db).n, 2);
	db_close(db);
}

/* Also one that ended while nobody listened. */
static void test_what_is_gone_is_closed(void **state)
{
	Hale__V1__Finding f = finding("disk/a", 1000, 1), *list[] = { &f };
	struct db *db = room_open();

	(void)state;
	db_add_findings(db, list, 1, NOW - DAY);
	assert_int_equal(look(db).closed_ns, 0);
	assert_int_equal(db_add_findings(db, NULL, 0, NOW), 0);
	assert_int_equal(look(db).closed_ns, NOW);
	/* the agent tells when it was, after all */
	f.closed_ns = NOW - 5;
	assert_int_equal(db_add_findings(db, list, 1, NOW), 0);
	assert_int_equal(look(db).closed_ns, NOW - 5);
	assert_int_equal(look(db).n, 1);
	db_close(db);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, room_begin, room_end)
	const struct CMUnitTest tests[] = {
		TEST(test_a_build_is_stored_once),
		TEST(test_rows_come_in_pieces),
		TEST(test_what_is_asked_for),
		TEST(test_the_end_of_a_name_is_enough),
		TEST(test_needs_of_a_short_name),
		TEST(test_what_is_old_goes),
		TEST(test_who_fills_the_store_pushes_out_his_own),
		TEST(test_needs),
		TEST(test_needs_of_those_that_passed),
		TEST(test_a_finding_is_one_row),
		TEST(test_what_is_gone_is_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
