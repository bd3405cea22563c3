/* SPDX-License-Identifier: Apache-2.0 */
/* Which files were written in a stretch of time, in a tree made for it. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>
#include <time.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/run/judge/suspects.h"

static char root[64];

/* File times come from a clock that ticks: before and after are only told apart
 * some ticks from each other. Nothing but time itself is awaited here. */
static uint64_t later(void)
{
	const struct timespec ticks = { .tv_nsec = 40 * 1000 * 1000 };
	struct timespec ts;

	nanosleep(&ticks, NULL);
	clock_gettime(CLOCK_REALTIME, &ts);
	nanosleep(&ticks, NULL);
	return (uint64_t)ts.tv_sec * HALE_NS_PER_S + (uint64_t)ts.tv_nsec;
}

static const char *path(const char *name)
{
	static char text[512];

	snprintf(text, sizeof(text), "%s/%s", root, name);
	return text;
}

static void write_file(const char *name, const char *text)
{
	FILE *f = fopen(path(name), "we");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static int set_up(void **state)
{
	(void)state;
	snprintf(root, sizeof(root), "/tmp/suspects.XXXXXX");
	return mkdtemp(root) ? 0 : -1;
}

static int tear_down(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf -- '%s'", root);
	return system(command); /* NOLINT(cert-env33-c): a path of our own */
}

static void find(struct suspects *s, const char *list)
{
	const char *const roots[] = { root };

	assert_int_equal(suspects_find(roots, 1, list, s), 0);
}

static bool has(const struct suspects *s, const char *name)
{
	for (uint32_t i = 0; i < s->n_paths; i++) {
		if (strcmp(s->paths[i], path(name)) == 0)
			return true;
	}
	return false;
}

static void those_of_the_window(void **state)
{
	struct suspects s = { 0 };

	(void)state;
	write_file("before", "x");
	assert_int_equal(mkdir(path("out"), 0777), 0);
	s.since_ns = later();
	write_file("out/a.o", "x");
	write_file("b.o", "x");
	s.until_ns = later();
	write_file("after", "x");
	find(&s, NULL);
	assert_int_equal(s.files, 2);
	assert_true(has(&s, "out/a.o"));
	assert_true(has(&s, "b.o"));
	assert_false(s.cut);
	suspects_done(&s);
}

/* install -p and tar give a file the time that they like. */
static void a_time_set_back_does_not_hide(void **state)
{
	const struct timespec old[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };
	struct suspects s = { .since_ns = later() };

	(void)state;
	write_file("unpacked", "x");
	assert_int_equal(utimensat(AT_FDCWD, path("unpacked"), old, 0), 0);
	s.until_ns = later();
	find(&s, NULL);
	assert_true(has(&s, "unpacked"));
	suspects_done(&s);
}

static void the_clocks_may_differ(void **state)
{
	const int64_t ahead = 3600 * (int64_t)HALE_NS_PER_S;
	struct suspects s = { .since_ns = later() + (uint64_t)ahead,
			      .ahead_ns = ahead };

	(void)state;
	write_file("a.o", "x");
	s.until_ns = later() + (uint64_t)ahead;
	find(&s, NULL);
	assert_int_equal(s.files, 1);
	suspects_done(&s);
}

static void links_are_not_followed(void **state)
{
	struct suspects s = { .since_ns = later() };
	char loop[512], out[512];

	(void)state;
	HALE_SET(loop, path("loop"));
	HALE_SET(out, path("outside"));
	assert_int_equal(symlink(root, loop), 0);
	assert_int_equal(symlink("/etc/hostname", out), 0);
	write_file("a.o", "x");
	s.until_ns = later();
	find(&s, NULL);
	assert_int_equal(s.files, 1);
	suspects_done(&s);
}

static void roots_within_roots_count_once(void **state)
{
	struct suspects s = { .since_ns = later() };
	char inner[512];
	const char *const roots[] = { root, inner, root };

	(void)state;
	assert_int_equal(mkdir(path("tmp"), 0777), 0);
	HALE_SET(inner, path("tmp"));
	write_file("tmp/a.o", "x");
	s.until_ns = later();
	assert_int_equal(suspects_find(roots, 3, NULL, &s), 0);
	assert_int_equal(s.files, 1);
	assert_true(has(&s, "tmp/a.o"));
	suspects_done(&s);
}

static void a_missing_root_is_no_error(void **state)
{
	const char *const roots[] = { "/nowhere/at/all", root };
	struct suspects s = { .since_ns = later() };

	(void)state;
	write_file("a.o", "x");
	s.until_ns = later();
	assert_int_equal(suspects_find(roots, 2, NULL, &s), 0);
	assert_int_equal(s.files, 1);
	suspects_done(&s);
}

static size_t lines_of(const char *file, char *ret_text, size_t size)
{
	FILE *f = fopen(file, "re");
	size_t n, lines = 0;

	assert_non_null(f);
	n = fread(ret_text, 1, size - 1, f);
	fclose(f);
	ret_text[n] = '\0';
	for (size_t i = 0; i < n; i++)
		lines += ret_text[i] == '\n';
	return lines;
}

/* One line each, whatever a name is made of; all of them, not just 200. */
static void the_list_has_all_of_them(void **state)
{
	struct suspects s = { .since_ns = later() };
	char list[80], name[32], text[65536];

	(void)state;
	snprintf(list, sizeof(list), "%s.list", root);
	for (int i = 0; i < SUSPECTS_LISTED_MAX + 5; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		write_file(name, "x");
	}
	write_file("two\nlines", "x");
	s.until_ns = later();
	find(&s, list);
	assert_int_equal(s.files, SUSPECTS_LISTED_MAX + 6);
	assert_int_equal(s.n_paths, SUSPECTS_LISTED_MAX);
	assert_int_equal(lines_of(list, text, sizeof(text)),
			 SUSPECTS_LISTED_MAX + 6);
	assert_non_null(strstr(text, "two\\012lines\n"));
	unlink(list);
	suspects_done(&s);
}

static void a_list_that_cannot_be_written(void **state)
{
	const char *const roots[] = { root };
	struct suspects s = { .since_ns = later() };

	(void)state;
	write_file("a.o", "x");
	s.until_ns = later();
	assert_int_equal(suspects_find(roots, 1, "/nowhere/list", &s), -ENOENT);
	assert_int_equal(s.files, 1);
	suspects_done(&s);
}

static void deep_folders_are_cut_and_said(void **state)
{
	struct suspects s = { .since_ns = later() };
	char deep[512];

	(void)state;
	HALE_SET(deep, root);
	for (int i = 0; i < 80; i++) {
		assert_true(strlen(deep) + 3 < sizeof(deep));
		strncat(deep, "/d", 3);
		assert_int_equal(mkdir(deep, 0777), 0);
	}
	s.until_ns = later();
	find(&s, NULL);
	assert_true(s.cut);
	assert_true(s.why[0]);
	suspects_done(&s);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(those_of_the_window),
		TEST(a_time_set_back_does_not_hide),
		TEST(the_clocks_may_differ),
		TEST(links_are_not_followed),
		TEST(roots_within_roots_count_once),
		TEST(a_missing_root_is_no_error),
		TEST(the_list_has_all_of_them),
		TEST(a_list_that_cannot_be_written),
		TEST(deep_folders_are_cut_and_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
