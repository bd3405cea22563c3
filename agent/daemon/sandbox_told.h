/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_SANDBOX_TOLD_H
#define HALE_SANDBOX_TOLD_H

#include "hale/coverage.h"

#include "agent/sandbox/sandbox.h"

/* Whose rows these are: no driver is called so. */
#define SANDBOX_TELLS "haled"

/**
 * sandbox_told() - what a sandbox lacks, as rows of coverage
 * @lacks: sandbox_lacking()'s.
 * @i: 0, 1, …: the sense as a whole first, then each of its parts.
 *
 * Return: false behind the last.
 */
bool sandbox_told(uint32_t lacks, size_t i, struct hale_coverage *ret);

#endif
