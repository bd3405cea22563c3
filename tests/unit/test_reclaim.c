/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hale reclaim`: in which order things go, which folders are taken for caches,
 * and that a walk removes what is old and nothing else.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <time.h>

#include <cmocka.h>

#include "agent/cli/reclaim.h"
#include "agent/core/parse.h"
#include "hale/base.h"

#define DAY (24 * 3600 * HALE_NS_PER_S)

static char folder[] = "/tmp/hale-reclaim-XXXXXX";
static struct reclaim r;
static struct reclaim_cache cache;

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * HALE_NS_PER_S;
}

static const char *path_of(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static bool there(const char *name)
{
	struct stat s;

	return lstat(path_of(name), &s) == 0;
}

/* 8 KiB, last used @days ago. */
static void put_file(const char *name, unsigned int days)
{
	struct timespec t[2] = { { .tv_sec = time(NULL) - days * 86400 } };
	int fd = open(path_of(name), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	char bytes[8192] = "x";

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, sizeof(bytes)), sizeof(bytes));
	t[1] = t[0];
	assert_int_equal(futimens(fd, t), 0);
	close(fd);
}

static int make_folder(void **state)
{
	(void)state;
	memset(&r, 0, sizeof(r));
	strcpy(folder, "/tmp/hale-reclaim-XXXXXX");
	assert_non_null(mkdtemp(folder));
	HALE_SET(cache.path, folder);
	cache.age_ns = 14 * DAY;
	r.caches[r.n_caches++] = cache;
	r.now_ns = now_ns();
	return 0;
}

static int remove_folder(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command);
}

static void free_all(void)
{
	for (size_t i = 0; i < r.n; i++)
		assert_int_equal(reclaim_cache_do(&r.steps[i], r.now_ns), 0);
}

static void test_old_files_go(void **state)
{
	(void)state;
	put_file("old", 20);
	put_file("young", 3);
	reclaim_caches(&r);
	reclaim_sort_out(&r);
	assert_int_equal(r.n, 1);
	assert_int_equal(r.steps[0].count, 1);
	assert_int_equal(r.steps[0].kept, 1);
	assert_true(r.steps[0].bytes >= 8192);
	free_all();
	assert_false(there("old"));
	assert_true(there("young"));
	assert_int_equal(r.steps[0].freed, r.steps[0].bytes);
}

static void test_held_files_stay(void **state)
{
	int fd;

	(void)state;
	put_file("held", 100);
	fd = open(path_of("held"), O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	reclaim_caches(&r);
	assert_int_equal(r.steps[0].count, 0);
	assert_int_equal(r.steps[0].kept, 1);
	free_all();
	assert_true(there("held"));
	close(fd);
}

/* What has another name elsewhere frees nothing. */
static void test_linked_files_stay(void **state)
{
	char other[256];

	(void)state;
	put_file("one", 100);
	snprintf(other, sizeof(other), "%s", path_of("two"));
	assert_int_equal(link(path_of("one"), other), 0);
	reclaim_caches(&r);
	free_all();
	assert_true(there("one"));
	assert_true(there("two"));
}

/* A link in a cache leads nowhere. */
static void test_links_are_not_followed(void **state)
{
	char outside[] = "/tmp/hale-outside-XXXXXX", file[64];

	(void)state;
	assert_non_null(mkdtemp(outside));
	snprintf(file, sizeof(file), "%s/precious", outside);
	assert_int_equal(symlink(outside, path_of("way-out")), 0);
	close(open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	r.options.aggressive = true;
	reclaim_caches(&r);
	free_all();
	assert_int_equal(access(file, F_OK), 0);
	assert_true(there("way-out"));
	unlink(file);
	rmdir(outside);
}

static void test_emptied_folders_go(void **state)
{
	struct timespec t[2] = { { .tv_sec = time(NULL) - 50 * 86400 } };

	(void)state;
	t[1] = t[0];
	assert_int_equal(mkdir(path_of("a"), 0700), 0);
	assert_int_equal(mkdir(path_of("a/b"), 0700), 0);
	utimensat(AT_FDCWD, path_of("a/b"), t, 0);
	utimensat(AT_FDCWD, path_of("a"), t, 0);
	r.options.aggressive = true;
	reclaim_caches(&r);
	free_all();
	assert_false(there("a"));
}

/* Each file is in one step only, the oldest first. */
static void test_until_free_goes_by_age(void **state)
{
	(void)state;
	put_file("ancient", 100);
	put_file("old", 20);
	put_file("young", 3);
	r.options.until_free = 1;
	reclaim_caches(&r);
	reclaim_sort_out(&r);
	assert_int_equal(r.n, 2);
	assert_true(r.steps[0].age_ns > r.steps[1].age_ns);
	assert_int_equal(r.steps[0].count, 1);
	assert_int_equal(r.steps[1].count, 1);
	assert_int_equal(reclaim_cache_do(&r.steps[0], r.now_ns), 0);
	assert_false(there("ancient"));
	assert_true(there("old"));
}

static void test_order(void **state)
{
	static const enum reclaim_kind kinds[] = {
		RECLAIM_IMAGES,
		RECLAIM_CONTAINERS,
		RECLAIM_BUILD_CACHE,
		RECLAIM_DANGLING,
	};

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(kinds); i++) {
		struct reclaim_step *s = reclaim_add(&r, kinds[i]);

		s->engine = &r.engines[0];
		s->bytes = 1;
		s->age_ns = kinds[i] == RECLAIM_BUILD_CACHE ? 7 * DAY : 0;
	}
	reclaim_add(&r, RECLAIM_DANGLING)->engine = &r.engines[0];
	reclaim_sort_out(&r);
	assert_int_equal(r.n, 4); /* one would have freed nothing */
	assert_int_equal(r.steps[0].kind, RECLAIM_DANGLING);
	assert_int_equal(r.steps[1].kind, RECLAIM_BUILD_CACHE);
	assert_int_equal(r.steps[2].kind, RECLAIM_CONTAINERS);
	assert_int_equal(r.steps[3].kind, RECLAIM_IMAGES);
}

static void test_no_cache_at_all(void **state)
{
	char why[HALE_EVIDENCE_MAX];

	(void)state;
	assert_false(reclaim_cache_fit("/", why));
	assert_false(reclaim_cache_fit("/usr", why));
	assert_non_null(strstr(why, "/usr is no cache"));
	assert_false(reclaim_cache_fit("/usr/../etc", why));
	assert_false(reclaim_cache_fit("/var/backups", why));
	assert_non_null(strstr(why, "home"));
	assert_false(reclaim_cache_fit("/nowhere/at/all", why));
	assert_true(reclaim_cache_fit(folder, why));
}

static void test_cache_line(void **state)
{
	char path[HALE_PATH_MAX] = "untouched";
	uint64_t age = 0;

	(void)state;
	assert_int_equal(hale_cache_parse("/srv/ccache 30d", path, &age), 0);
	assert_string_equal(path, "/srv/ccache");
	assert_true(age == 30 * DAY);
	assert_int_equal(hale_cache_parse("/srv/x", path, &age), 0);
	assert_true(age == 14 * DAY);
	assert_true(hale_cache_parse("srv/x 3d", path, &age) < 0);
	assert_true(hale_cache_parse("/srv/x soon", path, &age) < 0);
	assert_true(hale_cache_parse("/srv/x 0", path, &age) < 0);
	assert_true(hale_cache_parse("", path, &age) < 0);
	assert_string_equal(path, "/srv/x");
}

#define FOLDER_TEST(f)                                                         \
	cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FOLDER_TEST(test_old_files_go),
		FOLDER_TEST(test_held_files_stay),
		FOLDER_TEST(test_linked_files_stay),
		FOLDER_TEST(test_links_are_not_followed),
		FOLDER_TEST(test_emptied_folders_go),
		FOLDER_TEST(test_until_free_goes_by_age),
		FOLDER_TEST(test_order),
		FOLDER_TEST(test_no_cache_at_all),
		cmocka_unit_test(test_cache_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
