/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A library that waits for ever is interrupted, and nothing is afterwards.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <errno.h>
#include <sys/time.h>
#include <unistd.h>

#include "hale/base.h"

#include "agent/report/bound.h"

/* What it waits for never comes. */
static void test_a_wait_is_interrupted(void **state)
{
	int fds[2];
	char c;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(bound_begin(1), 0);
	assert_int_equal(read(fds[0], &c, 1), -1);
	assert_int_equal(errno, EINTR);
	/* and so is the next one, if that was not the end of it */
	assert_int_equal(read(fds[0], &c, 1), -1);
	assert_int_equal(errno, EINTR);
	assert_true(bound_end());
	close(fds[0]);
	close(fds[1]);
}

static void test_what_ends_in_time_hears_nothing(void **state)
{
	struct itimerval left;

	(void)state;
	assert_int_equal(bound_begin(3600 * 1000), 0);
	assert_false(bound_end());
	assert_int_equal(getitimer(ITIMER_REAL, &left), 0);
	assert_int_equal(left.it_value.tv_sec, 0);
	assert_int_equal(left.it_value.tv_usec, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_wait_is_interrupted),
		cmocka_unit_test(test_what_ends_in_time_hears_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
