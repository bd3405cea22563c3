/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which sectors are known to have failed: from the log and from a tracer, over
 * restarts and renames, and when that is not all of them.
 */
#include <errno.h>

#include "join_world.h"

#include "agent/core/memory.h"
#include "agent/core/sectors.h"
#include "agent/core/verified.h"

#define SDA "disk/naa.root"

static struct hale_failing failing;

static const struct hale_failing *known(struct world *w)
{
	middle_failing(w->m, SDA, &failing);
	return &failing;
}

static void assert_range(const struct hale_failing *f, uint32_t i,
			 uint64_t first, uint64_t last)
{
	assert_true(i < f->n);
	assert_int_equal(f->ranges[i].first, first);
	assert_int_equal(f->ranges[i].last, last);
}

static void test_sectors_are_kept_in_ranges(void **state)
{
	struct world w;

	(void)state;
	begin(&w, false);
	assert_int_equal(known(&w)->n, 0);
	assert_int_equal(failing.gaps, 0);
	logged(&w, HALE_DISK_MEDIUM_ERROR, 60000, w.now);
	logged(&w, HALE_DISK_MEDIUM_ERROR, 60008, w.now);
	logged(&w, HALE_DISK_MEDIUM_ERROR, 100, w.now);
	logged(&w, HALE_DISK_MEDIUM_ERROR, 60000, w.now);
	assert_int_equal(known(&w)->n, 2);
	assert_range(&failing, 0, 100, 100);
	assert_range(&failing, 1, 60000, 60008);
	assert_int_equal(failing.gaps, 0);
	assert_false(failing.ranges[0].written);
	world_end(&w);
}

static void test_both_witnesses_tell_of_the_same(void **state)
{
	(void)state;
	for (int order = 0; order < 2; order++) {
		struct world w;

		begin(&w, true);
		if (order == 0)
			traced(&w, HALE_DISK_MEDIUM_ERROR, 8, w.now);
		sensed(&w, HALE_DISK_MEDIUM_ERROR, w.now);
		if (order == 1)
			traced(&w, HALE_DISK_MEDIUM_ERROR, 8, w.now);
		block_line(&w, HALE_DISK_MEDIUM_ERROR, 8, w.now);
		assert_int_equal(known(&w)->n, 1);
		assert_range(&failing, 0, 8, 8);
		assert_int_equal(failing.gaps, 0);
		world_end(&w);
	}
}

static void test_sense_data_without_its_line_is_a_gap(void **state)
{
	struct world w;

	(void)state;
	begin(&w, false);
	sensed(&w, HALE_DISK_MEDIUM_ERROR, w.now);
	assert_int_equal(known(&w)->gaps, HALE_GAP_UNPLACED);
	block_line(&w, HALE_DISK_MEDIUM_ERROR, 8, w.now);
	assert_int_equal(known(&w)->gaps, 0);
	/* the same sector once more: its line belongs to it all the same */
	sensed(&w, HALE_DISK_MEDIUM_ERROR, w.now);
	block_line(&w, HALE_DISK_MEDIUM_ERROR, 8, w.now);
	assert_int_equal(known(&w)->gaps, 0);
	sensed(&w, HALE_DISK_MEDIUM_ERROR, w.now);
	sensed(&w, HALE_DISK_MEDIUM_ERROR, w.now);
	block_line(&w, HALE_DISK_MEDIUM_ERROR, 8, w.now);
	assert_int_equal(known(&w)->gaps, HALE_GAP_UNPLACED);
	world_end(&w);
}

static void test_lines_left_out_are_a_gap(void **state)
{
	struct world w;

	(void)state;
	begin(&w, false);
	logged(&w, HALE_DISK_IO_ERROR, 8, w.now);
	suppressed(&w, 7, w.now);
	assert_true(known(&w)->gaps & HALE_GAP_SUPPRESSED);
	world_end(&w);
	/* who sees all requests has seen those, too */
	begin(&w, true);
	traced(&w, HALE_DISK_IO_ERROR, 8, w.now);
	logged(&w, HALE_DISK_IO_ERROR, 8, w.now);
	traced(&w, HALE_DISK_IO_ERROR, 16, w.now + 1);
	world_wait(&w, SECOND);
	suppressed(&w, 1, w.now);
	assert_int_equal(known(&w)->gaps, 0);
	assert_range(&failing, 0, 8, 16);
	world_end(&w);
}

