/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A driver's run in a child: its facts come back as messages, its end by the
 * pidfd. Decides what that end means for the driver's senses and for the part
 * that it was asking just then (host_parked.c). Must never believe a child:
 * each fact passes hale_fact_valid() before anybody sees it. Invariant: every
 * run ends in good facts or in blind senses.
 */
#include <errno.h>
#include <signal.h>
#include <sys/socket.h>

#include "hale/base.h"

#include "agent/daemon/budget.h"
#include "agent/daemon/host_exec.h"
#include "agent/daemon/host_slot.h"
#include "proto/codec_read.h"

/* Where a driver that may block names no deadline. */
#define DEADLINE_DEFAULT_MS 5000
/* 64 filesystems with 64 layers each, and a host full of disks, are 10,000. */
#define FACTS_MAX 20000
/* A trigger that came during a run: others are likely to follow it. */
#define AGAIN_NS (10 * HALE_NS_PER_MS)

/* In the child: one way out, for good facts and for none. */
struct outlet {
	struct slot *slot;
	int fd;
};

static void child_flush(const struct outlet *o)
{
	struct codec_facts *out = &o->slot->host->out;

	while (out->len > 0 &&
	       send(o->fd, out->bytes, out->len, MSG_NOSIGNAL) < 0) {
		if (errno != EINTR)
			_exit(EPIPE);
	}
	out->len = 0;
}

static void child_emit(void *sink, const struct hale_fact *f)
{
	const struct outlet *o = sink;
	struct codec_facts *out = &o->slot->host->out;

	int r = codec_facts_add(out, f, NULL);

	if (r == -ENOSPC) {
		child_flush(o);
		r = codec_facts_add(out, f, NULL);
	}
	if (r < 0)
		_exit(EBADMSG); /* the driver is broken: nobody believes it */
	/* what is known of a victim should it hang over the rest */
	if (codec_fact_turns(f) || f->kind == HALE_FACT_VICTIM)
		child_flush(o);
}

static void close_source(const struct loop_source *s)
{
	if (s->fd >= 0)
		close(s->fd);
}

/* What belongs to others, and to those of its own that are stuck. */
static void close_others(const struct slot *s)
{
	const struct host *h = s->host;

	for (size_t i = 0; i < h->n_slots; i++) {
		const struct slot *other = &h->slots[i];

		if (other != s)
			close_source(&other->event);
		for (size_t j = 0; j < HALE_ARRAY_SIZE(other->children); j++) {
			close_source(&other->children[j].exit_source);
			close_source(&other->children[j].message_source);
		}
	}
}

static int work(void *data, int fd)
{
	struct slot *s = data;
	struct outlet o = { .slot = s, .fd = fd };
	int r;

	close_others(s);
	s->probe.emit = child_emit;
	s->probe.sink = &o;
	s->host->out.len = 0;
	budget_take(s->driver);
	if (s->driver->helper) {
		r = host_exec(s->driver, &s->probe, s->host->setup.user, fd);
		if (r == -ENOENT) /* which it has said as coverage */
			r = 0;
	} else {
		r = host_confine(s->driver, s->host->setup.user);
		if (r == 0)
			r = s->driver->sample(&s->probe);
	}
	child_flush(&o);
	return r < 0 ? (-r < 255 ? -r : EIO) : 0;
}

/*
 * "fs.hung no longer holds", and likewise "disk.stalled", is how a driver says
 * which part it turns to next. It is passed on once the driver has come back
 * from there: at its next such word, or its good end.
 */
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

static void take_fact(struct slot *s, const struct hale_fact *f)
{
	/* what follows the map may wait for a disk */
	if (f->kind == HALE_FACT_MAP_END)
		s->whole_ns = s->began_ns;
	if (codec_fact_turns(f)) {
		settle_asked(s, true, "");
		s->asked = *f;
		s->asking = true;
		return;
	}
	slot_emit(s, f);
}

static bool take_facts(struct slot *s, const Hale__V1__Facts *m)
{
	struct hale_fact f;
	const char *why;

	for (size_t i = 0; i < m->n_facts; i++) {
		if (++s->facts > FACTS_MAX ||
		    codec_read_fact(m->facts[i], &f, &why) < 0 ||
		    !hale_fact_valid(&f))
			return false;
		take_fact(s, &f);
	}
	return true;
}

