/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why, of any history: what tests/fuzz/fuzz_cause.c demands of every answer
 * (bounds, each step from one before it, the same twice), for histories drawn
 * with a fixed seed. Some are of whole bytes, some of small ones, which are the
 * common events.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define HISTORIES 150
#define BYTES	  3000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t random_next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static void every_answer_holds_together(void **state)
{
	uint64_t seed = 88172645463325252;
	static uint8_t history[BYTES];

	(void)state;
	for (int n = 0; n < HISTORIES; n++) {
		const uint8_t mask = n % 3 ? 0xff : 0x1f;

		for (size_t i = 0; i < sizeof(history); i++)
			history[i] = (uint8_t)(random_next(&seed) >> 24) & mask;
		assert_int_equal(
			LLVMFuzzerTestOneInput(history, sizeof(history)), 0);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_answer_holds_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
