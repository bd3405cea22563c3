/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How findings live: counted once, and standing as long as their kind of life
 * says. Time is invented.
 */
#include "world.h"

#define DISK "disk/naa.build"

static struct hale_observation event(enum hale_condition c, const char *part)
{
	return world_observation(c, HALE_REF_PART, part);
}

static bool on(struct world *w, enum hale_condition c)
{
	return world_finding(w, DISK, c) != NULL;
}

static void latched_adds_up(void **state)
{
	struct hale_observation o = event(HALE_DISK_MEDIUM_ERROR, DISK);
	struct world w;

	(void)state;
	world_new(&w);
	o.value = 7814037;
	assert_true(world_say(&w, "kmsg", &o));
	w.now += MINUTE;
	o.count = 13;
	HALE_SET(o.evidence, "newer");
	assert_true(world_say(&w, "kmsg", &o));
	assert_true(on(&w, HALE_DISK_MEDIUM_ERROR));
	assert_int_equal(w.finding.count, 14);
	assert_int_equal(w.finding.first_ns, START);
	assert_int_equal(w.finding.last_ns, START + MINUTE);
	assert_int_equal(w.finding.value, 7814037);
	assert_int_equal(w.finding.expires_ns, 0);
	assert_string_equal(w.finding.evidence, "newer");
	assert_false(w.finding.at_least);
	/* a late older one counts, but the newest evidence stays */
	o.time_ns = START - HOUR;
	HALE_SET(o.evidence, "older");
	world_say(&w, "kmsg", &o);
	assert_true(on(&w, HALE_DISK_MEDIUM_ERROR));
	assert_int_equal(w.finding.count, 27);
	assert_int_equal(w.finding.first_ns, START - HOUR);
	assert_int_equal(w.finding.last_ns, START + MINUTE);
	assert_string_equal(w.finding.evidence, "newer");
	/* for ever, by itself */
	world_wait(&w, 1000 * DAY);
	assert_true(on(&w, HALE_DISK_MEDIUM_ERROR));
	world_end(&w);
}

static void an_event_that_counts_nothing(void **state)
{
	struct hale_observation o = event(HALE_DISK_IO_ERROR, DISK);
	struct world w;

	(void)state;
	world_new(&w);
	/* opens what is not open: at least one happened */
	o.count = 0;
	assert_true(world_say(&w, "kmsg", &o));
	assert_true(on(&w, HALE_DISK_IO_ERROR));
	assert_int_equal(w.finding.count, 1);
	assert_true(w.finding.at_least);
	/* and adds evidence to what is */
	w.now += MINUTE;
	HALE_SET(o.evidence, "the line after");
	assert_true(world_say(&w, "kmsg", &o));
	assert_true(on(&w, HALE_DISK_IO_ERROR));
	assert_int_equal(w.finding.count, 1);
	assert_int_equal(w.finding.last_ns, w.now);
	assert_string_equal(w.finding.evidence, "the line after");
	/* which is worth telling only where it says something new */
	w.now += MINUTE;
	assert_false(world_say(&w, "kmsg", &o));
	world_end(&w);
}

static void lost_lines_make_a_lower_bound(void **state)
{
	struct hale_observation o = event(HALE_DISK_IO_ERROR, DISK);
	struct world w;

	(void)state;
	world_new(&w);
	o.count = UINT32_MAX;
	o.at_least = true;
	world_say(&w, "kmsg", &o);
	o.at_least = false;
	world_say(&w, "kmsg", &o);
	assert_true(on(&w, HALE_DISK_IO_ERROR));
	assert_true(w.finding.at_least);
	assert_int_equal(w.finding.count, UINT64_C(2) * UINT32_MAX);
	world_end(&w);
}