static void on_message(void *data, const void *bytes, size_t len)
{
	struct slot *s = data;
	struct codec_arena a = { .mem = s->host->arena,
				 .size = sizeof(s->host->arena) };
	Hale__V1__Facts *m;

	if (s->bad)
		return;
	if (len > sizeof(s->host->message) ||
	    codec_unpack(&hale__v1__facts__descriptor, &a, bytes, len, &m) <
		    0 ||
	    !take_facts(s, m)) {
		s->bad = true;
		child_kill(s->child);
	}
}

/* Its time was over, and it is @stuck in the kernel or was killed. Returns true
 * where the rest of its parts is asked at once, without the one it was in. */
static bool lost(struct slot *s, bool stuck)
{
	bool named = s->asking;
	char text[128];

	snprintf(text, sizeof(text), "no answer in %llu ms%s",
		 (unsigned long long)(s->child->job.deadline_ns /
				      HALE_NS_PER_MS),
		 stuck ? ", and its probe cannot be ended" : "");
	settle_asked(s, false, text);
	if (named && slot_park(s, stuck)) {
		loop_timer_set(s->host->setup.loop, &s->timer, AGAIN_NS);
		return true;
	}
	slot_retry_parked(s);
	slot_tell_blind(s, s->driver->senses, text, "");
	return false;
}

static void on_stuck(void *data)
{
	struct slot *s = data;

	s->again = false;
	if (lost(s, true))
		return;
	s->again = true; /* if it comes back, what held it may answer again */
	slot_answer(s);
	slot_mark_sampled(s);
}

static void tell_ended(struct slot *s, int status)
{
	const char *name = status < 0 ? sigabbrev_np(-status) : NULL;
	char why[64];

	if (s->bad || status == EBADMSG)
		HALE_SET(why, "its probe sent no facts");
	else if (status > 0)
		HALE_SET(why, strerror(status));
	else
		snprintf(why, sizeof(why), "its probe was ended by SIG%s",
			 name ? name : "NAL");
	slot_tell_blind(s, s->driver->senses, why, "");
}

static void on_ended(void *data, int status)
{
	struct slot *s = data;
	bool again = s->again;

	s->again = false;
	s->runs++;
	if (s->probe_anew) {
		slot_renew(s);
		return;
	}
	if (status == -SIGKILL && s->child->overdue && !s->bad) {
		if (lost(s, false))
			return;
	} else if (status != 0 || s->bad) {
		tell_ended(s, status);
	} else {
		s->failures = 0;
		settle_asked(s, true, "");
		slot_repeat_coverage(s);
		slot_settle_put_off(s);
		slot_say_parked(s);
	}
	s->asking = false;
	s->whole_ns = s->began_ns; /* or it is blind, which says more */
	s->answered = s->serving;
	if (again)
		loop_timer_set(s->host->setup.loop, &s->timer, AGAIN_NS);
	else
		slot_wait_period(s);
	slot_mark_sampled(s);
}

static void begin_run(struct slot *s)
{
	s->said = 0;
	s->began_ns = clock_boot_ns();
	s->facts = 0;
	s->bad = false;
	s->asking = false;
	s->serving = s->called;
	s->probe.asked = s->asked_for;
	s->asked_for = false;
	s->probe.now_ns = slot_now_ns(s);
	s->probe.mono_to_agent_ns =
		clock_mono_to_agent_ns(s->host->setup.clock);
	slot_list_skips(s);
	s->looks =
		(struct hale_looks){ s->host->looks.n, s->host->looks.waiting };
	s->probe.looks = slot_looks(s) ? &s->looks : NULL;
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
		.message = on_message,
		.buffer = s->host->message,
		.size = sizeof(s->host->message),
		.stuck = on_stuck,
		.ended = on_ended,
		.data = s,
		.deadline_ns = (ms ? ms : DEADLINE_DEFAULT_MS) * HALE_NS_PER_MS,
	};
	int r;

	begin_run(s);
	r = child_start(s->child, &job);
	if (slot_looks(s)) /* its child has them, or nobody will */
		s->host->looks.n = 0;
	if (r < 0) /* out of memory or processes: it passes */
		slot_fail(s, "cannot start its probe", r);
}
