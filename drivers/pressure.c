/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Says when tasks stall for memory or I/O, by the kernel's pressure triggers
 * (Documentation/accounting/psi.rst). Decides when to look at the
 * averages. Never waits, and opens nothing after its probe. Invariant: where
 * nothing stalls, nothing wakes: the timer runs only from a trigger until the
 * averages are low again, or where this kernel grants no triggers.
 *
 * A trigger's readiness is taken away by whoever polls it first, which is the
 * epoll that holds ours (kernel/sched/psi.c, psi_trigger_poll). So which one
 * woke us cannot be known: both files are read, now and once the average of
 * 10 s, which the kernel updates every 2 s, must show it.
 *
 * Observations of this driver: value is the average of 10 s in permille.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>

#include "hale/base.h"
#include "hale/driver.h"

#include "pressure_state.h"

/* The averages have moved by then. */
#define LOOK_AGAIN_S 3
/* While it lasts. */
#define HELD_S 10
/* Without triggers: a stall shorter than that is none that a build notices. */
#define POLL_S 30
struct pressure_info {
	const char *key, *path, *limit;
};

/*
 * Reclaim at the edge of a big link step shows up as some percent; at a fifth
 * of the time nobody works, the host thrashes. I/O is pressed by every healthy
 * build, so its limit is high, and the condition is only a note.
 */
static const struct pressure_info infos[PRESSURE_COUNT] = {
	[PRESSURE_MEMORY] = { "memory", "proc/pressure/memory",
			      "full 20% / 10s" },
	[PRESSURE_IO] = { "io", "proc/pressure/io", "full 60% / 10s" },
};

static int absent(struct hale_probe *p, const char *why, const char *remedy)
{
	hale_emit_coverage(p, HALE_SENSE_PRESSURE, HALE_SIGHT_BLIND, why,
			   remedy);
	return -ENODEV;
}

static int limit_of(const struct hale_probe *p, const struct pressure_info *i,
		    struct pressure_limit *ret_limit)
{
	const char *text = hale_option(p, i->key);

	return pressure_limit_parse(text ? text : i->limit, ret_limit);
}

/* Asks to be woken when there was so much stall in a window. */
static int set_trigger(const struct pressure_source *s)
{
	const struct pressure_limit *l = &s->limit;
	char text[64];
	int n = snprintf(
		text, sizeof(text), "%s %u %u", pressure_kind_name(l->kind),
		l->window_s * l->percent * 10000, l->window_s * 1000000);

	/* with the NUL: the kernel cuts the last byte off */
	return write(s->fd, text, (size_t)n + 1) < 0 ? -errno : 0;
}

static int watch(const struct pressure_state *st, int fd, uint32_t events)
{
	struct epoll_event e = { .events = events };

	return epoll_ctl(st->epoll_fd, EPOLL_CTL_ADD, fd, &e) < 0 ? -errno : 0;
}

