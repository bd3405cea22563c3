/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A gate that misbehaves on purpose. It listens at a socket, or with "-" stands
 * in for hale-scan on stdin and stdout, and treats every client in one way, so
 * that tests see what libhale and `hale` make of it. The ways stand in modes[];
 * besides, "deaf" never even accepts. Must be sound itself: a test that passes
 * because this program died proves nothing.
 */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "hale/base.h"

#include "proto/codec.h"
#include "proto/codec_read.h"

static uint8_t arena_mem[CODEC_ARENA_UNPACK];
static uint8_t out[CODEC_MESSAGE_MAX];
static unsigned int checks;

static int say(int fd, const Hale__V1__Reply *reply)
{
	ssize_t n = codec_pack(reply, out, sizeof(out));

	return n > 0 && send(fd, out, (size_t)n, MSG_NOSIGNAL) == n ? 0 : -1;
}

static struct codec_arena fresh(void)
{
	return (struct codec_arena){ .mem = arena_mem,
				     .size = sizeof(arena_mem) };
}

static void sample(struct hale_finding *f, const char *evidence)
{
	memset(f, 0, sizeof(*f));
	f->condition = HALE_DISK_MEDIUM_ERROR;
	f->effect = HALE_EFFECT_BLOCKS;
	f->count = 14;
	f->first_ns = UINT64_C(1700000000) * HALE_NS_PER_S;
	f->last_ns = f->first_ns + 180 * HALE_NS_PER_S;
	HALE_SET(f->part, "disk/wwn-test");
	HALE_SET(f->alias, "sde");
	HALE_SET(f->driver, "kmsg");
	HALE_SET(f->evidence, evidence);
}

static void check_with(int fd, enum hale_fitness fitness, const char *evidence,
		       const char *note)
{
	static struct hale_verdict v;
	struct codec_arena a = fresh();
	Hale__V1__Reply *reply;

	memset(&v, 0, sizeof(v));
	v.fitness = fitness;
	v.as_of_ns = UINT64_C(1700000180) * HALE_NS_PER_S;
	v.n_parts = 3;
	if (fitness != HALE_FIT) {
		v.n_reasons = v.n_reasons_total = 1;
		v.reasons[0].effect = HALE_EFFECT_BLOCKS;
		HALE_SET(v.reasons[0].path, "/home/ci/src");
		HALE_SET(v.reasons[0].via, "ext4 on sde1");
		sample(&v.reasons[0].finding, evidence);
	}
	/* An exit code that lies: the command has to make its own. */
	reply = codec_reply_check(&a, &v, "build-07", 0);
	reply->check->note = codec_borrow(note);
	reply->last = true;
	say(fd, reply);
}

static void check_as(int fd, enum hale_fitness fitness, const char *evidence)
{
	check_with(fd, fitness, evidence, "");
}

static void report_part(int fd, const char *part, bool last)
{
	struct codec_arena a = fresh();
	struct hale_verdict v = { .fitness = HALE_FIT };
	struct hale_finding f;
	struct codec_report report = { .host = "build-07",
				       .boot_id = "",
				       .version = "0.0.0",
				       .verdict = &v,
				       .findings = &f,
				       .n_findings = 1 };

	sample(&f, "critical medium error");
	HALE_SET(f.part, part);
	say(fd, codec_reply_report(&a, &report, last));
}

static void hang_up_after_peer(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLRDHUP };

	poll(&p, 1, 5000);
}

static void drip(int fd)
{
	for (int i = 0; i < 100; i++) {
		report_part(fd, "disk/one", false);
		poll(NULL, 0, 100);
	}
}

static void send_oversized(int fd)
{
	static char big[CODEC_MESSAGE_MAX + 4096];

	send(fd, big, sizeof(big), MSG_NOSIGNAL);
}

static void refuse(int fd)
{
	struct codec_arena a = fresh();

	say(fd, codec_reply_error(&a, EBUSY, "too many clients"));
}

static void other_kind(int fd)
{
	struct codec_arena a = fresh();
	Hale__V1__Reply *reply = codec_reply_control(&a, 0, 1, "done");

	reply->last = true;
	say(fd, reply);
}

static void no_verdict(int fd)
{
	Hale__V1__CheckReply check;
	Hale__V1__Reply reply;

	hale__v1__check_reply__init(&check);
	hale__v1__reply__init(&reply);
	reply.body_case = HALE__V1__REPLY__BODY_CHECK;
	reply.check = &check;
	reply.last = true;
	say(fd, &reply);
}

static void midway(int fd)
{
	report_part(fd, "disk/one", false);
}

static void parts(int fd)
{
	report_part(fd, "disk/one", false);
	report_part(fd, "disk/two", false);
	report_part(fd, "disk/three", true);
}

static void garbage(int fd)
{
	send(fd, "\xff\xfe\x00\x17 what?", 11, MSG_NOSIGNAL);
}

