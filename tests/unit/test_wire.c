/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The wire between supervisor and core: what is sent arrives, and what is no
 * message is not taken for one.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/daemon/config.h"
#include "agent/daemon/wire.h"

static int pair[2];
static uint8_t bytes[WIRE_DOWN_MAX + 1];

static int setup(void **state)
{
	(void)state;
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair);
}

static int teardown(void **state)
{
	(void)state;
	close(pair[0]);
	close(pair[1]);
	return 0;
}

static void test_up(void **state)
{
	struct wire_up_message m;
	ssize_t n;

	(void)state;
	assert_int_equal(wire_send_up(pair[0], WIRE_PONG, 4711), 0);
	n = recv(pair[1], bytes, sizeof(bytes), 0);
	assert_true(wire_read_up(bytes, (size_t)n, &m));
	assert_int_equal(m.kind, WIRE_PONG);
	assert_int_equal(m.value, 4711);
}

static void test_what_is_no_message_from_a_core(void **state)
{
	struct wire_up_message m = { .kind = WIRE_FIT, .value = 1 }, out;

	(void)state;
	assert_false(wire_read_up(&m, 0, &out));
	assert_false(wire_read_up(&m, sizeof(m) - 1, &out));
	assert_false(wire_read_up(&m, sizeof(m) + 1, &out));
	m.zero = 1;
	assert_false(wire_read_up(&m, sizeof(m), &out));
	m = (struct wire_up_message){ .kind = WIRE_UP_COUNT };
	assert_false(wire_read_up(&m, sizeof(m), &out));
	m.kind = WIRE_UP_NONE;
	assert_false(wire_read_up(&m, sizeof(m), &out));
}

/* To a core that hangs: the supervisor goes on. */
static void test_a_full_socket_does_not_block(void **state)
{
	int r = 0, n = 0;

	(void)state;
	while (r == 0 && n++ < 100000)
		r = wire_send_up(pair[0], WIRE_SAVE, 0);
	assert_int_equal(r, -EAGAIN);
}

static void test_text_and_a_descriptor_come_down(void **state)
{
	const char text[] = "2 is well";
	struct wire_down_message m = { .kind = WIRE_PROBE,
				       .len = sizeof(text) - 1 },
				 out;
	struct stat here, there;
	int fd = -1;

	(void)state;
	memset(bytes, 'x', sizeof(bytes));
	assert_int_equal(wire_send_down(pair[0], &m, text, pair[0]), 0);
	assert_int_equal(wire_receive_down(pair[1], &out, bytes, &fd), 1);
	assert_int_equal(out.kind, WIRE_PROBE);
	assert_string_equal((const char *)bytes, text);
	assert_true(fd >= 0 && fd != pair[0]);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fstat(fd, &there), 0);
	assert_int_equal(fstat(pair[0], &here), 0);
	assert_int_equal(here.st_ino, there.st_ino);
	close(fd);
	assert_int_equal(wire_receive_down(pair[1], &out, bytes, &fd), -EAGAIN);
	close(pair[0]);
	assert_int_equal(wire_receive_down(pair[1], &out, bytes, &fd), 0);
	pair[0] = dup(pair[1]);
}

static void test_a_configuration_fits(void **state)
{
	static struct config config, out;
	struct wire_down_message m = { .kind = WIRE_CONFIG,
				       .len = sizeof(config) };
	int fd = -1;

	(void)state;
	config_default(&config);
	assert_true(config_valid(&config, sizeof(config)));
	assert_int_equal(wire_send_down(pair[0], &m, &config, -1), 0);
	assert_int_equal(wire_receive_down(pair[1], &m, bytes, &fd), 1);
	assert_int_equal(fd, -1);
	assert_int_equal(m.len, sizeof(out));
	memcpy(&out, bytes, sizeof(out));
	assert_memory_equal(&config, &out, sizeof(out));
}

/* A length that is not what came; nothing that was passed stays open. */
static void test_what_is_no_message_from_a_supervisor(void **state)
{
	struct wire_down_message m = { .kind = WIRE_SHIP, .len = 5 };
	int fd = -1, before = dup(0);

	(void)state;
	close(before);
	send(pair[0], &m, sizeof(m), 0);
	assert_int_equal(wire_receive_down(pair[1], &m, bytes, &fd), -EBADMSG);
	m = (struct wire_down_message){ .kind = WIRE_DOWN_COUNT };
	assert_int_equal(wire_send_down(pair[0], &m, NULL, pair[0]), 0);
	assert_int_equal(wire_receive_down(pair[1], &m, bytes, &fd), -EBADMSG);
	assert_int_equal(fd, -1);
	fd = dup(0);
	assert_int_equal(fd, before);
	close(fd);
}

