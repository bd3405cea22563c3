/* SPDX-License-Identifier: Apache-2.0 */
/* What outlives a restart and a reboot, and what does not. Time is invented. */
#include <errno.h>

#include "world.h"

#define DISK "disk/naa.build"

static void hardware(struct world *w)
{
	world_see_all(w);
	world_disk(w, "sda", 0, "disk/naa.root");
	world_partition(w, "sda1", 1, "uuid-root");
	world_disk(w, "sdb", 16, DISK);
	world_partition(w, "sdb1", 17, "uuid-build");
	world_map(w, HALE_FACT_MAP_BEGIN);
	world_mount(w, 8, 1, "ext4", "/");
	world_mount(w, 8, 17, "ext4", "/home/ci");
	world_map(w, HALE_FACT_MAP_END);
}

static struct hale_memory_row good_row(void)
{
	struct hale_memory_row row = { .open = true };

	row.finding.condition = HALE_DISK_MEDIUM_ERROR;
	row.finding.count = 3;
	row.finding.first_ns = START - HOUR;
	row.finding.last_ns = START - MINUTE;
	HALE_SET(row.finding.part, DISK);
	return row;
}

static void a_restart_counts_nothing_twice(void **state)
{
	struct hale_observation o =
		world_observation(HALE_DISK_MEDIUM_ERROR, HALE_REF_DISK, "sdb");
	struct world w;

	(void)state;
	world_new(&w);
	o.count = 5;
	o.seq = 10;
	o.time_ns = w.now;
	world_say(&w, "kmsg", &o);
	w.now += HOUR;
	world_restart(&w, true);
	hardware(&w);
	assert_fitness(HALE_UNFIT, world_check_build(&w));
	/* the record that it already counted */
	world_say(&w, "kmsg", &o);
	assert_non_null(world_finding(&w, DISK, HALE_DISK_MEDIUM_ERROR));
	assert_int_equal(w.finding.count, 5);
	assert_string_equal(w.finding.alias, "sdb");
	assert_string_equal(w.finding.model, "WDC WD40EZRZ");
	o.seq = 11;
	o.time_ns = w.now;
	world_say(&w, "kmsg", &o);
	assert_non_null(world_finding(&w, DISK, HALE_DISK_MEDIUM_ERROR));
	assert_int_equal(w.finding.count, 10);
	world_end(&w);
}

static void a_reboot_mends_some_things(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	world_event(&w, HALE_DISK_MEDIUM_ERROR, HALE_REF_DISK, "sdb");
	world_event(&w, HALE_KERNEL_OOPS, HALE_REF_PART, "host");
	world_state(&w, HALE_FS_HUNG, HALE_REF_FS, "8:17", true);
	world_state(&w, HALE_DISK_SMART_FAILING, HALE_REF_DISK, "sdb", true);
	w.now += MINUTE;
	world_restart(&w, false);
	hardware(&w);
	assert_null(world_finding(&w, "host", HALE_KERNEL_OOPS));
	assert_null(world_finding(&w, "fs/uuid-build", HALE_FS_HUNG));
	assert_non_null(world_finding(&w, DISK, HALE_DISK_MEDIUM_ERROR));
	assert_non_null(world_finding(&w, DISK, HALE_DISK_SMART_FAILING));
	assert_fitness(HALE_UNFIT, world_check_build(&w));
	world_end(&w);
}

static void a_reboot_without_the_disk(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	world_event(&w, HALE_DISK_MEDIUM_ERROR, HALE_REF_DISK, "sdb");
	world_restart(&w, false);
	world_see_all(&w);
	world_disk(&w, "sda", 0, "disk/naa.root");
	world_partition(&w, "sda1", 1, "uuid-root");
	world_map(&w, HALE_FACT_MAP_BEGIN);
	world_mount(&w, 8, 1, "ext4", "/");
	world_map(&w, HALE_FACT_MAP_END);
	/* remembered, and no reason against anything that is here */
	assert_non_null(world_finding(&w, DISK, HALE_DISK_MEDIUM_ERROR));
	assert_int_equal(w.finding.effect, HALE_EFFECT_NOTES);
	assert_string_equal(w.finding.serial, "naa.build");
	assert_fitness(HALE_FIT, world_check_host(&w));
	world_end(&w);
}

static void rates_decay_over_the_gap(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	for (int i = 0; i < 12; i++)
		world_event(&w, HALE_MEMORY_CORRECTED, HALE_REF_PART,
			    "dimm/A1");
	assert_fitness(HALE_DEGRADED, world_check_build(&w));
	w.now += HOUR;
	world_restart(&w, false);
	hardware(&w);
	assert_fitness(HALE_DEGRADED, world_check_build(&w));
	w.now += 30 * HOUR;
	world_restart(&w, false);
	hardware(&w);
	assert_fitness(HALE_FIT, world_check_build(&w));
	assert_non_null(world_finding(&w, "dimm/A1", HALE_MEMORY_CORRECTED));
	assert_int_equal(w.finding.count, 12);
	w.now += 42 * HOUR;
	world_restart(&w, false);
	assert_null(world_finding(&w, "dimm/A1", HALE_MEMORY_CORRECTED));
	world_end(&w);
}

static void how_full_it_was_is_kept(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	world_measure(&w, HALE_METRIC_FS_BYTES, "8:17", 9 * HALE_GIB,
		      1000 * HALE_GIB);
	world_restart(&w, true);
	hardware(&w);
	assert_fitness(HALE_DEGRADED, world_check_build(&w));
	world_end(&w);
}

