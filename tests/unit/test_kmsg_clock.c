/* SPDX-License-Identifier: Apache-2.0 */
/* When a record was printed, whatever printk's own clock says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "drivers/kmsg_clock.h"
#include "hale/base.h"

#define MS HALE_NS_PER_MS
#define S  HALE_NS_PER_S

static struct kmsg_clock c;

static int reset(void **state)
{
	(void)state;
	c = (struct kmsg_clock){ 0 };
	return 0;
}

/* Nobody can know how old a log is that was there before. */
static void old_records_keep_their_stamps(void **state)
{
	(void)state;
	assert_int_equal(kmsg_clock_settle(&c, 5 * S, 100 * S), 5 * S);
	assert_int_equal(kmsg_clock_settle(&c, 99 * S, 100 * S), 99 * S);
	kmsg_clock_end(&c, 100 * S);
	/* printed a second ago, as is seen by when it can be read */
	assert_int_equal(kmsg_clock_settle(&c, 100 * S, 101 * S), 101 * S);
}

/* 15 ms behind: what a build met a moment after its begin happened in it. */
static void a_clock_that_is_behind(void **state)
{
	(void)state;
	kmsg_clock_end(&c, 10 * S);
	/* read 4 ms late, then at once, then a second late */
	assert_int_equal(
		kmsg_clock_settle(&c, 20 * S - 15 * MS, 20 * S + 4 * MS),
		20 * S + 4 * MS);
	assert_int_equal(kmsg_clock_settle(&c, 21 * S - 15 * MS, 21 * S),
			 21 * S);
	assert_in_range(kmsg_clock_settle(&c, 22 * S - 15 * MS, 23 * S), 22 * S,
			22 * S + 2 * MS);
}

static void a_clock_that_is_ahead(void **state)
{
	(void)state;
	kmsg_clock_end(&c, 10 * S);
	assert_int_equal(kmsg_clock_settle(&c, 20 * S + 15 * MS, 20 * S),
			 20 * S);
	assert_in_range(kmsg_clock_settle(&c, 22 * S + 15 * MS, 23 * S), 22 * S,
			22 * S + 2 * MS);
}

/* Weeks later the lag is another one; the last look at the log bounds it. */
static void clocks_drift_apart(void **state)
{
	(void)state;
	kmsg_clock_end(&c, 10 * S);
	assert_int_equal(kmsg_clock_settle(&c, 10 * S, 10 * S), 10 * S);
	assert_int_equal(kmsg_clock_settle(&c, 1000000 * S, 1000020 * S),
			 1000020 * S);
	kmsg_clock_end(&c, 1000021 * S);
	assert_int_equal(kmsg_clock_settle(&c, 1000000 * S, 1000022 * S),
			 1000021 * S);
}

static void order_is_kept(void **state)
{
	uint64_t last = 0, seed = 7;

	(void)state;
	for (uint64_t now = S; now < 200 * S; now += S / 4) {
		uint64_t t;

		seed = seed * 6364136223846793005U + 1442695040888963407U;
		t = kmsg_clock_settle(&c, now - seed % (200 * MS) - 15 * MS,
				      now);
		if (c.live)
			assert_in_range(t, last, now);
		last = t;
		if (seed % 3 == 0)
			kmsg_clock_end(&c, now);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(old_records_keep_their_stamps, reset),
		cmocka_unit_test_setup(a_clock_that_is_behind, reset),
		cmocka_unit_test_setup(a_clock_that_is_ahead, reset),
		cmocka_unit_test_setup(clocks_drift_apart, reset),
		cmocka_unit_test_setup(order_is_kept, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
