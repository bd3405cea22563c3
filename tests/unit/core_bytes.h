/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_CORE_BYTES_H
#define TESTS_CORE_BYTES_H

/* A core dump in memory, for the parser to read. */

#include "hale/base.h"
#include "hale/coredump.h"

#define CORE_BYTES_MAX 8192

struct core_bytes {
	size_t len, notes;
	uint8_t bytes[CORE_BYTES_MAX];
};

static inline ssize_t core_read(void *data, uint64_t offset, void *buf,
				size_t size)
{
	const struct core_bytes *c = data;

	if (offset >= c->len)
		return 0;
	if (size > c->len - offset)
		size = c->len - (size_t)offset;
	memcpy(buf, c->bytes + offset, size);
	return (ssize_t)size;
}

#endif
