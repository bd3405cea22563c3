/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CODEC_NOTE_H
#define HALE_CODEC_NOTE_H

/* What one core leaves to the next (hale/memory.h), as messages. */

#include "codec.h"

/* One note takes at most so much, packed and within its Memory. */
#define CODEC_NOTE_BYTES                                                       \
	(64 + HALE_NOTE_NUMBERS * 10 + HALE_NOTE_TEXTS * HALE_NOTE_TEXT_MAX)
#define CODEC_NOTE_ARENA 1024

/* Borrows @note. NULL where the arena is full. */
Hale__V1__Memory__Note *codec_note(struct codec_arena *a,
				   const struct hale_memory_note *note);

/* -EBADMSG: more numbers or texts than there are, a text that is too long or
 * not printable. Texts are @m's. */
int codec_read_note(const Hale__V1__Memory__Note *m,
		    struct hale_memory_note *ret_note);

#endif
