/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CORE_POOL_H
#define HALE_CORE_POOL_H

/*
 * Terminated strings in a fixed buffer, named by their offset: most names are
 * short, and fields sized for the longest would cost ten times the memory.
 */

#include "hale/base.h"

#define POOL_NONE UINT32_MAX

struct pool {
	char *bytes; /* @size bytes, the owner's; offset 0 is always "" */
	uint32_t size, used;
};

void pool_init(struct pool *p, char *bytes, uint32_t size);

/* Appends a copy of @text. Return: its offset; POOL_NONE where it is full. */
uint32_t pool_put(struct pool *p, const char *text);

/* As pool_put(), but finds an equal string first: for small pools of words. */
uint32_t pool_intern(struct pool *p, const char *text);

/* Takes @len bytes at @at out; what stood behind them moves down by @len. */
void pool_cut(struct pool *p, uint32_t at, uint32_t len);

static inline const char *pool_text(const struct pool *p, uint32_t at)
{
	return at < p->used ? p->bytes + at : "";
}

/* FNV-1a over a string, to compare names before their bytes. */
uint64_t text_key(const char *text);

#endif
