/* SPDX-License-Identifier: Apache-2.0 */
/* Filters and orders. */
#include "fleet_world.h"

#include "agent/fleet/view.h"

static void fleet(struct world *w)
{
	world_init(w, 45); /* racks 0, 1, 2 */
	w->hosts[9].fitness = HALE_UNFIT;
	w->hosts[9].condition = "disk.medium_error";
	w->hosts[9].why = "disk.medium_error sde";
	w->hosts[10].fitness = HALE_UNFIT;
	w->hosts[10].condition = "fs.full";
	w->hosts[30].fitness = HALE_DEGRADED;
	w->hosts[30].condition = "disk.hot";
	sim_label(&w->hosts[30], "pool", "gpu");
	sim_disk(&w->hosts[31], 1, "WDC WD40");
	world_speak(w);
}

/* The names of a view, in its order. */
static void expect(struct world *w, const struct view_filter *f,
		   enum view_key key, bool reverse, const char *want)
{
	char got[400] = "";
	struct view v;

	assert_int_equal(view_make(w->p, f, key, reverse, &v), 0);
	for (uint32_t i = 0; i < v.n && strlen(got) < 300; i++) {
		struct picture_row row;

		assert_true(picture_row(w->p, v.hosts[i], &row));
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%s",
			 i ? " " : "", row.name);
		assert_true(view_passes(w->p, v.hosts[i], f));
	}
	assert_string_equal(got, want);
	view_done(&v);
}

static uint32_t how_many(struct world *w, const struct view_filter *f)
{
	struct view v;
	uint32_t n;

	assert_int_equal(view_make(w->p, f, VIEW_WORST, false, &v), 0);
	n = v.n;
	view_done(&v);
	return n;
}

static void filters(void **state)
{
	const struct view_filter all = { 0 };
	const struct view_filter unfit = { .verdicts = 1u << PICTURE_UNFIT };
	const struct view_filter disk = { .condition = "disk" };
	const struct view_filter dot = { .condition = "disk." };
	const struct view_filter one = { .condition = "disk.hot" };
	const struct view_filter half = { .condition = "disk.h" };
	const struct view_filter text = { .text = "SDE" };
	const struct view_filter model = { .text = "wd40" };
	struct world w;

	(void)state;
	fleet(&w);
	assert_int_equal(how_many(&w, &all), 45);
	expect(&w, &unfit, VIEW_NAME, false, "b9 b10");
	expect(&w, &disk, VIEW_NAME, false, "b9 b30");
	expect(&w, &dot, VIEW_NAME, false, "b9 b30");
	expect(&w, &one, VIEW_NAME, false, "b30");
	expect(&w, &half, VIEW_NAME, false, "");
	expect(&w, &text, VIEW_NAME, false, "b9");
	expect(&w, &model, VIEW_NAME, false, "b31");
	world_done(&w);
}

static void labels(void **state)
{
	const struct view_filter rack = { .n_labels = 1,
					  .labels = { { "rack", "2" } } };
	const struct view_filter racks = {
		.n_labels = 2, .labels = { { "rack", "1" }, { "rack", "2" } }
	};
	const struct view_filter both = {
		.n_labels = 2, .labels = { { "rack", "1" }, { "pool", "gpu" } }
	};
	const struct view_filter there = { .n_labels = 1,
					   .labels = { { "rack", NULL } } };
	const struct view_filter other = { .n_labels = 1,
					   .labels = { { "zone", NULL } } };
	struct world w;

	(void)state;
	fleet(&w);
	assert_int_equal(how_many(&w, &rack), 5);
	assert_int_equal(how_many(&w, &racks), 25);
	expect(&w, &both, VIEW_NAME, false, "b30");
	assert_int_equal(how_many(&w, &there), 45);
	assert_int_equal(how_many(&w, &other), 0);
	world_done(&w);
}

static void orders(void **state)
{
	const struct view_filter few = { .verdicts = 1u << PICTURE_UNFIT |
						     1u << PICTURE_DEGRADED |
						     1u << PICTURE_SILENT };
	struct world w;

	(void)state;
	fleet(&w);
	expect(&w, &few, VIEW_WORST, false, "b9 b10 b30");
	expect(&w, &few, VIEW_WORST, true, "b30 b10 b9");
	world_step(&w, 60 * SECOND);
	w.hosts[9].dead = true;
	w.hosts[30].fitness = HALE_UNFIT;
	world_speak(&w);
	world_step(&w, 60 * SECOND);
	world_speak(&w);
	expect(&w, &few, VIEW_WORST, false, "b10 b30 b9");
	expect(&w, &few, VIEW_SINCE, false, "b9 b30 b10");
	expect(&w, &few, VIEW_HEARD, false, "b9 b10 b30");
	world_done(&w);
}

static void names_of_keys(void **state)
{
	enum view_key k;

	(void)state;
	for (size_t i = 0; i < VIEW_KEYS; i++) {
		assert_int_equal(
			view_key_from_name(view_key_name((enum view_key)i), &k),
			0);
		assert_int_equal(k, i);
	}
	assert_int_equal(view_key_from_name("size", &k), -EINVAL);
}

/* Two views of one picture are the same, whatever came in between. */
static void pages_fit_together(void **state)
{
	const struct view_filter all = { 0 };
	struct view a, b;
	struct world w;

	(void)state;
	world_init(&w, 300);
	for (uint32_t i = 0; i < 300; i++)
		HALE_SET(w.hosts[i].name, "same");
	world_speak(&w);
	assert_int_equal(view_make(w.p, &all, VIEW_NAME, false, &a), 0);
	for (uint32_t i = 300; i-- > 0;) {
		w.hosts[i].why = "news";
		sim_speak(&w, i);
	}
	assert_int_equal(view_make(w.p, &all, VIEW_NAME, false, &b), 0);
	assert_int_equal(a.n, b.n);
	assert_memory_equal(a.hosts, b.hosts, a.n * sizeof(a.hosts[0]));
	view_done(&a);
	view_done(&b);
	world_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filters),
		cmocka_unit_test(labels),
		cmocka_unit_test(orders),
		cmocka_unit_test(names_of_keys),
		cmocka_unit_test(pages_fit_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
