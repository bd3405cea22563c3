/* SPDX-License-Identifier: Apache-2.0 */
/* Exact tests against values worked out by other means. */
#include <math.h>

#include "fleet_world.h"

#include "agent/fleet/exact.h"

/* P(X >= k) term by term, with the library's logarithms. */
static double binomial_bits(uint32_t k, uint32_t n, double rate)
{
	double sum = 0;

	for (uint32_t i = k; i <= n; i++)
		sum += exp(lgamma(n + 1.0) - lgamma(i + 1.0) -
			   lgamma(n - i + 1.0) + i * log(rate) +
			   (n - i) * log1p(-rate));
	return -log2(sum);
}

static void known_values(void **state)
{
	(void)state;
	/* ten heads of ten: 2^-10; nine or ten: 11 * 2^-10 */
	assert_int_equal(exact_binomial(10, 10, 0.5), 10);
	assert_int_equal(exact_binomial(9, 10, 0.5), 6);
	/* the lady and her tea: 1 of 70; 17 of 70 */
	assert_int_equal(exact_fisher(4, 4, 0, 4), 6);
	assert_int_equal(exact_fisher(3, 4, 1, 4), 2);
	/* five of five against none of thirty: 1 / (35 choose 5) = 324632 */
	assert_int_equal(exact_fisher(5, 5, 0, 30), 18);
	assert_int_equal(exact_bits(exact_all_failed(EXACT_ONE, 5, 0, 30)), 18);
}

static void nothing_unusual_is_no_bit(void **state)
{
	(void)state;
	assert_int_equal(exact_binomial(0, 100, 0.1), 0);
	assert_int_equal(exact_binomial(10, 100, 0.1), 0);
	assert_int_equal(exact_binomial(3, 100, 1), 0);
	assert_int_equal(exact_fisher(0, 40, 3, 900), 0);
	assert_int_equal(exact_fisher(1, 40, 30, 900), 0);
	assert_int_equal(exact_fisher(5, 5, 0, 0), 0);
	assert_int_equal(exact_bits(exact_all_failed(EXACT_ONE, 9, 30, 30)), 0);
}

static void binomial_agrees(void **state)
{
	static const struct {
		uint32_t k, n;
		double rate;
	} rows[] = {
		{ 1, 3, 0.01 },		{ 3, 3, 0.001 },
		{ 7, 20, 0.01 },	{ 38, 40, 0.0001 },
		{ 60, 100, 0.3 },	{ 400, 10000, 0.01 },
		{ 3000, 10000, 0.001 }, { 105, 100000, 0.0005 },
	};

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(rows); i++) {
		double want = binomial_bits(rows[i].k, rows[i].n, rows[i].rate);
		uint32_t got =
			exact_binomial(rows[i].k, rows[i].n, rows[i].rate);

		if (want > 1000) /* exp() gave up */
			assert_true(got > 1000);
		else
			assert_int_equal(got, (uint32_t)want);
	}
}

/* Never fewer bits for more failures, up to a million, without an end to it. */
static void more_is_never_less(void **state)
{
	uint32_t last = 0;

	(void)state;
	for (uint32_t k = 0; k <= 200; k++) {
		uint32_t bits = exact_binomial(k, 200, 0.05);

		assert_true(bits >= last);
		last = bits;
	}
	last = 0;
	for (uint32_t a = 0; a <= 40; a++) {
		uint32_t bits = exact_fisher(a, 40, 3, 900);

		assert_true(bits >= last);
		last = bits;
	}
	assert_int_equal(exact_binomial(1000000, 1000000, 1e-9),
			 EXACT_BITS_MAX);
	assert_true(exact_binomial(500000, 1000000, 0.4) > 1000);
	assert_true(exact_fisher(1000, 1000, 0, 999000) > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_values),
		cmocka_unit_test(nothing_unusual_is_no_bit),
		cmocka_unit_test(binomial_agrees),
		cmocka_unit_test(more_is_never_less),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
