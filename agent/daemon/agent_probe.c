/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two halves of the drivers as one: those in the core and those in the
 * probe process. Decides how often a question or a finding may set the latter
 * going. Must never let a client or a storm of the log keep the disks busy.
 */
#include "hale/base.h"

#include "agent/core/memory.h"
#include "agent/daemon/agent.h"

/* `hale check --fresh`: runs begin so far apart, and who asks meanwhile waits
 * for the next one: what a run saw that began before the question is not fresh.
 */
#define FRESH_APART_NS (HALE_NS_PER_S / 2)
/* A run of everything costs some 100 ms of processor time and wakes every bus:
 * four at once, and then one in... */
#define FRESH_EACH_NS (10 * HALE_NS_PER_S)
#define FRESH_BURST   4

/* A probe that is back by then has not been missed. */
#define HOLD_NS (2 * HALE_NS_PER_S)

#define ALL_SENSES ((1U << HALE_SENSE_COUNT) - 1)
#define CONFIRMING                                                             \
	(1U << HALE_SENSE_DISK_HEALTH | 1U << HALE_SENSE_FS_STATE |            \
	 1U << HALE_SENSE_ARRAYS)

static void give_up(void *data, enum wire_reason why)
{
	agent_tell(data, WIRE_END_PROBE, why);
}

void agent_start_probe(struct agent *a)
{
	const struct probe_setup setup = {
		.loop = &a->loop,
		.clock = &a->clock,
		.drivers = hale_drivers,
		.sink = agent_sink,
		.sink_data = a,
		.give_up = give_up,
		.give_up_data = a,
	};

	probe_init(&a->probe, &setup);
}

/* The host is what it was: what the old probe said counts until the new one has
 * looked, or until on_patience(). */
static void hold(struct agent *a)
{
	for (size_t i = 0; i < a->probe.n_drivers; i++)
		middle_doubt(a->middle, a->probe.drivers[i].driver->name);
	a->settled = false;
	loop_timer_hasten(&a->loop, &a->patience, AGENT_PATIENCE_NS);
}

void agent_take_probe(struct agent *a, int fd)
{
	if (a->ready)
		hold(a);
	probe_attach(&a->probe, fd);
}

void agent_lose_probe(struct agent *a, const char *why, uint64_t next_ns)
{
	bool soon = next_ns > 0 && next_ns <= HOLD_NS;

	if (soon && a->ready)
		hold(a);
	probe_lose(&a->probe, why, soon);
}

void agent_trigger(struct agent *a, uint32_t senses, uint64_t delay_ns)
{
	host_trigger(a->host, senses, delay_ns);
	probe_trigger(&a->probe, senses, delay_ns, false);
}

bool agent_busy(const struct agent *a, uint32_t senses)
{
	return host_busy(a->host, senses) || probe_busy(&a->probe, senses);
}

bool agent_settled(struct agent *a)
{
	if (!a->released && probe_mapped(&a->probe)) {
		a->released = true;
		host_release(a->host);
	}
	return probe_settled(&a->probe) && host_settled(a->host);
}

bool agent_informed(struct agent *a)
{
	if (agent_settled(a))
		return true;
	return a->resumed && host_settled(a->host);
}

void agent_configure_drivers(struct agent *a)
{
	size_t n = config_driver_options(a->config, a->driver_options,
					 CONFIG_OPTIONS_MAX);

	host_configure(a->host, a->driver_options, n,
		       middle_position(a->middle));
	probe_configure(&a->probe, a->driver_options, n);
}

/* Anyone may ask, and often. Who may not control the agent pays for each run
 * with FRESH_EACH_NS, for a few of them in advance. */
static bool pay_fresh(struct agent *a, const struct gate_client *c,
		      uint64_t now)
{
	uint64_t paid = a->fresh_paid_ns > now ? a->fresh_paid_ns : now;

	if (c->may_control)
		return true;
	if (paid + FRESH_EACH_NS > now + FRESH_BURST * FRESH_EACH_NS)
		return false;
	a->fresh_paid_ns = paid + FRESH_EACH_NS;
	return true;
}

uint64_t agent_ask_all(struct agent *a, const struct gate_client *c)
{
	uint64_t now = clock_boot_ns(), begin = a->fresh_ns + FRESH_APART_NS;

	if (a->fresh != 0 && (now < a->fresh_ns || !pay_fresh(a, c, now)))
		return a->fresh;
	if (a->fresh == 0 || begin < now)
		begin = now;
	a->fresh_ns = begin;
	host_trigger(a->host, ALL_SENSES, begin - now);
	a->fresh = probe_trigger(&a->probe, ALL_SENSES, begin - now, true);
	return a->fresh;
}

void agent_confirm(struct agent *a, const struct hale_observation *o)
{
	uint64_t delay;

	if (!a->ready) /* at first everything is looked at anyway */
		return;
	delay = confirm_delay(&a->confirm, o, clock_boot_ns());
	if (delay != UINT64_MAX)
		probe_trigger(&a->probe, CONFIRMING, delay, false);
}
