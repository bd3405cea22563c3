/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Days of fleets: something happens to them that no host can see by itself, and
 * the judge says what, names what they share, and takes out nobody who is not
 * to blame.
 */
#include "fleet_world.h"

#define HOSTS 200

/* A fleet of ten racks that has lived for ten days. */
static void lived(struct world *w)
{
	world_init(w, HOSTS);
	world_live(w, 10 * DAY, 30 * MINUTE, 12);
	assert_int_equal(world_ever(w, JUDGMENT_COMMON_CAUSE), 0);
	assert_int_equal(world_ever(w, JUDGMENT_BLACK_HOLE), 0);
}

static void nobody_is_blamed(const struct world *w)
{
	struct cap_candidate c[4];

	assert_int_equal(world_ever(w, JUDGMENT_BLACK_HOLE), 0);
	assert_int_equal(judge_proposals(w->j, c, 4), 0);
}

static void bad_image_in_a_rack(void **state)
{
	const struct judgment *g = NULL;
	char text[JUDGE_WORDS_MAX];
	struct world w;

	(void)state;
	lived(&w);
	for (uint32_t i = 60; i < 80; i++)
		sim_label(&w.hosts[i], "image", "v42");
	for (uint32_t i = 80; i < HOSTS; i++)
		sim_label(&w.hosts[i], "image", "v41");
	world_speak(&w);
	for (uint32_t i = 60; i < 80; i++) {
		sim_builds(&w, i, i % 12, "engine-down", 2);
		world_run(&w, 10 * SECOND, 30 * SECOND);
	}
	assert_int_equal(world_judged(&w, JUDGMENT_COMMON_CAUSE, &g), 1);
	judgment_words(w.p, g, text);
	assert_string_equal(text, "engine-down on 20 of 20 hosts of rack=3 "
				  "(others: 0 of 180); they share image=v42 "
				  "(20 of 20)");
	judgment_advice(g, text);
	assert_string_equal(text,
			    "not the fault of any one host: nobody is "
			    "quarantined for it; look at what was rolled out "
			    "to the engines");
	assert_ptr_equal(judge_explains(w.j, 65, "engine-down"), g);
	assert_null(judge_explains(w.j, 65, "code"));
	assert_null(judge_explains(w.j, 5, "engine-down"));
	nobody_is_blamed(&w);
	world_run(&w, 15 * MINUTE, 30 * SECOND);
	assert_int_equal(world_judged(&w, JUDGMENT_COMMON_CAUSE, NULL), 0);
	assert_int_equal(world_ever(&w, JUDGMENT_COMMON_CAUSE), 1);
	world_done(&w);
}

static void registry_outage(void **state)
{
	const struct judgment *g = NULL;
	char text[JUDGE_WORDS_MAX];
	struct world w;
	uint64_t number;

	(void)state;
	lived(&w);
	for (uint32_t i = 0; i < 600; i++) {
		sim_builds(&w, world_random(&w, HOSTS), i % 12,
			   "registry-outage", 1);
		if (i % 10 == 0)
			world_run(&w, 10 * SECOND, 30 * SECOND);
	}
	assert_int_equal(world_judged(&w, JUDGMENT_COMMON_CAUSE, &g), 1);
	assert_string_equal(g->group.key, "");
	assert_int_equal(g->group.of, HOSTS);
	assert_true(g->group.failed > 150);
	judgment_words(w.p, g, text);
	assert_non_null(strstr(text, "registry-outage on "));
	assert_non_null(strstr(text, " of 200 hosts of the fleet"));
	nobody_is_blamed(&w);
	/* it is over, and comes back: the same outage */
	number = g->number;
	world_run(&w, 20 * MINUTE, 30 * SECOND);
	assert_int_equal(world_judged(&w, JUDGMENT_COMMON_CAUSE, NULL), 0);
	for (uint32_t i = 0; i < HOSTS; i++)
		sim_builds(&w, i, i % 12, "registry-outage", 1);
	world_run(&w, MINUTE, 30 * SECOND);
	assert_int_equal(world_judged(&w, JUDGMENT_COMMON_CAUSE, &g), 1);
	assert_int_equal(g->number, number);
	nobody_is_blamed(&w);
	world_done(&w);
}

