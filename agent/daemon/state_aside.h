/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_STATE_ASIDE_H
#define HALE_STATE_ASIDE_H

/* The crash history in the state file, for state_file.c. */

#include "agent/core/middle.h"
#include "proto/codec.h"

#define STATE_NAME	  "state.pb"
#define STATE_CRASH_BYTES 128 /* eleven fields, a name of 15 bytes */
#define STATE_CRASH_ARENA 160

/* Rows worth keeping; the caller frees them. -ENOMEM. */
int state_crashes(const struct middle *m, struct hale_memory_crash **ret_rows,
		  size_t *ret_n);
/* Returns how many rows made no sense. */
size_t state_load_crashes(struct middle *m, const Hale__V1__Memory *memory,
			  uint64_t now_ns);

#endif
