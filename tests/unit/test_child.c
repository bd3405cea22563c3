/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Children and how they end: well, badly, late, and not at all. That a child
 * does not die is made by a kill that does not arrive.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/daemon/child.h"
#include "agent/daemon/clock.h"

#define SOON_NS	 (50 * HALE_NS_PER_MS)
#define LATER_NS (20 * HALE_NS_PER_S)

static struct loop loop;
static struct child child;
static int buffer[4];
static bool kills_arrive;

static struct {
	int messages, sum, status, ended, stuck, cut, hung_up, passed;
	bool message_after_end;
} seen;

long __real_syscall(long number, ...);
long __wrap_syscall(long number, long a, long b, long c, long d);

long __wrap_syscall(long number, long a, long b, long c, long d)
{
	if (number == SYS_pidfd_send_signal && !kills_arrive)
		return 0;
	return __real_syscall(number, a, b, c, d);
}

static void on_message(void *data, const void *bytes, size_t len)
{
	int value;

	(void)data;
	seen.message_after_end |= seen.ended > 0;
	if (len > sizeof(buffer)) {
		seen.cut++;
		return;
	}
	memcpy(&value, bytes, sizeof(value));
	seen.messages++;
	seen.sum += value;
}

static void on_stuck(void *data)
{
	(void)data;
	seen.stuck++;
}

static void on_hung_up(void *data)
{
	(void)data;
	seen.hung_up++;
}

static void on_passed_ended(void *data, int status)
{
	(void)data;
	seen.passed = status;
}

static void on_ended(void *data, int status)
{
	(void)data;
	seen.ended++;
	seen.status = status;
}

static int count_to_100(void *data, int fd)
{
	(void)data;
	for (int i = 1; i <= 100; i++)
		send(fd, &i, sizeof(i), 0);
	return 0;
}

static int fail_with_eio(void *data, int fd)
{
	(void)data;
	(void)fd;
	return EIO;
}

static int hang(void *data, int fd)
{
	(void)data;
	(void)fd;
	for (;;)
		pause();
	return 0;
}

/* It lives, and does not want to talk. */
static int close_and_hang(void *data, int fd)
{
	close(fd);
	return hang(data, -1);
}

/* Its parent has said something by then. */
static int count_unread(void *data, int fd)
{
	char byte;

	if (recv(fd, &byte, 1, MSG_PEEK) != 1)
		return EIO;
	return count_to_100(data, fd);
}

static int send_too_much(void *data, int fd)
{
	char big[sizeof(buffer) * 2] = { 0 };

	(void)data;
	send(fd, big, sizeof(big), 0);
	return 0;
}

/* Leaves somebody behind who goes on talking. */
static int leave_a_talker(void *data, int fd)
{
	int i = 1;

	(void)data;
	for (int n = 0; n < 6; n++) {
		if (fork() != 0)
			continue;
		while (send(fd, &i, sizeof(i), MSG_NOSIGNAL) > 0)
			;
		_exit(0);
	}
	return 0;
}

/* What in_child closed is closed in work, and nowhere else. */
static int close_me = -1;

static void close_in_child(void *data)
{
	(void)data;
	close(close_me);
}

static int is_closed(void *data, int fd)
{
	char byte = 0;

	(void)data;
	(void)fd;
	return write(close_me, &byte, 1) < 0 && errno == EBADF ? 0 : 1;
}

static int start(int (*work)(void *, int), uint64_t deadline_ns)
{
	const struct child_job job = {
		.name = "a test",
		.work = work,
		.in_child = work == is_closed ? close_in_child : NULL,
		.message = on_message,
		.buffer = buffer,
		.size = sizeof(buffer),
		.hung_up = on_hung_up,
		.stuck = on_stuck,
		.ended = on_ended,
		.deadline_ns = deadline_ns,
	};

	return child_start(&child, &job);
}

static void run_until(const int *flag)
{
	for (int i = 0; i < 2000 && *flag == 0; i++)
		assert_int_equal(loop_once(&loop, 10), 0);
	assert_int_equal(*flag, 1);
}

static int setup(void **state)
{
	(void)state;
	memset(&seen, 0, sizeof(seen));
	kills_arrive = true;
	if (loop_init(&loop) < 0)
		return -1;
	child_init(&child, &loop);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	kills_arrive = true;
	child_done(&child);
	loop_done(&loop);
	return 0;
}

static void test_all_messages_come_before_the_end(void **state)
{
	(void)state;
	assert_int_equal(start(count_to_100, LATER_NS), 0);
	run_until(&seen.ended);
	assert_int_equal(seen.messages, 100);
	assert_int_equal(seen.sum, 5050);
	assert_int_equal(seen.status, 0);
	assert_false(seen.message_after_end);
	assert_int_equal(child.state, CHILD_NONE);
}

static void test_failure_is_its_status(void **state)
{
	(void)state;
	assert_int_equal(start(fail_with_eio, LATER_NS), 0);
	run_until(&seen.ended);
	assert_int_equal(seen.status, EIO);
}

static void test_one_at_a_time(void **state)
{
	(void)state;
	assert_int_equal(start(hang, LATER_NS), 0);
	assert_int_equal(start(hang, LATER_NS), -EBUSY);
	child_kill(&child);
	run_until(&seen.ended);
	assert_int_equal(seen.status, -SIGKILL);
	assert_int_equal(start(fail_with_eio, LATER_NS), 0);
}

