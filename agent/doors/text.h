/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_DOORS_TEXT_H
#define HALE_DOORS_TEXT_H

/* Text that is put together in memory that the caller owns. What does not fit
 * is left out from there on and @cut is set: one check, at the end. Pure. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
	char *at; /* @size bytes; terminated after the first call */
	size_t size, len;
	bool cut;
};

void text_add(struct text *t, const char *s, size_t len);
void text_put(struct text *t, const char *s);
void text_putf(struct text *t, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* A JSON string, quoted: valid UTF-8. */
void text_json(struct text *t, const char *s);

/* ns as "12.345678901" seconds, exactly. */
void text_seconds(struct text *t, uint64_t ns);

/* RFC 3339 in UTC: "2026-01-02T03:04:05Z". */
void text_time(struct text *t, uint64_t ns);

/* At most @max bytes of @s, cut between characters and then with "...". */
void text_short(struct text *t, const char *s, size_t max);

#endif
