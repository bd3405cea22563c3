/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_SHIP_RANK_H
#define HALE_SHIP_RANK_H

/* Quantiles of what was measured, pure. */

#include <stddef.h>
#include <stdint.h>

/**
 * rank_percent() - a value that is there: nearest rank, the ceil(p*n/100)-th
 * @values: @n of them; sorted in place.
 * Return: 0 where there is none.
 */
uint64_t rank_percent(uint64_t *values, size_t n, unsigned int percent);

#endif
