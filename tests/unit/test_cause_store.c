/* SPDX-License-Identifier: Apache-2.0 */
/* The drive under a virtual disk is mounted as well, and full wherever one
 * looks at it: that is one thing, and not two. */
#include "causes.h"

static struct causes c;

static void drive_is_full(struct world *w)
{
	struct hale_observation o =
		world_observation(HALE_CONDITION_NONE, HALE_REF_DISK, "sde");

	o.kind = HALE_OBSERVED_MEASURE;
	o.metric = HALE_METRIC_BACKING_BYTES;
	o.total = 931 * HALE_GIB;
	HALE_SET(o.evidence,
		 "drive C: (/mnt/c, 9p) has 0 B of 931 GiB free: the virtual "
		 "disks of this WSL are files on it");
	world_say(w, "virt", &o);
}

/* "/" on sde; beside it what lies at @place is full. */
static void full_at(struct world *w, const char *type, const char *place)
{
	world_bare(w);
	world_see_all(w);
	world_disk(w, "sde", 64, "disk/virtual-e");
	world_map(w, HALE_FACT_MAP_BEGIN);
	world_mount(w, 8, 64, "ext4", "/");
	world_mount(w, 0, 60, type, place);
	world_map(w, HALE_FACT_MAP_END);
	world_errors(w, HALE_DISK_IO_ERROR, "sde", 3, w->now);
	w->now += SECOND;
	world_measure(w, HALE_METRIC_FS_BYTES, "0:60", 0, 931 * HALE_GIB);
	drive_is_full(w);
	causes_of_all(&c, w);
}

static void the_drive_itself(void **state)
{
	struct world w;

	(void)state;
	full_at(&w, "9p", "/mnt/c");
	assert_int_equal(c.n, 1);
	assert_string_equal(c.list[0].headline,
			    "host drive C: is full (100 %)");
	assert_non_null(causes_step(&c.list[0], HALE_FS_FULL));
	assert_non_null(causes_step(&c.list[0], HALE_DISK_IO_ERROR));
	world_end(&w);
}

static void another_one(void **state)
{
	struct world w;

	(void)state;
	full_at(&w, "9p", "/mnt/cc");
	assert_int_equal(c.n, 2);
	assert_null(causes_step(causes_rooted(&c, HALE_VIRT_BACKING_FULL),
				HALE_FS_FULL));
	world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_drive_itself),
		cmocka_unit_test(another_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
