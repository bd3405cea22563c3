/* SPDX-License-Identifier: Apache-2.0 */
/* The picture: what was told late, twice or by a wrong clock changes nothing.
 */
#include "fleet_world.h"

static void order(struct world *w, uint32_t host, uint64_t issued, bool out,
		  uint64_t until_ns)
{
	const struct told_order o = {
		.id = w->hosts[host].id,
		.quarantine = out,
		.who = "alice",
		.why = "disk swap",
		.issued_ns = issued,
		.until_ns = until_ns,
	};

	picture_order(w->p, &o, w->now_ns);
}

static void a_row_says_what_the_host_said(void **state)
{
	struct picture_row row;
	struct world w;

	(void)state;
	world_init(&w, 2);
	w.hosts[1].fitness = HALE_UNFIT;
	w.hosts[1].condition = "disk.medium_error";
	w.hosts[1].why = "disk.medium_error sde: 14 times\033[31m";
	world_speak(&w);
	row = sim_row(&w, 1);
	assert_string_equal(row.name, "b1");
	assert_int_equal(row.verdict, PICTURE_UNFIT);
	assert_string_equal(row.why, "disk.medium_error sde: 14 times?[31m");
	assert_string_equal(row.version, "0.1.0");
	assert_int_equal(row.since_ns, START);
	assert_true(row.since_at_least);
	assert_int_equal(row.heard_ns, START);
	assert_int_equal(row.n_labels, 2);
	assert_string_equal(picture_label(w.p, 1, 0).value, "0");
	assert_string_equal(picture_disk(w.p, 1, 0).model, "DISK A");
	assert_string_equal(picture_condition(w.p, 1, 0), "disk.medium_error");
	assert_string_equal(picture_condition(w.p, 1, 1), "");
	assert_int_equal(picture_find_name(w.p, "b1"), 1);
	assert_int_equal(picture_find(w.p, "nobody"), PICTURE_NONE);
	world_done(&w);
}

static void say(struct world *w, uint64_t spool, uint64_t seq,
		enum hale_fitness fitness, int want)
{
	const struct told_state s = { .id = w->hosts[0].id,
				      .name = "b0",
				      .no = { spool, seq },
				      .fitness = fitness };

	assert_int_equal(picture_state(w->p, &s, w->now_ns), want);
}

static void late_and_twice_changes_nothing(void **state)
{
	struct picture_counts counts;
	struct world w;

	(void)state;
	world_init(&w, 1);
	say(&w, 7, 10, HALE_UNFIT, 0);
	say(&w, 7, 10, HALE_FIT, -ESTALE);
	say(&w, 7, 9, HALE_FIT, -ESTALE);
	assert_int_equal(sim_row(&w, 0).verdict, PICTURE_UNFIT);
	/* its state folder was lost: a new spool begins at 1 */
	say(&w, 8, 1, HALE_FIT, 0);
	assert_int_equal(sim_row(&w, 0).verdict, PICTURE_FIT);
	say(&w, 7, 11, HALE_UNFIT, -ESTALE);
	assert_int_equal(sim_row(&w, 0).verdict, PICTURE_FIT);
	picture_counts(w.p, &counts);
	assert_int_equal(counts.stale, 3);
	assert_int_equal(counts.hosts, 1);
	world_done(&w);
}

/* Whoever recorded a host's words cannot keep it alive with them. */
static void a_replay_is_no_sign_of_life(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, 1);
	say(&w, 7, 10, HALE_FIT, 0);
	for (int i = 0; i < 20; i++) {
		world_step(&w, 10 * SECOND);
		say(&w, 7, 10, HALE_FIT, -ESTALE);
	}
	assert_int_equal(sim_row(&w, 0).verdict, PICTURE_SILENT);
	world_done(&w);
}

static void the_last_order_holds(void **state)
{
	struct picture_counts counts;
	struct world w;

	(void)state;
	world_init(&w, 1);
	world_speak(&w);
	order(&w, 0, 5, true, 0);
	assert_int_equal(sim_row(&w, 0).quarantine, PICTURE_MANUAL);
	assert_string_equal(sim_row(&w, 0).quarantine_who, "alice");
	assert_string_equal(sim_row(&w, 0).quarantine_why, "disk swap");
	order(&w, 0, 7, false, 0);
	order(&w, 0, 6, true, 0); /* overtaken */
	order(&w, 0, 5, true, 0); /* and told again */
	assert_int_equal(sim_row(&w, 0).quarantine, PICTURE_FREE);
	order(&w, 0, 8, true, w.now_ns + HOUR);
	world_step(&w, HOUR - SECOND);
	assert_int_equal(sim_row(&w, 0).quarantine, PICTURE_MANUAL);
	picture_counts(w.p, &counts);
	assert_int_equal(counts.quarantined, 1);
	world_step(&w, 2 * SECOND);
	assert_int_equal(sim_row(&w, 0).quarantine, PICTURE_FREE);
	picture_counts(w.p, &counts);
	assert_int_equal(counts.quarantined, 0);
	world_done(&w);
}

