/* SPDX-License-Identifier: Apache-2.0 */
/* Who lives, since when, and who is silent: by the server's time alone. */
#include "fleet_world.h"

static void silent_after_three_periods(void **state)
{
	struct picture_row row;
	struct world w;

	(void)state;
	world_init(&w, 1);
	sim_speak(&w, 0);
	world_step(&w, 102 * SECOND);
	assert_int_equal(sim_row(&w, 0).verdict, PICTURE_FIT);
	world_step(&w, SECOND);
	row = sim_row(&w, 0);
	assert_int_equal(row.verdict, PICTURE_SILENT);
	assert_int_equal(row.said, PICTURE_FIT);
	assert_int_equal(row.since_ns, START + 102 * SECOND);
	assert_string_equal(row.why, "no heartbeat");
	sim_speak(&w, 0);
	assert_int_equal(sim_row(&w, 0).verdict, PICTURE_FIT);
	assert_int_equal(sim_row(&w, 0).since_ns, START + 103 * SECOND);
	world_done(&w);
}

/* One look after a week shows what a look a second would have shown. */
static void seldom_looks_see_the_same(void **state)
{
	struct world often, once;

	(void)state;
	world_init(&often, 40);
	world_init(&once, 40);
	world_speak(&often);
	world_speak(&once);
	for (int i = 0; i < 400; i++)
		world_step(&often, SECOND);
	world_step(&once, 400 * SECOND);
	for (uint32_t i = 0; i < 40; i++) {
		struct picture_row a = sim_row(&often, i),
				   b = sim_row(&once, i);

		assert_int_equal(a.verdict, PICTURE_SILENT);
		assert_int_equal(a.verdict, b.verdict);
		assert_int_equal(a.since_ns, b.since_ns);
	}
	/* and a word after a long silence tells of it, looked at or not */
	once.now_ns += 7 * DAY;
	sim_speak(&once, 0);
	assert_int_equal(sim_row(&once, 0).since_ns, once.now_ns);
	world_done(&often);
	world_done(&once);
}

static void a_lost_connection_is_no_death(void **state)
{
	struct picture_row row;
	struct world w;

	(void)state;
	world_init(&w, 2);
	world_speak(&w);
	world_step(&w, 5 * SECOND);
	picture_disconnected(w.p, w.hosts[0].id, w.now_ns);
	picture_disconnected(w.p, w.hosts[1].id, w.now_ns);
	assert_int_equal(sim_row(&w, 0).verdict, PICTURE_FIT);
	assert_false(sim_row(&w, 0).connected);
	world_step(&w, 25 * SECOND);
	sim_speak(&w, 0); /* one came back, the other did not */
	world_step(&w, 18 * SECOND);
	assert_int_equal(sim_row(&w, 0).verdict, PICTURE_FIT);
	assert_true(sim_row(&w, 0).connected);
	row = sim_row(&w, 1);
	assert_int_equal(row.verdict, PICTURE_SILENT);
	assert_string_equal(
		row.why, "its connection ended, and no heartbeat came since");
	assert_int_equal(row.since_ns, START + 47 * SECOND);
	world_done(&w);
}

/* The server's words of one reconnection, in the wrong order. */
static void connections_out_of_order(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, 1);
	world_speak(&w);
	picture_connected(w.p, w.hosts[0].id, START + 6 * SECOND);
	assert_int_equal(
		picture_disconnected(w.p, w.hosts[0].id, START + 5 * SECOND),
		-ESTALE);
	world_step(&w, 90 * SECOND);
	assert_int_equal(sim_row(&w, 0).verdict, PICTURE_FIT);
	assert_int_equal(picture_connected(w.p, "nobody", START), -ENOENT);
	world_done(&w);
}

/* The reader lost its own link: that is nobody's silence. */
static void a_blind_reader_calls_nobody_silent(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, 2);
	sim_speak(&w, 0);
	sim_speak(&w, 1);
	w.hosts[1].dead = true;
	world_step(&w, 10 * SECOND);
	picture_fed(w.p, false, w.now_ns);
	world_step(&w, HOUR);
	assert_int_equal(sim_row(&w, 0).verdict, PICTURE_FIT);
	picture_fed(w.p, true, w.now_ns);
	world_step(&w, 60 * SECOND);
	assert_int_equal(sim_row(&w, 1).verdict, PICTURE_FIT);
	sim_speak(&w, 0);
	world_step(&w, 60 * SECOND);
	assert_int_equal(sim_row(&w, 0).verdict, PICTURE_FIT);
	assert_int_equal(sim_row(&w, 1).verdict, PICTURE_SILENT);
	world_done(&w);
}

