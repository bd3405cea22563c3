/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_FLEET_EXACT_H
#define HALE_FLEET_EXACT_H

/*
 * How surprising a count is, by exact tests, as a whole number of bits: b bits
 * mean a chance of at most 1 in 2^b. 30 bits: less than one in 10^9.
 *
 * The sums are of doubles with their power of two kept apart, so that nothing
 * underflows, and use + - * / only: what IEEE 754 rounds everywhere alike. The
 * relative error is under 10^-9 for counts up to a million, and the result is
 * rounded down to whole bits: it may only say less than is known.
 */

#include <stdbool.h>
#include <stdint.h>

/* A positive number: m * 2^e with m in [0.5, 1); zero: m 0. */
struct exact {
	double m;
	int64_t e;
};

#define EXACT_ONE ((struct exact){ 0.5, 1 })

/* @by finite and not negative. */
struct exact exact_times(struct exact x, double by);
/* floor(-log2(x)), 0 for what is above one half, EXACT_BITS_MAX at most. */
uint32_t exact_bits(struct exact x);

#define EXACT_BITS_MAX 100000

/**
 * exact_binomial() - @k or more of @n, each with the chance @rate
 * The binomial test, one-sided: P(X >= k), X ~ B(n, rate).
 * @rate: in [0, 1]. @k <= @n.
 *
 * Return: bits; 0 where @k is not above what is to be expected.
 */
uint32_t exact_binomial(uint32_t k, uint32_t n, double rate);

/**
 * exact_fisher() - @a of @n here, against @b of @m elsewhere
 * Fisher's exact test, one-sided: of all ways to spread the a + b over n + m,
 * how many put @a or more here. @a <= @n, @b <= @m.
 *
 * Return: bits; 0 where the rate here is not above the one elsewhere.
 */
uint32_t exact_fisher(uint32_t a, uint32_t n, uint32_t b, uint32_t m);

/**
 * exact_all_failed() - times the chance that all @k of ours are failures
 * Of @n of others @f failed. If all n + k were alike, and f + k of them failed,
 * how likely is it that ours are all among those? (Fisher's test for a row
 * without passes.)
 */
struct exact exact_all_failed(struct exact x, uint32_t k, uint32_t f,
			      uint32_t n);

#endif
