/* SPDX-License-Identifier: Apache-2.0 */
/* The store under a virtual disk: measured, or known by the writes that failed;
 * the thresholds are those of filesystems, the finding is the disk's. */
#include "world.h"

static void measure(struct world *w, uint64_t avail)
{
	struct hale_observation o =
		world_observation(HALE_CONDITION_NONE, HALE_REF_DISK, "sdb");

	o.kind = HALE_OBSERVED_MEASURE;
	o.metric = HALE_METRIC_BACKING_BYTES;
	o.value = avail;
	o.total = 400 * HALE_GIB;
	HALE_SET(o.evidence, "drive C: (/mnt/c, 9p) is nearly full");
	world_say(w, "virt", &o);
}

static void levels(void **state)
{
	const struct hale_finding *f;
	struct world w;

	(void)state;
	world_new(&w);
	measure(&w, 100 * HALE_GIB);
	assert_fitness(HALE_FIT, world_check_build(&w));
	measure(&w, 5 * HALE_GIB);
	assert_fitness(HALE_DEGRADED, world_check_build(&w));
	measure(&w, 0);
	assert_fitness(HALE_UNFIT, world_check_build(&w));
	f = &world_reason(&w, 0)->finding;
	assert_int_equal(f->condition, HALE_VIRT_BACKING_FULL);
	assert_string_equal(f->part, "disk/naa.build");
	assert_string_equal(f->evidence,
			    "drive C: (/mnt/c, 9p) is nearly full");
	assert_fitness(HALE_FIT, world_check_root(&w));
	measure(&w, 100 * HALE_GIB);
	assert_fitness(HALE_FIT, world_check_build(&w));
	world_end(&w);
}

/* A write failed for want of room; then room was made. */
static void room_ends_what_writes_said(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	world_event(&w, HALE_VIRT_BACKING_FULL, HALE_REF_DISK, "sdb");
	assert_fitness(HALE_UNFIT, world_check_build(&w));
	w.now += SECOND;
	measure(&w, 100 * HALE_GIB);
	assert_fitness(HALE_FIT, world_check_build(&w));
	/* and a write that fails after that is news again */
	w.now += SECOND;
	world_event(&w, HALE_VIRT_BACKING_FULL, HALE_REF_DISK, "sdb");
	assert_fitness(HALE_UNFIT, world_check_build(&w));
	/* without a measure it stands until it expires */
	w.now += 6 * HOUR + MINUTE;
	world_see_all(&w);
	world_wait(&w, SECOND);
	assert_fitness(HALE_FIT, world_check_build(&w));
	world_end(&w);
}

/* A driver that finds a loop's file written in full. */
static void a_state_ends_it_too(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	measure(&w, 0);
	assert_fitness(HALE_UNFIT, world_check_build(&w));
	w.now += SECOND;
	world_state(&w, HALE_VIRT_BACKING_FULL, HALE_REF_DISK, "sdb", false);
	assert_fitness(HALE_FIT, world_check_build(&w));
	world_end(&w);
}

/* What only warned does not block because the agent was started anew. */
static void a_restart_keeps_how_far_it_went(void **state)
{
	struct hale_memory_row row;
	struct world w, after;

	(void)state;
	world_new(&w);
	measure(&w, 5 * HALE_GIB);
	assert_fitness(HALE_DEGRADED, world_check_build(&w));
	world_new(&after);
	for (size_t i = 0; middle_save(w.m, i, &row); i++)
		assert_int_equal(middle_load(after.m, &row, true, w.now), 0);
	assert_fitness(HALE_DEGRADED, world_check_build(&after));
	world_end(&after);
	world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(levels),
		cmocka_unit_test(room_ends_what_writes_said),
		cmocka_unit_test(a_state_ends_it_too),
		cmocka_unit_test(a_restart_keeps_how_far_it_went),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
