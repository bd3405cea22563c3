/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file that ships hand on: a ship that was taken over fills it and nothing
 * else, and what is in it is found by whoever comes next.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/sandbox/successor.h"
#include "agent/super/super.h"

static struct super s;
static char place[] = "/tmp/hale-waiting-XXXXXX";

static int setup(void **state)
{
	(void)state;
	strcpy(place + strlen(place) - 6, "XXXXXX");
	if (!mkdtemp(place))
		return -1;
	s.run_fd = s.waiting_fd = -1;
	if (mount("tmpfs", place, "tmpfs", 0, "size=8m,mode=755") == 0)
		s.run_fd = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	if (s.waiting_fd >= 0)
		super_close_waiting(&s);
	if (s.run_fd >= 0) {
		close(s.run_fd);
		umount2(place, MNT_DETACH);
	}
	return rmdir(place);
}

static void begin(void)
{
	if (s.run_fd < 0)
		skip(); /* not root */
	super_open_waiting(&s);
	assert_true(s.waiting_fd >= 0);
	super_keep_waiting(&s);
}

static uint64_t room(void)
{
	struct statvfs fs;

	assert_int_equal(fstatvfs(s.run_fd, &fs), 0);
	return (uint64_t)fs.f_bfree * fs.f_bsize;
}

static void test_who_fills_it_fills_nothing_else(void **state)
{
	static const char much[64 * 1024];
	uint64_t before;
	struct stat st;
	off_t at = 0;

	(void)state;
	begin();
	before = room();
	while (at < 16 * 1024 * 1024 &&
	       pwrite(s.waiting_fd, much, sizeof(much), at) > 0)
		at += (off_t)sizeof(much);
	assert_in_range(at, 1, SUCCESSOR_BYTES);
	assert_int_equal(room(), before);
	assert_int_equal(pwrite(s.waiting_fd, much, 1, 1 << 30), -1);
	super_keep_waiting(&s);
	assert_int_equal(fstat(s.waiting_fd, &st), 0);
	assert_int_equal(st.st_size, SUCCESSOR_BYTES);
}

/* As of a supervisor that was killed: nobody has taken the mount away. */
static void test_the_next_supervisor_finds_it(void **state)
{
	char text[5] = "";

	(void)state;
	begin();
	assert_int_equal(pwrite(s.waiting_fd, "left", 4, 8192), 4);
	close(s.waiting_fd);
	begin();
	assert_int_equal(pread(s.waiting_fd, text, 4, 8192), 4);
	assert_string_equal(text, "left");
	/* nor does one that ends in order, while something waits */
	super_close_waiting(&s);
	begin();
	assert_int_equal(pread(s.waiting_fd, text, 4, 8192), 4);
	assert_string_equal(text, "left");
}

static void test_where_nothing_waits_nothing_is_left(void **state)
{
	(void)state;
	begin();
	super_close_waiting(&s);
	assert_int_equal(faccessat(s.run_fd, "waiting", F_OK, 0), -1);
	assert_int_equal(errno, ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		TEST(test_who_fills_it_fills_nothing_else),
		TEST(test_the_next_supervisor_finds_it),
		TEST(test_where_nothing_waits_nothing_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