static void a_disk_still_lost_after_a_restart(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	world_remove(&w, "sdb1", 17);
	world_remove(&w, "sdb", 16);
	assert_fitness(HALE_UNFIT, world_check_build(&w));
	world_restart(&w, true);
	world_see_all(&w);
	world_disk(&w, "sda", 0, "disk/naa.root");
	world_partition(&w, "sda1", 1, "uuid-root");
	world_map(&w, HALE_FACT_MAP_BEGIN);
	world_mount(&w, 8, 1, "ext4", "/");
	world_mount(&w, 8, 17, "ext4", "/home/ci");
	world_map(&w, HALE_FACT_MAP_END);
	/* nothing tells whose 8:17 was: certainly not FIT */
	assert_fitness(HALE_UNKNOWN, world_check_build(&w));
	assert_fitness(HALE_FIT, world_check_root(&w));
	/* it is back: over, once the new instance is younger than the loss */
	w.now += MINUTE;
	{
		struct hale_device d =
			world_device("sdc", 8, 32, HALE_BLOCK_DISK);

		HALE_SET(d.identity, DISK);
		d.since_ns = w.now;
		world_add(&w, &d);
	}
	assert_null(world_finding(&w, DISK, HALE_DISK_OFFLINE));
	world_end(&w);
}

static void rows_that_make_no_sense(void **state)
{
	struct hale_memory_row rows[9];
	struct world w;

	(void)state;
	world_bare(&w);
	for (size_t i = 0; i < HALE_ARRAY_SIZE(rows); i++)
		rows[i] = good_row();
	rows[0].finding.condition = HALE_CONDITION_NONE;
	rows[1].finding.condition = HALE_CONDITION_COUNT;
	rows[2].finding.effect = HALE_EFFECT_COUNT;
	rows[3].finding.first_ns = START;
	rows[4].finding.count = 0;
	rows[5].finding.part[0] = '\0';
	memset(rows[6].finding.part, 'x', sizeof(rows[6].finding.part));
	rows[7].finding.evidence[0] = '\n';
	rows[8].finding.serial[0] = 0x7f;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(rows); i++) {
		if (middle_load(w.m, &rows[i], true, w.now) != -EINVAL)
			fail_msg("row %zu", i);
	}
	assert_false(middle_finding(w.m, 0, w.now, &w.finding));
	world_end(&w);
}

static void rows_from_the_future(void **state)
{
	struct hale_memory_row row = good_row();
	struct world w;

	(void)state;
	world_bare(&w);
	row.finding.condition = HALE_DISK_IO_ERROR;
	row.finding.first_ns = row.finding.last_ns = START + 100 * DAY;
	row.cleared_ns = 0;
	assert_int_equal(middle_load(w.m, &row, false, w.now), 0);
	assert_non_null(world_finding(&w, DISK, HALE_DISK_IO_ERROR));
	assert_int_equal(w.finding.last_ns, w.now);
	world_wait(&w, DAY);
	assert_null(world_finding(&w, DISK, HALE_DISK_IO_ERROR));
	world_end(&w);
}

static void a_row_that_is_there_already(void **state)
{
	struct hale_memory_row row = good_row();
	size_t n = 0;
	struct world w;

	(void)state;
	world_bare(&w);
	middle_load(w.m, &row, true, w.now);
	middle_load(w.m, &row, true, w.now);
	while (middle_save(w.m, n, &row))
		n++;
	assert_int_equal(n, 1);
	world_end(&w);
}

static void cleared_rows_outlive_a_reboot(void **state)
{
	struct hale_memory_row row = good_row();
	struct world w;

	(void)state;
	world_bare(&w);
	row.finding.condition = HALE_KERNEL_CRASH;
	row.open = false;
	row.cleared_ns = START;
	row.cleared_seq = 500;
	assert_int_equal(middle_load(w.m, &row, false, w.now), 0);
	assert_true(middle_save(w.m, 0, &row));
	/* the log began anew */
	assert_int_equal(row.cleared_seq, 0);
	assert_int_equal(row.cleared_ns, START);
	assert_false(row.open);
	/* open again since the clear, and ended by the reboot */
	row.open = true;
	row.finding.condition = HALE_KERNEL_OOPS;
	assert_int_equal(middle_load(w.m, &row, false, w.now), 0);
	assert_null(world_finding(&w, DISK, HALE_KERNEL_OOPS));
	world_end(&w);
}

static void a_full_ledger_loads_no_more(void **state)
{
	struct hale_memory_row row = good_row();
	struct world w;

	(void)state;
	world_bare(&w);
	for (int i = 0; i < 520; i++) {
		snprintf(row.finding.part, sizeof(row.finding.part), "disk/%d",
			 i);
		assert_int_equal(middle_load(w.m, &row, true, w.now), 0);
	}
	row.finding.condition = HALE_PROCESS_SIGBUS;
	assert_int_equal(middle_load(w.m, &row, true, w.now), 0);
	assert_null(world_finding(&w, row.finding.part, HALE_PROCESS_SIGBUS));
	world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_restart_counts_nothing_twice),
		cmocka_unit_test(a_reboot_mends_some_things),
		cmocka_unit_test(a_reboot_without_the_disk),
		cmocka_unit_test(rates_decay_over_the_gap),
		cmocka_unit_test(how_full_it_was_is_kept),
		cmocka_unit_test(a_disk_still_lost_after_a_restart),
		cmocka_unit_test(rows_that_make_no_sense),
		cmocka_unit_test(rows_from_the_future),
		cmocka_unit_test(a_row_that_is_there_already),
		cmocka_unit_test(cleared_rows_outlive_a_reboot),
		cmocka_unit_test(a_full_ledger_loads_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
