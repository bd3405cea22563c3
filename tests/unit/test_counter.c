/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Running totals beside events of the same errors: whichever way they come,
 * each error counts once. Time is invented.
 */
#include <errno.h>

#include "agent/core/counter.h"
#include "agent/core/memory.h"

#include "world.h"

#define DIMM "dimm/DIMM_A1"

static struct hale_observation reading(const struct world *w, uint64_t value)
{
	struct hale_observation o =
		world_observation(HALE_MEMORY_UNCORRECTED, HALE_REF_PART, DIMM);

	o.kind = HALE_OBSERVED_COUNTER;
	o.time_ns = w->now;
	o.value = value;
	return o;
}

static void read_counter(struct world *w, uint64_t value)
{
	struct hale_observation o = reading(w, value);

	world_say(w, "edac", &o);
}

static void hear(struct world *w, uint32_t count, uint64_t time_ns)
{
	struct hale_observation o =
		world_observation(HALE_MEMORY_UNCORRECTED, HALE_REF_PART, DIMM);

	o.count = count;
	o.time_ns = time_ns;
	world_say(w, "trace", &o);
}

static uint64_t count_of(struct world *w, enum hale_condition c)
{
	return world_finding(w, DIMM, c) ? w->finding.count : 0;
}

#define COUNT(w) count_of((w), HALE_MEMORY_UNCORRECTED)

static void growth_is_what_happened(void **state)
{
	struct world w;

	(void)state;
	world_bare(&w);
	read_counter(&w, 0);
	assert_int_equal(COUNT(&w), 0);
	w.now += MINUTE;
	read_counter(&w, 3);
	assert_int_equal(COUNT(&w), 3);
	w.now += MINUTE;
	read_counter(&w, 3);
	assert_int_equal(COUNT(&w), 3);
	w.now += MINUTE;
	read_counter(&w, 4);
	assert_int_equal(COUNT(&w), 4);
	world_end(&w);
}

/* The log first, as ever while the agent runs. */
static void events_then_their_growth(void **state)
{
	struct world w;

	(void)state;
	world_bare(&w);
	read_counter(&w, 0);
	w.now += MINUTE;
	hear(&w, 2, w.now);
	w.now += MINUTE;
	read_counter(&w, 5);
	assert_int_equal(COUNT(&w), 5);
	w.now += MINUTE;
	read_counter(&w, 5);
	assert_int_equal(COUNT(&w), 5);
	world_end(&w);
}

/* An event that came while the counter was being read. */
static void growth_that_shows_a_pass_later(void **state)
{
	struct world w;
	struct hale_observation o;

	(void)state;
	world_bare(&w);
	read_counter(&w, 0);
	w.now += MINUTE;
	o = reading(&w, 0); /* read before it happened … */
	w.now += SECOND;
	hear(&w, 1, w.now); /* … and taken in after it was heard */
	world_say(&w, "edac", &o);
	w.now += MINUTE;
	read_counter(&w, 1);
	assert_int_equal(COUNT(&w), 1);
	world_end(&w);
}

/* The counter first: a log that is read late tells the same ones again. */
static void growth_then_its_events(void **state)
{
	struct world w;

	(void)state;
	world_bare(&w);
	read_counter(&w, 0);
	w.now += 5 * MINUTE;
	read_counter(&w, 4);
	hear(&w, 3, w.now - MINUTE);
	assert_int_equal(COUNT(&w), 4);
	/* what happens from here on is new */
	w.now += MINUTE;
	hear(&w, 1, w.now);
	assert_int_equal(COUNT(&w), 5);
	w.now += MINUTE;
	read_counter(&w, 5);
	assert_int_equal(COUNT(&w), 5);
	world_end(&w);
}

static void events_without_a_counter_hide_no_growth_for_long(void **state)
{
	struct world w;

	(void)state;
	world_bare(&w);
	read_counter(&w, 0);
	hear(&w, 7, w.now);
	for (int i = 0; i < 4; i++) {
		w.now += MINUTE;
		read_counter(&w, 0);
	}
	w.now += MINUTE;
	read_counter(&w, 2);
	assert_int_equal(COUNT(&w), 9);
	world_end(&w);
}

static void two_counters_of_one_part(void **state)
{
	struct hale_observation o;
	struct world w;

	(void)state;
	world_bare(&w);
	for (int pass = 0; pass < 2; pass++) {
		read_counter(&w, pass ? 2 : 0);
		o = reading(&w, pass ? 3 : 0);
		o.counter = 1;
		world_say(&w, "edac", &o);
		if (pass == 0)
			hear(&w, 4, w.now + SECOND);
		w.now += MINUTE;
	}
	assert_int_equal(COUNT(&w), 5);
	world_end(&w);
}

static void a_driver_loaded_anew_counts_from_zero(void **state)
{
	struct world w;

	(void)state;
	world_bare(&w);
	read_counter(&w, 10);
	w.now += MINUTE;
	read_counter(&w, 2);
	assert_int_equal(COUNT(&w), 12);
	world_end(&w);
}

static void an_unknown_past_is_no_event(void **state)
{
	struct hale_observation o;
	struct world w;

	(void)state;
	world_bare(&w);
	o = reading(&w, 1000);
	o.total = UINT64_MAX;
	o.holds = true;
	world_say(&w, "array", &o);
	assert_int_equal(COUNT(&w), 0);
	/* `btrfs device stats -z` */
	w.now += MINUTE;
	o.time_ns = w.now;
	o.value = 1;
	world_say(&w, "array", &o);
	assert_int_equal(COUNT(&w), 0);
	w.now += MINUTE;
	o.time_ns = w.now;
	o.value = 3;
	world_say(&w, "array", &o);
	assert_int_equal(COUNT(&w), 2);
	world_end(&w);
}

