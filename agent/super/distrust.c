/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides when a memory is given up that nobody got over. Must never do so for
 * one death alone: a host that is short of memory kills without a reason that
 * lies in what is remembered. Invariant: what is on the disk is tried before
 * nothing is.
 */
#include "agent/super/distrust.h"

enum distrust distrust_after(uint32_t *deaths, bool was_ready)
{
	*deaths = was_ready ? 0 : *deaths + 1;
	if (*deaths == DISTRUST_DEATHS)
		return DISTRUST_VAULT;
	if (*deaths < 2 * DISTRUST_DEATHS)
		return DISTRUST_NOTHING;
	*deaths = 0;
	return DISTRUST_DISK;
}
