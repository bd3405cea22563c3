/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The agent without memory: each allocation of a question, from its coming in
 * to the end of its answer, fails once. The answer may be refused or its asker
 * be sent away; it is never another answer, nobody waits for one in vain, and
 * with memory again all is as it was.
 */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cmocka.h>

#include "hale/base.h"

#include "proto/codec_verify.h"
#include "tests/unit/bare_agent.h"

/* More than one answer takes. */
#define ALLOCATIONS_MAX 64
#define DISK		"disk/naa.5000c500a1b20001"

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *at, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *at, size_t size);
ssize_t __real_send(int fd, const void *bytes, size_t len, int flags);
ssize_t __wrap_send(int fd, const void *bytes, size_t len, int flags);

/* The table of drivers: none, all that is known is said here. */
const struct hale_driver *const hale_drivers[] = { NULL };

static struct agent *agent;
static char folder[] = "/tmp/hale-memory-XXXXXX", path[64];
static uint8_t request[4096];
static size_t request_len;
static uint32_t allocations, failing; /* which one; 0: none */
static bool slow;		      /* who asks reads late, */
static bool full;		      /* and the socket takes nothing now */

/* What came back. */
struct heard {
	bool ended;	    /* its last message came */
	bool left;	    /* the gate hung up */
	int error;	    /* of an ErrorReply, or a control's; 0 */
	bool refused;	    /* an ErrorReply */
	unsigned int kind;  /* of the others */
	uint32_t exit_code; /* of a check */
	size_t findings, reasons, hops, causes, disks, messages;
};

static bool fails(void)
{
	return ++allocations == failing;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *at, size_t size)
{
	return fails() ? NULL : __real_realloc(at, size);
}

/* What does not go out at once waits, in memory. */
ssize_t __wrap_send(int fd, const void *bytes, size_t len, int flags)
{
	if (!full)
		return __real_send(fd, bytes, len, flags);
	errno = EAGAIN;
	return -1;
}

static int setup(void **state)
{
	(void)state;
	failing = 0;
	slow = full = false;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/gate.sock", folder);
	agent = bare_agent_new(path);
	bare_agent_fault(agent, "host", HALE_MEMORY_UNCORRECTED);
	bare_agent_fault(agent, DISK, HALE_DISK_MEDIUM_ERROR);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	failing = 0;
	bare_agent_free(agent);
	rmdir(folder);
	memcpy(strrchr(folder, '-') + 1, "XXXXXX", 6);
	return 0;
}

/* --- one question --- */

static int connect_gate(void)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	snprintf(to.sun_path, sizeof(to.sun_path), "%s", path);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

static void count(struct heard *h, const Hale__V1__Reply *m)
{
	h->messages++;
	h->ended = m->last || m->body_case != HALE__V1__REPLY__BODY_REPORT;
	h->refused = m->body_case == HALE__V1__REPLY__BODY_ERROR;
	if (h->refused) {
		h->error = (int)m->error->code;
		return;
	}
	h->kind = m->body_case;
	if (m->body_case == HALE__V1__REPLY__BODY_CHECK) {
		h->exit_code = m->check->exit_code;
		h->reasons += m->check->verdict->n_reasons;
	} else if (m->body_case == HALE__V1__REPLY__BODY_REPORT) {
		h->findings += m->report->n_findings;
	} else if (m->body_case == HALE__V1__REPLY__BODY_SCOPE) {
		h->hops += m->scope->n_hops;
	} else if (m->body_case == HALE__V1__REPLY__BODY_EXPLAIN) {
		h->causes += m->explain->n_causes;
		h->ended = m->last;
	} else if (m->body_case == HALE__V1__REPLY__BODY_VERIFY) {
		h->disks += m->verify->n_disks;
	} else if (m->body_case == HALE__V1__REPLY__BODY_CONTROL) {
		h->error = m->control->error;
	}
}

static void hear(int fd, struct heard *h)
{
	static uint8_t bytes[CODEC_MESSAGE_MAX], mem[CODEC_ARENA_UNPACK];
	struct codec_arena a = { .mem = mem, .size = sizeof(mem) };
	ssize_t n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	Hale__V1__Reply *m;

	if (n < 0 && errno == EAGAIN)
		return;
	h->left = n <= 0;
	if (h->left)
		return;
	assert_int_equal(codec_unpack_reply(&a, bytes, (size_t)n, &m), 0);
	count(h, m);
}

/* Asks, with the allocation of that number failing, and waits for the end. */
static struct heard ask(uint32_t number)
{
	struct heard h = { .kind = 0 };
	int fd = connect_gate();
	uint64_t end = clock_boot_ns() + 60 * HALE_NS_PER_S;

	/* how much of its time a user may take is not what is tested */
	memset(agent->spenders, 0, sizeof(agent->spenders));
	memset(agent->gate.spenders, 0, sizeof(agent->gate.spenders));
	assert_int_equal(send(fd, request, request_len, 0), request_len);
	allocations = 0;
	failing = number;
	full = slow;
	while (!h.ended && !h.left && clock_boot_ns() < end) {
		loop_once(&agent->loop, 10);
		full = full && agent->gate.queued == 0 && allocations < number;
		hear(fd, &h);
	}
	failing = 0;
	full = false;
	close(fd);
	/* nobody was left without a word */
	assert_true(h.ended || h.left);
	return h;
}

