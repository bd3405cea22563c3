/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From disks' readings to findings: what opens, proves and ends them, what
 * growth is news, and what survives a restart. Time is invented.
 */
#include "agent/core/memory.h"
#include "disks.h"
#include "world.h"

#define SDB "disk/naa.build"

/* @d as the driver says it of sdb, now. */
static bool tell(struct world *w, struct hale_disk_reading d)
{
	struct hale_fact f = { .kind = HALE_FACT_DISK_READING };

	d.ref = HALE_REF_DISK;
	d.time_ns = w->now;
	HALE_SET(d.part, "sdb");
	f.u.disk = d;
	return world_fact(w, "smart", &f);
}

/* A disk that spins, with this attribute. */
static struct hale_disk_reading with(uint8_t id, uint64_t raw)
{
	struct hale_disk_reading d = disk_spinning();

	disk_attribute(&d, id, 100, raw);
	return d;
}

static bool on(struct world *w, enum hale_condition c)
{
	return world_finding(w, SDB, c) != NULL;
}

static void a_reading_opens_proves_and_ends(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	assert_false(tell(&w, with(197, 0)));
	assert_false(on(&w, HALE_DISK_SMART_PREFAIL));
	w.now += HOUR;
	assert_true(tell(&w, with(197, 3)));
	assert_true(on(&w, HALE_DISK_SMART_PREFAIL));
	assert_int_equal(w.finding.effect, HALE_EFFECT_WARNS);
	assert_string_equal(w.finding.driver, "smart");
	assert_string_equal(w.finding.alias, "sdb");
	assert_string_equal(w.finding.evidence,
			    "3 sectors that cannot be read now, 3 more than "
			    "1 h ago");
	w.now += HOUR;
	assert_true(tell(&w, with(197, 5)));
	assert_true(on(&w, HALE_DISK_SMART_PREFAIL));
	assert_int_equal(w.finding.count, 1);
	w.now += HOUR;
	assert_true(tell(&w, with(197, 0)));
	assert_false(on(&w, HALE_DISK_SMART_PREFAIL));
	world_end(&w);
}

static void a_failing_disk_blocks(void **state)
{
	struct hale_disk_reading d = disk_spinning();
	struct world w;

	(void)state;
	world_new(&w);
	hale_disk_set(&d, HALE_DISK_PASSED, 0);
	disk_attribute(&d, 197, 100, 7);
	tell(&w, d);
	assert_true(on(&w, HALE_DISK_SMART_FAILING));
	assert_int_equal(w.finding.effect, HALE_EFFECT_BLOCKS);
	/* both are said, each with its own proof */
	assert_true(on(&w, HALE_DISK_SMART_PREFAIL));
	assert_non_null(strstr(w.finding.evidence, "7 sectors"));
	world_end(&w);
}

static void a_sleeping_disk_changes_nothing(void **state)
{
	struct hale_disk_reading asleep = { .asleep = true };
	struct world w;

	(void)state;
	world_new(&w);
	tell(&w, with(197, 3));
	w.now += HOUR;
	assert_false(tell(&w, asleep));
	assert_true(on(&w, HALE_DISK_SMART_PREFAIL));
	world_end(&w);
}

/* The table was not read this time: that is not health. */
static void half_a_reading_ends_nothing(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	tell(&w, with(197, 3));
	w.now += HOUR;
	tell(&w, disk_spinning());
	assert_true(on(&w, HALE_DISK_SMART_PREFAIL));
	world_end(&w);
}

static void heat_comes_and_goes(void **state)
{
	struct hale_disk_reading d = with(197, 0);
	struct world w;

	(void)state;
	world_new(&w);
	hale_disk_set(&d, HALE_DISK_TEMPERATURE, 61);
	hale_disk_set(&d, HALE_DISK_TEMPERATURE_LIMIT, 60);
	tell(&w, d);
	assert_true(on(&w, HALE_DISK_HOT));
	w.now += HOUR;
	/* also when the rest could not be read */
	d = disk_spinning();
	hale_disk_set(&d, HALE_DISK_TEMPERATURE, 50);
	hale_disk_set(&d, HALE_DISK_TEMPERATURE_LIMIT, 60);
	tell(&w, d);
	assert_false(on(&w, HALE_DISK_HOT));
	world_end(&w);
}

/* A few reallocated sectors are no news, and more of them are. */
static void growth_is_news_for_a_day_or_two(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	tell(&w, with(5, 4));
	assert_false(on(&w, HALE_DISK_SMART_PREFAIL));
	w.now += HOUR;
	tell(&w, with(5, 6));
	assert_true(on(&w, HALE_DISK_SMART_PREFAIL));
	for (unsigned int h = 2; h < 24; h++) {
		w.now += HOUR;
		tell(&w, with(5, 6));
		assert_true(on(&w, HALE_DISK_SMART_PREFAIL));
	}
	for (unsigned int h = 24; h <= 50; h++) {
		w.now += HOUR;
		tell(&w, with(5, 6));
	}
	assert_false(on(&w, HALE_DISK_SMART_PREFAIL));
	world_end(&w);
}

