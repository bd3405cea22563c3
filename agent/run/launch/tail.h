/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RUN_TAIL_H
#define HALE_RUN_TAIL_H

/*
 * The last bytes of an output, in fixed memory, with the number of the line
 * that the first of them belongs to. Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TAIL_SIZE (1024 * 1024)

struct tail {
	uint64_t bytes; /* of all that was put in */
	uint64_t lines; /* newlines that have left */
	size_t at, used;
	char buffer[TAIL_SIZE];
};

void tail_put(struct tail *t, const void *bytes, size_t len);
/* Does what was put in end within a line? */
bool tail_mid_line(const struct tail *t);
/* In order, as one piece; the buffer is turned for it. @ret_line: the number
 * of the first line, from 1. */
const char *tail_text(struct tail *t, size_t *ret_len, uint64_t *ret_line);

#endif
