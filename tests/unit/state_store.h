/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_STATE_STORE_H
#define TESTS_UNIT_STATE_STORE_H

#include "agent/daemon/keep.h"
#include "agent/daemon/state_disk.h"

/* As a core and its supervisor's child do it, without a vault between. */
static inline int state_store(int fd, const struct middle *m,
			      const struct hale_clock *clock,
			      const struct keep_clears *words)
{
	static uint8_t out[VAULT_SLOT_MAX], scratch[KEEP_SCRATCH];
	struct keep k = { .middle = m,
			  .clock = clock,
			  .clears = *words,
			  .scratch = scratch };
	int64_t n = keep_encode(&k, out, sizeof(out));

	return n < 0 ? (int)n : state_disk_store(fd, out, (size_t)n);
}

#endif
