/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which test ends which finding, how that is told, and what it never ends.
 */
#include "join_world.h"

#include "agent/core/core.h"
#include "agent/core/verified.h"

#define SDA "disk/naa.root"

static struct hale_outcome outcome;
static struct hale_failing failing;

/* All sectors of the list read back. */
static struct hale_verification read_back(struct world *w)
{
	struct hale_verification v = { .tested = HALE_TESTED_DISK,
				       .sectors = 14,
				       .sectors_good = 14,
				       .bytes_total = HALE_GIB };

	middle_failing(w->m, SDA, &failing);
	v.stamp = failing.stamp;
	HALE_SET(v.part, SDA);
	return v;
}

static bool on(struct world *w, enum hale_condition c)
{
	return world_finding(w, SDA, c) != NULL;
}

static void failed(struct world *w, enum hale_condition c)
{
	begin(w, false);
	logged(w, c, 60000, w->now);
	world_wait(w, MINUTE);
}

static bool verified(struct world *w, const struct hale_verification *v)
{
	return middle_verified(w->m, v, w->now, &outcome);
}

static void test_all_sectors_read_back_ends_it(void **state)
{
	static const enum hale_condition both[] = { HALE_DISK_MEDIUM_ERROR,
						    HALE_DISK_IO_ERROR };

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(both); i++) {
		struct hale_verification v;
		struct hale_finding closed;
		struct world w;

		failed(&w, both[i]);
		assert_fitness(HALE_UNFIT, world_check_root(&w));
		v = read_back(&w);
		assert_true(verified(&w, &v));
		assert_int_equal(outcome.cleared, 1);
		assert_false(on(&w, both[i]));
		assert_fitness(HALE_FIT, world_check_root(&w));
		assert_true(middle_closed(w.m, 0, w.now, &closed));
		assert_string_equal(closed.closed,
				    "verified: 14 of 14 sectors read back");
		/* the log read again does not bring it back, */
		logged(&w, both[i], 60000, w.now - MINUTE);
		assert_false(on(&w, both[i]));
		/* a new failure does */
		world_wait(&w, SECOND);
		logged(&w, both[i], 60000, w.now);
		assert_true(on(&w, both[i]));
		world_end(&w);
	}
}

static void test_what_is_no_proof(void **state)
{
	struct hale_verification v;
	struct world w;

	(void)state;
	failed(&w, HALE_DISK_MEDIUM_ERROR);
	v = read_back(&w);
	v.sectors_good = 13;
	assert_false(verified(&w, &v));
	v = read_back(&w);
	v.bad = true;
	assert_false(verified(&w, &v));
	v = read_back(&w);
	v.self_test = HALE_SELF_TEST_FAILED;
	assert_false(verified(&w, &v));
	/* a sample and a short self-test say nothing about those sectors */
	v = read_back(&w);
	v.sectors = v.sectors_good = 0;
	v.self_test = HALE_SELF_TEST_SHORT;
	assert_false(verified(&w, &v));
	/* it failed once more while it was read */
	v = read_back(&w);
	logged(&w, HALE_DISK_MEDIUM_ERROR, 60000, w.now);
	assert_false(verified(&w, &v));
	assert_non_null(strstr(outcome.text, "failed again"));
	/* another disk */
	v = read_back(&w);
	HALE_SET(v.part, "disk/naa.build");
	assert_false(verified(&w, &v));
	assert_true(on(&w, HALE_DISK_MEDIUM_ERROR));
	world_end(&w);
}

static void test_a_disk_that_does_not_answer_is_found(void **state)
{
	const struct hale_finding *f;
	struct hale_verification v;
	struct world w;

	(void)state;
	begin(&w, false);
	assert_fitness(HALE_FIT, world_check_root(&w));
	v = read_back(&w);
	v.sectors = v.sectors_good = 0;
	v.bad = v.stalled = true;
	HALE_SET(v.evidence, "a read at sector 8 has not returned for 90 s");
	assert_true(verified(&w, &v));
	f = world_finding(&w, SDA, HALE_DISK_STALLED);
	assert_non_null(f);
	assert_string_equal(f->evidence, v.evidence);
	assert_fitness(HALE_UNFIT, world_check_root(&w));
	/* nor does it now, */
	world_wait(&w, SECOND);
	verified(&w, &v);
	assert_true(on(&w, HALE_DISK_STALLED));
	/* and now it does, though something else is wrong with it */
	v.stalled = false;
	v.bytes_read = HALE_MIB;
	world_wait(&w, SECOND);
	assert_true(verified(&w, &v));
	assert_false(on(&w, HALE_DISK_STALLED));
	assert_fitness(HALE_FIT, world_check_root(&w));
	world_end(&w);
}

