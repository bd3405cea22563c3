/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One driver's life in the host: options, probe, runs in the loop, failure and
 * the next try; runs in a child stand in host_child.c. Decides what the host
 * says in a driver's place. It must never call a driver that may block, except
 * for its probe. Invariant: after a run that went wrong the driver's senses
 * are blind until one goes well.
 */
#include <errno.h>
#include <poll.h>

#include "hale/base.h"

#include "agent/daemon/host_slot.h"

/* What is not on this host may be installed, mounted or loaded later. */
#define ABSENT_NS (600 * HALE_NS_PER_S)
/* Between runs in children that events cause: a container's start mounts ten
 * times. */
#define CALM_NS (500 * HALE_NS_PER_MS)
/* Between such runs while somebody waits for one. */
#define ASKED_NS       (80 * HALE_NS_PER_MS)
#define RETRY_FIRST_NS HALE_NS_PER_S
/* Between the first runs of two helpers: a boot is busy enough. */
#define HELPERS_APART_NS HALE_NS_PER_S
#define RETRY_SHIFT_MAX	 8 /* 256 s between tries is seldom enough */

static uint64_t next_random(struct host *h)
{
	/* xorshift64 (Marsaglia 2003); its seed must not be 0 */
	uint64_t x = h->random ? h->random : 1;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return h->random = x;
}

/* The period, 10 % more or less: hosts and drivers do not march in step. */
void slot_wait_period(struct slot *s)
{
	uint64_t period = s->driver->period_ms * HALE_NS_PER_MS;

	if (period == 0 || s->host->setup.once)
		return;
	period += period / 10 - next_random(s->host) % (period / 5 + 1);
	loop_timer_hasten(s->host->setup.loop, &s->timer, period);
}

static void forget_event(struct slot *s)
{
	loop_remove(s->host->setup.loop, &s->event);
	s->probe.event_fd = -1;
}

static void remove_driver(struct slot *s)
{
	forget_event(s);
	if (s->driver->remove)
		s->driver->remove(&s->probe);
	memset(s->probe.state, 0, s->driver->state_size);
	loop_timer_stop(&s->timer);
	s->kept = 0;
}

void slot_mark_sampled(struct slot *s)
{
	s->sampled = true;
	host_slot_sampled(s->host);
}

void slot_fail(struct slot *s, const char *what, int err)
{
	char why[128];
	uint32_t shift =
		s->failures < RETRY_SHIFT_MAX ? s->failures : RETRY_SHIFT_MAX;
	uint32_t senses = s->driver->senses & ~s->said;

	snprintf(why, sizeof(why), "%s: %s", what, strerror(-err));
	remove_driver(s);
	s->failures++;
	s->state = SLOT_FAILED;
	slot_tell_blind(s, senses, why, "");
	loop_timer_set(s->host->setup.loop, &s->timer, RETRY_FIRST_NS << shift);
	slot_answer(s);
	slot_mark_sampled(s);
}

void slot_answer(struct slot *s)
{
	s->answered = s->called;
}

static void sample_here(struct slot *s)
{
	int r;

	s->said = 0;
	s->probe.now_ns = slot_now_ns(s);
	s->probe.mono_to_agent_ns =
		clock_mono_to_agent_ns(s->host->setup.clock);
	r = s->driver->sample ? s->driver->sample(&s->probe) : 0;
	if (r < 0) {
		s->said = 0; /* whatever it said before, it is blind now */
		slot_fail(s, "sample", r);
		return;
	}
	s->failures = 0;
	s->runs++;
	slot_answer(s);
	slot_wait_period(s);
	slot_mark_sampled(s);
}

void slot_run(struct slot *s)
{
	if (s->state != SLOT_LIVE)
		return;
	if (!s->driver->may_block)
		sample_here(s);
	else if (s->child->state != CHILD_NONE)
		s->again = true;
	else
		slot_run_child(s);
}