static void what_a_host_says_of_itself_only_it_ends(void **state)
{
	struct told_state s = { .no = { 7, 1 },
				.fitness = HALE_FIT,
				.quarantined = true,
				.quarantined_itself = true,
				.quarantine_who = "hale",
				.quarantine_why = "failed 9 builds" };
	struct world w;

	(void)state;
	world_init(&w, 1);
	s.id = w.hosts[0].id;
	picture_state(w.p, &s, START);
	order(&w, 0, 5, false, 0);
	assert_int_equal(sim_row(&w, 0).quarantine, PICTURE_BY_ITSELF);
	assert_true(sim_row(&w, 0).quarantine_holds);
	s.no.seq++;
	s.quarantined = false;
	picture_state(w.p, &s, START + SECOND);
	assert_int_equal(sim_row(&w, 0).quarantine, PICTURE_FREE);
	world_done(&w);
}

static uint32_t changed(const struct world *w, uint64_t after)
{
	uint32_t cursor = PICTURE_NONE, n = 0;

	while (picture_changes(w->p, after, &cursor) != PICTURE_NONE)
		n++;
	return n;
}

static void only_news_is_a_change(void **state)
{
	struct picture_counts counts, after;
	struct world w;

	(void)state;
	world_init(&w, 5);
	world_speak(&w);
	assert_int_equal(changed(&w, 0), 5);
	picture_counts(w.p, &counts);
	world_speak(&w); /* heartbeats */
	assert_int_equal(changed(&w, counts.change), 0);
	w.hosts[3].fitness = HALE_UNFIT;
	sim_label(&w.hosts[2], "rack", "9");
	world_speak(&w);
	assert_int_equal(changed(&w, counts.change), 2);
	order(&w, 4, 5, true, 0);
	picture_forget(w.p, w.hosts[4].id);
	picture_counts(w.p, &after);
	assert_int_equal(after.quarantined, 0);
	assert_true(picture_shrank(w.p, counts.change));
	assert_int_equal(changed(&w, 0), 4);
	world_done(&w);
}

static void a_host_too_many_is_refused_and_counted(void **state)
{
	const struct picture_options few = { .hosts_max = 2 };
	struct told_state s = { .fitness = HALE_FIT };
	struct picture_counts counts;
	struct picture *p = picture_new(&few);

	(void)state;
	s.id = "UA";
	assert_int_equal(picture_state(p, &s, START), 0);
	s.id = "UB";
	assert_int_equal(picture_state(p, &s, START), 1);
	s.id = "UC";
	assert_int_equal(picture_state(p, &s, START), -ENOSPC);
	picture_counts(p, &counts);
	assert_int_equal(counts.refused, 1);
	assert_int_equal(picture_forget(p, "UA"), 0);
	assert_int_equal(picture_forget(p, "UA"), -ENOENT);
	assert_int_equal(picture_state(p, &s, START), 0);
	s.id = "";
	assert_int_equal(picture_state(p, &s, START), -EINVAL);
	s.id = "U\n";
	assert_int_equal(picture_state(p, &s, START), -EINVAL);
	picture_free(p);
}

/* A host that changes all that it says, a thousand times, holds no more than
 * one that does not; and one that is forgotten holds nothing. */
static void memory_is_bounded_by_what_is_there(void **state)
{
	struct picture_counts before, after;
	char text[64];
	struct world w;

	(void)state;
	world_init(&w, 3);
	world_speak(&w);
	picture_counts(w.p, &before);
	for (int i = 1000; i < 2000; i++) {
		snprintf(text, sizeof(text), "%d", i);
		sim_label(&w.hosts[0], "rack", text);
		sim_disk(&w.hosts[0], 0, text);
		w.hosts[0].condition = text;
		w.hosts[0].why = text;
		sim_speak(&w, 0);
	}
	picture_counts(w.p, &after);
	assert_true(after.bytes < before.bytes + 200);
	w.hosts[0].condition = NULL;
	w.hosts[0].why = "";
	sim_label(&w.hosts[0], "rack", "0");
	sim_disk(&w.hosts[0], 0, "DISK A");
	sim_speak(&w, 0);
	picture_counts(w.p, &after);
	assert_int_equal(after.bytes, before.bytes);
	world_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_says_what_the_host_said),
		cmocka_unit_test(late_and_twice_changes_nothing),
		cmocka_unit_test(a_replay_is_no_sign_of_life),
		cmocka_unit_test(the_last_order_holds),
		cmocka_unit_test(what_a_host_says_of_itself_only_it_ends),
		cmocka_unit_test(only_news_is_a_change),
		cmocka_unit_test(a_host_too_many_is_refused_and_counted),
		cmocka_unit_test(memory_is_bounded_by_what_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
