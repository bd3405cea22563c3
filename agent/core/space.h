/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CORE_SPACE_H
#define HALE_CORE_SPACE_H

/* How much room is too little. */

#include "hale/base.h"

#include "middle.h"

/**
 * space_level() - what so much room means for builds
 * @metric: HALE_METRIC_FS_BYTES, _INODES or _BACKING_BYTES.
 * @avail, @total: bytes or inodes; total 0: not limited.
 * @before: what it meant at the last measure: to get better it takes a tenth
 *	more than the limit, so that the answer does not flap.
 *
 * Return: HALE_EFFECT_NONE, _WARNS or _BLOCKS.
 */
enum hale_effect space_level(const struct hale_policy *policy,
			     enum hale_metric metric, uint64_t avail,
			     uint64_t total, enum hale_effect before);

enum hale_condition space_condition(enum hale_metric metric);

#endif
