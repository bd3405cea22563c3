/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The probe process, from its fork to its end, as the core sees it. Decides
 * whether it lives and answers, when it is started again, and what is said in
 * its drivers' place meanwhile. Must never wait for it. Invariant: a driver
 * over there is covered by its own words or told as blind; nobody waits for a
 * trigger that a dead process has taken along.
 */
#include <errno.h>
#include <signal.h>

#include "hale/base.h"

#include "agent/daemon/log.h"
#include "agent/daemon/probe_room.h"

#define NAME "haled: probe"
/* Longer than the period of the driver that runs most often: a probe that is
 * well is asked nothing. */
#define QUIET_NS (40 * HALE_NS_PER_S)
/* It never waits for a disk: who does not answer by then does not run. */
#define PATIENCE_NS (5 * HALE_NS_PER_S)
/* It has 280 commands to read: it will read some of them before long. */
#define FULL_NS	  (100 * HALE_NS_PER_MS)
#define AGAIN_NS  HALE_NS_PER_S
#define SHIFT_MAX 6 /* 64 s between starts */
/* Who lived for so long is started again at once. */
#define HEALTHY_NS (60 * HALE_NS_PER_S)

bool probe_runs(const struct probe *p)
{
	return p->child.state == CHILD_RUNS;
}

static void tell_blind(struct probe *p, const struct hale_driver *d,
		       const char *why)
{
	struct hale_fact f = { .kind = HALE_FACT_COVERAGE };
	struct hale_coverage *c = &f.u.coverage;
	uint64_t now = clock_now_ns(p->setup.clock);

	c->sight = HALE_SIGHT_BLIND;
	c->since_ns = now;
	HALE_SET(c->driver, d->name);
	HALE_SET(c->why, why);
	HALE_SET(c->remedy, "it is started again; see haled's log");
	for (int sense = 0; sense < HALE_SENSE_COUNT; sense++) {
		c->sense = (enum hale_sense)sense;
		if ((d->senses & 1U << sense) != 0)
			p->setup.sink(p->setup.sink_data, d->name, &f, now);
	}
}

/* Nothing that it was asked will be answered. */
static void lose_drivers(struct probe *p, const char *why)
{
	p->mapped = p->settled = true;
	for (size_t i = 0; i < p->n_drivers; i++) {
		struct probe_driver *d = &p->drivers[i];

		d->live = false;
		d->answered = d->asked;
		if (p->configured) /* before, nobody would listen */
			tell_blind(p, d->driver, why);
	}
}

/* It is no more. */
static void fall(struct probe *p, const char *why)
{
	uint32_t shift;

	if (clock_boot_ns() - p->began_ns > HEALTHY_NS)
		p->failures = 0;
	shift = p->failures < SHIFT_MAX ? p->failures : SHIFT_MAX;
	p->failures++;
	log_line(LOG_LEVEL_ERROR, "%s, starting it again in %u s", why,
		 1U << shift);
	lose_drivers(p, why);
	loop_timer_set(p->setup.loop, &p->timer, AGAIN_NS << shift);
}

static void on_ended(void *data, int status)
{
	struct probe *p = data;
	const char *name = status < 0 ? sigabbrev_np(-status) : NULL;
	char why[96];

	if (p->bad)
		HALE_SET(why, "the process " NAME " sent what is no report");
	else if (p->silent)
		HALE_SET(why, "the process " NAME " did not answer");
	else if (status < 0)
		snprintf(why, sizeof(why),
			 "the process " NAME " was ended by SIG%s",
			 name ? name : "NAL");
	else
		snprintf(why, sizeof(why),
			 "the process " NAME " ended with status %d", status);
	fall(p, why);
}

/* It sits in the kernel: its own memory may be on a disk that is gone. No other
 * is started beside it, since that one would go the same way. */
static void on_stuck(void *data)
{
	const char *why = "the process " NAME " hangs and cannot be ended";

	log_line(LOG_LEVEL_ERROR, "%s", why);
	lose_drivers(data, why);
}

static int serve(void *data, int fd)
{
	struct probe *p = data;
	const struct hale_driver *const *drivers = p->setup.drivers;
	int own = dup(fd); /* in_child may close all that the core has open */

	if (p->setup.in_child)
		p->setup.in_child(p->setup.in_child_data);
	return probe_serve(drivers, own < 0 ? fd : own);
}

static void give_up(struct probe *p)
{
	p->silent = true;
	child_kill(&p->child);
}

