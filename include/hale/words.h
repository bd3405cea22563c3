/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_WORDS_H
#define HALE_WORDS_H

/*
 * The words of a judgment, shared by the agent's rooms and by libhale's users;
 * installed beside hale.h. The values are those of proto/hale.proto.
 */

/* How fit a scope is to build on. */
enum hale_fitness {
	HALE_UNKNOWN = 0, /* a required sense is missing for the scope */
	HALE_FIT,
	HALE_DEGRADED,
	HALE_UNFIT,
	HALE_FITNESS_COUNT
};

/* What a finding does to builds whose scope holds its part; ordered. */
enum hale_effect {
	HALE_EFFECT_NONE = 0, /* harmless: not even reported */
	HALE_EFFECT_NOTES,
	HALE_EFFECT_WARNS,
	HALE_EFFECT_BLOCKS,
	HALE_EFFECT_COUNT
};

/* How well a sense works. */
enum hale_sight {
	HALE_SIGHT_BLIND =
		0,	    /* does not work: the reason says what is missing */
	HALE_SIGHT_PARTIAL, /* works; the reason says what it cannot see */
	HALE_SIGHT_LIVE,
	HALE_SIGHT_COUNT
};

/* Exit codes of `hale check` (sysexits.h). */
#define HALE_EXIT_OK	  0
#define HALE_EXIT_USAGE	  64
#define HALE_EXIT_UNKNOWN 69
#define HALE_EXIT_UNFIT	  75

#endif
