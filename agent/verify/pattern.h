/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_VERIFY_PATTERN_H
#define HALE_VERIFY_PATTERN_H

/*
 * The patterns of a memory test, over a buffer: no system call, no clock. A
 * pass is a row of phases, each of which goes over all words upwards or
 * downwards, reads what the one before wrote, and writes anew. Between phases
 * settle() has to bring all of it out of the caches; the tests put their
 * broken memory there.
 *
 * What finds what:
 *   addresses         a line that is shorted or open: two places are one
 *   march (zeros and  bits that are stuck, that do not change any more, or that
 *   ones, up, down)   change with a neighbour, written before or after it
 *   walking bits,     bits coupled within a word, any two of them
 *   halves of a word
 *   checkerboard,     cells that leak into those beside them, and cells that
 *   read twice        lose what they hold by being read
 *   random, inverse   what no regular pattern meets; words far apart that
 *                     are coupled are missed by one pass in sixteen
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Words between two questions whether to go on: 512 KiB, some 100 us. */
#define PATTERN_STRIDE 65536

struct pattern_fault {
	const char *pattern; /* "walking bits" */
	size_t index;	     /* of the word */
	uint64_t expected, found;
};

struct pattern_test {
	uint64_t *words;
	size_t n;
	uint64_t seed;
	void *ctx;
	/* All that was written is in the memory, not in a cache. */
	void (*settle)(void *ctx, uint64_t *words, size_t n);
	/* @words more were dealt with; false: stop here. May be NULL. */
	bool (*go_on)(void *ctx, size_t words);
	/* A word is not as it was written; it may be read and written here,
	 * and holds @expected when this returns. */
	void (*fault)(void *ctx, const struct pattern_fault *f);
};

/* One pass. 0, or -ECANCELED where go_on() said so. */
int pattern_pass(const struct pattern_test *t);
/* How often it goes over each word. */
size_t pattern_phases(void);

#endif
