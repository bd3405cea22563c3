/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bare client of the gate, for the tests' scripts: good requests, bad ones,
 * and bad manners. Prints replies as JSON, one a line; exits 0 when it got what
 * its mode is about, 1 when not, 2 for wrong usage. It must use nothing of
 * libhale: what it tests is the agent's side of the socket alone.
 *
 *	gate_client SOCKET MODE [ARGUMENT]...
 */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>

#include "hale/base.h"

#include "proto/codec_read.h"
#include "proto/json.h"

#define CONNECTIONS 1000
#define FLOOD	    20000

static uint8_t buffer[CODEC_MESSAGE_MAX + 1];
static uint8_t arena_mem[CODEC_ARENA_UNPACK];
static const char *socket_path;
static int patience_s = 5;

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * HALE_NS_PER_S + (uint64_t)t.tv_nsec;
}

static int dial(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	struct timeval patience = { .tv_sec = patience_s };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	HALE_SET(a.sun_path, socket_path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0) {
		perror("gate_client: connect");
		exit(1);
	}
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return fd;
}

static size_t pack(Hale__V1__Request *m)
{
	ssize_t n = codec_pack(m, buffer, sizeof(buffer));

	if (n < 0)
		exit(1);
	return (size_t)n;
}

/* Prints one reply. 1: more follow, 0: it was the last; exits on silence. */
static int print_reply(int fd)
{
	struct codec_arena a = { .mem = arena_mem, .size = sizeof(arena_mem) };
	ssize_t n = recv(fd, buffer, sizeof(buffer), 0);
	Hale__V1__Reply *m;

	if (n <= 0) {
		fprintf(stderr, "gate_client: no reply: %s\n",
			n < 0 ? strerror(errno) : "closed");
		exit(1);
	}
	if (codec_unpack_reply(&a, buffer, (size_t)n, &m) < 0) {
		fputs("gate_client: not a reply\n", stderr);
		exit(1);
	}
	json_print_file(m, 0, stdout);
	return !m->last;
}

/* Sent away before it was heard, it comes again, as libhale does. */
static int ask(const void *bytes, size_t len)
{
	char byte;
	int fd;

	for (int i = 0; i < 8; i++) {
		fd = dial();
		if (send(fd, bytes, len, MSG_NOSIGNAL) >= 0 &&
		    recv(fd, &byte, 1, MSG_PEEK) > 0)
			break;
		close(fd);
		poll(NULL, 0, 1 << i);
	}
	while (print_reply(fd))
		;
	close(fd);
	return 0;
}

/* check PATH…, or the host's scope without one */
static size_t check_request(char **paths)
{
	static struct hale_scope_request req;
	struct codec_arena a = { .mem = arena_mem, .size = sizeof(arena_mem) };
	struct stat st;

	req.host = !paths[0];
	for (; *paths && req.n_paths < HALE_SCOPE_PATHS_MAX; paths++) {
		struct hale_scope_path *p = &req.paths[req.n_paths++];

		if (stat(*paths, &st) < 0)
			p->unresolved = true;
		p->major = major(st.st_dev);
		p->minor = minor(st.st_dev);
		HALE_SET(p->path, *paths);
	}
	return pack(codec_request_check(&a, &req));
}

static int mode_check(char **args)
{
	size_t n = check_request(args);

	return ask(buffer, n);
}

/* As check, but after everything was asked; for at most six seconds. */
static int mode_fresh(char **args)
{
	static struct hale_scope_request req;
	struct codec_arena a = { .mem = arena_mem, .size = sizeof(arena_mem) };

	(void)args;
	req.host = req.fresh = true;
	patience_s = 6;
	return ask(buffer, pack(codec_request_check(&a, &req)));
}

static int mode_status(char **args)
{
	struct codec_arena a = { .mem = arena_mem, .size = sizeof(arena_mem) };

	(void)args;
	return ask(buffer, pack(codec_request_status(&a, true, true)));
}

/* watch N: prints N reports, then leaves */
static int mode_watch(char **args)
{
	struct codec_arena a = { .mem = arena_mem, .size = sizeof(arena_mem) };
	size_t len = pack(codec_request_watch(&a));
	int left = args[0] ? atoi(args[0]) : 1;
	int fd = dial();

	send(fd, buffer, len, MSG_NOSIGNAL);
	while (left > 0)
		left -= !print_reply(fd);
	return 0;
}

/* clear PART CONDITION REASON */
static int mode_clear(char **args)
{
	Hale__V1__ControlRequest c;
	struct codec_arena a = { .mem = arena_mem, .size = sizeof(arena_mem) };

	hale__v1__control_request__init(&c);
	c.action = HALE__V1__CONTROL_REQUEST__ACTION__CLEAR;
	c.part = args[0];
	c.condition = args[1];
	c.reason = args[2];
	return ask(buffer, pack(codec_request_control(&a, &c)));
}

