/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A driver's run in a child: its facts come back as messages, its end by the
 * pidfd. Decides what that end means for the driver's senses and for the part
 * that it was asking just then. Must never start a second child beside a stuck
 * one, nor believe a child: each fact passes hale_fact_valid() before anybody
 * sees it. Invariant: every run ends in good facts or in blind senses.
 */
#include <errno.h>
#include <sys/socket.h>

#include "hale/base.h"

#include "agent/daemon/host_slot.h"

/* Where a driver that may block names no deadline. */
#define DEADLINE_DEFAULT_MS 5000
/* 64 filesystems with 64 layers each, and a host full of disks, are 10,000. */
#define FACTS_MAX 20000
/* A trigger that came during a run: others are likely to follow it. */
#define AGAIN_NS (10 * HALE_NS_PER_MS)

static void child_emit(void *sink, const struct hale_fact *f)
{
	const int *fd = sink;

	while (send(*fd, f, sizeof(*f), MSG_NOSIGNAL) < 0) {
		if (errno != EINTR)
			_exit(EPIPE);
	}
}

static int work(void *data, int fd)
{
	struct slot *s = data;
	struct host *h = s->host;
	int r;

	for (size_t i = 0; i < h->n_slots; i++) {
		struct slot *other = &h->slots[i];

		if (other != s && other->event.fd >= 0)
			close(other->event.fd);
	}
	s->probe.emit = child_emit;
	s->probe.sink = &fd;
	r = s->driver->sample(&s->probe);
	return r < 0 ? (-r < 255 ? -r : EIO) : 0;
}

/*
 * "fs.hung no longer holds", and likewise "disk.stalled", is how a driver says
 * which part it turns to next. It is passed on once the driver has come back
 * from there: at its next such word, or its good end.
 */
static bool names_next(const struct hale_fact *f)
{
	const struct hale_observation *o = &f->u.observation;

	return f->kind == HALE_FACT_OBSERVATION &&
	       o->kind == HALE_OBSERVED_STATE && !o->holds &&
	       (o->condition == HALE_FS_HUNG ||
		o->condition == HALE_DISK_STALLED);
}

static void settle_asked(struct slot *s, bool came_back, const char *evidence)
{
	struct hale_observation *o = &s->asked.u.observation;

	if (!s->asking)
		return;
	s->asking = false;
	o->time_ns = slot_now_ns(s);
	if (!came_back) {
		o->holds = true;
		o->count = 1;
		HALE_SET(o->evidence, evidence);
	}
	slot_give(s, &s->asked);
}

static void on_fact(void *data, const void *bytes, size_t len)
{
	struct slot *s = data;
	const struct hale_fact *f = bytes;

	if (s->bad)
		return;
	if (len != sizeof(*f) || !hale_fact_valid(f) ||
	    ++s->facts > FACTS_MAX) {
		s->bad = true;
		child_kill(&s->child);
		return;
	}
	/* what follows the map may wait for a disk */
	if (f->kind == HALE_FACT_MAP_END)
		s->whole_ns = s->began_ns;
	if (names_next(f)) {
		settle_asked(s, true, "");
		s->asked = *f;
		s->asking = true;
		return;
	}
	slot_emit(s, f);
}

static void tell_late(struct slot *s, const char *more)
{
	char text[128];

	snprintf(
		text, sizeof(text), "no answer in %llu ms%s",
		(unsigned long long)(s->child.job.deadline_ns / HALE_NS_PER_MS),
		more);
	settle_asked(s, false, text);
	slot_tell_blind(s, s->driver->senses, text, "");
}

static void on_stuck(void *data)
{
	struct slot *s = data;

	tell_late(s, ", and its probe cannot be ended");
	slot_mark_sampled(s);
}

static void on_ended(void *data, int status)
{
	struct slot *s = data;
	bool again = s->again;

	s->again = false;
	if (s->probe_anew) {
		slot_renew(s);
		return;
	}
	if (s->bad)
		slot_tell_blind(s, s->driver->senses, "its probe sent no facts",
				"");
	else if (status < 0)
		tell_late(s, "");
	else if (status > 0)
		slot_tell_blind(s, s->driver->senses, strerror(status), "");
	if (status == 0 && !s->bad) {
		settle_asked(s, true, "");
		slot_repeat_coverage(s);
	}
	s->asking = false;
	s->whole_ns = s->began_ns; /* or it is blind, which says more */
	if (again)
		loop_timer_set(s->host->setup.loop, &s->timer, AGAIN_NS);
	else
		slot_wait_period(s);
	slot_mark_sampled(s);
}

void slot_run_child(struct slot *s)
{
	const struct host_setup *h = &s->host->setup;
	uint32_t ms = s->driver->deadline_ms;
	struct child_job job = {
		.name = s->driver->name,
		.work = work,
		.in_child = h->in_child,
		.in_child_data = h->in_child_data,
		.message = on_fact,
		.buffer = &s->buffer,
		.size = sizeof(s->buffer),
		.stuck = on_stuck,
		.ended = on_ended,
		.data = s,
		.deadline_ns = (ms ? ms : DEADLINE_DEFAULT_MS) * HALE_NS_PER_MS,
	};
	int r;

	s->said = 0;
	s->began_ns = clock_boot_ns();
	s->facts = 0;
	s->bad = false;
	s->probe.now_ns = slot_now_ns(s);
	s->probe.mono_to_agent_ns = clock_mono_to_agent_ns(h->clock);
	r = child_start(&s->child, &job);
	if (r < 0) /* out of memory or processes: it passes */
		slot_fail(s, "cannot start its probe", r);
}