static void configure(struct probe *p)
{
	if (p->configured && probe_runs(p) &&
	    probe_send_configure(&p->child, p->setup.clock->boot_to_agent_ns,
				 p->options, p->n_options) < 0)
		give_up(p);
}

static void spawn(struct probe *p)
{
	struct child_job job = {
		.name = NAME,
		.work = serve,
		.message = probe_take_message,
		.buffer = p->message,
		.size = sizeof(p->message),
		.stuck = on_stuck,
		.ended = on_ended,
		.data = p,
	};
	char why[96];
	int r;

	p->bad = p->silent = false;
	p->began_ns = clock_boot_ns();
	p->heard_ns = clock_mono_ns();
	p->pinged_ns = p->full_ns = 0;
	p->owed = (struct host_call){ 0 };
	p->owed_wake = false;
	r = child_start(&p->child, &job);
	if (r < 0) {
		snprintf(why, sizeof(why), "cannot start " NAME ": %s",
			 strerror(-r));
		fall(p, why);
		return;
	}
	loop_timer_set(p->setup.loop, &p->timer, QUIET_NS);
	configure(p);
}

/* A ping is answered by the process itself, however slow its drivers are. */
void probe_expect(struct probe *p)
{
	uint64_t now = clock_mono_ns();

	if (p->pinged_ns != 0 || p->full_ns != 0)
		return;
	if (probe_send_ping(&p->child, now) == 0) {
		p->pinged_ns = now;
		loop_timer_hasten(p->setup.loop, &p->timer, PATIENCE_NS);
	} else {
		p->full_ns = now;
		loop_timer_hasten(p->setup.loop, &p->timer, FULL_NS);
	}
}

/* Its socket was full. */
static void retry(struct probe *p, uint64_t now)
{
	if (probe_send_owed(p)) {
		p->full_ns = 0;
		probe_expect(p);
	} else if (now - p->full_ns >= PATIENCE_NS) {
		give_up(p);
	} else {
		loop_timer_set(p->setup.loop, &p->timer, FULL_NS);
	}
}

static void on_timer(void *data)
{
	struct probe *p = data;
	uint64_t now = clock_mono_ns(); /* nobody answers in a suspend */

	if (p->child.state == CHILD_NONE) {
		spawn(p);
	} else if (!probe_runs(p)) {
		return; /* its end is on its way */
	} else if (p->full_ns != 0) {
		retry(p, now);
	} else if (p->pinged_ns != 0 && now - p->pinged_ns >= PATIENCE_NS) {
		give_up(p);
	} else if (p->pinged_ns != 0) {
		loop_timer_set(p->setup.loop, &p->timer,
			       p->pinged_ns + PATIENCE_NS - now);
	} else if (now - p->heard_ns >= QUIET_NS) {
		probe_expect(p);
	} else {
		loop_timer_set(p->setup.loop, &p->timer,
			       p->heard_ns + QUIET_NS - now);
	}
}

void probe_start(struct probe *p, const struct probe_setup *setup)
{
	memset(p, 0, sizeof(*p));
	p->setup = *setup;
	child_init(&p->child, setup->loop);
	p->timer = (struct loop_timer){ .due = on_timer, .data = p };
	for (size_t i = 0; setup->drivers[i]; i++) {
		if (setup->drivers[i]->may_block &&
		    p->n_drivers < PROBE_DRIVERS_MAX)
			p->drivers[p->n_drivers++].driver = setup->drivers[i];
	}
	p->mounts.fd = -1;
	spawn(p);
	probe_watch_mounts(p);
}

void probe_configure(struct probe *p, const struct driver_option *options,
		     size_t n_options)
{
	p->options = options;
	p->n_options = n_options;
	p->configured = true;
	configure(p);
	for (size_t i = 0; i < p->n_drivers && !probe_runs(p); i++)
		tell_blind(p, p->drivers[i].driver,
			   "the process " NAME " could not be started");
}

void probe_close_fds(const struct probe *p)
{
	if (p->mounts.fd >= 0)
		close(p->mounts.fd);
	if (p->child.exit_source.fd >= 0)
		close(p->child.exit_source.fd);
	if (p->child.message_source.fd >= 0)
		close(p->child.message_source.fd);
}

void probe_stop(struct probe *p, int timeout_ms)
{
	int fd = p->mounts.fd;

	if (!p->setup.loop)
		return;
	p->child.job.ended = NULL;
	child_hang_up(&p->child);
	child_wait(&p->child, timeout_ms);
	child_done(&p->child);
	loop_remove(p->setup.loop, &p->mounts);
	loop_timer_remove(p->setup.loop, &p->timer);
	if (fd >= 0)
		close(fd);
}
