/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nearest-rank quantiles. Chosen because the answer is always a value that a
 * build really had, and does not pretend to more precision than few builds
 * give. Pure; sorts what it is given.
 */
#include "agent/ship/rank.h"

#include <stdlib.h>

static int compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

uint64_t rank_percent(uint64_t *values, size_t n, unsigned int percent)
{
	size_t rank;

	if (n == 0)
		return 0;
	qsort(values, n, sizeof(*values), compare);
	rank = (n * percent + 99) / 100;
	return values[rank > 0 ? rank - 1 : 0];
}