static int open_plain(struct hale_probe *p, const char *path)
{
	return openat(p->root_fd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

/* Before Linux 6.5 only root may open for writing, and where it may not, the
 * averages are still there to be read. */
static int open_source(struct hale_probe *p, enum pressure_what w)
{
	struct pressure_state *st = p->state;
	struct pressure_source *s = &st->sources[w];
	const char *path = infos[w].path;
	int r = -EPERM;

	if (!p->once)
		s->fd = openat(p->root_fd, path,
			       O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (s->fd >= 0)
		r = set_trigger(s);
	if (r == 0)
		return watch(st, s->fd, EPOLLPRI);
	if (r == -EOPNOTSUPP) /* nor could it be read */
		return r;
	if (s->fd < 0)
		s->fd = open_plain(p, path);
	if (s->fd < 0)
		return -errno;
	st->polls = !p->once;
	return 0;
}

static int explain(struct hale_probe *p, int error)
{
	switch (error) {
	case -ENOENT:
		/* so it is, too, where PSI is built in and switched off */
		return absent(
			p, "this kernel does not measure pressure",
			"use a kernel with CONFIG_PSI, booted with psi=1");
	case -EOPNOTSUPP:
		return absent(p, "pressure is not measured in this boot",
			      "psi=1 on the kernel command line");
	case -EACCES:
	case -EPERM:
		return absent(p, "/proc/pressure may not be read", "");
	default:
		return error;
	}
}

static int open_sources(struct hale_probe *p)
{
	struct pressure_state *st = p->state;
	int r, any = 0;

	for (int w = 0; w < PRESSURE_COUNT; w++) {
		struct pressure_source *s = &st->sources[w];

		if (limit_of(p, &infos[w], &s->limit) < 0)
			return absent(p, "its limit is not understood",
				      "haled -n says what is wrong with it");
		if (s->limit.off)
			continue;
		any++;
		r = open_source(p, (enum pressure_what)w);
		if (r < 0)
			return explain(p, r);
	}
	return any ? 0 : absent(p, "switched off in the configuration", "");
}

static void cover(struct hale_probe *p)
{
	const struct pressure_state *st = p->state;

	if (st->polls)
		hale_emit_coverage(p, HALE_SENSE_PRESSURE, HALE_SIGHT_PARTIAL,
				   "triggers are not permitted: it looks twice "
				   "a minute",
				   "run haled as root");
	else
		hale_emit_coverage(p, HALE_SENSE_PRESSURE, HALE_SIGHT_LIVE, "",
				   "");
}

static int open_waiting(struct pressure_state *st)
{
	st->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	st->timer_fd =
		timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (st->epoll_fd < 0 || st->timer_fd < 0)
		return -errno;
	return watch(st, st->timer_fd, EPOLLIN);
}

static void pressure_remove(struct hale_probe *p)
{
	struct pressure_state *st = p->state;

	for (int w = 0; w < PRESSURE_COUNT; w++) {
		hale_cleanup_fd(&st->sources[w].fd);
		st->sources[w].fd = -1;
	}
	hale_cleanup_fd(&st->meminfo_fd);
	hale_cleanup_fd(&st->timer_fd);
	hale_cleanup_fd(&st->epoll_fd);
	st->meminfo_fd = st->timer_fd = st->epoll_fd = -1;
}

static int pressure_probe(struct hale_probe *p)
{
	struct pressure_state *st = p->state;
	int r = 0;

	*st = (struct pressure_state){ .epoll_fd = -1, .timer_fd = -1 };
	st->meminfo_fd = open_plain(p, "proc/meminfo");
	for (int w = 0; w < PRESSURE_COUNT; w++)
		st->sources[w].fd = -1;
	if (!p->once)
		r = open_waiting(st);
	if (r == 0)
		r = open_sources(p);
	if (r < 0) {
		pressure_remove(p);
		return r;
	}
	p->event_fd = st->epoll_fd;
	p->event_mask = POLLIN;
	cover(p);
	return 0;
}

static int look(struct hale_probe *p, enum pressure_what w)
{
	const struct pressure_state *st = p->state;
	struct pressure_reading r;
	char text[256];
	ssize_t n = pread(st->sources[w].fd, text, sizeof(text) - 1, 0);
	int error;

	if (n < 0)
		return -errno;
	text[n] = '\0';
	error = pressure_parse(text, &r);
	if (error == 0)
		pressure_judge(p, w, &r);
	return error;
}

/* 0 s: never again. Setting it anew also takes its readiness away. */
static int arm(struct pressure_state *st, uint32_t s)
{
	const struct itimerspec when = { .it_interval.tv_sec = s,
					 .it_value.tv_sec = s };

	if (st->timer_fd < 0)
		return 0;
	st->armed_s = s;
	return timerfd_settime(st->timer_fd, 0, &when, NULL) < 0 ? -errno : 0;
}

/* A second look comes soon after a trigger, none after that. */
static uint32_t next_look(const struct pressure_state *st, bool by_timer)
{
	if (pressure_lasts(st))
		return HELD_S;
	if (st->polls)
		return POLL_S;
	return by_timer ? 0 : LOOK_AGAIN_S;
}

static int pressure_sample(struct hale_probe *p)
{
	struct pressure_state *st = p->state;
	uint64_t ticks;
	bool by_timer =
		st->timer_fd >= 0 &&
		read(st->timer_fd, &ticks, sizeof(ticks)) == sizeof(ticks);
	bool held = st->armed_s == HELD_S;
	int r;

	/* between two looks a trigger tells nothing new */
	if (held && !by_timer)
		return 0;
	for (int w = 0; w < PRESSURE_COUNT; w++) {
		r = st->sources[w].fd < 0 ? 0 : look(p, (enum pressure_what)w);
		if (r < 0)
			return r;
	}
	return arm(st, next_look(st, by_timer));
}

static int pressure_check(const struct hale_probe *p,
			  char ret_error[HALE_CHECK_ERROR_MAX])
{
	struct pressure_limit limit;

	for (int w = 0; w < PRESSURE_COUNT; w++) {
		if (limit_of(p, &infos[w], &limit) == 0)
			continue;
		snprintf(ret_error, HALE_CHECK_ERROR_MAX,
			 "[pressure] %s = %.60s: off, or some|full N%% / Ts "
			 "with N up to 99 and T of 2, 4, 6, 8 or 10",
			 infos[w].key, hale_option(p, infos[w].key));
		return -EINVAL;
	}
	return 0;
}

HALE_DRIVER(pressure) = {
	.name = "pressure",
	.about = "tasks that stall for memory or I/O",
	.state_size = sizeof(struct pressure_state),
	.senses = 1U << HALE_SENSE_PRESSURE,
	.scans = true,
	.probe = pressure_probe,
	.sample = pressure_sample,
	.check = pressure_check,
	.remove = pressure_remove,
};
