/* SPDX-License-Identifier: Apache-2.0 */
/* What a judgment needs before it is one, and how it reads. */
#include "fleet_world.h"

/* @days of a fleet that is well, so that what is usual is known. */
static void quiet_days(struct world *w, uint32_t days)
{
	world_speak(w);
	picture_fed(w->p, false, w->now_ns);
	for (uint32_t i = 0; i < days * 24; i++)
		world_step(w, HOUR);
	picture_fed(w->p, true, w->now_ns);
	world_speak(w);
}

/* Every host but one builds repositories 1 to @repos, and all pass. */
static void peers_pass(struct world *w, uint32_t repos, uint32_t but)
{
	for (uint32_t r = 1; r <= repos; r++)
		for (uint32_t i = 0; i < w->n; i++)
			if (i != but)
				sim_builds(w, i, r, NULL, 60);
}

/* Host 0 fails @n builds, of @repos in turn, in a second each. */
static void fails(struct world *w, uint32_t n, uint32_t repos,
		  const char *cause)
{
	for (uint32_t i = 0; i < n; i++) {
		sim_builds(w, 0, 1 + i % repos, cause, 1);
		world_step(w, 10 * SECOND);
	}
}

static void black_hole(void **state)
{
	const struct judgment *g = NULL;
	char text[JUDGE_WORDS_MAX];
	struct cap_candidate c[4];
	struct world w;

	(void)state;
	world_init(&w, 20);
	quiet_days(&w, 1);
	peers_pass(&w, 4, 0);
	fails(&w, 12, 4, "unknown");
	assert_int_equal(world_judged(&w, JUDGMENT_BLACK_HOLE, NULL), 0);
	world_step(&w, 5 * MINUTE); /* others began after it, and pass */
	peers_pass(&w, 4, 0);
	world_step(&w, 10 * SECOND);
	assert_int_equal(world_judged(&w, JUDGMENT_BLACK_HOLE, &g), 1);
	assert_int_equal(g->host, 0);
	judgment_words(w.p, g, text);
	assert_string_equal(text,
			    "b0 failed 12 builds of 4 repositories in a row, "
			    "fast, and passed none; since then 19 other hosts "
			    "passed the same repositories");
	assert_int_equal(judge_proposals(w.j, c, 4), 1);
	assert_int_equal(c[0].host, 0);
	/* one that passes ends it */
	sim_builds(&w, 0, 1, NULL, 60);
	assert_int_equal(world_judged(&w, JUDGMENT_BLACK_HOLE, NULL), 0);
	assert_int_equal(judge_proposals(w.j, c, 4), 0);
	world_done(&w);
}

/* Everything but one thing speaks against the host. */
static uint32_t almost(uint32_t n, uint32_t repos, uint32_t peer_repos,
		       uint64_t seconds)
{
	struct world w;
	uint32_t found;

	world_init(&w, 20);
	quiet_days(&w, 1);
	peers_pass(&w, 8, 0);
	for (uint32_t i = 0; i < n; i++) {
		sim_builds(&w, 0, 1 + i % repos, "unknown", seconds);
		world_step(&w, 10 * SECOND);
	}
	world_step(&w, 5 * MINUTE);
	peers_pass(&w, peer_repos, 0);
	world_step(&w, 10 * SECOND);
	found = world_judged(&w, JUDGMENT_BLACK_HOLE, NULL);
	world_done(&w);
	return found;
}

static void no_black_hole_without_proof(void **state)
{
	(void)state;
	assert_int_equal(almost(12, 4, 4, 1), 1);
	assert_int_equal(almost(4, 4, 4, 1), 0);   /* too few */
	assert_int_equal(almost(40, 1, 4, 1), 0);  /* one repository's */
	assert_int_equal(almost(40, 2, 4, 1), 0);  /* or two */
	assert_int_equal(almost(12, 4, 0, 1), 0);  /* nobody passed since */
	assert_int_equal(almost(12, 4, 2, 1), 0);  /* but two of them */
	assert_int_equal(almost(12, 4, 4, 45), 0); /* it is not fast */
}

