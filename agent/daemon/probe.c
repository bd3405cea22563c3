/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The probe process, from its first word to its end, as the core sees it.
 * Decides whether it answers, and what is said in its drivers' place while
 * there is none; who starts it is the supervisor. Must never wait for it.
 * Invariant: a driver over there is covered by its own words or told as blind;
 * nobody waits for what a dead process was asked unless the next one is on its
 * way, which is asked in its place.
 */
#include <errno.h>
#include <sys/socket.h>

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
#define FULL_NS (100 * HALE_NS_PER_MS)
/* Messages taken in one go, before others get their turn. */
#define BATCH 64
/* And after its end: a socket's usual 208 KiB hold less than 300. */
#define LAST 4096

bool probe_runs(const struct probe *p)
{
	return p->peer.fd >= 0 && !p->given_up;
}

bool probe_comes(const struct probe *p)
{
	return p->peer.fd < 0 && (p->held || p->lost[0] == '\0');
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
static void forget_asked(struct probe *p)
{
	for (size_t i = 0; i < p->n_drivers; i++)
		p->drivers[i].answered = p->number;
}

/* But for what somebody waits for, where another is on its way. */
static void forget_the_rest(struct probe *p)
{
	for (size_t i = 0; i < p->n_drivers; i++) {
		struct probe_driver *d = &p->drivers[i];

		if (d->promised > d->answered)
			d->asked = d->answered;
		else
			d->answered = p->number;
	}
}

static void ask_again(struct probe *p)
{
	struct host_call call = { .number = p->number, .asked = true };

	for (size_t i = 0; i < p->n_drivers; i++) {
		if (p->drivers[i].promised > p->drivers[i].answered)
			call.senses |= p->drivers[i].driver->senses;
	}
	if (call.senses != 0)
		probe_call(p, &call);
}

static void lose_drivers(struct probe *p)
{
	p->held = false;
	forget_asked(p);
	p->mapped = p->settled = true;
	for (size_t i = 0; i < p->n_drivers; i++) {
		p->drivers[i].live = false;
		if (p->configured) /* before, nobody would listen */
			tell_blind(p, p->drivers[i].driver, p->lost);
	}
}

static void hang_up(struct probe *p)
{
	int fd = p->peer.fd;

	loop_remove(p->setup.loop, &p->peer);
	loop_timer_stop(&p->timer);
	if (fd >= 0)
		close(fd);
}

/* Up to @max messages. At their end it is for the supervisor to say why. */
static void read_peer(struct probe *p, uint32_t max)
{
	for (uint32_t i = 0; i < max && p->peer.fd >= 0; i++) {
		ssize_t n = recv(p->peer.fd, p->message, sizeof(p->message),
				 MSG_DONTWAIT | MSG_TRUNC);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0)
			hang_up(p);
		else if (!p->given_up)
			probe_take_message(p, p->message, (size_t)n);
	}
}

static void on_peer(void *data, uint32_t events)
{
	(void)events;
	read_peer(data, BATCH);
}

void probe_give_up(struct probe *p, enum wire_reason why)
{
	p->given_up = true;
	loop_timer_stop(&p->timer);
	p->setup.give_up(p->setup.give_up_data, why);
}

static void configure(struct probe *p)
{
	if (p->configured && probe_runs(p) &&
	    probe_send_configure(p->peer.fd, p->setup.clock->boot_to_agent_ns,
				 p->options, p->n_options) < 0)
		probe_give_up(p, WIRE_SILENT);
}

void probe_attach(struct probe *p, int fd)
{
	read_peer(p, LAST);
	hang_up(p);
	forget_the_rest(p);
	p->given_up = p->held = p->settled = false;
	p->lost[0] = '\0';
	p->heard_ns = clock_mono_ns();
	p->pinged_ns = p->full_ns = 0;
	p->owed = (struct host_call){ 0 };
	p->owed_wake = false;
	if (loop_add(p->setup.loop, fd, EPOLLIN, &p->peer) < 0) {
		close(fd); /* it ends by that, and is started again */
		return;
	}
	loop_timer_set(p->setup.loop, &p->timer, QUIET_NS);
	configure(p);
	ask_again(p);
}

/* What it said before its end was said. */
void probe_lose(struct probe *p, const char *why, bool soon)
{
	read_peer(p, LAST);
	hang_up(p);
	forget_the_rest(p);
	HALE_SET(p->lost, why);
	p->held = soon;
	p->settled = false;
	if (!soon)
		lose_drivers(p);
}

void probe_missed(struct probe *p)
{
	if (p->held)
		lose_drivers(p);
}

/* A ping is answered by the process itself, however slow its drivers are. */
void probe_expect(struct probe *p)
{
	uint64_t now = clock_mono_ns();

	if (p->pinged_ns != 0 || p->full_ns != 0)
		return;
	if (probe_send_ping(p->peer.fd, now) == 0) {
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
		probe_give_up(p, WIRE_SILENT);
	} else {
		loop_timer_set(p->setup.loop, &p->timer, FULL_NS);
	}
}

static void on_timer(void *data)
{
	struct probe *p = data;
	uint64_t now = clock_mono_ns(); /* nobody answers in a suspend */

	if (!probe_runs(p)) {
		return; /* its end is on its way */
	} else if (p->full_ns != 0) {
		retry(p, now);
	} else if (p->pinged_ns != 0 && now - p->pinged_ns >= PATIENCE_NS) {
		probe_give_up(p, WIRE_SILENT);
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

void probe_init(struct probe *p, const struct probe_setup *setup)
{
	memset(p, 0, sizeof(*p));
	p->setup = *setup;
	p->peer = (struct loop_source){
		.ready = on_peer, .data = p, .fd = -1, .first = true
	};
	p->timer = (struct loop_timer){ .due = on_timer, .data = p };
	for (size_t i = 0; setup->drivers[i]; i++) {
		if (setup->drivers[i]->may_block &&
		    p->n_drivers < PROBE_DRIVERS_MAX)
			p->drivers[p->n_drivers++].driver = setup->drivers[i];
	}
	probe_watch_mounts(p);
}

void probe_configure(struct probe *p, const struct driver_option *options,
		     size_t n_options)
{
	p->options = options;
	p->n_options = n_options;
	p->configured = true;
	configure(p);
	for (size_t i = 0;
	     i < p->n_drivers && p->lost[0] && !p->held && !probe_runs(p); i++)
		tell_blind(p, p->drivers[i].driver, p->lost);
}

void probe_done(struct probe *p)
{
	int fd = p->mounts.fd;

	hang_up(p);
	loop_remove(p->setup.loop, &p->mounts);
	loop_timer_remove(p->setup.loop, &p->timer);
	if (fd >= 0)
		close(fd);
}
