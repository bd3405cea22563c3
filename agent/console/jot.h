/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CONSOLE_JOT_H
#define HALE_CONSOLE_JOT_H

/* Text that grows up to a bound, and JSON values in it. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/json.h"

struct jot {
	char *bytes; /* ours; terminated where there are any */
	size_t len, size;
	size_t max; /* 0: JOT_MAX */
	bool lost;  /* something did not fit, or there was no memory */
};

#define JOT_MAX ((size_t)4 << 20)

/* Forgets the text, keeps its room. */
void jot_clear(struct jot *t);
void jot_done(struct jot *t);

/* All or nothing; what does not fit sets @lost, and nothing is added any more.
 */
void jot_add(struct jot *t, const char *bytes, size_t len);
void jot_put(struct jot *t, const char *words);
__attribute__((format(printf, 2, 3))) void jot_print(struct jot *t,
						     const char *format, ...);

/**
 * jot_string() - a JSON string out of what a host said
 * @words: may hold anything; NULL is "". What no page should be given
 *(controls, what turns the direction of writing) becomes '?'.
 * @max: bytes; what is longer is cut between characters and ends in an
 *ellipsis.
 */
void jot_string(struct jot *t, const char *words, size_t max);

/* Where json_print() may write. */
struct json_sink jot_sink(struct jot *t);

#endif