/* @n descriptors, which may come with any packet. */
static void send_with(const void *data, size_t len, size_t n)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(4 * sizeof(int))];
	} control = { 0 };
	const int fds[4] = { pair[0], pair[0], pair[0], pair[0] };
	struct iovec part = { (void *)(uintptr_t)data, len };
	struct msghdr h = { .msg_iov = &part,
			    .msg_iovlen = 1,
			    .msg_control = control.bytes,
			    .msg_controllen = CMSG_SPACE(n * sizeof(int)) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&h);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(n * sizeof(int));
	memcpy(CMSG_DATA(c), fds, n * sizeof(int));
	assert_int_equal(sendmsg(pair[0], &h, 0), len);
}

/* Found by fuzzing: two of them, or one with nothing beside it, stayed open. */
static void test_descriptors_that_no_message_has_are_closed(void **state)
{
	const struct wire_down_message probe = { .kind = WIRE_PROBE };
	struct wire_down_message m;
	int fd = -1, before = dup(0), after;

	(void)state;
	close(before);
	for (size_t n = 2; n <= 4; n++) {
		send_with(&probe, sizeof(probe), n);
		if (wire_receive_down(pair[1], &m, bytes, &fd) == 1)
			assert_int_equal(fd, -1);
	}
	send_with(&probe, 0, 1);
	assert_int_equal(wire_receive_down(pair[1], &m, bytes, &fd), 0);
	after = dup(0);
	assert_int_equal(after, before);
	close(after);
}

/* The core's own limit: that costs one client, and not the core. */
static void test_a_descriptor_for_which_there_is_no_place(void **state)
{
	const struct wire_down_message client = { .kind = WIRE_CLIENT };
	struct wire_down_message m = { .kind = WIRE_DOWN_NONE };
	struct rlimit old, few;
	int fd = 7, top = dup(0), r;

	(void)state;
	close(top);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	few = old;
	few.rlim_cur = (rlim_t)top;
	send_with(&client, sizeof(client), 1);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	r = wire_receive_down(pair[1], &m, bytes, &fd);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_int_equal(r, 1);
	assert_int_equal(m.kind, WIRE_CLIENT);
	assert_int_equal(fd, -1);
}

/* Found by fuzzing: what was cut to the room there is was taken for whole. */
static void test_a_message_longer_than_any_is_none(void **state)
{
	static uint8_t
		longer[sizeof(struct wire_down_message) + WIRE_DOWN_MAX + 1];
	struct wire_down_message m = { .kind = WIRE_SHIP,
				       .len = WIRE_DOWN_MAX };
	int fd = -1;

	(void)state;
	memcpy(longer, &m, sizeof(m));
	assert_int_equal(send(pair[0], longer, sizeof(longer), 0),
			 sizeof(longer));
	assert_int_equal(wire_receive_down(pair[1], &m, bytes, &fd), -EBADMSG);
}

static void test_what_is_no_configuration(void **state)
{
	static struct config c;

	(void)state;
	config_default(&c);
	assert_false(config_valid(&c, sizeof(c) - 1));
	c.n_options = CONFIG_OPTIONS_MAX + 1;
	assert_false(config_valid(&c, sizeof(c)));
	config_default(&c);
	memset(c.options[3].value, 'x', sizeof(c.options[3].value));
	assert_false(config_valid(&c, sizeof(c)));
	config_default(&c);
	memset(&c.group_known, 7, 1);
	assert_false(config_valid(&c, sizeof(c)));
	config_default(&c);
	c.policy.n_host_paths = HALE_SCOPE_PATHS_MAX + 1;
	assert_false(config_valid(&c, sizeof(c)));
	config_default(&c);
	memset(&c.policy.effect[0], 0x7f, sizeof(c.policy.effect[0]));
	assert_false(config_valid(&c, sizeof(c)));
	config_default(&c);
	c.user_found = true; /* and is root */
	assert_false(config_valid(&c, sizeof(c)));
	c.uid = 1;
	assert_true(config_valid(&c, sizeof(c)));
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(test_up),
		CASE(test_what_is_no_message_from_a_core),
		CASE(test_a_full_socket_does_not_block),
		CASE(test_text_and_a_descriptor_come_down),
		CASE(test_a_configuration_fits),
		CASE(test_what_is_no_message_from_a_supervisor),
		CASE(test_descriptors_that_no_message_has_are_closed),
		CASE(test_a_descriptor_for_which_there_is_no_place),
		CASE(test_a_message_longer_than_any_is_none),
		CASE(test_what_is_no_configuration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
