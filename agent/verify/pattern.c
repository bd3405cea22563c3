/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The phases of a memory test. Decides what each word holds in each phase and
 * in which order words are visited; what a fault is worth is its caller's.
 * Invariant: a phase reads exactly what the last one that wrote left there.
 */
#include "pattern.h"

#include <errno.h>

#include "hale/base.h"

enum kind {
	ADDRESS,
	SOLID,	/* all zeros; its inverse all ones */
	WALK,	/* one bit of each byte */
	HALVES, /* bits whose number has bit @shift: any two differ in one */
	CHECKER,
	RANDOM,
};

enum half {
	NONE = 0,
	PLAIN,
	INVERSE,
};

struct phase {
	uint8_t kind, shift, reads, writes;
	bool down;
};

/* Written, read and inverted, and that read from the other end. */
#define ROUND(kind, shift)                                                     \
	{ kind, shift, NONE, PLAIN, false },                                   \
		{ kind, shift, PLAIN, INVERSE, false },                        \
	{                                                                      \
		kind, shift, INVERSE, NONE, true                               \
	}

static const struct phase phases[] = {
	ROUND(ADDRESS, 0),
	/* March C-, of words (van de Goor, 1991) */
	{ SOLID, 0, NONE, PLAIN, false },
	{ SOLID, 0, PLAIN, INVERSE, false },
	{ SOLID, 0, INVERSE, PLAIN, false },
	{ SOLID, 0, PLAIN, INVERSE, true },
	{ SOLID, 0, INVERSE, PLAIN, true },
	{ SOLID, 0, PLAIN, NONE, true },
	ROUND(WALK, 0),
	ROUND(WALK, 1),
	ROUND(WALK, 2),
	ROUND(WALK, 3),
	ROUND(WALK, 4),
	ROUND(WALK, 5),
	ROUND(WALK, 6),
	ROUND(WALK, 7),
	ROUND(HALVES, 0),
	ROUND(HALVES, 1),
	ROUND(HALVES, 2),
	ROUND(HALVES, 3),
	ROUND(HALVES, 4),
	ROUND(HALVES, 5),
	{ CHECKER, 0, NONE, PLAIN, false },
	{ CHECKER, 0, PLAIN, NONE, false },
	{ CHECKER, 0, PLAIN, INVERSE, false },
	{ CHECKER, 0, INVERSE, NONE, false },
	{ CHECKER, 0, INVERSE, NONE, true },
	/* two words that hold the same in all of the above differ in half of
	 * these */
	ROUND(RANDOM, 0),
	ROUND(RANDOM, 1),
	ROUND(RANDOM, 2),
	ROUND(RANDOM, 3),
};

static const char *const names[] = {
	[ADDRESS] = "addresses",    [SOLID] = "march of zeros and ones",
	[WALK] = "walking bits",    [HALVES] = "halves of a word",
	[CHECKER] = "checkerboard", [RANDOM] = "random numbers",
};

static uint64_t random_of(uint64_t seed, uint64_t i)
{
	uint64_t z = seed * UINT64_C(0xda942042e4dd58b5) +
		     (i + 1) * UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static const uint64_t halves[] = {
	UINT64_C(0xaaaaaaaaaaaaaaaa), UINT64_C(0xcccccccccccccccc),
	UINT64_C(0xf0f0f0f0f0f0f0f0), UINT64_C(0xff00ff00ff00ff00),
	UINT64_C(0xffff0000ffff0000), UINT64_C(0xffffffff00000000),
};

/* What word @i holds; each kind makes neighbours differ. */
static inline uint64_t value_of(const struct phase *p, uint64_t seed, size_t i)
{
	switch ((enum kind)p->kind) {
	case ADDRESS:
		return (uint64_t)i << 3;
	case SOLID:
		return 0;
	case WALK:
		return UINT64_C(0x0101010101010101) << p->shift;
	case HALVES:
		return halves[p->shift];
	case CHECKER:
		return UINT64_C(0x5555555555555555) << (i & 1);
	case RANDOM:
		return random_of(seed + p->shift, i);
	}
	return 0;
}

static void visit(const struct pattern_test *t, const struct phase *p, size_t i)
{
	volatile uint64_t *word = &t->words[i];
	uint64_t value = value_of(p, t->seed, i);
	uint64_t expected = p->reads == INVERSE ? ~value : value;

	if (p->reads != NONE) {
		uint64_t found = *word;

		if (found != expected) {
			const struct pattern_fault f = { names[p->kind], i,
							 expected, found };

			t->fault(t->ctx, &f);
		}
	}
	if (p->writes != NONE)
		*word = p->writes == INVERSE ? ~value : value;
}

static int run_phase(const struct pattern_test *t, const struct phase *p)
{
	for (size_t from = 0; from < t->n; from += PATTERN_STRIDE) {
		size_t left = t->n - from;
		size_t len = left < PATTERN_STRIDE ? left : PATTERN_STRIDE;

		for (size_t k = 0; k < len; k++)
			visit(t, p, p->down ? t->n - 1 - from - k : from + k);
		if (t->go_on && !t->go_on(t->ctx, len))
			return -ECANCELED;
	}
	t->settle(t->ctx, t->words, t->n);
	return 0;
}

int pattern_pass(const struct pattern_test *t)
{
	for (size_t i = 0; i < HALE_ARRAY_SIZE(phases); i++) {
		int r = run_phase(t, &phases[i]);

		if (r < 0)
			return r;
	}
	return 0;
}

size_t pattern_phases(void)
{
	return HALE_ARRAY_SIZE(phases);
}