static int mode_reload(char **args)
{
	Hale__V1__ControlRequest c;
	struct codec_arena a = { .mem = arena_mem, .size = sizeof(arena_mem) };

	(void)args;
	hale__v1__control_request__init(&c);
	c.action = HALE__V1__CONTROL_REQUEST__ACTION__RELOAD;
	return ask(buffer, pack(codec_request_control(&a, &c)));
}

/* garbage: bytes that are no protobuf */
static int mode_garbage(char **args)
{
	(void)args;
	for (size_t i = 0; i < 300; i++)
		buffer[i] = (uint8_t)(i * 37 + 5);
	return ask(buffer, 300);
}

/* truncated: a good request, each shorter beginning of it; each is answered */
static int mode_truncated(char **args)
{
	static uint8_t whole[CODEC_MESSAGE_MAX];
	size_t n;
	char root[] = "/", *paths[] = { root, NULL };

	(void)args;
	n = check_request(paths);
	memcpy(whole, buffer, n);
	for (size_t len = 1; len < n; len++) {
		if (ask(whole, len) != 0)
			return 1;
	}
	return 0;
}

/* oversized: one byte more than the gate takes */
static int mode_oversized(char **args)
{
	static uint8_t big[CODEC_MESSAGE_MAX + 1];

	(void)args;
	return ask(big, sizeof(big));
}

/* silent: connects, says nothing, and is sent away */
static int mode_silent(char **args)
{
	struct pollfd p = { .fd = dial(), .events = POLLIN };

	(void)args;
	return poll(&p, 1, 15000) == 1 &&
			       recv(p.fd, buffer, sizeof(buffer), 0) == 0
		       ? 0
		       : 1;
}

/* crowd: a thousand connections that stay, and a check in between them */
static int mode_crowd(char **args)
{
	int open_ok = 0;

	(void)args;
	for (int i = 0; i < CONNECTIONS; i++)
		open_ok += dial() >= 0;
	return open_ok == CONNECTIONS ? mode_check(args) : 1;
}

/* slow: asks and asks, reads nothing, and is dropped */
static int mode_slow(char **args)
{
	static uint8_t request[CODEC_MESSAGE_MAX];
	struct codec_arena a = { .mem = arena_mem, .size = sizeof(arena_mem) };
	size_t n = pack(codec_request_status(&a, true, true));
	struct timeval patience = { .tv_sec = 10 };
	int fd = dial();

	(void)args;
	memcpy(request, buffer, n);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	for (int i = 0; i < FLOOD; i++) {
		if (send(fd, request, n, MSG_NOSIGNAL) < 0)
			return errno == EPIPE || errno == ECONNRESET ? 0 : 1;
	}
	return 1;
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* time N: N checks of the host; prints median and worst in µs */
static int mode_time(char **args)
{
	static uint64_t took[10000];
	static uint8_t request[CODEC_MESSAGE_MAX];
	char *none[] = { NULL };
	size_t len = check_request(none);
	size_t n = args[0] ? strtoul(args[0], NULL, 10) : 100;
	int fd;

	if (n == 0 || n > HALE_ARRAY_SIZE(took))
		return 2;
	memcpy(request, buffer, len);
	for (size_t i = 0; i < n; i++) {
		uint64_t begin = now_ns();

		fd = dial();
		if (send(fd, request, len, 0) < 0 ||
		    recv(fd, buffer, sizeof(buffer), 0) <= 0)
			return 1;
		close(fd);
		took[i] = now_ns() - begin;
	}
	qsort(took, n, sizeof(took[0]), by_value);
	printf("median_us=%llu worst_us=%llu\n",
	       (unsigned long long)(took[n / 2] / HALE_NS_PER_US),
	       (unsigned long long)(took[n - 1] / HALE_NS_PER_US));
	return 0;
}

static const struct {
	const char *name;
	int (*run)(char **args);
	int n_args;
} modes[] = {
	{ "check", mode_check, 0 },	    { "status", mode_status, 0 },
	{ "fresh", mode_fresh, 0 },	    { "watch", mode_watch, 0 },
	{ "clear", mode_clear, 3 },	    { "reload", mode_reload, 0 },
	{ "garbage", mode_garbage, 0 },	    { "truncated", mode_truncated, 0 },
	{ "oversized", mode_oversized, 0 }, { "silent", mode_silent, 0 },
	{ "crowd", mode_crowd, 0 },	    { "slow", mode_slow, 0 },
	{ "time", mode_time, 0 },
};

int main(int argc, char **argv)
{
	if (argc < 3)
		return 2;
	socket_path = argv[1];
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t i = 0; i < HALE_ARRAY_SIZE(modes); i++) {
		if (strcmp(modes[i].name, argv[2]) == 0 &&
		    argc - 3 >= modes[i].n_args)
			return modes[i].run(argv + 3);
	}
	return 2;
}
