/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Thresholds of free space and inodes. Decides from two numbers and the
 * decision before; remembers nothing itself. The smaller of the absolute and
 * the relative bound counts, and either being 0 switches that level off.
 */
#include "space.h"

static uint64_t limit_of(const struct hale_threshold *t, uint64_t total)
{
	uint64_t part =
		total / 1000 * t->permille + total % 1000 * t->permille / 1000;

	return t->bytes < part ? t->bytes : part;
}

static bool is_under(const struct hale_threshold *t, uint64_t avail,
		     uint64_t total, bool was_under)
{
	uint64_t limit = limit_of(t, total);

	if (was_under)
		limit += limit / 10;
	return avail < limit;
}

enum hale_effect space_level(const struct hale_policy *policy,
			     enum hale_metric metric, uint64_t avail,
			     uint64_t total, enum hale_effect before)
{
	bool bytes = metric != HALE_METRIC_FS_INODES;
	const struct hale_threshold *blocks =
		bytes ? &policy->space_blocks : &policy->inodes_block;
	const struct hale_threshold *warns =
		bytes ? &policy->space_warns : &policy->inodes_warn;

	if (total == 0)
		return HALE_EFFECT_NONE;
	if (is_under(blocks, avail, total, before == HALE_EFFECT_BLOCKS))
		return HALE_EFFECT_BLOCKS;
	if (is_under(warns, avail, total, before >= HALE_EFFECT_WARNS))
		return HALE_EFFECT_WARNS;
	return HALE_EFFECT_NONE;
}

enum hale_condition space_condition(enum hale_metric metric)
{
	switch (metric) {
	case HALE_METRIC_FS_BYTES:
		return HALE_FS_FULL;
	case HALE_METRIC_FS_INODES:
		return HALE_FS_INODES_FULL;
	case HALE_METRIC_BACKING_BYTES:
		return HALE_VIRT_BACKING_FULL;
	case HALE_METRIC_NONE:
	case HALE_METRIC_COUNT:
		break;
	}
	return HALE_CONDITION_NONE;
}
