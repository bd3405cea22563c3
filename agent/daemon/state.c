/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When the state is written: soon after a change, not after every one, and once
 * more at the end. The loop only forks; the child has a copy of everything as
 * it was at that moment, so position and findings always fit together. Must
 * never wait for the disk, except for the last words. Invariant: no second
 * writer while one is at work or stuck.
 */
#include <errno.h>

#include "hale/base.h"

#include "agent/daemon/log.h"
#include "agent/daemon/state.h"

/* A fault seldom comes alone: what follows within this is one write. */
#define DEBOUNCE_NS HALE_NS_PER_S
/* Between writes of a storm: an fsync each 10 s wears out nothing. */
#define PACE_NS	    (10 * HALE_NS_PER_S)
#define RETRY_NS    (60 * HALE_NS_PER_S)
#define DEADLINE_NS (10 * HALE_NS_PER_S)

static int work(void *data, int fd)
{
	const struct state *s = data;
	int r = state_store(s->dir_fd, s->middle, s->clock, &s->clears);

	(void)fd;
	return r < 0 ? -r : 0;
}

static void failed(struct state *s, const char *why)
{
	if (!s->failed)
		log_line(LOG_LEVEL_WARNING,
			 "state not written: %s; findings and clears would not "
			 "survive a restart, trying on",
			 why);
	s->failed = true;
}

static void on_stuck(void *data)
{
	failed(data, "the disk does not answer");
}

static void on_ended(void *data, int status)
{
	struct state *s = data;

	if (status != 0) {
		failed(s, status > 0 ? strerror(status) : "no answer in time");
		loop_timer_hasten(s->loop, &s->timer, RETRY_NS);
		return;
	}
	if (s->failed)
		log_line(LOG_LEVEL_NOTICE, "state is written again");
	s->failed = false;
	s->written_ns = clock_boot_ns();
	s->saved_generation = s->writing_generation;
	if (s->saved_generation != middle_generation(s->middle))
		loop_timer_hasten(s->loop, &s->timer, PACE_NS);
}

void state_write(struct state *s)
{
	struct child_job job = {
		.name = "hale-state",
		.work = work,
		.in_child = s->in_child,
		.in_child_data = s->in_child_data,
		.stuck = on_stuck,
		.ended = on_ended,
		.data = s,
		.deadline_ns = DEADLINE_NS,
	};
	int r;

	if (s->dir_fd < 0 || s->writer.state == CHILD_STUCK)
		return;
	loop_timer_stop(&s->timer);
	r = child_start(&s->writer, &job);
	if (r == 0) {
		s->writing_generation = middle_generation(s->middle);
	} else {
		if (r != -EBUSY)
			failed(s, strerror(-r));
		loop_timer_hasten(s->loop, &s->timer, DEBOUNCE_NS);
	}
}

static void on_timer(void *data)
{
	state_write(data);
}

void state_init(struct state *s)
{
	child_init(&s->writer, s->loop);
	s->timer = (struct loop_timer){ .due = on_timer, .data = s };
	s->saved_generation = middle_generation(s->middle);
}

void state_done(struct state *s)
{
	child_done(&s->writer);
	loop_timer_remove(s->loop, &s->timer);
}

void state_touch(struct state *s)
{
	uint64_t since;

	/* While one is written, its end sees to the next. */
	if (s->dir_fd < 0 || s->timer.due_ns != 0 ||
	    s->writer.state != CHILD_NONE)
		return;
	since = clock_boot_ns() - s->written_ns;
	loop_timer_hasten(s->loop, &s->timer,
			  since + DEBOUNCE_NS < PACE_NS ? PACE_NS - since
							: DEBOUNCE_NS);
}

int state_flush(struct state *s, int timeout_ms)
{
	if (s->dir_fd < 0)
		return 0;
	if (!child_wait(&s->writer, timeout_ms))
		return -ETIMEDOUT;
	state_write(s);
	if (!child_wait(&s->writer, timeout_ms))
		return -ETIMEDOUT;
	return s->failed ? -EIO : 0;
}
