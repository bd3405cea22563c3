/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What another attempt is made of, cause by cause, and when it comes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/run/again/retry.h"

struct row {
	enum hale_build_cause cause;
	enum hale_retry retry;
	enum retry_verdict alone;      /* with a retry left */
	enum retry_verdict strategies; /* and with a strategy left */
};

static const struct row rows[] = {
	{ HALE_CAUSE_UNKNOWN, HALE_RETRY_NO, RETRY_STOP, RETRY_NEXT },
	{ HALE_CAUSE_HOST_IO, HALE_RETRY_ELSEWHERE, RETRY_STOP, RETRY_STOP },
	{ HALE_CAUSE_HOST_DISK_FULL, HALE_RETRY_ELSEWHERE, RETRY_STOP,
	  RETRY_STOP },
	{ HALE_CAUSE_HOST_MEMORY, HALE_RETRY_HERE, RETRY_STOP, RETRY_STOP },
	{ HALE_CAUSE_ENGINE_DOWN, HALE_RETRY_HERE, RETRY_AGAIN, RETRY_AGAIN },
	{ HALE_CAUSE_NETWORK, HALE_RETRY_HERE, RETRY_AGAIN, RETRY_AGAIN },
	/* a name that does not exist will not exist in a minute */
	{ HALE_CAUSE_NETWORK, HALE_RETRY_NO, RETRY_STOP, RETRY_NEXT },
	{ HALE_CAUSE_REGISTRY_OUTAGE, HALE_RETRY_HERE, RETRY_AGAIN,
	  RETRY_AGAIN },
	{ HALE_CAUSE_AUTH, HALE_RETRY_NO, RETRY_STOP, RETRY_NEXT },
	{ HALE_CAUSE_CACHE, HALE_RETRY_HERE, RETRY_AGAIN, RETRY_NEXT },
	{ HALE_CAUSE_TIMEOUT, HALE_RETRY_NO, RETRY_STOP, RETRY_NEXT },
	{ HALE_CAUSE_INTERACTIVE_STALL, HALE_RETRY_NO, RETRY_STOP, RETRY_STOP },
	{ HALE_CAUSE_DEPENDENCY, HALE_RETRY_NO, RETRY_STOP, RETRY_NEXT },
	{ HALE_CAUSE_CODE, HALE_RETRY_NO, RETRY_STOP, RETRY_STOP },
	{ HALE_CAUSE_CODE, HALE_RETRY_HERE, RETRY_STOP, RETRY_STOP },
	{ HALE_CAUSE_TOOLCHAIN_CRASH, HALE_RETRY_NO, RETRY_STOP, RETRY_STOP },
	{ HALE_CAUSE_BUILD_LIMIT, HALE_RETRY_NO, RETRY_STOP, RETRY_NEXT },
};

static void each_cause_has_its_answer(void **state)
{
	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(rows); i++) {
		struct run_judgement j = { .cause = rows[i].cause,
					   .retry = rows[i].retry,
					   .status = 1 };
		struct retry alone = { .left = 1 };
		struct retry both = { .left = 1, .strategies = 2 };
		uint64_t delay = 0;

		if (retry_next(&alone, &j, 0, &delay) != rows[i].alone)
			fail_msg("%s alone",
				 hale_build_cause_name(rows[i].cause));
		if (retry_next(&both, &j, 0, &delay) != rows[i].strategies)
			fail_msg("%s with strategies",
				 hale_build_cause_name(rows[i].cause));
	}
}

static void the_host_s_fault_goes_elsewhere(void **state)
{
	struct run_judgement j = { .cause = HALE_CAUSE_NETWORK,
				   .retry = HALE_RETRY_HERE,
				   .host_fault = true,
				   .status = 75 };
	struct retry r = { .left = 5, .strategies = 3 };
	uint64_t delay;

	(void)state;
	assert_int_equal(retry_next(&r, &j, 0, &delay), RETRY_STOP);
}

static void what_passed_is_not_tried_again(void **state)
{
	struct run_judgement j = { .retry = HALE_RETRY_HERE,
				   .cause = HALE_CAUSE_NETWORK };
	struct retry r = { .left = 5, .strategies = 3 };
	uint64_t delay;

	(void)state;
	assert_int_equal(retry_next(&r, &j, 0, &delay), RETRY_STOP);
}

static void it_ends(void **state)
{
	struct run_judgement j = { .cause = HALE_CAUSE_NETWORK,
				   .retry = HALE_RETRY_HERE,
				   .status = 1 };
	struct retry r = { .left = 1000000, .strategies = 16 };
	uint64_t delay;
	int n = 0;

	(void)state;
	while (retry_next(&r, &j, 7, &delay) != RETRY_STOP)
		n++;
	assert_int_equal(n, RUN_ATTEMPTS_MAX - 1);
	r = (struct retry){ .left = 2, .strategies = 3 };
	for (n = 0; retry_next(&r, &j, 7, &delay) != RETRY_STOP; n++)
		;
	/* two retries of the first, then the other two strategies */
	assert_int_equal(n, 4);
	assert_int_equal(r.strategy, 2);
}

static uint64_t delay_of(enum hale_build_cause cause, uint32_t failed,
			 uint32_t chance)
{
	struct run_judgement j = { .cause = cause,
				   .retry = HALE_RETRY_HERE,
				   .status = 1 };
	struct retry r = { .left = 9, .failed = failed };
	uint64_t delay = 0;

	assert_int_equal(retry_next(&r, &j, chance, &delay), RETRY_AGAIN);
	return delay;
}

static void delays_double_up_to_a_bound(void **state)
{
	const uint64_t s = HALE_NS_PER_S, near = HALE_NS_PER_S / 100;
	uint64_t first = delay_of(HALE_CAUSE_NETWORK, 0, UINT32_MAX);
	uint64_t third = delay_of(HALE_CAUSE_NETWORK, 2, UINT32_MAX);

	(void)state;
	assert_in_range(first, s - near, s);
	assert_in_range(third, 4 * s - near, 4 * s);
	assert_in_range(delay_of(HALE_CAUSE_NETWORK, 20, UINT32_MAX),
			60 * s - near, 60 * s);
	/* a registry that says "too many requests" means minutes */
	assert_in_range(delay_of(HALE_CAUSE_REGISTRY_OUTAGE, 20, UINT32_MAX),
			300 * s - near, 300 * s);
	assert_true(delay_of(HALE_CAUSE_REGISTRY_OUTAGE, 0, 0) >= 5 * s);
}

static void chance_spreads_them(void **state)
{
	(void)state;
	assert_true(delay_of(HALE_CAUSE_NETWORK, 5, 0) <
		    delay_of(HALE_CAUSE_NETWORK, 5, UINT32_MAX / 2));
	assert_true(delay_of(HALE_CAUSE_NETWORK, 5, UINT32_MAX / 2) <
		    delay_of(HALE_CAUSE_NETWORK, 5, UINT32_MAX));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_cause_has_its_answer),
		cmocka_unit_test(the_host_s_fault_goes_elsewhere),
		cmocka_unit_test(what_passed_is_not_tried_again),
		cmocka_unit_test(it_ends),
		cmocka_unit_test(delays_double_up_to_a_bound),
		cmocka_unit_test(chance_spreads_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
