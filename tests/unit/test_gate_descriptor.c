/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A descriptor that a stranger hands over is closed in the gate's process, and
 * its close may wait: nobody else is to wait for it. Nor is anybody to wait at
 * the door itself, whose flags each core that has it can change.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/daemon/gate.h"

static struct loop loop;
static struct gate gate;
static char dir[] = "/tmp/hale-gate-XXXXXX";
static char path[64];
static struct gate_setup setup_of_gate;
static int requests;

static void on_request(void *data, struct gate_client *c, const uint8_t *bytes,
		       size_t len)
{
	(void)data;
	(void)c;
	(void)bytes;
	(void)len;
	requests++;
}

static int dial(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC,
			0);

	HALE_SET(a.sun_path, path);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

static void turns(int n)
{
	for (int i = 0; i < n; i++)
		assert_int_equal(loop_once(&loop, 0), 0);
}

#ifndef SO_PASSRIGHTS
#define SO_PASSRIGHTS 83
#endif

/* The gate as it is before Linux 6.16: whoever sends descriptors, they come. */
static void open_gate(void)
{
	int yes = 1, fd = gate_listen(path);

	setsockopt(fd, SOL_SOCKET, SO_PASSRIGHTS, &yes, sizeof(yes));
	assert_int_equal(gate_open(&gate, &setup_of_gate, fd), 0);
	gate.bound = true;
}

/* Full, its peer reads nothing, and its last close waits for that. */
static int lingering(int *ret_peer)
{
	static const char much[65536];
	const struct linger wait = { 1, 3 };
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	int server = socket(AF_INET, SOCK_STREAM, 0);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(server, (struct sockaddr *)&a, len), 0);
	assert_int_equal(listen(server, 1), 0);
	assert_int_equal(getsockname(server, (struct sockaddr *)&a, &len), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, len), 0);
	*ret_peer = accept(server, NULL, NULL);
	while (send(fd, much, sizeof(much), MSG_DONTWAIT) > 0)
		;
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &wait, sizeof(wait));
	close(server);
	return fd;
}

static void hand_over(int fd, int passed)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { .head = { .cmsg_len = CMSG_LEN(sizeof(int)),
				.cmsg_level = SOL_SOCKET,
				.cmsg_type = SCM_RIGHTS } };
	char byte = 'x';
	struct iovec part = { &byte, 1 };
	struct msghdr m = { .msg_iov = &part,
			    .msg_iovlen = 1,
			    .msg_control = control.bytes,
			    .msg_controllen = sizeof(control.bytes) };

	memcpy(CMSG_DATA(&control.head), &passed, sizeof(int));
	assert_int_equal(sendmsg(fd, &m, 0), 1);
	close(passed);
}

static void test_nobody_holds_it_up_with_a_descriptor(void **state)
{
	struct timespec from, to;
	int fd, left, peers[2];

	(void)state;
	strcpy(dir + strlen(dir) - 6, "XXXXXX");
	assert_non_null(mkdtemp(dir));
	assert_int_equal(loop_init(&loop), 0);
	snprintf(path, sizeof(path), "%s/gate.sock", dir);
	setup_of_gate = (struct gate_setup){ .loop = &loop,
					     .path = path,
					     .request = on_request };
	open_gate();
	fd = dial();
	hand_over(fd, lingering(&peers[0])); /* it is read */
	left = dial();
	turns(1);
	hand_over(left, lingering(&peers[1])); /* it goes with its client */
	clock_gettime(CLOCK_MONOTONIC, &from);
	turns(2);
	close(left);
	close(fd);
	turns(2);
	clock_gettime(CLOCK_MONOTONIC, &to);
	assert_in_range(to.tv_sec - from.tv_sec, 0, 1);
	close(peers[0]);
	close(peers[1]);
	assert_int_equal(requests, 2);
	gate_done(&gate);
	loop_done(&loop);
	assert_int_equal(rmdir(dir), 0);
}

static void ring(int signal_number)
{
	(void)signal_number;
}

/* Who takes it instead of the core is not to be held up by what the core did
 * to it. */
static void test_a_door_that_was_made_to_block_holds_nobody(void **state)
{
	const struct sigaction wake = { .sa_handler = ring };
	int fd;

	(void)state;
	strcpy(dir + strlen(dir) - 6, "XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/gate.sock", dir);
	fd = gate_listen(path);
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_SETFL, 0), 0);
	sigaction(SIGALRM, &wake, NULL);
	alarm(10);
	assert_int_equal(accept4(fd, NULL, NULL, SOCK_CLOEXEC), -1);
	assert_int_equal(errno, EAGAIN); /* EINTR: the bell ended it */
	alarm(0);
	close(fd);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(dir), 0);
}

/* What one core did to it does not outlast that core. */
static void test_a_gate_opens_it_anew(void **state)
{
	int fd;

	(void)state;
	strcpy(dir + strlen(dir) - 6, "XXXXXX");
	assert_non_null(mkdtemp(dir));
	assert_int_equal(loop_init(&loop), 0);
	snprintf(path, sizeof(path), "%s/gate.sock", dir);
	fd = gate_listen(path);
	assert_int_equal(fcntl(fd, F_SETFL, 0), 0);
	setup_of_gate = (struct gate_setup){ .loop = &loop,
					     .path = path,
					     .request = on_request };
	assert_int_equal(gate_open(&gate, &setup_of_gate, fd), 0);
	gate.bound = true;
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	gate_done(&gate);
	loop_done(&loop);
	assert_int_equal(rmdir(dir), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_a_door_that_was_made_to_block_holds_nobody),
		cmocka_unit_test(test_a_gate_opens_it_anew),
		cmocka_unit_test(test_nobody_holds_it_up_with_a_descriptor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