/* A repository that breaks, breaks everywhere. */
static void a_broken_repository_is_no_hosts_fault(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, 20);
	quiet_days(&w, 1);
	peers_pass(&w, 5, 0);
	for (uint32_t round = 0; round < 6; round++) {
		for (uint32_t i = 0; i < 20; i++)
			sim_builds(&w, i, 1 + (i + round) % 5, "code", 1);
		world_step(&w, 2 * MINUTE);
	}
	assert_int_equal(world_ever(&w, JUDGMENT_BLACK_HOLE), 0);
	world_done(&w);
}

static void released_begins_anew(void **state)
{
	struct told_order o = { .quarantine = true,
				.automatic = true,
				.issued_ns = 1 };
	struct world w;

	(void)state;
	world_init(&w, 20);
	quiet_days(&w, 1);
	peers_pass(&w, 4, 0);
	fails(&w, 12, 4, "unknown");
	world_step(&w, 5 * MINUTE);
	peers_pass(&w, 4, 0);
	world_step(&w, 10 * SECOND);
	assert_int_equal(world_judged(&w, JUDGMENT_BLACK_HOLE, NULL), 1);
	o.id = w.hosts[0].id;
	picture_order(w.p, &o, w.now_ns);
	world_step(&w, HOUR);
	assert_int_equal(world_judged(&w, JUDGMENT_BLACK_HOLE, NULL), 1);
	o.quarantine = false;
	o.issued_ns = 2;
	picture_order(w.p, &o, w.now_ns);
	world_step(&w, 10 * SECOND);
	assert_int_equal(world_judged(&w, JUDGMENT_BLACK_HOLE, NULL), 0);
	world_step(&w, HOUR);
	assert_int_equal(world_judged(&w, JUDGMENT_BLACK_HOLE, NULL), 0);
	world_done(&w);
}

static void told_twice_counts_once(void **state)
{
	struct told_build b = { .no = { 5, 1 },
				.repo = "r",
				.repo_len = 1,
				.cause = "unknown",
				.duration_ms = 10 };
	struct told_finding f = { .no = { 5, 1 },
				  .condition = "disk.medium_error",
				  .part = "disk/x" };
	struct world w;

	(void)state;
	world_init(&w, 1);
	world_speak(&w);
	b.id = f.id = w.hosts[0].id;
	assert_int_equal(judge_build(w.j, &b, START), 0);
	assert_int_equal(judge_build(w.j, &b, START), -ESTALE);
	assert_int_equal(judge_finding(w.j, &f, START), 0);
	assert_int_equal(judge_finding(w.j, &f, START), -ESTALE);
	f.condition = "disk.haunted";
	assert_int_equal(judge_finding(w.j, &f, START), -EINVAL);
	f.id = b.id = "nobody";
	assert_int_equal(judge_finding(w.j, &f, START), -ENOENT);
	assert_int_equal(judge_build(w.j, &b, START), -ENOENT);
	world_done(&w);
}

/* @bad of the 40 disks "DISK B" fail, 3 of the 900 others. */
static uint32_t outliers(uint32_t bad, char text[JUDGE_WORDS_MAX])
{
	const struct judgment *g = NULL;
	struct world w;
	uint32_t found;

	world_init(&w, 940);
	for (uint32_t i = 0; i < 40; i++)
		sim_disk(&w.hosts[i * 20], 0, "DISK B");
	quiet_days(&w, 1);
	for (uint32_t i = 0; i < bad + 3; i++) {
		uint32_t host = i < bad ? i * 20 : i * 20 + 7;

		sim_opens(&w, host, "disk.medium_error", w.hosts[host].parts[0],
			  0);
		world_step(&w, 11 * HOUR);
		world_speak(&w);
	}
	found = world_judged(&w, JUDGMENT_OUTLIER, &g);
	if (found > 0)
		judgment_words(w.p, g, text);
	world_done(&w);
	return found;
}

static void a_model_that_dies(void **state)
{
	char text[JUDGE_WORDS_MAX] = "";

	(void)state;
	assert_int_equal(outliers(12, text), 1);
	assert_string_equal(text, "DISK B FW1: 12 of 40 failed in 30 days "
				  "(others: 3 of 900)");
	assert_int_equal(outliers(6, text), 1);
	assert_int_equal(outliers(2, text), 0);
}