static void test_is_killed_at_its_deadline(void **state)
{
	(void)state;
	assert_int_equal(start(hang, SOON_NS), 0);
	run_until(&seen.ended);
	assert_int_equal(seen.status, -SIGKILL);
	assert_int_equal(seen.stuck, 0);
}

/* After a suspend its time seems to be over, and it had none. */
static void test_time_asleep_is_not_counted(void **state)
{
	(void)state;
	assert_int_equal(start(hang, LATER_NS), 0);
	loop_timer_set(&loop, &child.timer, 0);
	for (int i = 0; i < 5; i++)
		assert_int_equal(loop_once(&loop, 10), 0);
	assert_int_equal(seen.ended, 0);
	assert_int_equal(child.state, CHILD_RUNS);
	assert_true(child.timer.due_ns > clock_boot_ns());
}

static void test_who_it_left_behind_is_not_listened_to(void **state)
{
	(void)state;
	assert_int_equal(start(leave_a_talker, LATER_NS), 0);
	run_until(&seen.ended);
	assert_int_equal(seen.status, 0);
	assert_true(seen.messages < 10000);
}

static void test_one_that_does_not_die_is_told_once(void **state)
{
	pid_t pid;

	(void)state;
	kills_arrive = false;
	assert_int_equal(start(hang, SOON_NS), 0);
	pid = child.pid;
	run_until(&seen.stuck);
	assert_int_equal(child.state, CHILD_STUCK);
	assert_int_equal(seen.ended, 0);
	assert_int_equal(start(hang, SOON_NS), -EBUSY);
	/* what held it lets go: it is reaped like any other */
	assert_int_equal(kill(pid, SIGKILL), 0);
	run_until(&seen.ended);
	assert_int_equal(seen.stuck, 1);
	assert_int_equal(seen.status, -SIGKILL);
	assert_int_equal(waitpid(pid, NULL, WNOHANG), -1);
	assert_int_equal(start(fail_with_eio, LATER_NS), 0);
}

static void test_a_message_too_long_is_no_message(void **state)
{
	(void)state;
	assert_int_equal(start(send_too_much, LATER_NS), 0);
	run_until(&seen.ended);
	assert_int_equal(seen.cut, 1);
	assert_int_equal(seen.messages, 0);
}

static void test_closes_what_it_must_not_keep(void **state)
{
	int pair[2];

	(void)state;
	assert_int_equal(pipe(pair), 0);
	close_me = pair[1];
	assert_int_equal(start(is_closed, LATER_NS), 0);
	run_until(&seen.ended);
	assert_int_equal(seen.status, 0);
	assert_int_equal(write(pair[1], "x", 1), 1);
	close(pair[0]);
	close(pair[1]);
}

/* The kernel tells of what was not read before it gives what was sent. */
static void test_last_words_of_one_that_did_not_read(void **state)
{
	(void)state;
	assert_int_equal(start(count_unread, LATER_NS), 0);
	assert_int_equal(child_send(&child, "x", 1), 0);
	run_until(&seen.ended);
	assert_int_equal(seen.status, 0);
	assert_int_equal(seen.messages, 100);
}

static void test_another_takes_the_place_of_one_that_dies(void **state)
{
	const struct child_job job = { .ended = on_passed_ended };
	struct child dying;

	(void)state;
	child_init(&dying, &loop);
	assert_int_equal(start(close_and_hang, LATER_NS), 0);
	run_until(&seen.hung_up);
	assert_int_equal(seen.ended, 0);
	child_kill(&child);
	assert_int_equal(child_pass(&child, &dying, &job), 0);
	assert_int_equal(child.state, CHILD_NONE);
	assert_int_equal(start(count_to_100, LATER_NS), 0);
	run_until(&seen.ended);
	assert_int_equal(seen.status, 0);
	assert_int_equal(seen.messages, 100);
	for (int i = 0; i < 2000 && seen.passed == 0; i++)
		assert_int_equal(loop_once(&loop, 10), 0);
	assert_int_equal(seen.passed, -SIGKILL);
	assert_int_equal(dying.state, CHILD_NONE);
	child_done(&dying);
}

static void test_waiting_for_one_alone(void **state)
{
	(void)state;
	assert_true(child_wait(&child, 0));
	assert_int_equal(start(count_to_100, LATER_NS), 0);
	assert_true(child_wait(&child, 10000));
	assert_int_equal(seen.ended, 1);
	assert_int_equal(seen.messages, 100);
	assert_int_equal(start(hang, LATER_NS), 0);
	assert_false(child_wait(&child, 20));
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(test_all_messages_come_before_the_end),
		CASE(test_failure_is_its_status),
		CASE(test_one_at_a_time),
		CASE(test_is_killed_at_its_deadline),
		CASE(test_time_asleep_is_not_counted),
		CASE(test_who_it_left_behind_is_not_listened_to),
		CASE(test_one_that_does_not_die_is_told_once),
		CASE(test_a_message_too_long_is_no_message),
		CASE(test_closes_what_it_must_not_keep),
		CASE(test_last_words_of_one_that_did_not_read),
		CASE(test_another_takes_the_place_of_one_that_dies),
		CASE(test_waiting_for_one_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
