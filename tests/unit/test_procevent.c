/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The process connector's messages: which of them wake the agent, and what
 * they are taken for. The filter is run by the kernel, on a socket of ours.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <linux/acct.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/taskstats.h>
#include <signal.h>
#include <sys/socket.h>

#include "hale/base.h"

#include "drivers/procevent_name.h"

#define MESSAGE_SIZE                                                           \
	(NLMSG_HDRLEN + sizeof(struct cn_msg) + sizeof(struct proc_event))

struct message {
	_Alignas(8) unsigned char bytes[PROCEVENT_MESSAGE_MAX];
};

static struct message event(const struct proc_event *e)
{
	struct nlmsghdr netlink = { .nlmsg_len = MESSAGE_SIZE,
				    .nlmsg_type = NLMSG_DONE };
	struct cn_msg connector = { .id = { CN_IDX_PROC, CN_VAL_PROC },
				    .len = sizeof(*e) };
	struct message m = { { 0 } };

	memcpy(m.bytes, &netlink, sizeof(netlink));
	memcpy(m.bytes + NLMSG_HDRLEN, &connector, sizeof(connector));
	memcpy(m.bytes + NLMSG_HDRLEN + sizeof(connector), e, sizeof(*e));
	return m;
}

static struct message death(uint32_t code)
{
	struct proc_event e = { .what = PROC_EVENT_EXIT, .timestamp_ns = 99 };

	e.event_data.exit.process_pid = 1235;
	e.event_data.exit.process_tgid = 1234;
	e.event_data.exit.exit_code = code;
	e.event_data.exit.exit_signal = SIGCHLD;
	e.event_data.exit.parent_tgid = 77;
	return event(&e);
}

static struct message other(unsigned int what)
{
	struct proc_event e = { .timestamp_ns = 99 };

	memcpy(&e.what, &what, sizeof(what));
	/* where an exit has its code: what a filter might mistake */
	e.event_data.exit.exit_code = SIGBUS;
	return event(&e);
}

static void test_a_death_by_sigbus(void **state)
{
	struct message m = death(SIGBUS | 0x80);
	struct procevent_event e;

	(void)state;
	assert_int_equal(procevent_parse(m.bytes, MESSAGE_SIZE, &e), 0);
	assert_int_equal(e.kind, PROCEVENT_DEATH);
	assert_int_equal(e.signal, SIGBUS);
	assert_true(e.core_dumped);
	assert_int_equal(e.pid, 1234);
	assert_int_equal(e.parent, 77);
	assert_int_equal(e.time_ns, 99);
	m = death(SIGSEGV);
	assert_int_equal(procevent_parse(m.bytes, MESSAGE_SIZE, &e), 0);
	assert_int_equal(e.signal, SIGSEGV);
	assert_false(e.core_dumped);
}

static void test_what_is_nobodys_crash(void **state)
{
	static const uint32_t codes[] = { 0,	   1 << 8,  77 << 8, SIGKILL,
					  SIGTERM, SIGINT,  SIGPIPE, SIGHUP,
					  SIGQUIT, SIGUSR1, SIGXCPU };
	struct procevent_event e;

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(codes); i++) {
		struct message m = death(codes[i]);

		assert_int_equal(procevent_parse(m.bytes, MESSAGE_SIZE, &e), 0);
		assert_int_equal(e.kind, PROCEVENT_OTHER);
	}
}

static void test_torn_messages(void **state)
{
	struct message m = death(SIGBUS);
	struct procevent_event e;
	struct nlmsghdr netlink;

	(void)state;
	for (size_t len = 0; len < MESSAGE_SIZE; len++)
		assert_int_equal(procevent_parse(m.bytes, len, &e), -EBADMSG);
	memcpy(&netlink, m.bytes, sizeof(netlink));
	netlink.nlmsg_len = UINT32_MAX;
	memcpy(m.bytes, &netlink, sizeof(netlink));
	assert_int_equal(procevent_parse(m.bytes, MESSAGE_SIZE, &e), -EBADMSG);
	m = death(SIGBUS);
	m.bytes[NLMSG_HDRLEN] = 9; /* another connector's */
	assert_int_equal(procevent_parse(m.bytes, MESSAGE_SIZE, &e), -EBADMSG);
}

