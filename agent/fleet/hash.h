/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_FLEET_HASH_H
#define HALE_FLEET_HASH_H

/*
 * FNV-1a (Fowler, Noll, Vo; 64 bits) from a seed, and a last mixing step
 * (xor-shift-multiply, as in MurmurHash3's finalizer) so that low bits are as
 * good as high ones. No proof against who knows the seed: tables are bounded.
 */

#include <stddef.h>
#include <stdint.h>

static inline uint64_t fleet_mix(uint64_t h)
{
	h ^= h >> 33;
	h *= UINT64_C(0xff51afd7ed558ccd);
	h ^= h >> 33;
	return h;
}

static inline uint64_t fleet_hash(uint64_t seed, const void *bytes, size_t len)
{
	const unsigned char *b = bytes;
	uint64_t h = UINT64_C(0xcbf29ce484222325) ^ seed;

	for (size_t i = 0; i < len; i++)
		h = (h ^ b[i]) * UINT64_C(0x100000001b3);
	return fleet_mix(h);
}

#endif
