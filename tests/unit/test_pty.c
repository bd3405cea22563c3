/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A command's terminal and its modes: what is written after a change is never
 * taken for something that was written before it.
 */
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/run/launch/pty.h"

static int person, real, slave;
static struct pty pty;
static bool change_late;

static void set_raw(int fd)
{
	struct termios t;

	assert_int_equal(tcgetattr(fd, &t), 0);
	cfmakeraw(&t);
	t.c_lflag |= EXTPROC;
	assert_int_equal(tcsetattr(fd, TCSANOW, &t), 0);
}

static bool is_raw(int fd)
{
	struct termios t;

	assert_int_equal(tcgetattr(fd, &t), 0);
	return !(t.c_lflag & ICANON) && !(t.c_oflag & OPOST);
}

ssize_t __real_read(int fd, void *buf, size_t size);
ssize_t __wrap_read(int fd, void *buf, size_t size);

/* As if the command had got the processor between the kernel's look for a note
 * and its look for bytes. */
ssize_t __wrap_read(int fd, void *buf, size_t size)
{
	ssize_t n = __real_read(fd, buf, size);

	if (change_late && fd == pty.master)
		set_raw(slave);
	change_late = false;
	return n;
}

static int set_up(void **state)
{
	char note[8];

	(void)state;
	change_late = false;
	if (openpty(&person, &real, NULL, NULL, NULL) < 0)
		return -1;
	if (pty_open(real, &pty, &slave) < 0)
		return -1;
	/* the modes that it was opened with */
	if (pty_read(&pty, note, sizeof(note)) != -EAGAIN)
		return -1;
	pty.changed = false;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	close(person);
	close(real);
	close(slave);
	close(pty.master);
	return 0;
}

/* Bytes or a note. */
static long next(char *buf, size_t size)
{
	struct pollfd f = { .fd = pty.master, .events = POLLIN };

	assert_int_equal(poll(&f, 1, 60000), 1);
	return pty_read(&pty, buf, size);
}

static void test_a_change_is_told_before_what_follows_it(void **state)
{
	char buf[64];

	(void)state;
	set_raw(slave);
	assert_int_equal(write(slave, "x", 1), 1);
	assert_int_equal(next(buf, sizeof(buf)), -EAGAIN);
	assert_true(pty.changed);
	pty_mirror(&pty);
	assert_true(is_raw(real));
	assert_int_equal(next(buf, sizeof(buf)), 1);
	assert_false(pty.changed);
}

static void test_nor_is_one_missed_that_came_with_the_bytes(void **state)
{
	char buf[64];

	(void)state;
	assert_int_equal(write(slave, "x", 1), 1);
	change_late = true;
	assert_int_equal(next(buf, sizeof(buf)), 1);
	assert_true(pty.changed);
	pty_mirror(&pty);
	assert_true(is_raw(real));
	assert_int_equal(next(buf, sizeof(buf)), -EAGAIN); /* the note */
}

static void test_plain_bytes_change_nothing(void **state)
{
	char buf[64];

	(void)state;
	assert_int_equal(write(slave, "a\n", 2), 2);
	assert_int_equal(next(buf, sizeof(buf)), 2);
	assert_memory_equal(buf + 1, "a\n", 2); /* the real one translates */
	assert_false(pty.changed);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(test_a_change_is_told_before_what_follows_it),
		CASE(test_nor_is_one_missed_that_came_with_the_bytes),
		CASE(test_plain_bytes_change_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
