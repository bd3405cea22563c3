/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who sees what: rows of senses and of parts, and which silence means that
 * nobody looks any more. Time is invented.
 */
#include "agent/core/memory.h"

#include "world.h"

static void say(struct world *w, struct hale_coverage c)
{
	struct hale_fact f = { .kind = HALE_FACT_COVERAGE };

	f.u.coverage = c;
	world_fact(w, c.driver, &f);
}

static struct hale_coverage smart(enum hale_sight sight, const char *part,
				  const char *why)
{
	struct hale_coverage c = { .sense = HALE_SENSE_DISK_HEALTH,
				   .sight = sight,
				   .period_s = 1800,
				   .driver = "smart" };

	HALE_SET(c.part, part);
	HALE_SET(c.why, why);
	return c;
}

/* "PART why;" of each row that smart has, in order. */
static const char *rows(struct world *w)
{
	static char text[8192];
	struct hale_coverage c;
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; middle_coverage(w->m, i, &c); i++) {
		if (strcmp(c.driver, "smart") == 0)
			len += (size_t)snprintf(text + len, sizeof(text) - len,
						"%s%s%s;", c.part,
						c.part[0] ? " " : "", c.why);
	}
	return text;
}

static void a_part_goes_when_it_is_not_said_again(void **state)
{
	uint64_t generation;
	struct world w;

	(void)state;
	world_new(&w);
	for (int round = 0; round < 3; round++) {
		say(&w, smart(HALE_SIGHT_PARTIAL, "", "2 of 4"));
		if (round > 0) /* said again before anybody could miss them */
			assert_int_equal(middle_generation(w.m), generation);
		say(&w, smart(HALE_SIGHT_BLIND, "sdc", "USB bridge"));
		say(&w, smart(HALE_SIGHT_BLIND, "sdd", "asleep"));
		if (round > 0)
			assert_int_equal(middle_generation(w.m), generation);
		assert_string_equal(rows(&w), "2 of 4;sdc USB bridge;"
					      "sdd asleep;");
		generation = middle_generation(w.m);
	}
	say(&w, smart(HALE_SIGHT_PARTIAL, "", "1 of 4"));
	say(&w, smart(HALE_SIGHT_BLIND, "sdd", "asleep"));
	assert_non_null(strstr(rows(&w), "sdc"));
	generation = middle_generation(w.m);
	say(&w, smart(HALE_SIGHT_PARTIAL, "", "1 of 4"));
	assert_true(middle_generation(w.m) > generation);
	assert_string_equal(rows(&w), "1 of 4;sdd asleep;");
	world_end(&w);
}

static void a_part_that_is_seen_has_no_row(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	say(&w, smart(HALE_SIGHT_LIVE, "", ""));
	say(&w, smart(HALE_SIGHT_LIVE, "sda", ""));
	assert_string_equal(rows(&w), ";");
	say(&w, smart(HALE_SIGHT_BLIND, "sda", "asleep"));
	assert_string_equal(rows(&w), ";sda asleep;");
	say(&w, smart(HALE_SIGHT_LIVE, "sda", ""));
	assert_string_equal(rows(&w), ";");
	/* a part of nothing */
	world_end(&w);
	world_new(&w);
	say(&w, smart(HALE_SIGHT_BLIND, "sda", "asleep"));
	assert_string_equal(rows(&w), "");
	world_end(&w);
}

static void a_blind_part_does_not_blind_the_sense(void **state)
{
	struct hale_policy policy;
	struct world w;

	(void)state;
	world_new(&w);
	hale_policy_default(&policy);
	policy.required_senses |= 1U << HALE_SENSE_DISK_HEALTH;
	middle_set_policy(w.m, &policy);
	assert_fitness(HALE_UNKNOWN, world_check_build(&w));
	world_assert_story(&w, "disk_health: no driver has it");
	say(&w, smart(HALE_SIGHT_LIVE, "", ""));
	say(&w, smart(HALE_SIGHT_BLIND, "sdc", "USB bridge"));
	assert_fitness(HALE_FIT, world_check_build(&w));
	say(&w, smart(HALE_SIGHT_BLIND, "", "no access"));
	assert_fitness(HALE_UNKNOWN, world_check_build(&w));
	world_assert_story(&w, "disk_health: smart: no access");
	world_end(&w);
}

