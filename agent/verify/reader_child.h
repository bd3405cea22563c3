/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_VERIFY_READER_CHILD_H
#define HALE_VERIFY_READER_CHILD_H

/* What the reading child says to its parent, one record a write. */

#include "reader.h"

enum reader_word {
	READER_OPEN = 1, /* @a: bytes, @b: logical block, @c: bytes to read */
	READER_FAILED,	 /* @a: blocks that had failed */
	READER_GOOD,	 /* @a: byte, @b: bytes read, @c: enum plan_what */
	READER_BAD,	 /* likewise of a block that cannot be read */
	READER_AGAIN,	 /* @a: byte, @b: bytes, read once more, and well */
	READER_LISTED,	 /* all that had failed was read */
	READER_END,	 /* @a: it was all of the disk */
	READER_ERROR,	 /* @a: errno */
};

struct reader_record {
	uint64_t word, a, b, c;
};

/* Never returns. @fd: where records go. */
_Noreturn void reader_child(const struct reader_job *job, int fd);

#endif
