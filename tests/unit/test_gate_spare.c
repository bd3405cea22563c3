/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The door where there is no file left: who asks is answered from what was kept
 * for that; where even that is gone, by whoever may have one more; nobody turns
 * in circles meanwhile.
 */
#include <fcntl.h>
#include <sys/resource.h>

#include "gate_room.h"

#include "agent/daemon/gate_spare.h"

static int requests, wanted;

static void on_request(void *data, struct gate_client *c, const uint8_t *bytes,
		       size_t len)
{
	(void)data;
	requests++;
	gate_send(c, bytes, len);
}

static int setup(void **state)
{
	struct gate_setup s = { .request = on_request };

	(void)state;
	requests = wanted = 0;
	return gate_room_enter(&s);
}

static int teardown(void **state)
{
	(void)state;
	return gate_room_leave();
}

/* Takes all descriptors that are left; returns how many. */
static int take_all(int held[], int max, struct rlimit *ret_old)
{
	int n = 0, top = open("/dev/null", O_RDONLY | O_CLOEXEC);
	struct rlimit few;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, ret_old), 0);
	few = *ret_old;
	few.rlim_cur = (rlim_t)top + 4;
	close(top);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	while (n < max && (held[n] = dup(STDIN_FILENO)) >= 0)
		n++;
	assert_true(n < max);
	return n;
}

static void give_back(const int held[], int n, const struct rlimit *old)
{
	while (n > 0)
		close(held[--n]);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, old), 0);
}

static void test_without_descriptors_who_asks_is_answered(void **state)
{
	int held[64], n, fds[2 * GATE_SPARES];
	struct rlimit old;

	(void)state;
	for (int i = 0; i < 2 * GATE_SPARES; i++)
		fds[i] = new_socket();
	n = take_all(held, 64, &old);
	for (int i = 0; i < 2 * GATE_SPARES; i++) {
		call(fds[i]);
		assert_int_equal(send(fds[i], "x", 1, 0), 1);
		turns(3);
		assert_int_equal(receive(fds[i]), 1);
	}
	assert_int_equal(clients(), GATE_SPARES); /* the others made room */
	for (int i = 0; i < 2 * GATE_SPARES; i++)
		close(fds[i]);
	turns(3);
	assert_int_equal(clients(), 0);
	for (int i = 0; i < GATE_SPARES; i++)
		assert_true(gate.spares[i] >= 0);
	give_back(held, n, &old);
}

/* Another process was faster to take what the gate had given up. */
static void test_without_a_spare_one_who_asks_waits(void **state)
{
	int held[64], n, fd = dial();
	struct rlimit old;

	(void)state;
	assert_int_equal(send(fd, "x", 1, 0), 1);
	gate_spare_close(&gate);
	n = take_all(held, 64, &old);
	turns(3);
	assert_int_equal(receive(fd), 0);
	give_back(held, n, &old);
	while (receive(fd) == 0)
		assert_int_equal(loop_once(&loop, -1), 0);
	assert_int_equal(requests, 1);
	close(fd);
	turns(2);
}

static void on_no_files(void *data)
{
	(void)data;
	wanted++;
}

/* Others went beyond the host's last file: root may, too. */
static void test_without_any_file_another_takes_him_in(void **state)
{
	int held[64], n, taken, fd = dial();
	struct rlimit old;

	(void)state;
	gate.setup.no_files = on_no_files;
	assert_int_equal(send(fd, "x", 1, 0), 1);
	gate_spare_close(&gate);
	n = take_all(held, 64, &old);
	turns(3);
	assert_int_equal(wanted, 1);
	close(held[--n]); /* it is the other's, not the gate's */
	taken = accept4(gate.source.fd, NULL, NULL,
			SOCK_CLOEXEC | SOCK_NONBLOCK);
	assert_true(taken >= 0);
	gate_take(&gate, taken);
	turns(2);
	assert_int_equal(receive(fd), 1);
	give_back(held, n, &old);
	close(fd);
	turns(2);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(test_without_descriptors_who_asks_is_answered),
		CASE(test_without_a_spare_one_who_asks_waits),
		CASE(test_without_any_file_another_takes_him_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
