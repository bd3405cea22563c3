/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is said in a driver's name: its own words, on their way to the sink, and
 * the host's where the driver has none. Decides what of its coverage is kept
 * and said again. Must never change a fact but for the name that it puts to
 * one.
 */
#include "hale/base.h"

#include "agent/daemon/host_slot.h"

uint64_t slot_now_ns(const struct slot *s)
{
	return clock_now_ns(s->host->setup.clock);
}

void slot_give(struct slot *s, const struct hale_fact *f)
{
	const struct host_setup *h = &s->host->setup;

	h->sink(h->sink_data, s->driver->name, f, slot_now_ns(s));
}

/* How often a driver that runs in children is heard of, at the least. */
static uint32_t period_s(const struct slot *s)
{
	return s->driver->may_block ? (s->driver->period_ms + 999) / 1000 : 0;
}

/* A driver's own words, with its name put to what it says of itself. What it
 * says of parts it says again in each run: nobody else does. */
void slot_emit(void *sink, const struct hale_fact *f)
{
	struct slot *s = sink;
	struct hale_fact named;

	if (f->kind != HALE_FACT_COVERAGE) {
		slot_give(s, f);
		return;
	}
	named = *f;
	HALE_SET(named.u.coverage.driver, s->driver->name);
	named.u.coverage.period_s = period_s(s);
	if (!named.u.coverage.part[0]) {
		s->coverage[named.u.coverage.sense] = named.u.coverage;
		s->kept |= 1U << named.u.coverage.sense;
		s->said |= 1U << named.u.coverage.sense;
	}
	slot_give(s, &named);
}

/* The host's words about a driver: it sees nothing of @senses, and why. */
void slot_tell_blind(struct slot *s, uint32_t senses, const char *why,
		     const char *remedy)
{
	struct hale_fact f = { .kind = HALE_FACT_COVERAGE };
	struct hale_coverage *c = &f.u.coverage;

	c->sight = HALE_SIGHT_BLIND;
	c->since_ns = slot_now_ns(s);
	c->period_s = period_s(s);
	HALE_SET(c->driver, s->driver->name);
	HALE_SET(c->why, why);
	HALE_SET(c->remedy, remedy);
	for (int sense = 0; sense < HALE_SENSE_COUNT; sense++) {
		c->sense = (enum hale_sense)sense;
		if ((senses & 1U << sense) != 0)
			slot_give(s, &f);
	}
}

void slot_settle_put_off(struct slot *s)
{
	slot_tell_blind(s, s->put_off & ~s->kept, "says nothing of it", "");
	s->put_off = 0;
}

/* A good run makes the driver's last own words true again, and fresh. */
void slot_repeat_coverage(struct slot *s)
{
	struct hale_fact f = { .kind = HALE_FACT_COVERAGE };

	for (int sense = 0; sense < HALE_SENSE_COUNT; sense++) {
		if ((s->kept & ~s->said & 1U << sense) == 0)
			continue;
		f.u.coverage = s->coverage[sense];
		slot_give(s, &f);
	}
}
