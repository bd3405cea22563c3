/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The door: who gets in, who has to go, and that nobody waits for anybody. The
 * requests are numbers here; what they mean is another room's matter.
 */
#include <fcntl.h>
#include <sys/stat.h>

#include "gate_room.h"

static struct gate_setup setup_of_gate;

static struct {
	int requests;
	size_t len;
	struct gate_client *client;
	bool echo;
	int copies; /* of a big answer */
} seen;

static void on_request(void *data, struct gate_client *c, const uint8_t *bytes,
		       size_t len)
{
	static uint8_t big[GATE_MESSAGE_MAX];

	(void)data;
	seen.requests++;
	seen.len = len;
	seen.client = c;
	for (int i = 0; i < seen.copies; i++) {
		if (!gate_send(c, big, sizeof(big)))
			return;
	}
	if (seen.echo)
		gate_send(c, bytes, len);
}

static int setup(void **state)
{
	(void)state;
	memset(&seen, 0, sizeof(seen));
	seen.echo = true;
	setup_of_gate = (struct gate_setup){ .request = on_request };
	return gate_room_enter(&setup_of_gate);
}

static int teardown(void **state)
{
	(void)state;
	return gate_room_leave();
}

static void test_question_and_answer(void **state)
{
	int fd = dial();

	(void)state;
	assert_int_equal(send(fd, "hello", 5, 0), 5);
	turns(2);
	assert_int_equal(seen.requests, 1);
	assert_int_equal(receive(fd), 5);
	assert_int_equal(send(fd, "again", 6, 0), 6);
	turns(2);
	assert_int_equal(receive(fd), 6);
	close(fd);
	turns(2);
	assert_int_equal(clients(), 0);
}

static void test_root_may_control(void **state)
{
	int fd = dial();

	(void)state;
	assert_int_equal(send(fd, "x", 1, 0), 1);
	turns(2);
	assert_int_equal(seen.client->uid, geteuid());
	assert_int_equal(seen.client->pid, getpid());
	assert_int_equal(seen.client->may_control, geteuid() == 0);
	close(fd);
}

static void test_the_group_may_control(void **state)
{
	int fd;

	(void)state;
	gate_set_group(&gate, true, getegid());
	fd = dial();
	assert_int_equal(send(fd, "x", 1, 0), 1);
	turns(2);
	assert_true(seen.client->may_control);
	close(fd);
}

/* Drivers' processes and ship are user hale, and so in group hale: one that was
 * taken over is not to clear what it was asked about. */
static void test_its_own_processes_may_not(void **state)
{
	int fd;

	(void)state;
	gate_set_group(&gate, true, getegid());
	gate_set_confined(&gate, true, geteuid());
	fd = dial();
	assert_int_equal(send(fd, "x", 1, 0), 1);
	turns(2);
	assert_false(seen.client->may_control);
	assert_true(seen.client->may_read_log);
	close(fd);
}

static void test_longest_and_longer(void **state)
{
	static uint8_t big[GATE_MESSAGE_MAX + 1];
	int fd = dial();

	(void)state;
	seen.echo = false;
	assert_int_equal(send(fd, big, GATE_MESSAGE_MAX, 0), GATE_MESSAGE_MAX);
	turns(2);
	assert_int_equal(seen.len, GATE_MESSAGE_MAX);
	assert_int_equal(send(fd, big, sizeof(big), 0), (int)sizeof(big));
	turns(2);
	assert_int_equal(seen.len, GATE_MESSAGE_MAX + 1);
	close(fd);
}

/* As if all had come a second ago. */
static void wait_a_second(void)
{
	for (size_t i = 0; i < GATE_CLIENTS_MAX; i++)
		gate.clients[i].active_ns -= HALE_NS_PER_S;
}

static void test_who_came_first_asks_first(void **state)
{
	int fds[GATE_CLIENTS_PER_USER + 1];
	int last = GATE_CLIENTS_PER_USER;

	(void)state;
	for (int i = 0; i <= last; i++) {
		fds[i] = dial();
		turns(1);
	}
	/* the first of them is still about to ask */
	assert_int_equal(receive(fds[last]), -1);
	assert_int_equal(send(fds[0], "x", 1, 0), 1);
	turns(2);
	assert_int_equal(receive(fds[0]), 1);
	/* it has heard: it is the one to go */
	close(fds[last]);
	fds[last] = dial();
	turns(1);
	assert_int_equal(receive(fds[0]), -1);
	assert_int_equal(send(fds[last], "x", 1, 0), 1);
	turns(2);
	assert_int_equal(receive(fds[last]), 1);
	for (int i = 0; i <= last; i++)
		close(fds[i]);
}