static void test_a_list_that_is_not_whole_needs_all_of_the_disk(void **state)
{
	(void)state;
	for (int way = 0; way < 2; way++) {
		struct hale_verification v;
		struct world w;

		failed(&w, HALE_DISK_MEDIUM_ERROR);
		sensed(&w, HALE_DISK_MEDIUM_ERROR, w.now);
		v = read_back(&w);
		assert_false(verified(&w, &v));
		assert_non_null(strstr(outcome.text, "--full"));
		assert_true(on(&w, HALE_DISK_MEDIUM_ERROR));
		v = read_back(&w);
		v.full = way == 0;
		if (way == 1)
			v.self_test = HALE_SELF_TEST_EXTENDED;
		assert_true(verified(&w, &v));
		assert_false(on(&w, HALE_DISK_MEDIUM_ERROR));
		world_end(&w);
	}
}

static void test_reading_proves_nothing_about_writing(void **state)
{
	struct hale_observation o;
	struct hale_verification v;
	struct world w;

	(void)state;
	failed(&w, HALE_DISK_IO_ERROR);
	o = request(HALE_DISK_IO_ERROR, "sda", HALE_OP_WRITE, 8, w.now);
	o.seq = ++log_seq;
	world_say(&w, "kmsg", &o);
	v = read_back(&w);
	v.full = true;
	assert_false(verified(&w, &v));
	assert_non_null(strstr(outcome.text, "writing failed"));
	world_end(&w);
}

/* Another one may have answered under its name. */
static void test_a_disk_that_was_away_meanwhile_is_not_known(void **state)
{
	struct hale_verification v;
	struct world w;

	(void)state;
	failed(&w, HALE_DISK_MEDIUM_ERROR);
	v = read_back(&w);
	world_remove(&w, "sda", 0);
	world_wait(&w, SECOND);
	world_disk(&w, "sda", 0, SDA);
	world_wait(&w, SECOND);
	assert_false(verified(&w, &v));
	assert_non_null(strstr(outcome.text, "unplugged"));
	assert_true(on(&w, HALE_DISK_MEDIUM_ERROR));
	v = read_back(&w);
	assert_true(verified(&w, &v));
	world_end(&w);
}

/* It happened before the test's end was told, and is heard of after it. */
static void test_a_failure_that_is_heard_late_still_counts(void **state)
{
	struct hale_verification v;
	uint64_t failed_ns;
	struct world w;

	(void)state;
	failed(&w, HALE_DISK_MEDIUM_ERROR);
	v = read_back(&w);
	world_wait(&w, MINUTE);
	failed_ns = w.now - 10 * HALE_NS_PER_MS;
	assert_true(verified(&w, &v));
	logged(&w, HALE_DISK_MEDIUM_ERROR, 70000, failed_ns);
	assert_true(on(&w, HALE_DISK_MEDIUM_ERROR));
	world_end(&w);
}

/* More disks fail than lists are kept: that list has no stamp of its own. */
static void test_a_disk_without_a_list_that_fails_meanwhile(void **state)
{
	struct hale_verification v;
	struct world w;

	(void)state;
	failed(&w, HALE_DISK_MEDIUM_ERROR);
	for (size_t i = 0; i < SECTORS_DISKS; i++)
		snprintf(w.m->sectors.disks[i].failing.part, HALE_PART_MAX,
			 "disk/naa.build%s", i ? "x" : "");
	v = read_back(&w);
	v.full = true;
	logged(&w, HALE_DISK_MEDIUM_ERROR, 60000, w.now);
	for (size_t i = 0; i < SECTORS_DISKS; i++)
		snprintf(w.m->sectors.disks[i].failing.part, HALE_PART_MAX,
			 "disk/naa.build%s", i ? "x" : "");
	assert_false(verified(&w, &v));
	world_end(&w);
}

/* NVMe's own reads what it has the time for (OCP NVMe SSD, self-test). */
static void test_the_extended_test_of_nvme_leaves_places_out(void **state)
{
	struct hale_observation o;
	struct hale_verification v;
	struct world w;

	(void)state;
	begin(&w, false);
	world_disk(&w, "nvme0n1", 0, "disk/eui.1");
	o = request(HALE_DISK_MEDIUM_ERROR, "nvme0n1", HALE_OP_UNKNOWN,
		    HALE_SECTOR_UNKNOWN, w.now);
	o.seq = ++log_seq;
	world_say(&w, "kmsg", &o);
	v = read_back(&w);
	middle_failing(w.m, "disk/eui.1", &failing);
	assert_true(failing.gaps != 0);
	v.stamp = failing.stamp;
	HALE_SET(v.part, "disk/eui.1");
	v.self_test = HALE_SELF_TEST_EXTENDED;
	assert_false(verified(&w, &v));
	assert_null(strstr(outcome.text, "--long"));
	v.full = true;
	assert_true(verified(&w, &v));
	world_end(&w);
}

