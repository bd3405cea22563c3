/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many dying processes are looked at: a storm of one user's crashes costs
 * that user, and no more than so much in all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/daemon/looks.h"

#define NOW (UINT64_C(1000) * HALE_NS_PER_S)

static struct looks looks;
static const struct hale_victim victim = { .pid = 7, .signal = 11 };

static int reset(void **state)
{
	(void)state;
	memset(&looks, 0, sizeof(looks));
	return 0;
}

/* How many of @n at once are looked at, as fast as runs come. */
static unsigned int storm(uint32_t uid, unsigned int n, uint64_t now)
{
	unsigned int taken = 0;

	for (unsigned int i = 0; i < n; i++) {
		taken += looks_add(&looks, &victim, uid, now);
		looks.n = 0;
	}
	return taken;
}

static void test_a_users_storm_is_cut(void **state)
{
	(void)state;
	assert_int_equal(storm(1000, 1000, NOW), LOOKS_BURST);
	assert_int_equal(storm(1000, 1000, NOW + LOOKS_EACH_NS), 1);
	assert_int_equal(storm(1000, 1000, NOW + 1000 * LOOKS_EACH_NS),
			 LOOKS_BURST);
}

static void test_others_are_still_looked_at(void **state)
{
	(void)state;
	storm(1000, 1000, NOW);
	assert_true(looks_add(&looks, &victim, 1001, NOW));
	assert_true(looks_add(&looks, &victim, 0, NOW));
}

/* Somebody with ten thousand user ids, as a container may have. */
static void test_many_users_have_a_bound_as_well(void **state)
{
	unsigned int taken = 0;

	(void)state;
	for (uint32_t uid = 100000; uid < 110000; uid++)
		taken += storm(uid, 1, NOW);
	assert_int_equal(taken, LOOKS_USERS);
	for (uint32_t uid = 100000; uid < 110000; uid++)
		taken += storm(uid, 100, NOW + HALE_NS_PER_S);
	assert_true(taken <= LOOKS_ALL_BURST + 5);
}

static void test_what_waits_is_bounded(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < LOOKS_MAX; i++)
		assert_true(looks_add(&looks, &victim, i % 4, NOW));
	assert_false(looks_add(&looks, &victim, 9, NOW));
	assert_int_equal(looks.n, LOOKS_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_a_users_storm_is_cut, reset),
		cmocka_unit_test_setup(test_others_are_still_looked_at, reset),
		cmocka_unit_test_setup(test_many_users_have_a_bound_as_well,
				       reset),
		cmocka_unit_test_setup(test_what_waits_is_bounded, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