static void a_wrong_clock_moves_nothing(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, 2);
	w.hosts[0].skew_ns = 365 * (int64_t)DAY;
	w.hosts[1].skew_ns = -365 * (int64_t)DAY;
	world_speak(&w);
	world_step(&w, 90 * SECOND);
	for (uint32_t i = 0; i < 2; i++) {
		assert_int_equal(sim_row(&w, i).verdict, PICTURE_FIT);
		assert_int_equal(sim_row(&w, i).heard_ns, START);
		assert_int_equal(sim_row(&w, i).since_ns, START);
		assert_true(sim_row(&w, i).skew_ns == w.hosts[i].skew_ns);
	}
	world_step(&w, 60 * SECOND);
	assert_int_equal(sim_row(&w, 0).verdict, PICTURE_SILENT);
	world_done(&w);
}

/* "Since" is what the host says of its own clock's stretch of time, but never
 * before it was last heard to be otherwise. */
static void since_when(void **state)
{
	struct told_state s = { .no = { 7, 1 },
				.fitness = HALE_UNFIT,
				.host_sent_ns = 5000 * SECOND,
				.host_since_ns = 4000 * SECOND };
	struct world w;

	(void)state;
	world_init(&w, 1);
	s.id = w.hosts[0].id;
	picture_state(w.p, &s, START);
	assert_int_equal(sim_row(&w, 0).since_ns, START - 1000 * SECOND);
	assert_false(sim_row(&w, 0).since_at_least);
	s.no.seq++;
	s.fitness = HALE_FIT;
	s.host_since_ns = 0;
	picture_state(w.p, &s, START + 30 * SECOND);
	assert_int_equal(sim_row(&w, 0).since_ns, START + 30 * SECOND);
	s.no.seq++;
	s.fitness = HALE_UNFIT;
	s.host_since_ns = 4000 * SECOND;
	picture_state(w.p, &s, START + 60 * SECOND);
	assert_int_equal(sim_row(&w, 0).since_ns, START + 30 * SECOND);
	/* nonsense: it began after it was sent */
	s.no = (struct told_order_no){ 8, 1 };
	s.fitness = HALE_DEGRADED;
	s.host_since_ns = 9000 * SECOND;
	picture_state(w.p, &s, START + 90 * SECOND);
	assert_int_equal(sim_row(&w, 0).since_ns, START + 90 * SECOND);
	world_done(&w);
}

static void an_agent_that_is_silent_is_unknown(void **state)
{
	struct told_state s = { .no = { 7, 1 },
				.fitness = HALE_FIT,
				.agent_silent = true };
	struct world w;

	(void)state;
	world_init(&w, 1);
	s.id = w.hosts[0].id;
	picture_state(w.p, &s, START);
	assert_int_equal(sim_row(&w, 0).verdict, PICTURE_UNKNOWN);
	assert_string_equal(sim_row(&w, 0).why, "the agent does not answer");
	world_done(&w);
}

static void never_heard_is_told(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, 1);
	picture_expect(w.p, w.hosts[0].id, "b0", START);
	assert_int_equal(sim_row(&w, 0).verdict, PICTURE_UNKNOWN);
	assert_int_equal(sim_row(&w, 0).heard_ns, 0);
	world_step(&w, 2 * MINUTE);
	assert_int_equal(sim_row(&w, 0).verdict, PICTURE_SILENT);
	assert_string_equal(sim_row(&w, 0).why,
			    "never heard since it was enrolled");
	sim_speak(&w, 0);
	picture_expect(w.p, w.hosts[0].id, "b0", w.now_ns);
	assert_int_equal(sim_row(&w, 0).verdict, PICTURE_FIT);
	world_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(silent_after_three_periods),
		cmocka_unit_test(seldom_looks_see_the_same),
		cmocka_unit_test(a_lost_connection_is_no_death),
		cmocka_unit_test(connections_out_of_order),
		cmocka_unit_test(a_blind_reader_calls_nobody_silent),
		cmocka_unit_test(a_wrong_clock_moves_nothing),
		cmocka_unit_test(since_when),
		cmocka_unit_test(an_agent_that_is_silent_is_unknown),
		cmocka_unit_test(never_heard_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
