/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the core tells the probe process: it parses what strangers wrote, and
 * the probe holds capabilities that it has not. Whatever it sends, the probe
 * obeys a command or leaves it, stays within its bounds, and its answers are
 * reports. Input: pieces (pieces.h). No child is started.
 */
#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

#include "hale/base.h"

#include "agent/daemon/host_slot.h"
#include "agent/daemon/probe.h"
#include "proto/codec_read.h"
#include "tests/fuzz/pieces.h"

enum {
	CORE_FD = 3,
	TURNS = 64
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
/* In place of the process's own dealings with the system, see
 * tests/Makefile.inc. */
ssize_t __wrap_recv(int fd, void *buf, size_t size, int flags);
ssize_t __wrap_send(int fd, const void *buf, size_t size, int flags);
long __wrap_syscall(long number, ...);
int __wrap_sigprocmask(int how, const void *set, void *old);
int __wrap_dup2(int from, int to);
int __wrap_fcntl(int fd, int what, ...);
void __wrap_budget_set_oom_score(const char *score);
int __real_loop_init(struct loop *l);
int __wrap_loop_init(struct loop *l);
int __wrap_child_start(struct child *c, const struct child_job *job);
int __wrap_loop_add(struct loop *l, int fd, uint32_t events,
		    struct loop_source *s);
int __wrap_loop_run(struct loop *l);

static struct pieces input;
static struct loop_source *core;
static int epoll_fd, timer_fd;

static void check(bool holds)
{
	if (!holds)
		abort();
}

/* One command a turn. */
ssize_t __wrap_recv(int fd, void *buf, size_t size, int flags)
{
	static bool turn;
	const uint8_t *bytes;
	size_t len;

	(void)fd;
	(void)flags;
	turn = !turn;
	if (!turn) {
		errno = EAGAIN;
		return -1;
	}
	if (!pieces_next(&input, &bytes, &len)) {
		turn = false;
		return 0;
	}
	len = len < size ? len : size;
	memcpy(buf, bytes, len);
	return len > 0 ? (ssize_t)len : -1;
}

ssize_t __wrap_send(int fd, const void *buf, size_t size, int flags)
{
	static uint8_t mem[CODEC_ARENA_FACTS];
	struct codec_arena a = { .mem = mem, .size = sizeof(mem) };
	Hale__V1__ProbeReport *m;

	(void)fd;
	(void)flags;
	check(codec_unpack(&hale__v1__probe_report__descriptor, &a, buf, size,
			   &m) == 0);
	return (ssize_t)size;
}

long __wrap_syscall(long number, ...)
{
	(void)number;
	return 0;
}

int __wrap_sigprocmask(int how, const void *set, void *old)
{
	(void)how;
	(void)set;
	(void)old;
	return 0;
}

int __wrap_dup2(int from, int to)
{
	(void)from;
	return to;
}

int __wrap_fcntl(int fd, int what, ...)
{
	(void)fd;
	(void)what;
	return 0;
}

void __wrap_budget_set_oom_score(const char *score)
{
	(void)score;
}

int __wrap_loop_init(struct loop *l)
{
	int r = __real_loop_init(l);

	epoll_fd = l->epoll_fd;
	timer_fd = l->timer_fd;
	return r;
}

/* The drivers here have no descriptors. */
int __wrap_loop_add(struct loop *l, int fd, uint32_t events,
		    struct loop_source *s)
{
	(void)l;
	(void)events;
	check(fd == CORE_FD);
	core = s;
	return 0;
}

int __wrap_loop_run(struct loop *l)
{
	for (int i = 0; i < TURNS && !l->quit; i++) {
		core->ready(core->data, EPOLLIN);
		if (!l->quit)
			loop_once(l, 0);
	}
	return 0;
}

int __wrap_child_start(struct child *c, const struct child_job *job)
{
	c->job = *job;
	c->state = CHILD_RUNS;
	c->state = CHILD_NONE;
	c->job.ended(c->job.data, 0);
	return 0;
}

static int probe(struct hale_probe *p)
{
	for (size_t i = 0; i < p->n_options; i++)
		check(strlen(p->options[i].key) < 4096 &&
		      strlen(p->options[i].value) < 4096);
	return p->n_options % 3 == 2 ? -ENODEV : 0;
}

static int sample(struct hale_probe *p)
{
	(void)p;
	abort(); /* in a child only */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct hale_driver map = {
		.name = "storage",
		.senses = 1U << HALE_SENSE_STORAGE_MAP,
		.may_block = true,
		.probe = probe,
		.sample = sample,
	};
	static const struct hale_driver victim = {
		.name = "victim",
		.senses = 1U << HALE_SENSE_VICTIMS,
		.may_block = true,
		.period_ms = 1000,
		.probe = probe,
		.sample = sample,
	};
	static const struct hale_driver *const drivers[] = { &map, &victim,
							     NULL };

	input = (struct pieces){ data, size };
	probe_serve(drivers, CORE_FD, NULL);
	close(epoll_fd);
	close(timer_fd);
	return 0;
}