static void assert_same(const struct heard *a, const struct heard *b)
{
	assert_int_equal(a->refused, b->refused);
	assert_int_equal(a->error, b->error);
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->exit_code, b->exit_code);
	assert_int_equal(a->reasons, b->reasons);
	assert_int_equal(a->findings, b->findings);
	assert_int_equal(a->hops, b->hops);
	assert_int_equal(a->causes, b->causes);
	assert_int_equal(a->disks, b->disks);
}

/* Until there is no such allocation any more. @kind: of the true answer. */
static void try_each(unsigned int kind)
{
	const struct heard right = ask(0);
	uint32_t n = 1, refused = 0;

	assert_false(right.left);
	assert_int_equal(right.kind, kind);
	for (; n <= ALLOCATIONS_MAX; n++) {
		struct heard h, again;

		/* kept answers are given without any: forget them */
		bare_agent_fault(agent, "host", HALE_MEMORY_UNCORRECTED);
		h = ask(n);
		if (allocations < n && !h.left)
			break;
		refused += h.refused || h.left;
		if (h.refused)
			assert_int_equal(h.error, ENOMEM);
		else if (!h.left)
			assert_same(&h, &right);
		again = ask(0);
		assert_same(&again, &right);
	}
	assert_in_range(n, 2, ALLOCATIONS_MAX);
	assert_true(refused > 0); /* without it there was nothing to say */
}

static void put(const Hale__V1__Request *m)
{
	ssize_t n = codec_pack(m, request, sizeof(request));

	assert_true(n > 0);
	request_len = (size_t)n;
}

/* --- the questions --- */

static uint8_t arena_mem[CODEC_ARENA_BUILD];

#define ARENA(name)                                                            \
	struct codec_arena name = { .mem = arena_mem,                          \
				    .size = sizeof(arena_mem) }

static void ask_check(bool fresh, bool container)
{
	static struct hale_scope_request req;
	ARENA(a);

	memset(&req, 0, sizeof(req));
	req.host = true;
	req.fresh = fresh;
	req.container = container;
	put(codec_request_check(&a, &req));
	try_each(HALE__V1__REPLY__BODY_CHECK);
}

static void test_check(void **state)
{
	(void)state;
	ask_check(false, false);
}

static void test_fresh_check(void **state)
{
	(void)state;
	ask_check(true, false);
}

static void test_check_of_a_container(void **state)
{
	(void)state;
	ask_check(false, true);
}

static void test_status(void **state)
{
	ARENA(a);

	(void)state;
	/* more than one message holds */
	for (int i = 0; i < 60; i++) {
		char part[32];

		snprintf(part, sizeof(part), "disk/naa.%d", i);
		bare_agent_fault(agent, part, HALE_DISK_MEDIUM_ERROR);
	}
	put(codec_request_status(&a, true, true));
	try_each(HALE__V1__REPLY__BODY_REPORT);
}

static void test_status_for_a_slow_reader(void **state)
{
	slow = true;
	test_status(state);
}

static void test_watch(void **state)
{
	ARENA(a);

	(void)state;
	put(codec_request_watch(&a));
	try_each(HALE__V1__REPLY__BODY_REPORT);
}

static void test_scope(void **state)
{
	struct hale_scope_path p = { .major = 8, .minor = 1 };
	ARENA(a);

	(void)state;
	HALE_SET(p.path, "/");
	put(codec_request_scope(&a, &p));
	try_each(HALE__V1__REPLY__BODY_SCOPE);
}

static void test_explain(void **state)
{
	static struct hale_cause_query q;
	ARENA(a);

	(void)state;
	q.scope.host = true;
	put(codec_request_explain(&a, &q));
	try_each(HALE__V1__REPLY__BODY_EXPLAIN);
}

static void test_verify(void **state)
{
	ARENA(a);

	(void)state;
	put(codec_request_verify(&a, DISK, NULL));
	try_each(HALE__V1__REPLY__BODY_VERIFY);
}

/* What is no part cannot be cleared, however often it is asked. */
static void test_control(void **state)
{
	Hale__V1__ControlRequest c;
	ARENA(a);

	(void)state;
	hale__v1__control_request__init(&c);
	c.action = HALE__V1__CONTROL_REQUEST__ACTION__CLEAR;
	c.part = codec_borrow("nothing");
	c.reason = codec_borrow("a test");
	put(codec_request_control(&a, &c));
	try_each(HALE__V1__REPLY__BODY_CONTROL);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(test_check),
		CASE(test_fresh_check),
		CASE(test_status),
		CASE(test_watch),
		CASE(test_scope),
		CASE(test_explain),
		CASE(test_verify),
		CASE(test_control),
		CASE(test_check_of_a_container),
		CASE(test_status_for_a_slow_reader),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
