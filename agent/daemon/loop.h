/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_LOOP_H
#define HALE_LOOP_H

/*
 * The event loop: epoll, and one timerfd on CLOCK_BOOTTIME for all timers, so
 * that a resume from suspend finds overdue ones due. Sources and timers are
 * owned, and embedded, by whoever waits for something; the loop only links
 * them and allocates nothing.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

#define LOOP_BATCH 32

struct loop_source {
	void (*ready)(void *data, uint32_t events); /* EPOLL… */
	void *data;
	int fd;	    /* set by loop_add(); -1 when not in the loop */
	bool first; /* served before the others of one turn: what is known
		     * must be known before somebody is answered */
};

#define LOOP_SOURCE_NONE                                                       \
	{                                                                      \
		.fd = -1                                                       \
	}

struct loop_timer {
	void (*due)(void *data);
	void *data;
	uint64_t due_ns; /* CLOCK_BOOTTIME; 0: off */
	bool listed;
	struct loop_timer *next;
};

struct loop {
	int epoll_fd, timer_fd;
	uint64_t armed_ns; /* what the timerfd is set to; 0: off */
	struct loop_timer *timers;
	void (*turn)(void *data); /* after the events of each turn; or NULL */
	/* After each source that goes first: what cannot wait for those that
	 * are still to be read; or NULL. */
	void (*fact)(void *data);
	void *turn_data;
	bool quit;
	int n_events;
	struct epoll_event events[LOOP_BATCH];
};

int loop_init(struct loop *l);
void loop_done(struct loop *l);

/* Waits for EPOLL… @events on @fd. Negative errno of epoll_ctl(2). */
int loop_add(struct loop *l, int fd, uint32_t events, struct loop_source *s);
int loop_change(struct loop *l, uint32_t events, struct loop_source *s);
/* Also forgets an event of this turn that was not served yet. */
void loop_remove(struct loop *l, struct loop_source *s);

/* @delay_ns from now, replacing an earlier date. */
void loop_timer_set(struct loop *l, struct loop_timer *t, uint64_t delay_ns);
/* As above, but never later than what is set already. */
void loop_timer_hasten(struct loop *l, struct loop_timer *t, uint64_t delay_ns);
void loop_timer_stop(struct loop_timer *t);
void loop_timer_remove(struct loop *l, struct loop_timer *t);

/* One turn: wait (at most @timeout_ms, -1: for ever), serve, call turn. */
int loop_once(struct loop *l, int timeout_ms);
/* Turns until quit is set; negative errno where epoll itself fails. */
int loop_run(struct loop *l);

#endif