static void test_lost_records_are_a_gap(void **state)
{
	struct hale_observation lost =
		world_observation(HALE_AGENT_BLIND, HALE_REF_PART, "host");
	struct world w;

	(void)state;
	begin(&w, false);
	logged(&w, HALE_DISK_IO_ERROR, 8, w.now);
	/* what another sense lost is no disk's */
	world_say(&w, "link", &lost);
	assert_int_equal(known(&w)->gaps, 0);
	world_say(&w, "kmsg", &lost);
	assert_true(known(&w)->gaps & HALE_GAP_LOST);
	world_end(&w);
	/* shortly before the first one that is known */
	begin(&w, false);
	lost.time_ns = w.now;
	world_say(&w, "kmsg", &lost);
	world_wait(&w, MINUTE);
	logged(&w, HALE_DISK_IO_ERROR, 8, w.now);
	assert_true(known(&w)->gaps & HALE_GAP_LOST);
	world_end(&w);
}

static void test_an_error_that_names_no_sector(void **state)
{
	struct world w;

	(void)state;
	begin(&w, false);
	logged(&w, HALE_DISK_MEDIUM_ERROR, 8, w.now);
	world_event(&w, HALE_DISK_MEDIUM_ERROR, HALE_REF_DISK, "sda");
	assert_int_equal(known(&w)->gaps, HALE_GAP_UNPLACED);
	world_end(&w);
}

static void test_the_list_outlives_a_restart(void **state)
{
	struct world w;
	uint64_t stamp;

	(void)state;
	begin(&w, false);
	logged(&w, HALE_DISK_MEDIUM_ERROR, 60000, w.now);
	sensed(&w, HALE_DISK_MEDIUM_ERROR, w.now);
	for (int same_boot = 1; same_boot >= 0; same_boot--) {
		world_restart(&w, same_boot);
		world_disk(&w, "sda", 0, SDA);
		assert_int_equal(known(&w)->n, 1);
		assert_range(&failing, 0, 60000, 60000);
		assert_int_equal(failing.gaps, HALE_GAP_UNPLACED);
	}
	stamp = failing.stamp;
	logged(&w, HALE_DISK_MEDIUM_ERROR, 60000, w.now);
	assert_int_not_equal(known(&w)->stamp, stamp);
	world_end(&w);
}

static void test_it_ends_with_the_finding(void **state)
{
	struct world w;

	(void)state;
	begin(&w, false);
	logged(&w, HALE_DISK_IO_ERROR, 8, w.now);
	assert_int_equal(middle_clear(w.m, "sda", HALE_CONDITION_NONE, w.now),
			 1);
	assert_int_equal(known(&w)->n, 0);
	world_wait(&w, SECOND);
	logged(&w, HALE_DISK_IO_ERROR, 500, w.now);
	assert_int_equal(known(&w)->n, 1);
	assert_range(&failing, 0, 500, 500);
	/* 24 h without another */
	world_wait(&w, 25 * HOUR);
	assert_int_equal(known(&w)->n, 0);
	world_end(&w);
}

static void test_it_follows_the_part(void **state)
{
	struct world w;
	struct hale_observation o;

	(void)state;
	world_bare(&w);
	o = request(HALE_DISK_IO_ERROR, "sdq", HALE_OP_READ, 77, w.now);
	o.seq = 5;
	world_say(&w, "kmsg", &o);
	middle_failing(w.m, "disk/unresolved-sdq", &failing);
	assert_int_equal(failing.n, 1);
	world_disk(&w, "sdq", 64, "disk/naa.late");
	middle_failing(w.m, "disk/naa.late", &failing);
	assert_int_equal(failing.n, 1);
	assert_range(&failing, 0, 77, 77);
	world_end(&w);
}

/* --- the list itself --- */

static struct sectors list;

static void say(const char *part, uint64_t sector, enum hale_block_op op)
{
	const struct hale_observation o = { .condition = HALE_DISK_IO_ERROR,
					    .count = 1,
					    .join = HALE_JOIN_BLOCK,
					    .join_key = HALE_BLOCK_KEY(
						    op, sector) };
	const struct sectors_said said = { part, &o, false, START };

	sectors_take(&list, &said);
}