/* sdb is under /build, sda under /. */
static void a_blind_part_of_a_required_sense_is_missed_where_it_is(void **state)
{
	struct hale_coverage bridge =
		smart(HALE_SIGHT_BLIND, "sdb", "behind a USB bridge");
	struct hale_policy policy;
	struct world w;

	(void)state;
	HALE_SET(bridge.remedy, "install smartmontools");
	world_new(&w);
	say(&w, smart(HALE_SIGHT_PARTIAL, "", "1 of 2 disks"));
	say(&w, bridge);
	assert_fitness(HALE_FIT, world_check_build(&w));
	hale_policy_default(&policy);
	policy.required_senses |= 1U << HALE_SENSE_DISK_HEALTH;
	middle_set_policy(w.m, &policy);
	assert_fitness(HALE_UNKNOWN, world_check_build(&w));
	world_assert_story(&w, "disk_health: sdb: behind a USB bridge; "
			       "install smartmontools");
	assert_fitness(HALE_FIT, world_check_root(&w));
	/* by its identity as well; half a look is one */
	bridge.sight = HALE_SIGHT_LIVE;
	say(&w, bridge);
	HALE_SET(bridge.part, "disk/naa.build");
	bridge.sight = HALE_SIGHT_PARTIAL;
	say(&w, bridge);
	assert_fitness(HALE_FIT, world_check_build(&w));
	bridge.sight = HALE_SIGHT_BLIND;
	say(&w, bridge);
	assert_fitness(HALE_UNKNOWN, world_check_build(&w));
	world_assert_story(&w, "disk_health: disk/naa.build: behind");
	/* another driver that sees all is enough */
	world_sight(&w, "udisks", HALE_SENSE_DISK_HEALTH, HALE_SIGHT_LIVE, "");
	assert_fitness(HALE_FIT, world_check_build(&w));
	world_end(&w);
}

static void what_is_missing_names_the_remedy(void **state)
{
	struct hale_coverage kmsg = { .sense = HALE_SENSE_BLOCK_ERRORS,
				      .driver = "kmsg",
				      .why = "not permitted",
				      .remedy = "run haled as root" };
	struct hale_coverage trace = { .sense = HALE_SENSE_BLOCK_ERRORS,
				       .driver = "trace",
				       .why = "no tracefs" };
	struct world w;

	(void)state;
	world_new(&w);
	say(&w, trace);
	say(&w, kmsg);
	assert_fitness(HALE_UNKNOWN, world_check_build(&w));
	world_assert_story(&w, "block_errors: kmsg: not permitted; "
			       "run haled as root");
	/* one of the two is enough */
	trace.sight = HALE_SIGHT_LIVE;
	say(&w, trace);
	assert_fitness(HALE_FIT, world_check_build(&w));
	world_end(&w);
}

/* The process of its driver was killed, and another looks already. */
static void what_was_seen_counts_until_it_is_seen_anew(void **state)
{
	struct hale_coverage c = smart(HALE_SIGHT_LIVE, "", "");
	struct hale_policy policy;
	struct world w;

	(void)state;
	world_new(&w);
	hale_policy_default(&policy);
	policy.required_senses |= 1U << HALE_SENSE_DISK_HEALTH;
	middle_set_policy(w.m, &policy);
	say(&w, c);
	assert_fitness(HALE_FIT, world_check_build(&w));
	middle_doubt(w.m, "smart");
	say(&w, smart(HALE_SIGHT_BLIND, "", HALE_NOT_YET));
	assert_fitness(HALE_FIT, world_check_build(&w));
	say(&w, c);
	middle_settled(w.m, w.now);
	assert_fitness(HALE_FIT, world_check_build(&w));
	/* it is not seen anew */
	middle_doubt(w.m, "smart");
	say(&w, smart(HALE_SIGHT_BLIND, "", HALE_NOT_YET));
	middle_settled(w.m, w.now);
	assert_fitness(HALE_UNKNOWN, world_check_build(&w));
	/* or its driver says that it cannot */
	say(&w, c);
	middle_doubt(w.m, "smart");
	say(&w, smart(HALE_SIGHT_BLIND, "", "no access"));
	assert_fitness(HALE_UNKNOWN, world_check_build(&w));
	world_end(&w);
}

