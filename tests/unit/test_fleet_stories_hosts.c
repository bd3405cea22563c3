/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Days of fleets in which one host, or a few, go wrong: who is to blame, and
 * who is not.
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

static void flapping_host(void **state)
{
	struct world w;

	(void)state;
	lived(&w);
	for (uint32_t i = 0; i < 1000; i++) {
		w.hosts[7].fitness = i % 2 ? HALE_FIT : HALE_UNFIT;
		sim_opens(&w, 7, "disk.link_error", w.hosts[7].parts[0], 0);
		sim_speak(&w, 7);
		world_run(&w, 20 * SECOND, 30 * SECOND);
	}
	assert_int_equal(world_ever(&w, JUDGMENT_COMMON_CAUSE), 0);
	assert_int_equal(world_ever(&w, JUDGMENT_OUTLIER), 0);
	nobody_is_blamed(&w);
	world_done(&w);
}

static void reimaged_host(void **state)
{
	struct picture_row row;
	struct world w;
	uint32_t old, now;

	(void)state;
	lived(&w);
	old = picture_find(w.p, w.hosts[5].id);
	HALE_SET(w.hosts[5].id, "UREIMAGED");
	w.hosts[5].spool = 9;
	w.hosts[5].seq = 0;
	world_run(&w, 3 * MINUTE, 30 * SECOND);
	now = picture_find_name(w.p, "b5");
	assert_int_not_equal(now, old);
	assert_true(picture_row(w.p, now, &row));
	assert_int_equal(row.verdict, PICTURE_FIT);
	assert_true(picture_row(w.p, old, &row));
	assert_int_equal(row.verdict, PICTURE_SILENT);
	assert_int_equal(world_ever(&w, JUDGMENT_COMMON_CAUSE), 0);
	nobody_is_blamed(&w);
	world_done(&w);
}

/* Host 0 of @n takes a build of one of @repos every ten seconds and fails it;
 * every 2 minutes the others build each. */
static void bad_host_among(struct world *w, uint32_t repos, uint32_t minutes)
{
	for (uint32_t t = 0; t < minutes * 6; t++) {
		sim_builds(w, 0, 1 + t % repos, "unknown", 1);
		if (t % 12 == 11)
			for (uint32_t i = 1; i < w->n; i++)
				for (uint32_t r = 1; r <= repos; r++)
					sim_builds(w, i, r, NULL, 60);
		world_run(w, 10 * SECOND, 30 * SECOND);
	}
}

static void fleet_of_three_with_a_black_hole(void **state)
{
	const struct cap_options whole = { 0 };
	struct cap_candidate c[3];
	struct cap_decision d[3];
	struct world w;

	(void)state;
	world_init(&w, 3);
	world_live(&w, DAY, 10 * MINUTE, 3);
	bad_host_among(&w, 3, 20);
	assert_int_equal(judge_proposals(w.j, c, 3), 1);
	assert_int_equal(c[0].host, 0);
	assert_int_equal(cap_decide(w.p, &whole, c, 1, d), 1);
	assert_true(d[0].out); /* one of three is more than a tenth */
	assert_int_equal(world_ever(&w, JUDGMENT_COMMON_CAUSE), 0);
	world_done(&w);
}

static void fleet_of_three_in_an_outage(void **state)
{
	const struct judgment *g = NULL;
	struct world w;

	(void)state;
	world_init(&w, 3);
	world_live(&w, 10 * DAY, 30 * MINUTE, 3);
	for (uint32_t t = 0; t < 60; t++) {
		for (uint32_t i = 0; i < 3; i++)
			sim_builds(&w, i, 1 + t % 3, "registry-outage", 1);
		world_run(&w, 10 * SECOND, 30 * SECOND);
	}
	assert_int_equal(world_judged(&w, JUDGMENT_COMMON_CAUSE, &g), 1);
	assert_int_equal(g->group.failed, 3);
	nobody_is_blamed(&w);
	world_done(&w);
}

/* It fails so fast that it gets most of the builds. */
static void greedy_black_hole(void **state)
{
	const struct judgment *g = NULL;
	struct world w;

	(void)state;
	lived(&w);
	bad_host_among(&w, 8, 10);
	assert_int_equal(world_judged(&w, JUDGMENT_BLACK_HOLE, &g), 1);
	assert_int_equal(g->host, 0);
	assert_true(g->bits >= 30);
	assert_int_equal(world_ever(&w, JUDGMENT_COMMON_CAUSE), 0);
	world_done(&w);
}

/* The registry is down for all, and one host is a black hole besides. */
static void black_hole_in_an_outage(void **state)
{
	const struct judgment *g = NULL;
	struct world w;

	(void)state;
	lived(&w);
	for (uint32_t t = 0; t < 60; t++) {
		for (uint32_t i = 0; i < HOSTS; i += 3)
			sim_builds(&w, i, 1 + (i + t) % 8, "registry-outage",
				   1);
		world_run(&w, 10 * SECOND, 30 * SECOND);
	}
	nobody_is_blamed(&w);
	world_run(&w, 10 * MINUTE, 30 * SECOND);
	bad_host_among(&w, 8, 10);
	assert_int_equal(world_judged(&w, JUDGMENT_BLACK_HOLE, &g), 1);
	assert_int_equal(g->host, 0);
	/* what it failed in the outage is not held against it */
	assert_int_equal(strcmp(g->cause, "unknown"), 0);
	assert_true(g->since_ns > w.now_ns - 15 * MINUTE);
	world_done(&w);
}

/* After an outage the others pass again; who stood idle since is not blamed. */
static void idle_since_the_outage(void **state)
{
	struct world w;

	(void)state;
	lived(&w);
	for (uint32_t t = 0; t < 30; t++) {
		for (uint32_t i = 0; i < HOSTS; i++)
			sim_builds(&w, i, 1 + (i + t) % 8, "network", 1);
		world_run(&w, 10 * SECOND, 30 * SECOND);
	}
	world_run(&w, HOUR, 30 * SECOND);
	for (uint32_t r = 1; r <= 8; r++)
		for (uint32_t i = 1; i < HOSTS; i++)
			sim_builds(&w, i, r, NULL, 60);
	world_run(&w, MINUTE, 30 * SECOND);
	nobody_is_blamed(&w);
	world_done(&w);
}

/* It fails much, but passes now and then: sick perhaps, no black hole. */
static void host_that_passes_sometimes(void **state)
{
	struct world w;

	(void)state;
	lived(&w);
	for (uint32_t t = 0; t < 200; t++) {
		sim_builds(&w, 0, 1 + t % 8, t % 4 == 3 ? NULL : "unknown", 1);
		for (uint32_t i = 1; i < 30; i++)
			sim_builds(&w, i, 1 + (t + i) % 8, NULL, 5);
		world_run(&w, 10 * SECOND, 30 * SECOND);
	}
	nobody_is_blamed(&w);
	world_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flapping_host),
		cmocka_unit_test(reimaged_host),
		cmocka_unit_test(fleet_of_three_with_a_black_hole),
		cmocka_unit_test(fleet_of_three_in_an_outage),
		cmocka_unit_test(greedy_black_hole),
		cmocka_unit_test(black_hole_in_an_outage),
		cmocka_unit_test(idle_since_the_outage),
		cmocka_unit_test(host_that_passes_sometimes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