static void power_cut(void **state)
{
	const struct judgment *g = NULL;
	char text[JUDGE_WORDS_MAX];
	struct world w;

	(void)state;
	lived(&w);
	for (uint32_t i = 40; i < 60; i++)
		w.hosts[i].dead = true;
	world_run(&w, 3 * MINUTE, 30 * SECOND);
	assert_int_equal(world_judged(&w, JUDGMENT_COMMON_CAUSE, &g), 1);
	judgment_words(w.p, g, text);
	assert_string_equal(text, "silent on 20 of 20 hosts of rack=2 (others: "
				  "0 of 180)");
	judgment_advice(g, text);
	assert_non_null(strstr(text, "power, the network"));
	nobody_is_blamed(&w);
	world_done(&w);
}

/* Power fails, comes back, and disks of one shelf complain: no model's fault.
 */
static void power_cut_that_hurts_disks(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, 400);
	for (uint32_t i = 40; i < 60; i++)
		sim_disk(&w.hosts[i], 0, "DISK B");
	world_live(&w, 3 * DAY, HOUR, 12);
	for (uint32_t i = 40; i < 60; i++)
		sim_opens(&w, i, "disk.offline", w.hosts[i].parts[0], 0);
	world_run(&w, 30 * MINUTE, 30 * SECOND);
	assert_int_equal(world_ever(&w, JUDGMENT_COMMON_CAUSE), 1);
	/* the next day nothing is said of the model that they share */
	world_live(&w, DAY, HOUR, 12);
	assert_int_equal(world_ever(&w, JUDGMENT_OUTLIER), 0);
	nobody_is_blamed(&w);
	world_done(&w);
}

/* Half of the rack has clocks that are years off: the same judgment. */
static void clocks_a_year_off(void **state)
{
	const struct judgment *g = NULL;
	struct world w;

	(void)state;
	lived(&w);
	for (uint32_t i = 100; i < 120; i += 2)
		w.hosts[i].skew_ns = (i % 4 ? -365 : 365) * (int64_t)DAY;
	world_speak(&w);
	for (uint32_t i = 100; i < 120; i++)
		sim_opens(&w, i, "fs.readonly", "fs/root", MINUTE);
	world_run(&w, MINUTE, 30 * SECOND);
	assert_int_equal(world_judged(&w, JUDGMENT_COMMON_CAUSE, &g), 1);
	assert_string_equal(g->group.value, "5");
	assert_int_equal(g->group.failed, 20);
	assert_true(g->since_ns > w.now_ns - 5 * MINUTE);
	for (uint32_t i = 0; i < HOSTS; i++)
		assert_int_equal(sim_row(&w, i).verdict, PICTURE_FIT);
	world_done(&w);
}

/* A commit breaks the one repository that everybody builds. */
static void bad_commit(void **state)
{
	const struct judgment *g = NULL;
	struct world w;

	(void)state;
	lived(&w);
	for (uint32_t t = 0; t < 10; t++) {
		for (uint32_t i = 0; i < HOSTS; i += 2)
			sim_builds(&w, i, 1, "code", 20);
		world_run(&w, MINUTE, 30 * SECOND);
	}
	assert_int_equal(world_judged(&w, JUDGMENT_COMMON_CAUSE, &g), 1);
	assert_string_equal(g->cause, "code");
	assert_string_equal(g->group.key, "");
	nobody_is_blamed(&w);
	world_done(&w);
}

/* One host every twenty minutes, as a rollout goes. */
static void slow_rollout(void **state)
{
	const struct judgment *g = NULL;
	struct world w;

	(void)state;
	lived(&w);
	for (uint32_t i = 0; i < 15; i++) {
		sim_label(&w.hosts[i * 13], "image", "v43");
		sim_speak(&w, i * 13);
		sim_opens(&w, i * 13, "engine.plugin_broken", "engine/docker",
			  0);
		world_run(&w, 20 * MINUTE, 30 * SECOND);
	}
	assert_int_equal(world_judged(&w, JUDGMENT_COMMON_CAUSE, &g), 1);
	assert_string_equal(g->group.key, "image");
	assert_string_equal(g->group.value, "v43");
	assert_int_equal(world_ever(&w, JUDGMENT_COMMON_CAUSE), 1);
	nobody_is_blamed(&w);
	world_done(&w);
}