/* Does the kernel let it through to a reader? */
static bool passes(const int fds[2], const struct message *m)
{
	char buf[PROCEVENT_MESSAGE_MAX];
	ssize_t n;

	/* what a filter drops is sent all the same */
	(void)!send(fds[0], m->bytes, MESSAGE_SIZE, MSG_DONTWAIT);
	n = recv(fds[1], buf, sizeof(buf), MSG_DONTWAIT);
	if (n < 0)
		return false;
	assert_int_equal(n, MESSAGE_SIZE);
	return true;
}

static void test_the_filter_agrees_with_the_parser(void **state)
{
	static const unsigned int whats[] = {
		PROC_EVENT_FORK, PROC_EVENT_EXEC,   PROC_EVENT_UID,
		PROC_EVENT_COMM, PROC_EVENT_PTRACE, PROC_EVENT_SID,
	};
	struct procevent_event e;
	struct message m;
	int fds[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, fds), 0);
	assert_int_equal(setsockopt(fds[1], SOL_SOCKET, SO_ATTACH_FILTER,
				    &procevent_filter,
				    sizeof(procevent_filter)),
			 0);
	/* every signal, with and without a core, and exit codes */
	for (uint32_t code = 0; code < 0x400; code++) {
		m = death(code);
		assert_int_equal(procevent_parse(m.bytes, MESSAGE_SIZE, &e), 0);
		assert_int_equal(passes(fds, &m), e.kind == PROCEVENT_DEATH);
	}
	for (size_t i = 0; i < HALE_ARRAY_SIZE(whats); i++) {
		m = other(whats[i]);
		assert_false(passes(fds, &m));
	}
	m = other(PROC_EVENT_COREDUMP); /* the exit tells as much */
	assert_false(passes(fds, &m));
	m = other(PROC_EVENT_NONE); /* an acknowledgement */
	assert_true(passes(fds, &m));
	close(fds[0]);
	close(fds[1]);
}

static void test_an_acknowledgement(void **state)
{
	struct proc_event p = { .what = PROC_EVENT_NONE };
	struct procevent_event e;
	struct message m;

	(void)state;
	p.event_data.ack.err = EPERM;
	m = event(&p);
	assert_int_equal(procevent_parse(m.bytes, MESSAGE_SIZE, &e), 0);
	assert_int_equal(e.kind, PROCEVENT_ACK);
	assert_int_equal(e.error, EPERM);
}

/* --- names --- */

/* A message as kernel/taskstats.c makes them: the stats nested beside the pid.
 */
struct stats_message {
	struct nlmsghdr netlink;
	struct genlmsghdr generic;
	struct nlattr aggregate, pid_head;
	uint32_t pid;
	struct nlattr stats_head;
	/* as in the kernel, 4 bytes off their own alignment */
	unsigned char stats[sizeof(struct taskstats)];
};

static struct stats_message ended(uint32_t code, uint8_t flag)
{
	struct taskstats t = { .version = TASKSTATS_VERSION,
			       .ac_exitcode = code,
			       .ac_flag = flag,
			       .ac_comm = "cc1plus" };
	struct stats_message m = {
		.netlink = { .nlmsg_len = sizeof(m), .nlmsg_type = 29 },
		.generic = { .cmd = TASKSTATS_CMD_NEW },
		.aggregate = { .nla_len = 4 + 8 + 4 + sizeof(t),
			       .nla_type = TASKSTATS_TYPE_AGGR_PID },
		.pid_head = { .nla_len = 8, .nla_type = TASKSTATS_TYPE_PID },
		.pid = 4711,
		.stats_head = { .nla_len = 4 + sizeof(t),
				.nla_type = TASKSTATS_TYPE_STATS },
	};

	memcpy(m.stats, &t, sizeof(t));
	return m;
}

static void test_a_name(void **state)
{
	struct stats_message m = ended(SIGSEGV, AXSIG);
	struct procevent_name name = { .task = 0 };

	(void)state;
	assert_int_equal(procevent_name_parse(&m, sizeof(m), &name), 0);
	assert_int_equal(name.task, 4711);
	assert_string_equal(name.comm, "cc1plus");
}

