/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The agent's one place to wait. It decides the order within a turn: first the
 * sources that bring facts, then timers, then the rest, so that nobody is
 * answered from knowledge older than what already lies in a queue. It must
 * never block anywhere but in epoll_wait(). Invariant: a source or timer that
 * was removed is never called again, even if its event was already fetched.
 */
#include <errno.h>
#include <sys/timerfd.h>

#include "hale/base.h"

#include "agent/daemon/clock.h"
#include "agent/daemon/loop.h"
#include "agent/sandbox/patience.h"

/* No date: the timerfd went off and is readable until it is set again. */
#define LOOP_FIRED UINT64_MAX

int loop_init(struct loop *l)
{
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = NULL };

	*l = (struct loop){ .epoll_fd = -1, .timer_fd = -1 };
	l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (l->epoll_fd < 0)
		return -errno;
	l->timer_fd =
		timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	if (l->timer_fd < 0)
		return -errno;
	if (epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, l->timer_fd, &e) < 0)
		return -errno;
	return 0;
}

void loop_done(struct loop *l)
{
	if (l->timer_fd >= 0)
		close(l->timer_fd);
	if (l->epoll_fd >= 0)
		close(l->epoll_fd);
	l->timer_fd = -1;
	l->epoll_fd = -1;
}

int loop_add(struct loop *l, int fd, uint32_t events, struct loop_source *s)
{
	struct epoll_event e = { .events = events, .data.ptr = s };

	if (epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, fd, &e) < 0)
		return -errno;
	s->fd = fd;
	return 0;
}

int loop_change(struct loop *l, uint32_t events, struct loop_source *s)
{
	struct epoll_event e = { .events = events, .data.ptr = s };

	if (epoll_ctl(l->epoll_fd, EPOLL_CTL_MOD, s->fd, &e) < 0)
		return -errno;
	return 0;
}

void loop_remove(struct loop *l, struct loop_source *s)
{
	if (s->fd < 0)
		return;
	epoll_ctl(l->epoll_fd, EPOLL_CTL_DEL, s->fd, NULL);
	s->fd = -1;
	for (int i = 0; i < l->n_events; i++) {
		if (l->events[i].data.ptr == s)
			l->events[i].events = 0;
	}
}

static void timer_list(struct loop *l, struct loop_timer *t)
{
	if (t->listed)
		return;
	t->listed = true;
	t->next = l->timers;
	l->timers = t;
}

void loop_timer_set(struct loop *l, struct loop_timer *t, uint64_t delay_ns)
{
	timer_list(l, t);
	t->due_ns = clock_boot_ns() + delay_ns;
}

void loop_timer_hasten(struct loop *l, struct loop_timer *t, uint64_t delay_ns)
{
	uint64_t due = clock_boot_ns() + delay_ns;

	timer_list(l, t);
	if (t->due_ns == 0 || t->due_ns > due)
		t->due_ns = due;
}

void loop_timer_stop(struct loop_timer *t)
{
	t->due_ns = 0;
}

void loop_timer_remove(struct loop *l, struct loop_timer *t)
{
	struct loop_timer **at = &l->timers;

	t->due_ns = 0;
	while (*at && *at != t)
		at = &(*at)->next;
	if (*at)
		*at = t->next;
	t->listed = false;
}

static int arm(struct loop *l)
{
	struct itimerspec when = { 0 };
	uint64_t due = 0;

	for (const struct loop_timer *t = l->timers; t; t = t->next) {
		if (t->due_ns != 0 && (due == 0 || t->due_ns < due))
			due = t->due_ns;
	}
	if (due == l->armed_ns)
		return 0;
	when.it_value.tv_sec = (time_t)(due / HALE_NS_PER_S);
	when.it_value.tv_nsec = (long)(due % HALE_NS_PER_S);
	if (timerfd_settime(l->timer_fd, TFD_TIMER_ABSTIME, &when, NULL) < 0)
		return -errno;
	l->armed_ns = due;
	return 0;
}

/* The earliest overdue timer; a callback may remove any of them. */
static struct loop_timer *overdue(struct loop *l, uint64_t now)
{
	struct loop_timer *found = NULL;

	for (struct loop_timer *t = l->timers; t; t = t->next) {
		if (t->due_ns == 0 || t->due_ns > now)
			continue;
		if (!found || t->due_ns < found->due_ns)
			found = t;
	}
	return found;
}

static void serve_timers(struct loop *l)
{
	uint64_t now = clock_boot_ns();
	struct loop_timer *t;

	/* Those set anew meanwhile are due after `now`: this ends. */
	while ((t = overdue(l, now)) != NULL) {
		t->due_ns = 0;
		t->due(t->data);
	}
}

static void serve(struct loop *l, bool first)
{
	for (int i = 0; i < l->n_events; i++) {
		const struct loop_source *s = l->events[i].data.ptr;
		uint32_t events = l->events[i].events;

		if (!s || events == 0 || s->first != first)
			continue;
		l->events[i].events = 0;
		s->ready(s->data, events);
		if (first && l->fact)
			l->fact(l->turn_data);
	}
}

int loop_once(struct loop *l, int timeout_ms)
{
	int r = arm(l);

	if (r < 0)
		return r;
	r = epoll_wait(l->epoll_fd, l->events, LOOP_BATCH, timeout_ms);
	if (r < 0 && errno != EINTR)
		return -errno;
	l->n_events = r > 0 ? r : 0;
	/* Setting the timer anew clears its readiness; it is never read. */
	for (int i = 0; i < l->n_events; i++) {
		if (!l->events[i].data.ptr)
			l->armed_ns = LOOP_FIRED;
	}
	serve(l, true);
	patience_begin();
	serve_timers(l);
	serve(l, false);
	l->n_events = 0;
	if (l->turn)
		l->turn(l->turn_data);
	patience_end();
	return 0;
}

int loop_run(struct loop *l)
{
	int r = 0;

	while (!l->quit && r >= 0)
		r = loop_once(l, -1);
	return r < 0 ? r : 0;
}