static void a_restart_counts_nothing_twice(void **state)
{
	struct world w;

	(void)state;
	world_bare(&w);
	read_counter(&w, 4);
	w.now += MINUTE;
	hear(&w, 1, w.now);
	w.now += MINUTE;
	world_restart(&w, true);
	read_counter(&w, 6);
	assert_int_equal(COUNT(&w), 6);
	world_end(&w);
}

static void a_reboot_begins_at_zero(void **state)
{
	struct world w;

	(void)state;
	world_bare(&w);
	read_counter(&w, 4);
	w.now += MINUTE;
	world_restart(&w, false);
	read_counter(&w, 1);
	assert_int_equal(COUNT(&w), 5);
	world_end(&w);
}

/* A record of a crash: it stands at 1 for ever, and is read every hour. */
static void what_outlives_reboots_counts_once(void **state)
{
	struct hale_observation o;
	struct world w;

	(void)state;
	world_bare(&w);
	o = reading(&w, 1);
	o.holds = true;
	world_say(&w, "pstore", &o);
	for (int boot = 0; boot < 3; boot++) {
		w.now += HOUR;
		world_restart(&w, false);
		world_say(&w, "pstore", &o);
	}
	assert_int_equal(COUNT(&w), 1);
	w.now += MINUTE;
	assert_int_equal(middle_clear(w.m, DIMM, HALE_CONDITION_NONE, w.now),
			 1);
	w.now += HOUR;
	world_restart(&w, false);
	world_say(&w, "pstore", &o);
	assert_int_equal(COUNT(&w), 0);
	world_end(&w);
}

/* Of thousands since a boot months ago nobody knows when: it is noted. */
static void a_first_reading_is_no_rate(void **state)
{
	struct hale_observation o;
	struct world w;

	(void)state;
	world_bare(&w);
	o = reading(&w, 5000);
	o.condition = HALE_MEMORY_CORRECTED;
	world_say(&w, "edac", &o);
	assert_non_null(world_finding(&w, DIMM, HALE_MEMORY_CORRECTED));
	assert_int_equal(w.finding.effect, HALE_EFFECT_NOTES);
	w.now += MINUTE;
	o.time_ns = w.now;
	o.value += 20;
	world_say(&w, "edac", &o);
	assert_non_null(world_finding(&w, DIMM, HALE_MEMORY_CORRECTED));
	assert_int_equal(w.finding.effect, HALE_EFFECT_WARNS);
	assert_int_equal(w.finding.count, 5020);
	world_end(&w);
}

static void unreadable_is_not_zero(void **state)
{
	struct hale_observation o;
	struct world w;

	(void)state;
	world_bare(&w);
	read_counter(&w, 5);
	w.now += MINUTE;
	o = reading(&w, 0);
	o.quality = HALE_QUALITY_UNREADABLE;
	world_say(&w, "edac", &o);
	w.now += MINUTE;
	read_counter(&w, 5);
	assert_int_equal(COUNT(&w), 5);
	world_end(&w);
}

/* More counters than rows: the table stays bounded, the busy ones stay in. */
static void a_full_table_keeps_what_is_read(void **state)
{
	struct counters *c = calloc(1, sizeof(*c));
	struct hale_memory_counter row;
	struct hale_observation o = { .kind = HALE_OBSERVED_COUNTER,
				      .condition = HALE_NET_ERRORS,
				      .time_ns = START };
	struct hale_observation event;
	unsigned int n = 0;

	(void)state;
	assert_non_null(c);
	for (uint32_t i = 0; i < 5000; i++) {
		o.counter = i;
		o.time_ns++;
		counter_take(c, "net/eth0", &o, 0, &event);
	}
	while (counter_save(c, n, &row))
		n++;
	assert_int_equal(n, COUNTERS_MAX);
	/* the last one read is still known */
	o.value = 1;
	o.time_ns++;
	assert_true(counter_take(c, "net/eth0", &o, 0, &event));
	assert_int_equal(event.count, 1);
	assert_int_equal(event.kind, HALE_OBSERVED_EVENT);
	free(c);
}

static void a_row_without_a_key_is_refused(void **state)
{
	const struct hale_memory_counter row = { .value = 5 };
	struct world w;

	(void)state;
	world_bare(&w);
	assert_int_equal(middle_load_counter(w.m, &row, true, w.now), -EINVAL);
	world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(growth_is_what_happened),
		cmocka_unit_test(events_then_their_growth),
		cmocka_unit_test(growth_that_shows_a_pass_later),
		cmocka_unit_test(growth_then_its_events),
		cmocka_unit_test(
			events_without_a_counter_hide_no_growth_for_long),
		cmocka_unit_test(two_counters_of_one_part),
		cmocka_unit_test(a_driver_loaded_anew_counts_from_zero),
		cmocka_unit_test(an_unknown_past_is_no_event),
		cmocka_unit_test(a_restart_counts_nothing_twice),
		cmocka_unit_test(a_reboot_begins_at_zero),
		cmocka_unit_test(what_outlives_reboots_counts_once),
		cmocka_unit_test(a_first_reading_is_no_rate),
		cmocka_unit_test(unreadable_is_not_zero),
		cmocka_unit_test(a_full_table_keeps_what_is_read),
		cmocka_unit_test(a_row_without_a_key_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