static void test_torn_names(void **state)
{
	struct stats_message m = ended(SIGSEGV, AXSIG);
	struct procevent_name name = { .task = 7 };

	(void)state;
	for (size_t len = 0; len < sizeof(m); len++)
		assert_int_equal(procevent_name_parse(&m, len, &name),
				 -EBADMSG);
	m.stats_head.nla_len = 20; /* of a kernel that says less */
	assert_int_equal(procevent_name_parse(&m, sizeof(m), &name), -EBADMSG);
	m = ended(SIGSEGV, AXSIG);
	m.pid_head.nla_len = 4; /* there is no number in it */
	assert_int_equal(procevent_name_parse(&m, sizeof(m), &name), -EBADMSG);
	assert_int_equal(name.task, 7);
	/* a name without an end is cut */
	m = ended(SIGSEGV, AXSIG);
	memset(m.stats + offsetof(struct taskstats, ac_comm), 'x', TS_COMM_LEN);
	assert_int_equal(procevent_name_parse(&m, sizeof(m), &name), 0);
	assert_int_equal(strlen(name.comm), TS_COMM_LEN - 1);
}

static bool name_passes(const int fds[2], uint32_t code, uint8_t flag)
{
	struct stats_message m = ended(code, flag);
	char buf[sizeof(m)];

	(void)!send(fds[0], &m, sizeof(m), MSG_DONTWAIT);
	return recv(fds[1], buf, sizeof(buf), MSG_DONTWAIT) == sizeof(m);
}

static void test_only_names_of_faults_pass(void **state)
{
	int fds[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, fds), 0);
	assert_int_equal(setsockopt(fds[1], SOL_SOCKET, SO_ATTACH_FILTER,
				    &procevent_name_filter,
				    sizeof(procevent_name_filter)),
			 0);
	for (uint32_t code = 0; code < 0x400; code++) {
		int signal = (int)(code & 0x7f);

		assert_int_equal(name_passes(fds, code, 0),
				 procevent_is_fault(signal));
		/* of a thread its code is not said, that it was killed is */
		assert_int_equal(name_passes(fds, code, ACORE | AXSIG),
				 signal == 0 || procevent_is_fault(signal));
	}
	assert_int_equal(send(fds[0], "short", 5, MSG_DONTWAIT), 5);
	assert_int_equal(recv(fds[1], &(char){ 0 }, 1, MSG_DONTWAIT), -1);
	close(fds[0]);
	close(fds[1]);
}

static void test_threads_of_one_death_count_once(void **state)
{
	struct procevent_recent recent = { .next = 0 };
	struct procevent_event e = { .kind = PROCEVENT_DEATH,
				     .pid = 7,
				     .time_ns = 5 * HALE_NS_PER_S };
	struct procevent_event another = e;

	(void)state;
	another.pid = 8;
	assert_true(procevent_is_first(&recent, &e));
	assert_true(procevent_is_first(&recent, &another));
	for (int thread = 0; thread < 1000; thread++) {
		e.time_ns += HALE_NS_PER_US;
		assert_false(procevent_is_first(&recent, &e));
	}
	e.time_ns = 5 * HALE_NS_PER_S - 1; /* said late, by another CPU */
	assert_false(procevent_is_first(&recent, &e));
	e.time_ns = UINT64_MAX; /* the number is used again, much later */
	assert_true(procevent_is_first(&recent, &e));
	assert_false(procevent_is_first(&recent, &e));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_death_by_sigbus),
		cmocka_unit_test(test_what_is_nobodys_crash),
		cmocka_unit_test(test_torn_messages),
		cmocka_unit_test(test_the_filter_agrees_with_the_parser),
		cmocka_unit_test(test_an_acknowledgement),
		cmocka_unit_test(test_threads_of_one_death_count_once),
		cmocka_unit_test(test_a_name),
		cmocka_unit_test(test_torn_names),
		cmocka_unit_test(test_only_names_of_faults_pass),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
