/* SPDX-License-Identifier: Apache-2.0 */
/* Findings that wait for the store: each once, within bounds, none forgotten
 * without being counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "agent/ship/missed.h"
#include "hale/base.h"

static struct missed missed;
static char evidence[2000];

static void keep(const char *id, uint64_t first, uint64_t count)
{
	Hale__V1__Part part;
	Hale__V1__Finding f;

	hale__v1__part__init(&part);
	hale__v1__finding__init(&f);
	part.id = (char *)(uintptr_t)id;
	f.part = &part;
	f.condition = (char *)(uintptr_t) "disk.io_error";
	f.evidence = evidence;
	f.first_ns = first;
	f.count = count;
	f.closed_ns = first + 1;
	missed_keep(&missed, &f);
}

static int clean(void **state)
{
	(void)state;
	missed_done(&missed);
	evidence[0] = '\0';
	return 0;
}

static void test_each_once_as_it_was_last(void **state)
{
	(void)state;
	keep("disk/a", 5, 1);
	keep("disk/b", 5, 1);
	keep("disk/a", 5, 9);
	keep("disk/a", 6, 1);
	assert_int_equal(missed.n, 3);
	assert_int_equal(missed.findings[1]->count, 9);
	assert_int_equal(missed.dropped, 0);
}

static void test_the_oldest_go_and_are_counted(void **state)
{
	(void)state;
	for (uint64_t i = 1; i <= MISSED_MAX + 10; i++)
		keep("disk/a", i, 1);
	assert_int_equal(missed.n, MISSED_MAX);
	assert_int_equal(missed.dropped, 10);
	assert_int_equal(missed.findings[0]->first_ns, 11);
}

static void test_bounded_in_bytes(void **state)
{
	(void)state;
	memset(evidence, 'x', sizeof(evidence) - 1);
	for (uint64_t i = 1; i <= MISSED_MAX; i++)
		keep("disk/a", i, 1);
	assert_true(missed.bytes <= MISSED_BYTES_MAX);
	assert_int_equal(missed.n + missed.dropped, MISSED_MAX);
}

static void test_what_has_no_part_is_counted(void **state)
{
	Hale__V1__Finding f;

	(void)state;
	hale__v1__finding__init(&f);
	missed_keep(&missed, &f);
	assert_int_equal(missed.n, 0);
	assert_int_equal(missed.dropped, 1);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_teardown(f, clean)
	const struct CMUnitTest tests[] = {
		TEST(test_each_once_as_it_was_last),
		TEST(test_the_oldest_go_and_are_counted),
		TEST(test_bounded_in_bytes),
		TEST(test_what_has_no_part_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
