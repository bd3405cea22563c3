/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Findings are a part's, not a name's: they follow a disk to another name, and
 * end with the disk. How they ended is told for an hour. Time is invented.
 */
#include "world.h"

#define OLD "disk/naa.build"
#define NEW "disk/naa.new"

static struct hale_finding closed;

/* The closed finding of (part, condition); "": there is none. */
static const char *how(struct world *w, const char *part, enum hale_condition c)
{
	for (size_t i = 0; middle_closed(w->m, i, w->now, &closed); i++) {
		if (strcmp(closed.part, part) == 0 && closed.condition == c)
			return closed.closed;
	}
	return "";
}

static bool on(struct world *w, const char *part)
{
	return world_finding(w, part, HALE_DISK_MEDIUM_ERROR) != NULL;
}

static void names_swap_and_findings_do_not(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	world_disk(&w, "sdc", 32, NEW);
	world_event(&w, HALE_DISK_MEDIUM_ERROR, HALE_REF_DISK, "sdb");
	w.now += MINUTE;
	world_remove(&w, "sdb", 16);
	world_remove(&w, "sdc", 32);
	w.now += MINUTE;
	world_disk(&w, "sdb", 16, NEW);
	world_disk(&w, "sdc", 32, OLD);
	assert_true(on(&w, OLD));
	assert_string_equal(w.finding.alias, "sdc");
	assert_int_equal(w.finding.effect, HALE_EFFECT_BLOCKS);
	assert_false(on(&w, NEW));
	assert_string_equal(how(&w, OLD, HALE_DISK_MEDIUM_ERROR), "");
	world_end(&w);
}

static void a_replaced_disk_takes_its_findings_along(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	world_event(&w, HALE_DISK_MEDIUM_ERROR, HALE_REF_DISK, "sdb");
	world_remove(&w, "sdb1", 17);
	world_remove(&w, "sdb", 16);
	world_map(&w, HALE_FACT_MAP_BEGIN);
	world_mount(&w, 8, 1, "ext4", "/");
	world_map(&w, HALE_FACT_MAP_END);
	assert_true(on(&w, OLD)); /* pulled, it is a dying disk still */
	assert_string_equal(how(&w, OLD, HALE_DISK_MEDIUM_ERROR), "");
	w.now += MINUTE;
	world_disk(&w, "sdb", 16, NEW);
	assert_false(on(&w, OLD));
	assert_false(on(&w, NEW));
	assert_string_equal(how(&w, OLD, HALE_DISK_MEDIUM_ERROR),
			    "part replaced");
	assert_int_equal(closed.closed_ns, w.now);
	assert_int_equal(closed.effect, HALE_EFFECT_NOTES);
	assert_string_equal(closed.model, "WDC WD40EZRZ");
	/* told for an hour */
	world_wait(&w, HOUR - SECOND);
	assert_string_equal(how(&w, OLD, HALE_DISK_MEDIUM_ERROR),
			    "part replaced");
	world_wait(&w, SECOND);
	assert_string_equal(how(&w, OLD, HALE_DISK_MEDIUM_ERROR), "");
	world_end(&w);
}

/* Into another seat: it is dying as before, and nothing has ended. */
static void a_disk_that_comes_back_is_as_it_was(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	world_disk(&w, "sdc", 32, "disk/naa.c");
	world_event(&w, HALE_DISK_MEDIUM_ERROR, HALE_REF_DISK, "sdc");
	world_remove(&w, "sdc", 32);
	world_disk(&w, "sdc", 32, NEW);
	assert_string_equal(how(&w, "disk/naa.c", HALE_DISK_MEDIUM_ERROR),
			    "part replaced");
	w.now += MINUTE;
	world_disk(&w, "sdd", 48, "disk/naa.c");
	assert_true(on(&w, "disk/naa.c"));
	assert_string_equal(w.finding.alias, "sdd");
	assert_string_equal(how(&w, "disk/naa.c", HALE_DISK_MEDIUM_ERROR), "");
	world_end(&w);
}