static void latched_expires_after_the_last(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	world_event(&w, HALE_DISK_IO_ERROR, HALE_REF_DISK, "sdb");
	assert_int_equal(world_wait(&w, 0), MINUTE * 3 + START + 1);
	world_see_all(&w);
	world_wait(&w, 23 * HOUR);
	world_event(&w, HALE_DISK_IO_ERROR, HALE_REF_DISK, "sdb");
	world_wait(&w, DAY - 1);
	assert_true(on(&w, HALE_DISK_IO_ERROR));
	assert_int_equal(w.finding.expires_ns, w.now + 1);
	{
		uint64_t generation = middle_generation(w.m);

		world_wait(&w, 1);
		assert_true(middle_generation(w.m) > generation);
	}
	assert_false(on(&w, HALE_DISK_IO_ERROR));
	world_end(&w);
}

static void what_expired_before_it_was_read(void **state)
{
	struct hale_observation o = event(HALE_MEMORY_OOM, "host");
	struct world w;

	(void)state;
	world_new(&w);
	o.time_ns = w.now - 15 * MINUTE;
	assert_false(world_say(&w, "kmsg", &o));
	o.time_ns++;
	assert_true(world_say(&w, "kmsg", &o));
	world_end(&w);
}

static void rates_are_notes_below_their_limit(void **state)
{
	uint64_t due;
	struct world w;

	(void)state;
	world_new(&w);
	for (int i = 0; i < 3; i++)
		world_event(&w, HALE_DISK_LINK_ERROR, HALE_REF_DISK, "ata2.00");
	assert_true(on(&w, HALE_DISK_LINK_ERROR));
	assert_int_equal(w.finding.effect, HALE_EFFECT_NOTES);
	assert_fitness(HALE_FIT, world_check_build(&w));
	assert_true(world_event(&w, HALE_DISK_LINK_ERROR, HALE_REF_DISK,
				"ata2.00"));
	assert_true(on(&w, HALE_DISK_LINK_ERROR));
	assert_int_equal(w.finding.effect, HALE_EFFECT_WARNS);
	assert_fitness(HALE_DEGRADED, world_check_build(&w));
	/* calm again an hour later, and known still */
	world_wait(&w, HOUR - 1);
	world_see_all(&w);
	assert_fitness(HALE_DEGRADED, world_check_build(&w));
	due = world_wait(&w, 0);
	assert_int_equal(due, w.now + 1);
	world_wait(&w, 1);
	assert_fitness(HALE_FIT, world_check_build(&w));
	assert_true(on(&w, HALE_DISK_LINK_ERROR));
	assert_int_equal(w.finding.count, 4);
	world_wait(&w, DAY);
	assert_false(on(&w, HALE_DISK_LINK_ERROR));
	world_end(&w);
}

static void a_burst_of_long_ago_is_over(void **state)
{
	struct hale_observation o = event(HALE_DISK_LINK_ERROR, DISK);
	struct world w;

	(void)state;
	world_new(&w);
	o.count = 100;
	o.time_ns = w.now - 5 * HOUR;
	world_say(&w, "kmsg", &o);
	assert_true(on(&w, HALE_DISK_LINK_ERROR));
	assert_int_equal(w.finding.effect, HALE_EFFECT_NOTES);
	world_end(&w);
}

static void states_hold_until_they_do_not(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	assert_true(world_state(&w, HALE_DISK_SMART_FAILING, HALE_REF_DISK,
				"sdb", true));
	assert_fitness(HALE_UNFIT, world_check_build(&w));
	w.now += HOUR;
	/* measured once more: nothing new to say */
	assert_false(world_state(&w, HALE_DISK_SMART_FAILING, HALE_REF_DISK,
				 "sdb", true));
	assert_true(on(&w, HALE_DISK_SMART_FAILING));
	assert_int_equal(w.finding.count, 1);
	assert_int_equal(w.finding.first_ns, START);
	assert_int_equal(w.finding.last_ns, w.now);
	w.now += HOUR;
	assert_true(world_state(&w, HALE_DISK_SMART_FAILING, HALE_REF_DISK,
				"sdb", false));
	assert_false(on(&w, HALE_DISK_SMART_FAILING));
	assert_false(world_state(&w, HALE_DISK_SMART_FAILING, HALE_REF_DISK,
				 "sdb", false));
	world_end(&w);
}