static bool covers(const struct hale_failing *f, uint64_t sector)
{
	for (uint32_t i = 0; i < f->n; i++) {
		if (f->ranges[i].first <= sector && sector <= f->ranges[i].last)
			return true;
	}
	return false;
}

static void test_no_sector_is_lost_silently(void **state)
{
	uint64_t told[600], random = 1;

	(void)state;
	for (int round = 0; round < 20; round++) {
		const struct hale_failing *f;
		/* near ones find room, those all over the disk do not */
		uint64_t span = UINT64_C(1000) << round;

		memset(&list, 0, sizeof(list));
		for (size_t i = 0; i < HALE_ARRAY_SIZE(told); i++) {
			random = random * UINT64_C(6364136223846793005) + 1;
			told[i] = (random >> 20) % span;
			say(SDA, told[i], HALE_OP_READ);
		}
		f = sectors_of(&list, SDA);
		for (size_t i = 0; i < HALE_ARRAY_SIZE(told); i++)
			assert_true(covers(f, told[i]) ||
				    f->gaps & HALE_GAP_ROOM);
		for (uint32_t i = 1; i < f->n; i++)
			assert_true(f->ranges[i - 1].last < f->ranges[i].first);
	}
	assert_true(sectors_of(&list, SDA)->gaps & HALE_GAP_ROOM);
}

static void test_what_failed_at_writing_is_told(void **state)
{
	(void)state;
	memset(&list, 0, sizeof(list));
	say(SDA, 10, HALE_OP_READ);
	say(SDA, 5000, HALE_OP_WRITE);
	say(SDA, 9000, HALE_OP_UNKNOWN);
	assert_false(sectors_of(&list, SDA)->ranges[0].written);
	assert_true(sectors_of(&list, SDA)->ranges[1].written);
	assert_true(sectors_of(&list, SDA)->ranges[2].written);
}

static void test_more_disks_than_are_kept(void **state)
{
	char last[32];

	(void)state;
	memset(&list, 0, sizeof(list));
	for (int i = 0; i <= SECTORS_DISKS; i++) {
		char part[32];

		snprintf(part, sizeof(part), "disk/%d", i);
		say(part, 1, HALE_OP_READ);
	}
	snprintf(last, sizeof(last), "disk/%d", SECTORS_DISKS);
	assert_non_null(sectors_of(&list, "disk/0"));
	assert_null(sectors_of(&list, last));
	sectors_drop(&list, "disk/0");
	say(last, 1, HALE_OP_READ);
	assert_non_null(sectors_of(&list, last));
}

static void test_a_damaged_row_is_refused(void **state)
{
	struct hale_memory_sectors row = { .failing = { .part = SDA, .n = 1 } };

	(void)state;
	memset(&list, 0, sizeof(list));
	assert_int_equal(sectors_load(&list, &row), 0);
	row.failing.n = HALE_RANGES_MAX + 1;
	assert_int_equal(sectors_load(&list, &row), -EINVAL);
	row.failing.n = 1;
	row.failing.ranges[0].first = 9;
	assert_int_equal(sectors_load(&list, &row), -EINVAL);
	row.failing.ranges[0].last = 9;
	row.failing.part[0] = '\0';
	assert_int_equal(sectors_load(&list, &row), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sectors_are_kept_in_ranges),
		cmocka_unit_test(test_both_witnesses_tell_of_the_same),
		cmocka_unit_test(test_sense_data_without_its_line_is_a_gap),
		cmocka_unit_test(test_lines_left_out_are_a_gap),
		cmocka_unit_test(test_lost_records_are_a_gap),
		cmocka_unit_test(test_an_error_that_names_no_sector),
		cmocka_unit_test(test_the_list_outlives_a_restart),
		cmocka_unit_test(test_it_ends_with_the_finding),
		cmocka_unit_test(test_it_follows_the_part),
		cmocka_unit_test(test_no_sector_is_lost_silently),
		cmocka_unit_test(test_what_failed_at_writing_is_told),
		cmocka_unit_test(test_more_disks_than_are_kept),
		cmocka_unit_test(test_a_damaged_row_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