static void empty(int fd)
{
	Hale__V1__Reply reply;

	hale__v1__reply__init(&reply);
	reply.last = true;
	say(fd, &reply);
}

static void fit(int fd)
{
	check_as(fd, HALE_FIT, "");
}

static void unfit(int fd)
{
	check_as(fd, HALE_UNFIT, "critical medium error, dev sde, sector 7814");
}

/* Slower than an answer from memory may be, and it did not hear of all. */
static void slow(int fd)
{
	poll(NULL, 0, 1300);
	check_with(fd, HALE_UNFIT, "critical medium error, dev sde",
		   "smart did not come back in time");
}

static void degraded(int fd)
{
	check_as(fd, HALE_DEGRADED, "critical medium error, dev sde");
}

static void unknown(int fd)
{
	check_as(fd, HALE_UNKNOWN, "");
}

static void hostile(int fd)
{
	check_as(fd, HALE_UNFIT, "\033]0;owned\007\033[2J FIT\r\nFIT");
}

/* The first question only: it is asked again after a report of a watch. */
static void then_fit(int fd)
{
	check_as(fd, checks++ == 0 ? HALE_UNFIT : HALE_FIT, "once");
}

/* The first question is read and not answered, by one that dies then. */
static void gone_then_fit(int fd)
{
	if (checks++ > 0)
		fit(fd);
}

static void gone_then_done(int fd)
{
	if (checks++ > 0)
		other_kind(fd);
}

/* Or not even read: see serve(). */
static void unread_then_done(int fd)
{
	other_kind(fd);
}

static const struct {
	const char *name;
	void (*answer)(int fd);
} modes[] = {
	{ "fit", fit },
	{ "unfit", unfit },
	{ "degraded", degraded },
	{ "unknown", unknown },
	{ "slow", slow },
	{ "silent", hang_up_after_peer },
	{ "refuse", refuse },
	{ "garbage", garbage },
	{ "empty", empty },
	{ "noverdict", no_verdict },
	{ "otherkind", other_kind },
	{ "oversized", send_oversized },
	{ "midway", midway },
	{ "parts", parts },
	{ "drip", drip },
	{ "hostile", hostile },
	{ "then-fit", then_fit },
	{ "gone-then-fit", gone_then_fit },
	{ "gone-then-done", gone_then_done },
	{ "unread-then-done", unread_then_done },
};

static int listen_at(const char *path, int backlog)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (fd < 0 || strlen(path) >= sizeof(sa.sun_path))
		return -1;
	strcpy(sa.sun_path, path);
	unlink(path);
	if (bind(fd, (const struct sockaddr *)(const void *)&sa, sizeof(sa)) <
		    0 ||
	    listen(fd, backlog) < 0)
		return -1;
	return fd;
}

/* A watcher is told once that something is there, and then kept waiting. */
static void serve(int fd, void (*answer)(int fd))
{
	_cleanup_fd_ int c = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
	uint8_t buf[CODEC_MESSAGE_MAX];
	struct codec_arena a = fresh();
	Hale__V1__Request *q;
	ssize_t n;

	if (c < 0)
		return;
	if (answer == unread_then_done && checks++ == 0) {
		poll(&(struct pollfd){ .fd = c, .events = POLLIN }, 1, -1);
		return;
	}
	n = recv(c, buf, sizeof(buf), 0);
	if (n >= 0 && answer == then_fit &&
	    codec_unpack_request(&a, buf, (size_t)n, &q) == 0 &&
	    q->body_case == HALE__V1__REQUEST__BODY_WATCH)
		report_part(c, "disk/one", true);
	else if (n >= 0)
		answer(c);
}

static int scan(void (*answer)(int fd))
{
	uint8_t buf[CODEC_MESSAGE_MAX];

	if (recv(STDIN_FILENO, buf, sizeof(buf), 0) < 0)
		return 1;
	if (answer)
		answer(STDOUT_FILENO);
	else
		pause();
	return 0;
}

int main(int argc, char **argv)
{
	bool deaf = argc == 3 && strcmp(argv[2], "deaf") == 0;
	void (*answer)(int fd) = NULL;
	int fd;

	for (size_t i = 0; argc == 3 && i < HALE_ARRAY_SIZE(modes); i++) {
		if (strcmp(modes[i].name, argv[2]) == 0)
			answer = modes[i].answer;
	}
	if (!answer && !deaf) {
		fprintf(stderr, "usage: fake_gate SOCKET MODE\n");
		return 2;
	}
	if (strcmp(argv[1], "-") == 0)
		return scan(answer);
	fd = listen_at(argv[1], deaf ? 0 : 16);
	if (fd < 0) {
		perror(argv[1]);
		return 1;
	}
	puts("ready");
	fflush(stdout);
	while (!deaf)
		serve(fd, answer);
	pause();
	return 0;
}