static void unreadable_is_not_healthy(void **state)
{
	struct hale_observation o = event(HALE_DISK_SMART_FAILING, DISK);
	struct world w;

	(void)state;
	world_new(&w);
	o.kind = HALE_OBSERVED_STATE;
	o.holds = true;
	world_say(&w, "smart", &o);
	o.holds = false;
	o.quality = HALE_QUALITY_UNREADABLE;
	w.now += HOUR;
	assert_false(world_say(&w, "smart", &o));
	assert_true(on(&w, HALE_DISK_SMART_FAILING));
	/* nor is a number that could not be read a zero */
	o = world_observation(HALE_CONDITION_NONE, HALE_REF_FS, "8:17");
	o.kind = HALE_OBSERVED_MEASURE;
	o.metric = HALE_METRIC_FS_BYTES;
	o.quality = HALE_QUALITY_UNREADABLE;
	assert_false(world_say(&w, "space", &o));
	o.quality = HALE_QUALITY_GOOD;
	o.metric = HALE_METRIC_NONE;
	assert_false(world_say(&w, "space", &o));
	world_end(&w);
}

static void a_line_opens_a_state_and_a_look_closes_it(void **state)
{
	struct hale_observation o =
		world_observation(HALE_FS_READONLY, HALE_REF_FS, "sdb1");
	struct world w;

	(void)state;
	world_new(&w);
	o.seq = 100;
	world_say(&w, "kmsg", &o);
	assert_fitness(HALE_UNFIT, world_check_build(&w));
	/* a look from before the line knows nothing of it */
	o = world_observation(HALE_FS_READONLY, HALE_REF_FS, "8:17");
	o.kind = HALE_OBSERVED_STATE;
	o.time_ns = w.now - SECOND;
	assert_false(world_say(&w, "space", &o));
	assert_fitness(HALE_UNFIT, world_check_build(&w));
	w.now += MINUTE;
	o.time_ns = w.now;
	assert_true(world_say(&w, "space", &o));
	assert_fitness(HALE_FIT, world_check_build(&w));
	/* the same line, read once more */
	o = world_observation(HALE_FS_READONLY, HALE_REF_FS, "sdb1");
	o.time_ns = START;
	assert_false(world_say(&w, "kmsg", &o));
	assert_fitness(HALE_FIT, world_check_build(&w));
	world_end(&w);
}

/* The look may come first: the agent starts long after the line. */
static void a_look_settles_what_is_read_later(void **state)
{
	struct hale_observation o =
		world_observation(HALE_FS_READONLY, HALE_REF_FS, "sdb1");
	struct world w;

	(void)state;
	world_new(&w);
	world_state(&w, HALE_FS_READONLY, HALE_REF_FS, "8:17", false);
	o.time_ns = w.now - HOUR;
	assert_false(world_say(&w, "kmsg", &o));
	o.time_ns = w.now + 1;
	w.now += SECOND;
	assert_true(world_say(&w, "kmsg", &o));
	world_end(&w);
}

static void evidence_closes_what_is_latched(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	world_event(&w, HALE_FS_ERROR, HALE_REF_FS, "sdb1");
	w.now += HOUR;
	assert_true(world_state(&w, HALE_FS_ERROR, HALE_REF_FS, "sdb1", false));
	assert_fitness(HALE_FIT, world_check_build(&w));
	world_end(&w);
}