static void only_growth_of_link_errors_is_counted(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	assert_false(tell(&w, with(199, 31363)));
	assert_false(on(&w, HALE_DISK_LINK_ERROR));
	w.now += HOUR;
	assert_true(tell(&w, with(199, 31370)));
	assert_true(on(&w, HALE_DISK_LINK_ERROR));
	assert_int_equal(w.finding.count, 7);
	assert_int_equal(w.finding.effect, HALE_EFFECT_WARNS);
	assert_non_null(strstr(w.finding.evidence, "31370 transfers"));
	/* "unknown" is for the counter, not for people and their JSON */
	assert_int_equal(w.finding.total, 0);
	w.now += HOUR;
	tell(&w, with(199, 31370));
	assert_true(on(&w, HALE_DISK_LINK_ERROR));
	assert_int_equal(w.finding.count, 7);
	world_end(&w);
}

/* Everything that is kept, into another middle, in another boot. */
static void restart(struct world *w)
{
	world_restart(w, false);
	world_see_all(w);
	world_disk(w, "sda", 0, "disk/naa.root");
	world_disk(w, "sdb", 16, SDB);
}

static void growth_is_seen_over_a_restart(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	tell(&w, with(5, 4));
	restart(&w);
	w.now += 5 * HOUR;
	tell(&w, with(5, 5));
	assert_true(on(&w, HALE_DISK_SMART_PREFAIL));
	assert_string_equal(w.finding.evidence,
			    "5 reallocated sectors, 1 more than 5 h ago");
	world_end(&w);
}

static void link_errors_are_counted_over_a_restart(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	tell(&w, with(199, 10));
	restart(&w);
	w.now += HOUR;
	tell(&w, with(199, 14));
	assert_true(on(&w, HALE_DISK_LINK_ERROR));
	assert_int_equal(w.finding.count, 4);
	world_end(&w);
}

static void rows_that_make_no_sense_are_refused(void **state)
{
	struct hale_memory_disk row = { .key = 5 };
	struct world w;

	(void)state;
	world_new(&w);
	assert_int_not_equal(middle_load_disk(w.m, &row, w.now), 0);
	row.recent.time_ns = w.now + 1;
	assert_int_not_equal(middle_load_disk(w.m, &row, w.now), 0);
	row.recent.time_ns = w.now;
	row.old.time_ns = w.now + 1;
	assert_int_not_equal(middle_load_disk(w.m, &row, w.now), 0);
	row.old.time_ns = w.now;
	assert_int_equal(middle_load_disk(w.m, &row, w.now), 0);
	row.key = 0;
	assert_int_not_equal(middle_load_disk(w.m, &row, w.now), 0);
	world_end(&w);
}

/* More disks than are remembered: the findings are there all the same. */
static void too_many_disks_are_still_judged(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	for (unsigned int i = 0; i < 300; i++) {
		struct hale_fact f = { .kind = HALE_FACT_DISK_READING };
		char part[HALE_PART_MAX];

		f.u.disk = with(197, i % 2);
		f.u.disk.ref = HALE_REF_PART;
		f.u.disk.time_ns = w.now++;
		snprintf(part, sizeof(part), "disk/naa.%u", i);
		HALE_SET(f.u.disk.part, part);
		world_fact(&w, "smart", &f);
		assert_int_equal(world_finding(&w, part,
					       HALE_DISK_SMART_PREFAIL) != NULL,
				 i % 2);
	}
	world_end(&w);
}

static bool say_stalled(struct world *w, const char *driver, bool stalled)
{
	struct hale_observation o =
		world_observation(HALE_DISK_STALLED, HALE_REF_DISK, "sdb");

	o.kind = HALE_OBSERVED_STATE;
	o.holds = stalled;
	HALE_SET(o.evidence, stalled ? driver : "");
	w->now += SECOND;
	return world_say(w, driver, &o);
}

static bool stalled(struct world *w)
{
	return world_finding(w, SDB, HALE_DISK_STALLED) != NULL;
}

/* A disk may tell of its health and still owe what was read of it. */
static void who_waits_for_a_disk_says_when_it_answers(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	assert_true(say_stalled(&w, "diskstats", true));
	assert_fitness(HALE_UNFIT, world_check_build(&w));
	assert_false(say_stalled(&w, "smart", false));
	assert_fitness(HALE_UNFIT, world_check_build(&w));
	world_restart(&w, true);
	world_devices(&w);
	world_see_all(&w);
	assert_true(stalled(&w));
	assert_true(say_stalled(&w, "diskstats", false));
	assert_false(stalled(&w));
	/* both wait: the last of them ends it */
	say_stalled(&w, "smart", true);
	say_stalled(&w, "diskstats", true);
	say_stalled(&w, "smart", true);
	assert_false(say_stalled(&w, "diskstats", false));
	assert_true(stalled(&w));
	assert_true(say_stalled(&w, "smart", false));
	assert_false(stalled(&w));
	world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reading_opens_proves_and_ends),
		cmocka_unit_test(a_failing_disk_blocks),
		cmocka_unit_test(a_sleeping_disk_changes_nothing),
		cmocka_unit_test(half_a_reading_ends_nothing),
		cmocka_unit_test(heat_comes_and_goes),
		cmocka_unit_test(growth_is_news_for_a_day_or_two),
		cmocka_unit_test(only_growth_of_link_errors_is_counted),
		cmocka_unit_test(growth_is_seen_over_a_restart),
		cmocka_unit_test(link_errors_are_counted_over_a_restart),
		cmocka_unit_test(rows_that_make_no_sense_are_refused),
		cmocka_unit_test(too_many_disks_are_still_judged),
		cmocka_unit_test(who_waits_for_a_disk_says_when_it_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