static void test_what_no_test_of_sectors_ends(void **state)
{
	static const enum hale_condition others[] = { HALE_DISK_SMART_FAILING,
						      HALE_DISK_SMART_PREFAIL,
						      HALE_DISK_OFFLINE,
						      HALE_DISK_TIMEOUT };
	struct hale_verification v;
	struct world w;

	(void)state;
	begin(&w, false);
	for (size_t i = 0; i < HALE_ARRAY_SIZE(others); i++) {
		if (hale_condition_info(others[i])->life == HALE_LIFE_STATE)
			world_state(&w, others[i], HALE_REF_DISK, "sda", true);
		else
			world_event(&w, others[i], HALE_REF_DISK, "sda");
	}
	world_wait(&w, MINUTE);
	v = read_back(&w);
	v.full = true;
	v.self_test = HALE_SELF_TEST_EXTENDED;
	assert_false(verified(&w, &v));
	for (size_t i = 0; i < HALE_ARRAY_SIZE(others); i++)
		assert_true(on(&w, others[i]));
	world_end(&w);
}

static struct hale_verification memory_pass(uint64_t share, uint32_t passes)
{
	return (struct hale_verification){ .tested = HALE_TESTED_MEMORY,
					   .bytes_total = 100 * HALE_GIB,
					   .bytes_read = share * HALE_GIB,
					   .passes = passes };
}

static void test_most_of_the_memory_ends_a_suspicion(void **state)
{
	static const struct {
		uint64_t share;
		uint32_t passes;
		bool ends;
	} cases[] = {
		{ 25, 1, false }, { 25, 100, false }, { 74, 4, false },
		{ 90, 3, false }, { 76, 4, true },    { 101, 9, false },
	};

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(cases); i++) {
		struct hale_verification v =
			memory_pass(cases[i].share, cases[i].passes);
		struct world w;

		world_new(&w);
		world_event(&w, HALE_MEMORY_SUSPECT, HALE_REF_PART, "host");
		world_event(&w, HALE_MEMORY_UNCORRECTED, HALE_REF_PART, "host");
		world_wait(&w, MINUTE);
		assert_int_equal(verified(&w, &v), cases[i].ends);
		assert_int_equal(
			world_finding(&w, "host", HALE_MEMORY_SUSPECT) == NULL,
			cases[i].ends);
		/* what the hardware said stays in any case */
		assert_non_null(
			world_finding(&w, "host", HALE_MEMORY_UNCORRECTED));
		world_end(&w);
	}
}

static void test_a_bad_word_blocks(void **state)
{
	struct hale_verification v = memory_pass(90, 9);
	struct world w;

	(void)state;
	world_new(&w);
	v.bad = true;
	HALE_SET(v.evidence, "physical address 0x1000: bit 5 stuck at 1");
	assert_true(verified(&w, &v));
	assert_non_null(world_finding(&w, "host", HALE_MEMORY_UNCORRECTED));
	assert_string_equal(w.finding.evidence, v.evidence);
	assert_fitness(HALE_UNFIT, world_check_build(&w));
	world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_sectors_read_back_ends_it),
		cmocka_unit_test(test_what_is_no_proof),
		cmocka_unit_test(test_a_disk_that_does_not_answer_is_found),
		cmocka_unit_test(
			test_a_list_that_is_not_whole_needs_all_of_the_disk),
		cmocka_unit_test(test_reading_proves_nothing_about_writing),
		cmocka_unit_test(
			test_a_disk_that_was_away_meanwhile_is_not_known),
		cmocka_unit_test(
			test_a_failure_that_is_heard_late_still_counts),
		cmocka_unit_test(
			test_a_disk_without_a_list_that_fails_meanwhile),
		cmocka_unit_test(
			test_the_extended_test_of_nvme_leaves_places_out),
		cmocka_unit_test(test_what_no_test_of_sectors_ends),
		cmocka_unit_test(test_most_of_the_memory_ends_a_suspicion),
		cmocka_unit_test(test_a_bad_word_blocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
