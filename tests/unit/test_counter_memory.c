/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Running totals: which of them are remembered, and what a reboot makes of
 * those. Time is invented.
 */
#include "world.h"

#define DIMM "dimm/DIMM_A1"

static void read_counter(struct world *w, uint64_t value)
{
	struct hale_observation o =
		world_observation(HALE_MEMORY_UNCORRECTED, HALE_REF_PART, DIMM);

	o.kind = HALE_OBSERVED_COUNTER;
	o.time_ns = w->now;
	o.value = value;
	world_say(w, "edac", &o);
}

static uint64_t count_of(struct world *w, const char *part,
			 enum hale_condition c)
{
	return world_finding(w, part, c) ? w->finding.count : 0;
}

#define COUNT(w) count_of((w), DIMM, HALE_MEMORY_UNCORRECTED)

/* Programs that crash under a thousand names between two readings. */
static void a_storm_of_events_forgets_no_counter(void **state)
{
	struct hale_observation o;
	char name[32];
	struct world w;

	(void)state;
	world_bare(&w);
	read_counter(&w, 3);
	assert_int_equal(COUNT(&w), 3);
	for (unsigned int i = 0; i < 5000; i++) {
		w.now += HALE_NS_PER_MS;
		snprintf(name, sizeof(name), "process/t%u", i);
		o = world_observation(HALE_PROCESS_CRASHES, HALE_REF_PART,
				      name);
		o.time_ns = w.now;
		o.count = 1;
		world_say(&w, "procevent", &o);
	}
	assert_true(middle_clear(w.m, DIMM, HALE_CONDITION_NONE, w.now) > 0);
	w.now += MINUTE;
	read_counter(&w, 3);
	assert_int_equal(COUNT(&w), 0);
	w.now += MINUTE;
	read_counter(&w, 4);
	assert_int_equal(COUNT(&w), 1);
	world_end(&w);
}

static void read_card(struct world *w, uint64_t value)
{
	struct hale_observation o =
		world_observation(HALE_NET_ERRORS, HALE_REF_PART, "net/eth0");

	o.kind = HALE_OBSERVED_COUNTER;
	o.time_ns = w->now;
	o.value = value;
	o.total = UINT64_MAX;
	world_say(w, "link", &o);
}

#define ERRORS(w) count_of((w), "net/eth0", HALE_NET_ERRORS)

/* A card damages some packets while its link comes up, before anybody looks:
 * no more news after a reboot than at the very first start. */
static void a_reboot_tells_nothing_of_an_unknown_past(void **state)
{
	struct world w;

	(void)state;
	world_bare(&w);
	read_card(&w, 40);
	assert_int_equal(ERRORS(&w), 0);
	for (int boot = 0; boot < 2; boot++) {
		w.now += HOUR;
		world_restart(&w, false);
		/* and the agent was started twice before it looked */
		world_restart(&w, true);
		read_card(&w, 40);
		assert_int_equal(ERRORS(&w), 0);
	}
	w.now += MINUTE;
	read_card(&w, 43);
	assert_int_equal(ERRORS(&w), 3);
	w.now += MINUTE;
	world_restart(&w, true);
	read_card(&w, 45);
	assert_int_equal(ERRORS(&w), 5);
	world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_storm_of_events_forgets_no_counter),
		cmocka_unit_test(a_reboot_tells_nothing_of_an_unknown_past),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