/* The cooling of one row of racks fails. */
static void hot_row(void **state)
{
	const struct judgment *g = NULL;
	struct world w;

	(void)state;
	world_init(&w, HOSTS);
	for (uint32_t i = 0; i < HOSTS; i++)
		sim_label(&w.hosts[i], "row", i < 100 ? "north" : "south");
	world_live(&w, 10 * DAY, 30 * MINUTE, 12);
	for (uint32_t i = 0; i < 100; i += 2) {
		sim_opens(&w, i, "disk.hot", w.hosts[i].parts[0], 0);
		world_run(&w, 10 * SECOND, 30 * SECOND);
	}
	assert_int_equal(world_judged(&w, JUDGMENT_COMMON_CAUSE, &g), 1);
	assert_string_equal(g->group.key, "row");
	assert_string_equal(g->group.value, "north");
	assert_int_equal(g->group.failed, 50);
	assert_int_equal(g->group.others_failed, 0);
	world_done(&w);
}

/* A firmware that hangs after so many hours of power, all in one night. */
static void firmware_that_hangs(void **state)
{
	const struct judgment *g = NULL;
	char text[JUDGE_WORDS_MAX];
	struct world w;

	(void)state;
	world_init(&w, HOSTS);
	for (uint32_t i = 3; i < HOSTS; i += 20)
		sim_disk(&w.hosts[i], 0, "SSD X");
	world_live(&w, 10 * DAY, 30 * MINUTE, 12);
	for (uint32_t i = 3; i < HOSTS; i += 20) {
		sim_opens(&w, i, "disk.stalled", w.hosts[i].parts[0], 0);
		world_run(&w, 30 * SECOND, 30 * SECOND);
	}
	assert_int_equal(world_judged(&w, JUDGMENT_COMMON_CAUSE, &g), 1);
	judgment_words(w.p, g, text);
	assert_string_equal(text,
			    "disk.stalled on 10 of 10 hosts of disk model "
			    "SSD X FW1 (others: 0 of 190)");
	world_done(&w);
}

/* The first hour of a fleet: all is new, much of it is old. */
static void first_hour(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, HOSTS);
	for (uint32_t i = 0; i < HOSTS; i++) {
		sim_speak(&w, i);
		if (i % 5 == 0)
			sim_opens(&w, i, "disk.worn_out", w.hosts[i].parts[0],
				  (1 + i) * 12 * HOUR);
		if (i % 10 == 0)
			world_run(&w, 2 * MINUTE, 30 * SECOND);
	}
	assert_int_equal(world_ever(&w, JUDGMENT_COMMON_CAUSE), 0);
	nobody_is_blamed(&w);
	world_done(&w);
}

/* The reader's own link is cut for an hour. */
static void reader_cut_off(void **state)
{
	struct world w;

	(void)state;
	lived(&w);
	picture_fed(w.p, false, w.now_ns);
	for (uint32_t i = 0; i < 360; i++)
		world_step(&w, 10 * SECOND);
	picture_fed(w.p, true, w.now_ns);
	world_run(&w, 5 * MINUTE, 30 * SECOND);
	assert_int_equal(world_ever(&w, JUDGMENT_COMMON_CAUSE), 0);
	for (uint32_t i = 0; i < HOSTS; i++)
		assert_int_equal(sim_row(&w, i).verdict, PICTURE_FIT);
	world_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_image_in_a_rack),
		cmocka_unit_test(registry_outage),
		cmocka_unit_test(power_cut),
		cmocka_unit_test(power_cut_that_hurts_disks),
		cmocka_unit_test(clocks_a_year_off),
		cmocka_unit_test(bad_commit),
		cmocka_unit_test(slow_rollout),
		cmocka_unit_test(hot_row),
		cmocka_unit_test(firmware_that_hangs),
		cmocka_unit_test(first_hour),
		cmocka_unit_test(reader_cut_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