static void test_a_newcomer_always_gets_in(void **state)
{
	int fds[3 * GATE_CLIENTS_MAX];
	int last;

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(fds); i++) {
		wait_a_second();
		fds[i] = dial();
		turns(1);
	}
	assert_int_equal(clients(), GATE_CLIENTS_PER_USER);
	last = fds[HALE_ARRAY_SIZE(fds) - 1];
	assert_int_equal(send(last, "x", 1, 0), 1);
	turns(2);
	assert_int_equal(receive(last), 1);
	/* the first to come was the first to go */
	assert_int_equal(receive(fds[0]), -1);
	for (size_t i = 0; i < HALE_ARRAY_SIZE(fds); i++)
		close(fds[i]);
}

static void test_the_idle_make_room_before_others(void **state)
{
	int fds[2 * GATE_CLIENTS_PER_USER];
	int deferred = dial(), watcher;

	(void)state;
	seen.echo = false;
	assert_int_equal(send(deferred, "x", 1, 0), 1);
	turns(2);
	seen.client->wait = GATE_DEFERRED;
	watcher = dial();
	assert_int_equal(send(watcher, "x", 1, 0), 1);
	turns(2);
	seen.client->wait = GATE_WATCHING;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(fds); i++) {
		wait_a_second();
		fds[i] = dial();
		turns(1);
	}
	assert_int_equal(receive(deferred), 0);
	assert_int_equal(receive(watcher), 0);
	assert_int_equal(receive(fds[0]), -1);
	for (size_t i = 0; i < HALE_ARRAY_SIZE(fds); i++)
		close(fds[i]);
	close(deferred);
	close(watcher);
}

static void test_a_slow_reader_waits_alone(void **state)
{
	int slow = dial(), other = dial();
	int got = 0;
	ssize_t n;

	(void)state;
	seen.copies = 10;
	assert_int_equal(send(slow, "x", 1, 0), 1);
	turns(2);
	assert_true(gate.queued > 0);
	seen.copies = 0;
	assert_int_equal(send(other, "abc", 3, 0), 3);
	turns(2);
	assert_int_equal(receive(other), 3);
	/* when it reads at last it gets all of it, in order */
	for (int i = 0; i < 100 && got < 11; i++) {
		while ((n = receive(slow)) > 0) {
			got++;
			assert_int_equal(n, got <= 10 ? GATE_MESSAGE_MAX : 1);
		}
		turns(1);
	}
	assert_int_equal(got, 11);
	assert_int_equal(gate.queued, 0);
	close(slow);
	close(other);
}

static void test_one_that_never_reads_is_dropped(void **state)
{
	int fd = dial();

	(void)state;
	seen.copies = 1 + GATE_QUEUE_MAX / GATE_MESSAGE_MAX + 10;
	assert_int_equal(send(fd, "x", 1, 0), 1);
	turns(3);
	assert_int_equal(clients(), 0);
	assert_int_equal(gate.queued, 0);
	assert_int_equal(gate.slow, 1);
	close(fd);
}

static void test_leaving_in_the_middle(void **state)
{
	int fd = dial();

	(void)state;
	seen.copies = 10;
	assert_int_equal(send(fd, "x", 1, 0), 1);
	turns(2);
	assert_true(gate.queued > 0);
	close(fd);
	turns(3);
	assert_int_equal(clients(), 0);
	assert_int_equal(gate.queued, 0);
}

static void test_replaces_a_dead_socket(void **state)
{
	mode_t before = umask(077);
	struct stat st;

	(void)state;
	gate_done(&gate);
	assert_int_equal(close(open(path, O_CREAT | O_WRONLY, 0600)), 0);
	assert_int_equal(gate_init(&gate, &setup_of_gate), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 0777, 0666);
	assert_int_equal(umask(before), 077);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(test_question_and_answer),
		CASE(test_root_may_control),
		CASE(test_the_group_may_control),
		CASE(test_its_own_processes_may_not),
		CASE(test_longest_and_longer),
		CASE(test_who_came_first_asks_first),
		CASE(test_a_newcomer_always_gets_in),
		CASE(test_the_idle_make_room_before_others),
		CASE(test_a_slow_reader_waits_alone),
		CASE(test_one_that_never_reads_is_dropped),
		CASE(test_leaving_in_the_middle),
		CASE(test_replaces_a_dead_socket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