/* One of two, two of two: nothing follows from that. */
static void few_disks_are_no_outlier(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, 400);
	sim_disk(&w.hosts[0], 0, "RARE");
	sim_disk(&w.hosts[1], 0, "RARE");
	quiet_days(&w, 1);
	sim_opens(&w, 0, "disk.smart_failing", w.hosts[0].parts[0], 0);
	world_step(&w, HOUR);
	assert_int_equal(world_judged(&w, JUDGMENT_OUTLIER, NULL), 0);
	sim_opens(&w, 1, "disk.smart_failing", w.hosts[1].parts[0], 0);
	world_step(&w, HOUR);
	assert_int_equal(world_judged(&w, JUDGMENT_OUTLIER, NULL), 0);
	world_done(&w);
}

/* A machine that kills its disks is not their model's fault; a disk that was
 * replaced has failed all the same. */
static void machines_and_replacements(void **state)
{
	const struct judgment *g = NULL;
	struct world w;

	(void)state;
	world_init(&w, 900);
	for (uint32_t i = 0; i < 30; i++)
		for (uint32_t d = 0; d < 4; d++)
			sim_disk(&w.hosts[i * 20], d, "DISK B");
	quiet_days(&w, 1);
	for (uint32_t d = 0; d < 4; d++) {
		sim_opens(&w, 0, "disk.io_error", w.hosts[0].parts[d], 0);
		world_step(&w, HOUR);
	}
	assert_int_equal(world_judged(&w, JUDGMENT_OUTLIER, NULL), 0);
	for (uint32_t i = 1; i < 9; i++) {
		sim_opens(&w, i * 20, "disk.io_error", w.hosts[i * 20].parts[0],
			  0);
		world_step(&w, 7 * HOUR);
		sim_disk(&w.hosts[i * 20], 0, "DISK C"); /* replaced */
		HALE_SET(w.hosts[i * 20].parts[0], "disk/new");
		world_speak(&w);
	}
	world_step(&w, HOUR);
	assert_int_equal(world_judged(&w, JUDGMENT_OUTLIER, &g), 1);
	assert_int_equal(g->group.failed, 10); /* two of the first host */
	assert_int_equal(g->group.of, 120);
	/* a month later it is forgotten */
	quiet_days(&w, 31);
	assert_int_equal(world_judged(&w, JUDGMENT_OUTLIER, NULL), 0);
	world_done(&w);
}

/* What waited in spools while no server was there is as old as it is. */
static void a_flood_from_spools_is_no_common_cause(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, 400);
	for (uint32_t i = 0; i < 400; i++)
		w.hosts[i].skew_ns = (int64_t)(i * HOUR); /* wrong clocks */
	quiet_days(&w, 30);
	for (uint32_t i = 0; i < 200; i++)
		sim_opens(&w, i * 2, "fs.full", "fs/x", i * 3 * HOUR + HOUR);
	world_step(&w, 10 * SECOND);
	assert_int_equal(world_ever(&w, JUDGMENT_COMMON_CAUSE), 0);
	world_done(&w);
}

static void a_forgotten_host_is_nobodys_proof(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, 20);
	quiet_days(&w, 1);
	peers_pass(&w, 4, 0);
	fails(&w, 12, 4, "unknown");
	judge_forget(w.j, 0);
	picture_forget(w.p, w.hosts[0].id);
	HALE_SET(w.hosts[0].id, "UNEW");
	assert_int_equal(sim_speak(&w, 0), 0); /* the same index */
	world_step(&w, 5 * MINUTE);
	peers_pass(&w, 4, 0);
	world_step(&w, 10 * SECOND);
	assert_int_equal(world_ever(&w, JUDGMENT_BLACK_HOLE), 0);
	world_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(black_hole),
		cmocka_unit_test(no_black_hole_without_proof),
		cmocka_unit_test(a_broken_repository_is_no_hosts_fault),
		cmocka_unit_test(released_begins_anew),
		cmocka_unit_test(told_twice_counts_once),
		cmocka_unit_test(a_model_that_dies),
		cmocka_unit_test(few_disks_are_no_outlier),
		cmocka_unit_test(machines_and_replacements),
		cmocka_unit_test(a_flood_from_spools_is_no_common_cause),
		cmocka_unit_test(a_forgotten_host_is_nobodys_proof),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
