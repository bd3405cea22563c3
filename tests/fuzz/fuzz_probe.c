/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the probe process tells the core: it reads disks, sensors and servers,
 * and may have fallen to one of them. Whatever it sends, the core takes valid
 * facts from drivers that live there, in their own name and of their own kind,
 * or gives the process up and takes no more; and what it makes of those facts
 * keeps its bounds. Input: pieces (pieces.h).
 */
#include <stdlib.h>

#include "hale/base.h"

#include "agent/core/middle.h"
#include "agent/daemon/probe_room.h"
#include "tests/fuzz/pieces.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct probe probe;
static struct middle *middle;

static void check(bool holds)
{
	if (!holds)
		abort();
}

static const struct hale_driver *find(const char *name)
{
	for (size_t i = 0; hale_drivers[i]; i++) {
		if (strcmp(hale_drivers[i]->name, name) == 0)
			return hale_drivers[i];
	}
	return NULL;
}

static void sink(void *data, const char *driver, const struct hale_fact *f,
		 uint64_t now_ns)
{
	const struct hale_driver *d = find(driver);

	(void)data;
	check(d && d->may_block);
	check(hale_fact_valid(f) && probe_may_say(d, f));
	if (f->kind == HALE_FACT_COVERAGE)
		check(strcmp(f->u.coverage.driver, d->name) == 0);
	middle_fact(middle, driver, f, now_ns);
}

/* What a reader of reports would see, some time later. */
static void judge(uint64_t now_ns)
{
	static const struct hale_scope_request host = { .host = true };
	static struct hale_verdict verdict;
	static struct hale_finding f;

	middle_judge(middle, &host, now_ns, &verdict);
	check(verdict.n_reasons <= HALE_REASONS_MAX);
	check(verdict.n_reasons <= verdict.n_reasons_total);
	for (size_t i = 0; middle_finding(middle, i, now_ns, &f); i++) {
		check(f.effect > HALE_EFFECT_NONE && f.count > 0);
		check(f.first_ns <= f.last_ns);
	}
	check(middle_tick(middle, now_ns) > now_ns);
}

static void judge_all(const struct hale_clock *clock)
{
	uint64_t now = clock_now_ns(clock);

	judge(now);
	judge(now + 86400 * HALE_NS_PER_S);
}

static void give_up(void *data, enum wire_reason why)
{
	(void)data;
	check(why == WIRE_BABBLES);
}

static void set_up(const struct hale_clock *clock, struct loop *loop)
{
	const struct probe_setup setup = { .loop = loop,
					   .clock = clock,
					   .drivers = hale_drivers,
					   .sink = sink,
					   .give_up = give_up };

	check(loop_init(loop) == 0);
	probe_init(&probe, &setup);
	check(probe.n_drivers > 0);
}

/* As from a socket, which passes longer ones cut. */
static void take(const uint8_t *bytes, size_t len)
{
	size_t n = len < sizeof(probe.message) ? len : sizeof(probe.message);

	memcpy(probe.message, bytes, n);
	probe_take_message(&probe, probe.message, len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct hale_clock clock;
	static struct loop loop;
	struct hale_policy policy;
	struct pieces p = { data, size };
	const uint8_t *bytes;
	size_t len;

	if (!probe.setup.loop) {
		clock_init(&clock);
		set_up(&clock, &loop);
	}
	probe.given_up = probe.mapped = probe.settled = false;
	for (size_t i = 0; i < probe.n_drivers; i++) {
		probe.drivers[i].answered = probe.drivers[i].whole_ns = 0;
		probe.drivers[i].overstepped = true; /* nothing to log */
	}
	hale_policy_default(&policy);
	check(middle_new(&policy, &middle) == 0);
	while (!probe.given_up && pieces_next(&p, &bytes, &len))
		take(bytes, len);
	judge_all(&clock);
	middle = middle_free(middle);
	return 0;
}
