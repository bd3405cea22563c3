/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exact tests. Decides how unlikely a count is if nothing is behind it. Must
 * never approximate by a distribution that only fits large counts: a rack has
 * twenty hosts. Invariant: more failures of as many are never fewer bits.
 */
#include "agent/fleet/exact.h"

#define TWO_TO_64 18446744073709551616.0

/* Terms smaller than that part of the sum no longer count. */
#define NEGLIGIBLE 1e-17

static void normalize(struct exact *x)
{
	if (x->m <= 0) {
		*x = (struct exact){ 0 };
		return;
	}
	for (; x->m < 1 / TWO_TO_64; x->e -= 64)
		x->m *= TWO_TO_64;
	for (; x->m < 0.5; x->e--)
		x->m *= 2;
	for (; x->m >= TWO_TO_64; x->e += 64)
		x->m /= TWO_TO_64;
	for (; x->m >= 1; x->e++)
		x->m /= 2;
}

struct exact exact_times(struct exact x, double by)
{
	x.m *= by;
	normalize(&x);
	return x;
}

uint32_t exact_bits(struct exact x)
{
	if (x.m <= 0 || x.e < -EXACT_BITS_MAX)
		return EXACT_BITS_MAX;
	if (x.m <= 0.5) /* a power of two itself */
		x.e--;
	return x.e < 0 ? (uint32_t)-x.e : 0;
}

/* base^n */
static struct exact power(double base, uint32_t n)
{
	struct exact r = EXACT_ONE, b = exact_times(EXACT_ONE, base);

	for (; n > 0; n >>= 1) {
		if (n & 1) {
			r.e += b.e;
			r = exact_times(r, b.m);
		}
		b.e += b.e;
		b = exact_times(b, b.m);
	}
	return r;
}

/* times (n choose k) * rate^k */
static struct exact times_choose(struct exact x, uint32_t k, uint32_t n,
				 double rate)
{
	for (uint32_t i = 1; i <= k; i++)
		x = exact_times(x, ((double)n - k + i) / i * rate);
	return x;
}

uint32_t exact_binomial(uint32_t k, uint32_t n, double rate)
{
	double sum = 1, term = 1, odds;
	struct exact first;

	if (k == 0 || rate >= 1 || (double)k <= (double)n * rate)
		return 0;
	if (rate <= 0)
		return EXACT_BITS_MAX;
	odds = rate / (1 - rate);
	first = times_choose(power(1 - rate, n - k), k, n, rate);
	for (uint32_t i = k; i < n && term > sum * NEGLIGIBLE; i++) {
		term *= ((double)n - i) / ((double)i + 1) * odds;
		sum += term;
	}
	return exact_bits(exact_times(first, sum));
}

/* P(X = a) of the hypergeometric distribution. */
static struct exact fisher_first(uint32_t a, uint32_t n, uint32_t b, uint32_t m)
{
	double all = (double)n + m;
	struct exact x = times_choose(EXACT_ONE, a, a + b, 1);

	for (uint32_t i = 0; i < a; i++)
		x = exact_times(x, ((double)n - i) / (all - i));
	for (uint32_t i = 0; i < b; i++)
		x = exact_times(x, ((double)m - i) / (all - a - i));
	return x;
}

uint32_t exact_fisher(uint32_t a, uint32_t n, uint32_t b, uint32_t m)
{
	double sum = 1, term = 1;
	uint32_t most = a + b < n ? a + b : n;

	if (a == 0 || m == 0 || (double)a * m <= (double)b * n)
		return 0;
	for (uint32_t x = a; x < most && term > sum * NEGLIGIBLE; x++) {
		double left = (double)a + b - x;

		term *= ((double)n - x) * left /
			(((double)x + 1) * ((double)m - left + 1));
		sum += term;
	}
	return exact_bits(exact_times(fisher_first(a, n, b, m), sum));
}

struct exact exact_all_failed(struct exact x, uint32_t k, uint32_t f,
			      uint32_t n)
{
	for (uint32_t i = 0; i < k; i++)
		x = exact_times(x, ((double)f + k - i) / ((double)n + k - i));
	return x;
}
