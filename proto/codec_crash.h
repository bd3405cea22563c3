/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CODEC_CRASH_H
#define HALE_CODEC_CRASH_H

/* The crash history in the state file; see codec.h and codec_read.h. */

#include "codec.h"

/* Into @m's list; false where the arena is full. */
bool codec_memory_crashes(struct codec_arena *a,
			  const struct codec_memory *memory,
			  Hale__V1__Memory *m);
/* Its key is left 0: who keeps it knows how to make one. */
void codec_read_memory_crash(const Hale__V1__Memory__Crash *m,
			     struct hale_memory_crash *ret_row);

#endif
