/* SPDX-License-Identifier: Apache-2.0 */
/* The cap: no judgment drains a fleet, and no operator is refused. */
#include "fleet_world.h"

static const struct cap_options by_rack = { .label = "rack" };

static void order(struct world *w, uint32_t host, bool out, bool automatic)
{
	static uint64_t issued = 1;
	const struct told_order o = { .id = w->hosts[host].id,
				      .quarantine = out,
				      .automatic = automatic,
				      .who = "alice",
				      .why = "disk swap",
				      .issued_ns = issued++ };

	assert_true(picture_order(w->p, &o, w->now_ns) >= 0);
}

static uint32_t index_of(const struct world *w, uint32_t host)
{
	return picture_find(w->p, w->hosts[host].id);
}

static uint32_t decide(struct world *w, const struct cap_options *o,
		       const uint32_t *hosts, uint32_t n,
		       struct cap_decision *ret)
{
	struct cap_candidate c[64] = { 0 };
	uint32_t out = 0;

	for (uint32_t i = 0; i < n; i++)
		c[i] = (struct cap_candidate){ index_of(w, hosts[i]),
					       START + hosts[i] };
	assert_int_equal(cap_decide(w->p, o, c, n, ret), n);
	for (uint32_t i = 0; i < n; i++)
		out += ret[i].out;
	return out;
}

static void a_tenth_of_a_group(void **state)
{
	const uint32_t hosts[] = { 5, 3, 1, 4, 25 };
	struct cap_decision d[5];
	struct world w;

	(void)state;
	world_init(&w, 60); /* three racks of 20 */
	world_speak(&w);
	assert_int_equal(decide(&w, &by_rack, hosts, 5, d), 3);
	/* by the time of the proposal, not as they were given */
	assert_int_equal(d[0].host, index_of(&w, 1));
	assert_int_equal(d[1].host, index_of(&w, 3));
	assert_true(d[0].out && d[1].out && !d[2].out && !d[3].out);
	assert_string_equal(d[2].why,
			    "left in: 2 of 20 of rack=0 are out, the cap is 2 "
			    "(10 %); a release makes room");
	assert_int_equal(d[4].host, index_of(&w, 25));
	assert_true(d[4].out);
	assert_string_equal(d[4].why,
			    "1 of 20 of rack=1 are out with it (cap 2)");
	world_done(&w);
}

static void at_least_one(void **state)
{
	const uint32_t hosts[] = { 0, 1, 2 };
	struct cap_decision d[3];
	struct world w;

	(void)state;
	world_init(&w, 3);
	world_speak(&w);
	assert_int_equal(decide(&w, &by_rack, hosts, 3, d), 1);
	assert_int_equal(d[0].cap, 1);
	world_done(&w);
}

static void asked_again_it_says_the_same(void **state)
{
	const uint32_t hosts[] = { 7, 8, 9 }, later[] = { 9, 0, 8, 7 };
	struct cap_decision d[4];
	struct world w;

	(void)state;
	world_init(&w, 20);
	world_speak(&w);
	assert_int_equal(decide(&w, &by_rack, hosts, 3, d), 2);
	order(&w, 7, true, true);
	order(&w, 8, true, true);
	/* host 0 was proposed first, but the room is taken */
	assert_int_equal(decide(&w, &by_rack, later, 4, d), 0);
	assert_true(d[1].already && d[2].already && !d[3].already);
	assert_string_equal(d[1].why, "it is out already, by a judgment");
	world_done(&w);
}

static void a_release_makes_room(void **state)
{
	const uint32_t hosts[] = { 9 };
	struct cap_decision d[1];
	struct world w;

	(void)state;
	world_init(&w, 20);
	world_speak(&w);
	order(&w, 7, true, true);
	order(&w, 8, true, true);
	assert_int_equal(decide(&w, &by_rack, hosts, 1, d), 0);
	order(&w, 7, false, false);
	assert_int_equal(decide(&w, &by_rack, hosts, 1, d), 1);
	world_done(&w);
}

static void an_operator_counts_and_is_told(void **state)
{
	const uint32_t hosts[] = { 9 };
	struct cap_decision d[1];
	struct world w;

	(void)state;
	world_init(&w, 20);
	world_speak(&w);
	assert_false(cap_manual(w.p, &by_rack, index_of(&w, 0), d));
	for (uint32_t i = 0; i < 5; i++)
		order(&w, i, true, false);
	assert_int_equal(decide(&w, &by_rack, hosts, 1, d), 0);
	assert_true(cap_manual(w.p, &by_rack, index_of(&w, 9), d));
	assert_true(d[0].out); /* never refused */
	assert_string_equal(d[0].why,
			    "6 of 20 of rack=0 are out with it: more than the "
			    "cap of 2, no judgment takes out another");
	world_done(&w);
}

/* Hosts that are silent are no capacity; those that are out and then silent
 * still take their place. */
static void silence_is_no_room(void **state)
{
	const uint32_t hosts[] = { 9 };
	struct cap_decision d[1];
	struct world w;

	(void)state;
	world_init(&w, 20);
	world_speak(&w);
	order(&w, 0, true, true);
	for (uint32_t i = 0; i < 5; i++)
		w.hosts[i].dead = true;
	world_run(&w, 5 * MINUTE, 30 * SECOND);
	assert_int_equal(decide(&w, &by_rack, hosts, 1, d), 0);
	assert_int_equal(d[0].group_hosts, 16);
	assert_int_equal(d[0].cap, 1);
	world_done(&w);
}

static void those_without_the_label_are_a_group(void **state)
{
	const struct cap_options zone = { .label = "zone", .percent = 50 };
	const struct cap_options all = { .percent = 100 };
	const uint32_t hosts[] = { 0, 1, 2, 3 };
	struct cap_decision d[4];
	struct world w;

	(void)state;
	world_init(&w, 4);
	sim_label(&w.hosts[3], "zone", "a");
	world_speak(&w);
	assert_int_equal(decide(&w, &zone, hosts, 4, d), 2);
	assert_string_equal(d[1].why, "left in: 1 of 3 of hosts without zone "
				      "are out, the cap is 1 (50 %); a release "
				      "makes room");
	assert_int_equal(decide(&w, &all, hosts, 4, d), 4);
	world_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tenth_of_a_group),
		cmocka_unit_test(at_least_one),
		cmocka_unit_test(asked_again_it_says_the_same),
		cmocka_unit_test(a_release_makes_room),
		cmocka_unit_test(an_operator_counts_and_is_told),
		cmocka_unit_test(silence_is_no_room),
		cmocka_unit_test(those_without_the_label_are_a_group),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