/* The listing of all devices that a map ends with. */
static void hardware(struct world *w, const char *sdb)
{
	world_see_all(w);
	world_disk(w, "sda", 0, "disk/naa.root");
	world_partition(w, "sda1", 1, "uuid-root");
	if (sdb)
		world_disk(w, "sdb", 16, sdb);
	world_map(w, HALE_FACT_MAP_BEGIN);
	world_mount(w, 8, 1, "ext4", "/");
	world_map(w, HALE_FACT_MAP_END);
}

static void a_disk_replaced_while_it_was_off_is_replaced(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	world_event(&w, HALE_DISK_MEDIUM_ERROR, HALE_REF_DISK, "sdb");
	w.now += HOUR;
	world_restart(&w, false);
	hardware(&w, NEW);
	world_see_all(&w);
	assert_false(on(&w, OLD));
	assert_string_equal(how(&w, OLD, HALE_DISK_MEDIUM_ERROR),
			    "part replaced");
	/* and stays so, over the next restart as well */
	w.now += HOUR;
	world_restart(&w, false);
	hardware(&w, NEW);
	assert_false(on(&w, OLD));
	assert_string_equal(how(&w, OLD, HALE_DISK_MEDIUM_ERROR), "");
	world_end(&w);
}

static void a_disk_taken_out_while_it_was_off_is_absent(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	world_event(&w, HALE_DISK_MEDIUM_ERROR, HALE_REF_DISK, "sdb");
	w.now += HOUR;
	world_restart(&w, false);
	hardware(&w, NULL);
	assert_true(on(&w, OLD));
	assert_int_equal(w.finding.effect, HALE_EFFECT_NOTES);
	assert_string_equal(how(&w, OLD, HALE_DISK_MEDIUM_ERROR), "");
	world_end(&w);
}

static void other_ends_are_told_too(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	world_event(&w, HALE_DISK_MEDIUM_ERROR, HALE_REF_DISK, "sdb");
	world_event(&w, HALE_DISK_TIMEOUT, HALE_REF_DISK, "sdb");
	world_state(&w, HALE_DISK_HOT, HALE_REF_DISK, "sdb", true);
	w.now += MINUTE;
	world_state(&w, HALE_DISK_HOT, HALE_REF_DISK, "sdb", false);
	assert_string_equal(how(&w, OLD, HALE_DISK_HOT), "over");
	middle_clear(w.m, "sdb", HALE_DISK_MEDIUM_ERROR, w.now);
	assert_string_equal(how(&w, OLD, HALE_DISK_MEDIUM_ERROR),
			    "cleared by an operator");
	/* the newest first */
	assert_true(middle_closed(w.m, 0, w.now, &closed));
	assert_false(middle_closed(w.m, 2, w.now, &closed));
	world_wait(&w, DAY);
	assert_string_equal(how(&w, OLD, HALE_DISK_TIMEOUT), "long enough ago");
	/* again: it has not ended */
	world_event(&w, HALE_DISK_TIMEOUT, HALE_REF_DISK, "sdb");
	assert_string_equal(how(&w, OLD, HALE_DISK_TIMEOUT), "");
	world_end(&w);
}

static void only_a_handful_is_kept(void **state)
{
	struct world w;
	size_t n = 0;

	(void)state;
	world_new(&w);
	for (unsigned int i = 0; i < 100; i++) {
		char part[HALE_PART_MAX];

		snprintf(part, sizeof(part), "sensor/x.%u", i);
		world_state(&w, HALE_SENSOR_TEMPERATURE, HALE_REF_PART, part,
			    true);
		w.now++;
		world_state(&w, HALE_SENSOR_TEMPERATURE, HALE_REF_PART, part,
			    false);
	}
	while (middle_closed(w.m, n, w.now, &closed))
		n++;
	assert_int_equal(n, 16);
	assert_string_equal(closed.part, "sensor/x.84");
	world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_swap_and_findings_do_not),
		cmocka_unit_test(a_replaced_disk_takes_its_findings_along),
		cmocka_unit_test(a_disk_that_comes_back_is_as_it_was),
		cmocka_unit_test(a_disk_replaced_while_it_was_off_is_replaced),
		cmocka_unit_test(a_disk_taken_out_while_it_was_off_is_absent),
		cmocka_unit_test(other_ends_are_told_too),
		cmocka_unit_test(only_a_handful_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
