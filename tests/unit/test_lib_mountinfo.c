/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file mountinfo: lines of any length, cut in every place where a read may
 * end.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/lib/mountinfo.h"

struct seen {
	uint32_t ids[8];
	size_t n, stop_after;
};

static bool note(void *ctx, const struct hale_mountinfo *m)
{
	struct seen *seen = ctx;

	if (seen->n < HALE_ARRAY_SIZE(seen->ids))
		seen->ids[seen->n] = m->id;
	seen->n++;
	return seen->n != seen->stop_after;
}

static int file_of(const char *text, size_t len)
{
	int fd = memfd_create("mountinfo", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), len);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static void test_read_stops_when_told(void **state)
{
	static const char text[] = "1 0 0:1 / /a rw - x y z\nrubbish\n"
				   "2 0 0:2 / /b rw - x y z\n"
				   "3 0 0:3 / /c rw - x y z\n";
	_cleanup_fd_ int fd = file_of(text, strlen(text));
	_cleanup_free_ char *buf = malloc(MOUNTINFO_BUFFER);
	struct seen seen = { .stop_after = 2 };

	(void)state;
	assert_int_equal(mountinfo_read(fd, buf, note, &seen), 0);
	assert_int_equal(seen.n, 2);
	assert_int_equal(seen.ids[1], 2);
}

/* Three lines, the second of them longer than any buffer. */
static void read_overlong(const char *before, const char *after,
			  struct seen *ret_seen)
{
	size_t long_len = MOUNTINFO_BUFFER * 3;
	_cleanup_free_ char *text = malloc(long_len + 200);
	_cleanup_free_ char *buf = malloc(MOUNTINFO_BUFFER);
	_cleanup_fd_ int fd = -1;
	char *at = text;

	at = stpcpy(at, "1 0 0:1 / /a rw - x y z\n");
	at = stpcpy(at, before);
	memset(at, 'b', long_len);
	at = stpcpy(at + long_len, after);
	at = stpcpy(at, "\n3 0 0:3 / /c rw - x y z\n");
	fd = file_of(text, (size_t)(at - text));
	memset(ret_seen, 0, sizeof(*ret_seen));
	assert_int_equal(mountinfo_read(fd, buf, note, ret_seen), 0);
}

/* Left out, and only this one. */
static void test_overlong_mount_point(void **state)
{
	struct seen seen;

	(void)state;
	read_overlong("2 0 0:2 / /", " rw - x y z", &seen);
	assert_int_equal(seen.n, 2);
	assert_int_equal(seen.ids[0], 1);
	assert_int_equal(seen.ids[1], 3);
}

/* Of an overlay with very many layers only the layers are lost. */
static void test_overlong_options(void **state)
{
	struct seen seen;

	(void)state;
	read_overlong("2 0 0:2 / /b rw - overlay o rw,lowerdir=", "", &seen);
	assert_int_equal(seen.n, 3);
	assert_int_equal(seen.ids[1], 2);
	assert_int_equal(seen.ids[2], 3);
}

/* A pipe hands out what it has: lines arrive in pieces. */
static void test_lines_in_pieces(void **state)
{
	static const char line[] = "12 0 0:1 / /a rw - x y z\n";
	_cleanup_free_ char *buf = malloc(MOUNTINFO_BUFFER);

	(void)state;
	for (size_t cut = 1; cut < strlen(line); cut++) {
		struct seen seen = { .n = 0 };
		int fds[2];

		assert_int_equal(pipe2(fds, O_DIRECT),
				 0); /* keeps writes apart */
		assert_int_equal(write(fds[1], line, cut), cut);
		assert_int_equal(write(fds[1], line + cut, strlen(line) - cut),
				 strlen(line) - cut);
		close(fds[1]);
		assert_int_equal(mountinfo_read(fds[0], buf, note, &seen), 0);
		close(fds[0]);
		assert_int_equal(seen.n, 1);
		assert_int_equal(seen.ids[0], 12);
	}
}

static void test_own_mountinfo(void **state)
{
	_cleanup_fd_ int fd =
		open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	_cleanup_free_ char *buf = malloc(MOUNTINFO_BUFFER);
	struct seen seen = { .n = 0 };

	(void)state;
	assert_int_equal(mountinfo_read(fd, buf, note, &seen), 0);
	assert_true(seen.n >= 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read_stops_when_told),
		cmocka_unit_test(test_overlong_mount_point),
		cmocka_unit_test(test_overlong_options),
		cmocka_unit_test(test_lines_in_pieces),
		cmocka_unit_test(test_own_mountinfo),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
