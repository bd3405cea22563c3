/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Long and large: what must not be said in a month of everyday failures, and
 * how much may be done where very much is wrong.
 */
#include "fleet_world.h"

#include "agent/fleet/view.h"

/* 10,000 hosts for 30 days, with one failure in a hundred. */
static void a_month_without_a_false_word(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, 10000);
	for (uint32_t i = 0; i < w.n; i += 3)
		sim_disk(&w.hosts[i], 1, i % 2 ? "DISK B" : "DISK C");
	world_live(&w, 30 * DAY, 6 * HOUR, 200);
	assert_int_equal(judge_change(w.j), 0);
	assert_null(judge_at(w.j, 0));
	world_done(&w);
}

/* The same rate, a build every ten minutes: the fast half of the judge. */
static void a_busy_week_without_a_false_word(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, 500);
	world_live(&w, 7 * DAY, 10 * MINUTE, 40);
	assert_int_equal(judge_change(w.j), 0);
	world_done(&w);
}

/* The first half hour of each day one build in eight fails instead of one in a
 * hundred: tired, but nothing to talk about. */
static void bad_mornings(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, 300);
	world_live(&w, 3 * DAY, 10 * MINUTE, 20);
	for (uint32_t day = 0; day < 4; day++) {
		for (uint32_t t = 0; t < 3; t++) {
			for (uint32_t i = 0; i < 300; i++)
				sim_builds(&w, i, 1 + world_random(&w, 20),
					   world_random(&w, 8) ? NULL : "code",
					   60);
			world_run(&w, 10 * MINUTE, 30 * SECOND);
		}
		world_live(&w, DAY - 30 * MINUTE, 10 * MINUTE, 20);
	}
	assert_int_equal(world_ever(&w, JUDGMENT_BLACK_HOLE), 0);
	assert_int_equal(world_ever(&w, JUDGMENT_OUTLIER), 0);
	world_done(&w);
}

static const char *const sick_by[] = { "host-io", "host-memory", "unknown",
				       "toolchain-crash", "code" };

/* Of each ten hosts three, spread over the racks. */
static bool is_bad(uint32_t host)
{
	return host * 7 % 10 < 3;
}

/* @hours of builds every ten minutes. Of the bad hosts one more goes bad each
 * @apart hours, and fails all that it builds from then on; apart 0: all hosts
 * do at once. */
static void bad_hours(struct world *w, uint32_t hours, uint32_t apart)
{
	for (uint32_t t = 0; t < hours * 6; t++) {
		uint32_t sick = 0;

		for (uint32_t i = 0; i < w->n; i++) {
			const char *why = NULL;

			if (apart == 0 ||
			    (is_bad(i) && sick++ * apart * 6 <= t))
				why = sick_by[i / 2 % HALE_ARRAY_SIZE(sick_by)];
			for (uint32_t k = 0; k < (why ? 2u : 1u); k++)
				sim_builds(w, i, 1 + world_random(w, 12), why,
					   why ? 1 : 60);
		}
		world_run(w, 10 * MINUTE, MINUTE);
	}
}

/* 30 of 100 hosts truly are bad, each in its way. They are all found, nobody
 * else is, and no more than ten are taken out. */
static void a_third_is_bad(void **state)
{
	const struct cap_options pool = { .label = "pool" };
	struct cap_candidate c[100];
	struct cap_decision d[100];
	struct world w;
	uint32_t n, out = 0;

	(void)state;
	world_init(&w, 100);
	world_live(&w, 5 * DAY, 30 * MINUTE, 12);
	bad_hours(&w, 66, 2);
	n = judge_proposals(w.j, c, 100);
	assert_int_equal(n, 30);
	for (uint32_t i = 0; i < n; i++)
		assert_true(is_bad(c[i].host));
	assert_int_equal(cap_decide(w.p, &pool, c, n, d), n);
	for (uint32_t i = 0; i < n; i++)
		out += d[i].out;
	assert_int_equal(out, 10);
	assert_false(d[29].out);
	assert_int_equal(
		strncmp(d[29].why, "left in: 10 of 100 of pool=ci", 29), 0);
	world_done(&w);
}

/* All fail everything, for no reason that has a name: nobody's fault. */
static void all_are_bad(void **state)
{
	struct cap_candidate c[100];
	struct world w;

	(void)state;
	world_init(&w, 100);
	world_live(&w, 5 * DAY, 30 * MINUTE, 12);
	bad_hours(&w, 6, 0);
	assert_int_equal(judge_proposals(w.j, c, 100), 0);
	world_done(&w);
}

/* One story, told once, and told with every message two times over and some of
 * them late: the same judgments. */
static void tell(struct world *w, uint32_t times)
{
	world_init(w, 100);
	world_live(w, 2 * DAY, HOUR, 12);
	for (uint32_t i = 20; i < 40; i++) {
		uint64_t seq = w->hosts[i].seq;

		for (uint32_t k = 0; k < times; k++) {
			w->hosts[i].seq = seq;
			sim_opens(w, i, "fs.readonly", "fs/x", 0);
			sim_builds(w, i, i, "host-readonly-fs", 5);
		}
		w->hosts[i].fitness = HALE_UNFIT;
		sim_speak(w, i);
		seq = w->hosts[i].seq;
		w->hosts[i].fitness = HALE_FIT;
		for (uint32_t k = 1; k < times; k++) {
			w->hosts[i].seq = seq - 1 - k % 2; /* an old one */
			assert_int_equal(sim_speak(w, i), -ESTALE);
		}
		w->hosts[i].fitness = HALE_UNFIT;
		w->hosts[i].seq = seq;
	}
	world_run(w, 5 * MINUTE, 30 * SECOND);
}

static void told_twice_is_the_same_story(void **state)
{
	const struct view_filter unfit = { .verdicts = 1u << PICTURE_UNFIT };
	struct world once, twice;
	struct view v;

	(void)state;
	tell(&once, 1);
	tell(&twice, 3);
	assert_true(world_ever(&once, JUDGMENT_COMMON_CAUSE) >= 2);
	for (uint32_t i = 0; judge_at(once.j, i); i++) {
		char a[JUDGE_WORDS_MAX], b[JUDGE_WORDS_MAX];

		assert_non_null(judge_at(twice.j, i));
		judgment_words(once.p, judge_at(once.j, i), a);
		judgment_words(twice.p, judge_at(twice.j, i), b);
		assert_string_equal(a, b);
		assert_int_equal(judge_at(once.j, i)->since_ns,
				 judge_at(twice.j, i)->since_ns);
	}
	assert_int_equal(judge_change(once.j), judge_change(twice.j));
	assert_int_equal(view_make(twice.p, &unfit, VIEW_NAME, false, &v), 0);
	assert_int_equal(v.n, 20);
	view_done(&v);
	world_done(&once);
	world_done(&twice);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_month_without_a_false_word),
		cmocka_unit_test(a_busy_week_without_a_false_word),
		cmocka_unit_test(bad_mornings),
		cmocka_unit_test(a_third_is_bad),
		cmocka_unit_test(all_are_bad),
		cmocka_unit_test(told_twice_is_the_same_story),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
