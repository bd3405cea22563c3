/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the probe process sends: facts for the sink, and how its drivers stand.
 * Must never believe it more than a stranger: whatever is not a report of
 * drivers that live there ends the process. Nothing is allocated. Invariant: no
 * driver over there speaks for another (probe_rights.c).
 */
#include "hale/base.h"

#include "agent/daemon/log.h"
#include "agent/daemon/probe_room.h"
#include "proto/codec_read.h"

static struct probe_driver *find(struct probe *p, const char *name)
{
	for (size_t i = 0; i < p->n_drivers; i++) {
		if (strcmp(p->drivers[i].driver->name, name) == 0)
			return &p->drivers[i];
	}
	return NULL;
}

/* Once in its life: a driver that is broken says it in each run. */
static void overstep(struct probe_driver *d, const struct hale_fact *f)
{
	if (!d->overstepped)
		log_line(LOG_LEVEL_WARNING,
			 "driver=%s said what is not for it to say (fact %d), "
			 "ignoring",
			 d->driver->name, (int)f->kind);
	d->overstepped = true;
}

static bool take_fact(struct probe *p, const Hale__V1__Fact *m)
{
	struct probe_driver *d = find(p, m->driver);
	struct hale_fact f;
	const char *why;

	if (!d || codec_read_fact(m, &f, &why) < 0 || !hale_fact_valid(&f))
		return false;
	if (!probe_may_say(d->driver, &f)) {
		overstep(d, &f);
		return true;
	}
	if (f.kind == HALE_FACT_COVERAGE)
		HALE_SET(f.u.coverage.driver, d->driver->name);
	p->setup.sink(p->setup.sink_data, d->driver->name, &f,
		      clock_now_ns(p->setup.clock));
	return true;
}

static bool take_state(struct probe *p, const Hale__V1__ProbeState *m)
{
	struct probe_driver *d = find(p, m->driver);

	if (!d)
		return false;
	d->live = m->live;
	/* a new process begins at 0; what was asked of the old one is settled
	 */
	if (m->answered > d->answered)
		d->answered = m->answered;
	if (m->whole_ns > d->whole_ns)
		d->whole_ns = m->whole_ns;
	return true;
}

static bool take_report(struct probe *p, const Hale__V1__ProbeReport *m)
{
	for (size_t i = 0; i < m->n_facts; i++) {
		if (!take_fact(p, m->facts[i]))
			return false;
	}
	for (size_t i = 0; i < m->n_states; i++) {
		if (!take_state(p, m->states[i]))
			return false;
	}
	p->mapped |= m->mapped;
	p->settled |= m->settled;
	return true;
}

void probe_take_message(struct probe *p, const void *bytes, size_t len)
{
	struct codec_arena a = { .mem = p->arena, .size = sizeof(p->arena) };
	Hale__V1__ProbeReport *m;

	p->heard_ns = clock_mono_ns();
	p->pinged_ns = 0;
	if (len <= sizeof(p->message) &&
	    codec_unpack(&hale__v1__probe_report__descriptor, &a, bytes, len,
			 &m) == 0 &&
	    take_report(p, m))
		return;
	probe_give_up(p, WIRE_BABBLES);
}
