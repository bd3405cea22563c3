/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RUN_PROGRESS_H
#define HALE_RUN_PROGRESS_H

/*
 * How far a build is, as its tool prints it: "#12 [3/9]", "[41/120]", "Step
 * 3/9", "[ 41%]", and how many steps came from a cache. Pure; bounded; looks
 * at the bytes once and keeps no more than a line's beginning.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
	uint32_t step, steps; /* the last ones that were printed */
	uint32_t cached;      /* steps taken from a cache */
	bool percent;	      /* @step is one of 100 */
	bool redraws;	      /* it moves the cursor about */
	bool midline;	      /* its last byte was no newline */
	/* its own: */
	uint8_t escape; /* where in a terminal's escape sequence */
	bool skip;	/* this line is none that tells anything */
	bool engine;	/* of a container engine; what it runs may print
			 * steps of its own */
	uint32_t frame; /* cached ones of the frame that is drawn */
	size_t used;
	char line[256];
};

/* When a progress line may be printed. All zero to begin with. */
struct progress_pace {
	uint64_t next_mono_ns;
	uint32_t said;
};

void progress_put(struct progress *p, const void *bytes, size_t len);

/**
 * progress_due() - is it time for a line of progress, and room for one?
 * @shared: the command writes to where the line would go (one terminal, one
 *	file): then only between its lines, and never where it redraws.
 *
 * The first comes after 10 s, later ones ever more rarely, at most a minute
 * apart. A line that has no room is not made up for.
 */
bool progress_due(struct progress_pace *pace, const struct progress *p,
		  bool shared, uint64_t elapsed_ns, uint64_t mono_ns);
/* "step 3/9, 41 s, about 80 s in all" without a newline. */
void progress_print(const struct progress *p, uint64_t elapsed_ns,
		    uint64_t expected_ns, char *ret_text, size_t size);

#endif
