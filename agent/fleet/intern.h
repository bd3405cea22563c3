/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_FLEET_INTERN_H
#define HALE_FLEET_INTERN_H

/*
 * Words that many hosts share, each kept once and counted by its users: a
 * label, a model with its firmware, a version, a condition. A word is one or
 * two texts; the same texts are the same number as long as anyone uses them.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INTERN_NONE	0 /* the number of the empty word */
#define INTERN_MAX	(UINT32_C(1) << 22)
#define INTERN_TEXT_MAX 256 /* of one text, with its NUL; longer is cut */

struct intern_entry {
	char *text; /* the first, a NUL, the second, a NUL; NULL: free */
	uint64_t hash;
	uint32_t uses, held; /* @held of the uses are by who only remembers */
	uint32_t next;	     /* in its bucket, or of the free ones */
};

struct intern {
	struct intern_entry *entries; /* [0] is the empty word */
	uint32_t *buckets;
	uint32_t n, size; /* entries used so far, and allocated */
	uint32_t n_buckets, free;
	uint64_t seed;
	uint64_t bytes; /* asked of malloc */
};

/* -ENOMEM. intern_done() of a zeroed one does nothing. */
int intern_init(struct intern *t, uint64_t seed);
void intern_done(struct intern *t);

/**
 * intern_take() - the number of a word, one more use
 * @first, @second: hostile, made printable and cut; NULL is "".
 *
 * Return: INTERN_NONE for an empty word, and where there is no room: a caller
 * that passed text counts that.
 */
uint32_t intern_take(struct intern *t, const char *first, const char *second);
/* Its number if anyone uses it, no use more. */
uint32_t intern_find(const struct intern *t, const char *first,
		     const char *second);
/* One use fewer. */
void intern_drop(struct intern *t, uint32_t word);
/* The same for who remembers a word without having it. */
void intern_hold(struct intern *t, uint32_t word);
void intern_let_go(struct intern *t, uint32_t word);

/* Valid while the word is used. */
const char *intern_first(const struct intern *t, uint32_t word);
const char *intern_second(const struct intern *t, uint32_t word);

#endif
