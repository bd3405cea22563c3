/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strings side by side in one buffer. Decides nothing but where a string lies;
 * never allocates, never moves a string except in pool_cut(), whose caller owns
 * the offsets and corrects them. Invariant: the bytes up to @used are a row of
 * terminated strings, the first of them empty.
 */
#include "pool.h"

void pool_init(struct pool *p, char *bytes, uint32_t size)
{
	p->bytes = bytes;
	p->size = size;
	p->used = 1;
	bytes[0] = '\0';
}

uint32_t pool_put(struct pool *p, const char *text)
{
	size_t len = strlen(text) + 1;
	uint32_t at = p->used;

	if (len > p->size - p->used)
		return POOL_NONE;
	memcpy(p->bytes + at, text, len);
	p->used += (uint32_t)len;
	return at;
}

uint32_t pool_intern(struct pool *p, const char *text)
{
	uint32_t at = 0;

	while (at < p->used) {
		const char *known = p->bytes + at;

		if (strcmp(known, text) == 0)
			return at;
		at += (uint32_t)strlen(known) + 1;
	}
	return pool_put(p, text);
}

void pool_cut(struct pool *p, uint32_t at, uint32_t len)
{
	memmove(p->bytes + at, p->bytes + at + len, p->used - at - len);
	p->used -= len;
}

uint64_t text_key(const char *text)
{
	uint64_t key = UINT64_C(0xcbf29ce484222325);

	for (; *text; text++)
		key = (key ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	return key;
}