static void more_parts_than_there_is_room_for(void **state)
{
	struct hale_coverage c;
	uint64_t generation;
	char told[200];
	struct world w;
	size_t n;

	(void)state;
	world_new(&w);
	for (int round = 0; round < 3; round++) {
		say(&w, smart(HALE_SIGHT_PARTIAL, "", "a shelf"));
		for (int i = 0; i < 70; i++) {
			char name[16];

			snprintf(name, sizeof(name), "sd%d", i);
			say(&w, smart(HALE_SIGHT_BLIND, name, "RAID"));
		}
		if (round == 0)
			generation = middle_generation(w.m);
		assert_int_equal(middle_generation(w.m), generation);
		told[0] = '\0';
		for (n = 0; middle_coverage(w.m, n, &c); n++) {
			if (strcmp(c.driver, "core") == 0)
				HALE_SET(told, c.why);
		}
		assert_string_equal(told, "6 more parts that smart cannot see: "
					  "no room");
	}
	/* all of them gone: so is the remark, one round later */
	say(&w, smart(HALE_SIGHT_LIVE, "", ""));
	say(&w, smart(HALE_SIGHT_LIVE, "", ""));
	assert_string_equal(rows(&w), ";");
	for (n = 0; middle_coverage(w.m, n, &c); n++)
		assert_string_not_equal(c.driver, "core");
	/* and there is room again */
	say(&w, smart(HALE_SIGHT_BLIND, "sdz", "RAID"));
	assert_string_equal(rows(&w), ";sdz RAID;");
	world_end(&w);
}

static void silence_is_measured_by_the_drivers_own_period(void **state)
{
	struct hale_coverage c;
	struct world w;

	(void)state;
	world_bare(&w);
	say(&w, smart(HALE_SIGHT_LIVE, "", ""));
	world_sight(&w, "kmsg", HALE_SENSE_KERNEL_LOG, HALE_SIGHT_LIVE, "");
	assert_int_equal(world_wait(&w, 0), START + 90 * MINUTE + 1);
	assert_int_equal(world_wait(&w, 90 * MINUTE), START + 90 * MINUTE + 1);
	assert_true(middle_coverage(w.m, 0, &c));
	assert_int_equal(c.sight, HALE_SIGHT_LIVE);
	assert_int_equal(c.period_s, 1800);
	/* it is, and the log may be silent for ever */
	assert_int_equal(world_wait(&w, 1), UINT64_MAX);
	assert_true(middle_coverage(w.m, 0, &c));
	assert_int_equal(c.sight, HALE_SIGHT_BLIND);
	assert_string_equal(c.why, "has fallen silent");
	assert_true(c.remedy[0]);
	assert_true(middle_coverage(w.m, 1, &c));
	assert_int_equal(c.sight, HALE_SIGHT_LIVE);
	/* what it was blind to already, it is blind to for that reason */
	say(&w, smart(HALE_SIGHT_BLIND, "", "no access"));
	world_wait(&w, DAY);
	assert_true(middle_coverage(w.m, 0, &c));
	assert_string_equal(c.why, "no access");
	world_end(&w);
}

/* A laptop's lid, a virtual machine that is paused: nobody was awake to miss
 * anybody. Who is still silent a minute later is missed. */
static void sleep_of_the_host_is_no_silence(void **state)
{
	struct hale_coverage c;
	uint64_t generation, due;
	struct world w;

	(void)state;
	world_bare(&w);
	say(&w, smart(HALE_SIGHT_LIVE, "", ""));
	world_wait(&w, 0);
	generation = middle_generation(w.m);
	due = world_wait(&w, 8 * HOUR);
	assert_int_equal(middle_generation(w.m), generation);
	assert_int_equal(due, w.now + MINUTE + 1);
	assert_int_equal(world_wait(&w, due - w.now), UINT64_MAX);
	assert_true(middle_coverage(w.m, 0, &c));
	assert_string_equal(c.why, "has fallen silent");
	/* it speaks, the host sleeps again, and it speaks in time */
	say(&w, smart(HALE_SIGHT_LIVE, "", ""));
	due = world_wait(&w, 0);
	assert_int_equal(due, w.now + 90 * MINUTE + 1);
	generation = middle_generation(w.m);
	world_wait(&w, 8 * HOUR);
	w.now += SECOND;
	say(&w, smart(HALE_SIGHT_LIVE, "", ""));
	world_wait(&w, MINUTE);
	assert_int_equal(middle_generation(w.m), generation);
	world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_part_goes_when_it_is_not_said_again),
		cmocka_unit_test(a_part_that_is_seen_has_no_row),
		cmocka_unit_test(a_blind_part_does_not_blind_the_sense),
		cmocka_unit_test(
			a_blind_part_of_a_required_sense_is_missed_where_it_is),
		cmocka_unit_test(what_is_missing_names_the_remedy),
		cmocka_unit_test(what_was_seen_counts_until_it_is_seen_anew),
		cmocka_unit_test(more_parts_than_there_is_room_for),
		cmocka_unit_test(silence_is_measured_by_the_drivers_own_period),
		cmocka_unit_test(sleep_of_the_host_is_no_silence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
