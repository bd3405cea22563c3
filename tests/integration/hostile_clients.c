/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clients that mean harm to a gate, for hostile_clients.sh: one way of it for
 * so many seconds, as the user who runs this. Says how often it was done.
 *
 *	hostile_clients SOCKET SECONDS WAY
 *
 * Whatever the gate does to it, it goes on; it exits 0 at the end of its time,
 * and 1 where it could do nothing at all.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#include "hale/base.h"

#include "proto/codec_read.h"

#define HELD	 1000 /* connections at a time, of each process */
#define FDS	 200  /* passed at once: SCM_MAX_FD is 253 */
#define JUNK_MAX (200 * 1024)

static const char *path;
static uint64_t end_ns, done;
static uint8_t request[4096], junk[JUNK_MAX];
static size_t request_len;

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * HALE_NS_PER_S + (uint64_t)t.tv_nsec;
}

static bool goes_on(void)
{
	return now_ns() < end_ns;
}

/* A descriptor that does not block, or -1. */
static int dial(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
			0);

	HALE_SET(a.sun_path, path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0) {
		if (fd >= 0)
			close(fd);
		poll(NULL, 0, 1);
		return -1;
	}
	return fd;
}

static void pack(Hale__V1__Request *m)
{
	ssize_t n = codec_pack(m, request, sizeof(request));

	request_len = n < 0 ? 0 : (size_t)n;
}

/* --- ways --- */

static void storm(void)
{
	while (goes_on()) {
		int fd = dial();

		if (fd >= 0)
			close(fd);
		done += fd >= 0;
	}
}

/* Sends what @fill has left in @request to @at_once connections, again when
 * they are gone; reads nothing. */
static void hold(size_t at_once)
{
	static int fds[HELD];
	size_t i = 0;

	memset(fds, -1, sizeof(fds));
	for (; goes_on(); i = (i + 1) % at_once) {
		if (fds[i] >= 0)
			close(fds[i]);
		fds[i] = dial();
		if (fds[i] < 0)
			continue;
		if (request_len > 0)
			send(fds[i], request, request_len, MSG_NOSIGNAL);
		done++;
	}
}

static void silent(void)
{
	hold(HELD);
}

static void half(void)
{
	request_len /= 2;
	hold(HELD);
}

/* As many messages as go; @len 0: as long as chance will have it. */
static void pour(const void *bytes, size_t len, bool listens)
{
	unsigned int seed = 1;
	int fd = -1;

	while (goes_on()) {
		size_t n = len ? len : (size_t)rand_r(&seed) % 2048;
		struct pollfd p = { .events =
					    POLLOUT | (listens ? POLLIN : 0) };

		if (fd < 0 && (fd = dial()) < 0)
			continue;
		p.fd = fd;
		if (send(fd, bytes, n, MSG_NOSIGNAL) >= 0) {
			done++;
		} else if (errno == EAGAIN) {
			poll(&p, 1, 100);
		} else {
			close(fd);
			fd = -1;
			continue;
		}
		while (listens && recv(fd, junk, sizeof(junk), 0) > 0)
			;
	}
}

static void bytes(void)
{
	pour(junk, 0, true);
}

static void mute(void)
{
	pour(request, request_len, false);
}

static void eager(void)
{
	pour(request, request_len, true);
}

static void oversize(void)
{
	pour(junk, JUNK_MAX, true);
}

static void empty(void)
{
	while (goes_on()) {
		int fd = dial();

		if (fd < 0)
			continue;
		done += send(fd, junk, 0, MSG_NOSIGNAL) == 0;
		close(fd);
	}
}

/* Descriptors that nobody asked for. */
static void pass(void)
{
	static char control[CMSG_SPACE(FDS * sizeof(int))];
	struct iovec io = { request, request_len };
	int null = open("/dev/null", O_RDONLY), fds[FDS];

	for (size_t i = 0; i < FDS; i++)
		fds[i] = null;
	while (goes_on()) {
		struct msghdr m = { .msg_iov = &io,
				    .msg_iovlen = 1,
				    .msg_control = control,
				    .msg_controllen = sizeof(control) };
		struct cmsghdr *c = CMSG_FIRSTHDR(&m);
		int fd = dial();

		if (fd < 0)
			continue;
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(fds));
		memcpy(CMSG_DATA(c), fds, sizeof(fds));
		done += sendmsg(fd, &m, MSG_NOSIGNAL) > 0;
		recv(fd, junk, sizeof(junk), 0);
		close(fd);
	}
}

/* --- what is asked --- */

static uint8_t arena_mem[8192];
static struct codec_arena arena = { .mem = arena_mem,
				    .size = sizeof(arena_mem) };

static void ask_nothing(void)
{
}

static void ask_status(void)
{
	pack(codec_request_status(&arena, true, true));
}

static void ask_watch(void)
{
	pack(codec_request_watch(&arena));
}

static void ask_check(void)
{
	static struct hale_scope_request req = { .host = true };

	pack(codec_request_check(&arena, &req));
}

static void ask_fresh(void)
{
	static struct hale_scope_request req = { .host = true, .fresh = true };

	pack(codec_request_check(&arena, &req));
}

static void ask_why(void)
{
	Hale__V1__ExplainRequest e;
	Hale__V1__Request m;

	hale__v1__explain_request__init(&e);
	hale__v1__request__init(&m);
	m.body_case = HALE__V1__REQUEST__BODY_EXPLAIN;
	m.explain = &e;
	pack(&m);
}

static void ask_clear(void)
{
	Hale__V1__ControlRequest c;
	char part[] = "host", reason[] = "mine\n<3>FIT\x1b[31m";

	hale__v1__control_request__init(&c);
	c.action = HALE__V1__CONTROL_REQUEST__ACTION__CLEAR;
	c.part = part;
	c.reason = reason;
	pack(codec_request_control(&arena, &c));
}

static const struct {
	const char *name;
	void (*ask)(void);
	void (*go)(void);
} ways[] = {
	{ "storm", ask_nothing, storm }, { "silent", ask_nothing, silent },
	{ "half", ask_check, half },	 { "bytes", ask_nothing, bytes },
	{ "mute", ask_status, mute },	 { "unread", ask_watch, silent },
	{ "fresh", ask_fresh, silent },	 { "check", ask_check, eager },
	{ "status", ask_status, eager }, { "why", ask_why, eager },
	{ "clear", ask_clear, eager },	 { "oversize", ask_nothing, oversize },
	{ "empty", ask_nothing, empty }, { "pass", ask_check, pass },
};

int main(int argc, char **argv)
{
	struct rlimit files = { 4096, 4096 };
	unsigned int seed = (unsigned int)getpid();

	if (argc != 4)
		return 2;
	path = argv[1];
	end_ns = now_ns() + strtoull(argv[2], NULL, 10) * HALE_NS_PER_S;
	setrlimit(RLIMIT_NOFILE, &files);
	for (size_t i = 0; i < sizeof(junk); i++)
		junk[i] = (uint8_t)rand_r(&seed);
	for (size_t i = 0; i < HALE_ARRAY_SIZE(ways); i++) {
		if (strcmp(ways[i].name, argv[3]) != 0)
			continue;
		ways[i].ask();
		ways[i].go();
		printf("%s %llu\n", argv[3], (unsigned long long)done);
		return done == 0;
	}
	return 2;
}
