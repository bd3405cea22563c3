/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_ARENA_H
#define HALE_ARENA_H

/*
 * Memory for messages: a block that the caller owns, handed out in pieces and
 * given back as a whole by @used = 0. It is all that the codec ever uses, so
 * no message, built or received, can make a process grow.
 */

#include "hale/base.h"

#include <protobuf-c/protobuf-c.h>

struct codec_arena {
	uint8_t *mem; /* @size bytes, any alignment */
	size_t size, used;
	bool full; /* something did not fit */
};

/* Zeroed memory for any type; NULL and @a->full where it does not fit. */
static inline void *codec_alloc(struct codec_arena *a, size_t size)
{
	/* 16 suits every type that protobuf-c puts there */
	size_t skip = (16 - ((uintptr_t)(a->mem + a->used) & 15)) & 15;
	uint8_t *at = a->mem + a->used + skip;

	if (a->size - a->used < skip || a->size - a->used - skip < size) {
		a->full = true;
		return NULL;
	}
	a->used += skip + size;
	return memset(at, 0, size);
}

/* An empty message of this type, or NULL. */
static inline void *codec_new(struct codec_arena *a,
			      const ProtobufCMessageDescriptor *type)
{
	ProtobufCMessage *m =
		(ProtobufCMessage *)codec_alloc(a, type->sizeof_message);

	if (m)
		protobuf_c_message_init(type, m);
	return m;
}

/* A text for a message's field: the generated structs are not const, but
 * nothing that packs or prints a message writes into it. */
static inline char *codec_borrow(const char *text)
{
	return (char *)(uintptr_t)text;
}

#endif
