/* SPDX-License-Identifier: Apache-2.0 */
/* Rates: "more than N in a window", and calm again only well below. */
#include "world.h"

#include "agent/core/decay.h"

static const struct hale_rate ten_a_day = { 10, DAY };

static void up_to_the_limit_is_calm(void **state)
{
	struct decay d = { 0 };

	(void)state;
	decay_add(&d, &ten_a_day, 10, START);
	assert_false(d.above);
	decay_add(&d, &ten_a_day, 1, START + HOUR);
	assert_true(d.above);
}

static void spread_over_the_window(void **state)
{
	struct decay d = { 0 };

	(void)state;
	/* eleven, two hours apart: all within 20 h */
	for (uint64_t i = 0; i < 11; i++)
		decay_add(&d, &ten_a_day, 1, START + i * 2 * HOUR);
	assert_true(d.above);
	/* ten a day for a month: at the limit, never above */
	d = (struct decay){ 0 };
	for (uint64_t i = 0; i < 300; i++)
		decay_add(&d, &ten_a_day, 1, START + i * DAY / 10);
	assert_false(d.above);
}

static void calm_again_below_half(void **state)
{
	struct decay d = { 0 };

	(void)state;
	assert_int_equal(decay_due(&d, &ten_a_day), UINT64_MAX);
	decay_add(&d, &ten_a_day, 12, START);
	assert_int_equal(decay_due(&d, &ten_a_day), START + DAY);
	assert_false(decay_settle(&d, &ten_a_day, START + DAY - 1));
	assert_true(d.above);
	assert_true(decay_settle(&d, &ten_a_day, START + DAY));
	assert_false(d.above);
	/* six a day keep it above: no flapping between 5 and 10 */
	decay_add(&d, &ten_a_day, 17, START + DAY);
	assert_true(d.above);
	assert_false(decay_settle(&d, &ten_a_day, START + 2 * DAY));
	assert_true(d.above);
}

static void a_storm_ends_too(void **state)
{
	struct decay d = { 0 };

	(void)state;
	decay_add(&d, &ten_a_day, UINT64_MAX, START);
	decay_add(&d, &ten_a_day, 1000000, START);
	assert_int_equal(d.level_ns, DECAY_WINDOWS_MAX * DAY);
	assert_int_equal(decay_due(&d, &ten_a_day), START + 2 * DAY);
	assert_true(decay_settle(&d, &ten_a_day, decay_due(&d, &ten_a_day)));
	decay_add(&d, &ten_a_day, 1000, START);
	decay_settle(&d, &ten_a_day, START + 100 * DAY);
	assert_int_equal(d.level_ns, 0);
}

static void late_events_count_in_the_running_window(void **state)
{
	struct decay d = { 0 };

	(void)state;
	decay_add(&d, &ten_a_day, 6, START + HOUR);
	decay_add(&d, &ten_a_day, 5, START);
	assert_true(d.above);
}

static void no_rate_is_none(void **state)
{
	const struct hale_rate none = { 0, DAY }, never = { 1, 0 };
	struct decay d = { .above = true };

	(void)state;
	decay_add(&d, &none, 100, START);
	decay_add(&d, &never, 100, START);
	assert_int_equal(d.level_ns, 0);
	assert_int_equal(decay_due(&d, &none), UINT64_MAX);
	assert_true(decay_settle(&d, &none, START));
	assert_false(d.above);
}

static void a_limit_that_was_raised(void **state)
{
	const struct hale_rate longer = { 10, 30 * DAY };
	struct decay d = { 0 };

	(void)state;
	decay_add(&d, &ten_a_day, 11, START);
	assert_int_equal(decay_due(&d, &longer), START);
	assert_true(decay_settle(&d, &longer, START));
}

/* One more than any limit is above it, whatever the rounding. */
static void every_limit_is_exact(void **state)
{
	(void)state;
	for (uint32_t limit = 1; limit <= 10000; limit += limit < 50 ? 1 : 37) {
		const struct hale_rate rates[] = { { limit, SECOND },
						   { limit, DAY + 7 } };

		for (size_t i = 0; i < HALE_ARRAY_SIZE(rates); i++) {
			struct decay d = { 0 };

			for (uint32_t n = 0; n < limit; n++)
				decay_add(&d, &rates[i], 1, START);
			assert_false(d.above);
			decay_add(&d, &rates[i], 1, START);
			assert_true(d.above);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(up_to_the_limit_is_calm),
		cmocka_unit_test(spread_over_the_window),
		cmocka_unit_test(calm_again_below_half),
		cmocka_unit_test(a_storm_ends_too),
		cmocka_unit_test(late_events_count_in_the_running_window),
		cmocka_unit_test(no_rate_is_none),
		cmocka_unit_test(a_limit_that_was_raised),
		cmocka_unit_test(every_limit_is_exact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
