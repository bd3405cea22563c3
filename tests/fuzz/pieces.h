/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FUZZ_PIECES_H
#define TESTS_FUZZ_PIECES_H

/*
 * An input as several messages: each is two bytes of length, the low one first,
 * and so many bytes, or what is left.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pieces {
	const uint8_t *data;
	size_t size;
};

/* False at the end; @ret_bytes points into the input. */
static inline bool pieces_next(struct pieces *p, const uint8_t **ret_bytes,
			       size_t *ret_len)
{
	size_t len;

	if (p->size < 2)
		return false;
	len = (size_t)p->data[0] | (size_t)p->data[1] << 8;
	p->data += 2;
	p->size -= 2;
	if (len > p->size)
		len = p->size;
	*ret_bytes = p->data;
	*ret_len = len;
	p->data += len;
	p->size -= len;
	return true;
}

#endif
