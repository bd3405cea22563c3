/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What judgment starts from before a configuration changes it: the catalogue's
 * effects, rates and expiries, and the thresholds of DESIGN.md. Every number
 * carries its reason here. Invariant: a default policy is complete; nothing in
 * the middle reads the catalogue's texts again to judge.
 */
#include "hale/base.h"

#include "middle.h"

/* Two percent of a large disk is plenty, two GiB of a small one is too much:
 * hence the smaller. A clean Debian chroot or a linked compiler needs ~2 GiB.
 */
static const struct hale_threshold space_blocks = { 2 * HALE_GIB, 20 };
static const struct hale_threshold space_warns = { 10 * HALE_GIB, 100 };

/* An unpacked compiler's source has about 100,000 files, an npm project's
 * node_modules often more than 10,000. */
static const struct hale_threshold inodes_block = { 10000, 20 };
static const struct hale_threshold inodes_warn = { 100000, 100 };

/* Several missed rounds of a probe that runs every half minute. */
#define STALE_S 180

bool hale_uids_have(const struct hale_uids *u, uint32_t uid)
{
	for (uint32_t i = 0; i < u->n; i++) {
		if (uid >= u->ranges[i].first && uid <= u->ranges[i].last)
			return true;
	}
	return false;
}

void hale_policy_default(struct hale_policy *ret_policy)
{
	struct hale_policy *p = ret_policy;

	memset(p, 0, sizeof(*p));
	for (int c = 1; c < HALE_CONDITION_COUNT; c++) {
		const struct hale_condition_info *info =
			hale_condition_info((enum hale_condition)c);

		p->effect[c] = info->effect;
		/* both leave a zero where the catalogue says none */
		hale_rate_parse(info->rate, &p->rate[c]);
		hale_duration_parse(info->expires, &p->expires_ns[c]);
	}
	p->space_blocks = space_blocks;
	p->space_warns = space_warns;
	p->inodes_block = inodes_block;
	p->inodes_warn = inodes_warn;
	p->required_senses = 1U << HALE_SENSE_BLOCK_ERRORS |
			     1U << HALE_SENSE_FS_STATE |
			     1U << HALE_SENSE_STORAGE_MAP;
	p->stale_s = STALE_S;
}