static void measures_make_states(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	assert_false(world_measure(&w, HALE_METRIC_FS_BYTES, "8:17",
				   500 * HALE_GIB, 1000 * HALE_GIB));
	assert_true(world_measure(&w, HALE_METRIC_FS_BYTES, "8:17",
				  9 * HALE_GIB, 1000 * HALE_GIB));
	assert_fitness(HALE_DEGRADED, world_check_build(&w));
	assert_true(world_measure(&w, HALE_METRIC_FS_BYTES, "8:17", HALE_GIB,
				  1000 * HALE_GIB));
	assert_fitness(HALE_UNFIT, world_check_build(&w));
	assert_non_null(world_finding(&w, "fs/uuid-build", HALE_FS_FULL));
	assert_int_equal(w.finding.value, HALE_GIB);
	assert_int_equal(w.finding.total, 1000 * HALE_GIB);
	/* a hair more does not open the gate */
	world_measure(&w, HALE_METRIC_FS_BYTES, "8:17", 2 * HALE_GIB + HALE_MIB,
		      1000 * HALE_GIB);
	assert_fitness(HALE_UNFIT, world_check_build(&w));
	world_measure(&w, HALE_METRIC_FS_BYTES, "8:17", 3 * HALE_GIB,
		      1000 * HALE_GIB);
	assert_fitness(HALE_DEGRADED, world_check_build(&w));
	assert_true(world_measure(&w, HALE_METRIC_FS_BYTES, "8:17",
				  500 * HALE_GIB, 1000 * HALE_GIB));
	assert_fitness(HALE_FIT, world_check_build(&w));
	world_measure(&w, HALE_METRIC_FS_INODES, "8:17", 5, 1000000);
	assert_fitness(HALE_UNFIT, world_check_build(&w));
	assert_non_null(
		world_finding(&w, "fs/uuid-build", HALE_FS_INODES_FULL));
	world_end(&w);
}

static void a_full_filesystem_that_was_unmounted(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	world_measure(&w, HALE_METRIC_FS_BYTES, "8:17", 0, HALE_GIB);
	world_event(&w, HALE_FS_ERROR, HALE_REF_FS, "sdb1");
	world_map(&w, HALE_FACT_MAP_BEGIN);
	world_mount(&w, 8, 1, "ext4", "/");
	world_map(&w, HALE_FACT_MAP_END);
	assert_null(world_finding(&w, "fs/uuid-build", HALE_FS_FULL));
	/* its damage outlives the mount */
	assert_non_null(world_finding(&w, "fs/uuid-build", HALE_FS_ERROR));
	assert_int_equal(w.finding.effect, HALE_EFFECT_BLOCKS);
	world_end(&w);
}

static void a_full_filesystem_that_is_read_only_now(void **state)
{
	struct hale_fact f = world_mount_fact(8, 17, "ext4", "/home/ci");
	struct world w;

	(void)state;
	world_new(&w);
	world_measure(&w, HALE_METRIC_FS_BYTES, "8:17", 0, HALE_GIB);
	f.u.mount.read_only = true;
	f.u.mount.writable = false;
	world_map(&w, HALE_FACT_MAP_BEGIN);
	world_mount(&w, 8, 1, "ext4", "/");
	world_fact(&w, "storage", &f);
	world_map(&w, HALE_FACT_MAP_END);
	assert_null(world_finding(&w, "fs/uuid-build", HALE_FS_FULL));
	world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(latched_adds_up),
		cmocka_unit_test(an_event_that_counts_nothing),
		cmocka_unit_test(lost_lines_make_a_lower_bound),
		cmocka_unit_test(latched_expires_after_the_last),
		cmocka_unit_test(what_expired_before_it_was_read),
		cmocka_unit_test(rates_are_notes_below_their_limit),
		cmocka_unit_test(a_burst_of_long_ago_is_over),
		cmocka_unit_test(states_hold_until_they_do_not),
		cmocka_unit_test(unreadable_is_not_healthy),
		cmocka_unit_test(a_line_opens_a_state_and_a_look_closes_it),
		cmocka_unit_test(a_look_settles_what_is_read_later),
		cmocka_unit_test(evidence_closes_what_is_latched),
		cmocka_unit_test(measures_make_states),
		cmocka_unit_test(a_full_filesystem_that_was_unmounted),
		cmocka_unit_test(a_full_filesystem_that_is_read_only_now),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