void slot_wake(struct slot *s)
{
	uint64_t now = clock_boot_ns(), since = now - s->began_ns;

	s->event_ns = now;
	/* The first mount of many is looked at at once, the others together. */
	if (s->driver->may_block && s->began_ns != 0 && since < CALM_NS)
		loop_timer_hasten(s->host->setup.loop, &s->timer,
				  CALM_NS - since);
	else
		slot_run(s);
}

static void on_event(void *data, uint32_t events)
{
	(void)events;
	slot_wake(data);
}

void slot_hurry(struct slot *s)
{
	uint64_t now = clock_boot_ns(), since = now - s->began_ns;

	if (s->event_ns <= s->whole_ns)
		s->event_ns = now; /* it was not woken for this one yet */
	if (s->child->state == CHILD_NONE)
		loop_timer_hasten(s->host->setup.loop, &s->timer,
				  since < ASKED_NS ? ASKED_NS - since : 0);
	else
		s->again |= s->began_ns < s->event_ns;
}

/* It is looked for elsewhere; where it is found, this process ends. */
static void ask_to_reopen(struct slot *s)
{
	struct host *h = s->host;
	uint32_t shift =
		s->failures < RETRY_SHIFT_MAX ? s->failures : RETRY_SHIFT_MAX;
	bool failed = s->state == SLOT_FAILED;

	h->setup.reopen(h->setup.reopen_data, s->driver, false);
	s->failures += failed;
	loop_timer_set(h->setup.loop, &s->timer,
		       failed ? RETRY_FIRST_NS << shift : ABSENT_NS);
}

static void on_timer(void *data)
{
	struct slot *s = data;

	if (s->state != SLOT_FAILED && s->state != SLOT_ABSENT)
		slot_run(s);
	else if (s->host->sealed)
		ask_to_reopen(s);
	else
		slot_begin(s);
}

static int watch_event(struct slot *s)
{
	const struct host_setup *h = &s->host->setup;
	uint32_t events = (uint32_t)(unsigned short)s->probe.event_mask;

	if (s->probe.event_fd < 0 || (h->once && s->driver->may_block) ||
	    (h->woken & s->driver->senses) != 0)
		return 0;
	/* In a child it is served later: told once each time. To disarm it
	 * meanwhile would lose what comes just before it is armed again. */
	if (s->driver->may_block)
		events |= EPOLLET;
	return loop_add(s->host->setup.loop, s->probe.event_fd, events,
			&s->event);
}

static void begin_probe(struct slot *s)
{
	struct host *h = s->host;

	s->said = 0;
	s->probe.event_fd = -1;
	s->probe.event_mask = POLLIN;
	s->probe.now_ns = slot_now_ns(s);
	s->probe.boot_to_agent_ns = h->setup.clock->boot_to_agent_ns;
	s->probe.mono_to_agent_ns = clock_mono_to_agent_ns(h->setup.clock);
	s->probe.resume_seq = h->setup.resume_seq;
	s->probe.lineage = h->setup.lineage;
	s->probe.logs = h->setup.logs;
	s->probe.retried = s->failures > 0;
}

/* The first runs of what is heavy come one after the other. */
static void run_first(struct slot *s)
{
	struct host *h = s->host;

	if (!s->driver->helper || h->setup.once || s->sampled ||
	    s->called > s->answered) {
		slot_run(s);
		return;
	}
	s->put_off = s->driver->senses & ~s->said;
	slot_tell_blind(s, s->put_off, HOST_NOT_YET, "");
	loop_timer_hasten(h->setup.loop, &s->timer,
			  ++h->n_helpers * HELPERS_APART_NS);
	slot_mark_sampled(s);
}

static void set_absent(struct slot *s)
{
	s->state = SLOT_ABSENT;
	slot_tell_blind(s, s->driver->senses & ~s->said, "not on this host",
			"");
	remove_driver(s);
	if (!s->host->setup.once)
		loop_timer_set(s->host->setup.loop, &s->timer, ABSENT_NS);
	slot_answer(s);
	slot_mark_sampled(s);
}

void slot_open(struct slot *s)
{
	int r;

	if (s->host->setup.once && !s->driver->scans) {
		s->state = SLOT_ABSENT;
		return;
	}
	if (!s->probe.state) {
		s->state = SLOT_ABSENT;
		slot_tell_blind(s, s->driver->senses, "out of memory", "");
		slot_answer(s);
		return;
	}
	begin_probe(s);
	r = s->driver->probe ? s->driver->probe(&s->probe) : 0;
	if (r == 0)
		s->state = SLOT_OPEN;
	else if (r == -ENODEV)
		set_absent(s);
	else
		slot_fail(s, "probe", r);
}

void slot_begin(struct slot *s)
{
	int r;

	if (s->state != SLOT_OPEN)
		slot_open(s);
	if (s->state != SLOT_OPEN)
		return;
	r = watch_event(s);
	if (r < 0) {
		slot_fail(s, "probe", r);
		return;
	}
	s->state = SLOT_LIVE;
	run_first(s);
}

static bool same_option(const struct hale_option *old,
			const struct driver_option *new)
{
	return strcmp(old->key, new->key) == 0 &&
	       strcmp(old->value, new->value) == 0;
}

/* Takes its section out of the setup; true where it is another than before.
 * The texts of the earlier one must still be there. */
static bool take_options(struct slot *s)
{
	const struct host_setup *h = &s->host->setup;
	bool changed = false;
	size_t n = 0;

	for (size_t i = 0; i < h->n_options && n < HOST_OPTIONS_MAX; i++) {
		if (strcmp(h->options[i].driver, s->driver->name) != 0)
			continue;
		changed |= n >= s->probe.n_options ||
			   !same_option(&s->options[n], &h->options[i]);
		s->options[n].key = h->options[i].key;
		s->options[n++].value = h->options[i].value;
	}
	changed |= n != s->probe.n_options;
	s->probe.options = s->options;
	s->probe.n_options = n;
	return changed;
}

/* Probes again, as soon as no child runs. */
void slot_renew(struct slot *s)
{
	const struct host_setup *h = &s->host->setup;

	if (s->host->sealed) {
		h->reopen(h->reopen_data, s->driver, true);
		return;
	}
	s->probe_anew = s->child->state != CHILD_NONE;
	if (s->probe_anew) {
		child_kill(s->child);
		return;
	}
	if (s->state == SLOT_LIVE || s->state == SLOT_OPEN)
		remove_driver(s);
	s->failures = 0;
	if (s->state != SLOT_WAITS)
		slot_begin(s);
}

void slot_configure(struct slot *s)
{
	if (take_options(s))
		slot_renew(s);
}

bool slot_readable(const struct slot *s)
{
	struct pollfd p = { .fd = s->probe.event_fd,
			    .events = s->probe.event_mask };

	if (s->driver->may_block || p.fd < 0)
		return false;
	return poll(&p, 1, 0) == 1;
}

void slot_init(struct slot *s, struct host *h, const struct hale_driver *d)
{
	s->host = h;
	s->driver = d;
	s->probe.state = calloc(1, d->state_size ? d->state_size : 1);
	s->probe.root_fd = h->root_fd;
	s->probe.event_fd = -1;
	s->probe.once = h->setup.once;
	s->probe.emit = slot_emit;
	s->probe.sink = s;
	s->event = (struct loop_source){
		.ready = on_event, .data = s, .fd = -1, .first = true
	};
	s->timer = (struct loop_timer){ .due = on_timer, .data = s };
	for (size_t i = 0; i < HALE_ARRAY_SIZE(s->children); i++)
		child_init(&s->children[i], h->setup.loop);
	s->child = &s->children[0];
	take_options(s);
}

void slot_done(struct slot *s)
{
	for (size_t i = 0; i < HALE_ARRAY_SIZE(s->children); i++)
		child_done(&s->children[i]);
	if (s->state == SLOT_LIVE || s->state == SLOT_OPEN)
		remove_driver(s);
	loop_timer_remove(s->host->setup.loop, &s->timer);
	free(s->probe.state);
}
