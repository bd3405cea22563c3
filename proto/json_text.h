/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_JSON_TEXT_H
#define HALE_JSON_TEXT_H

/* How single JSON values are spelt; json.c decides which stand where. */

#include "json.h"

#include "hale/base.h"

void json_put(const struct json_sink *out, const char *text);
void json_put_signed(const struct json_sink *out, int64_t value);
/* Quoted; valid UTF-8, U+FFFD for what is not. */
void json_put_string(const struct json_sink *out, const char *text, size_t len);
/* A field's name, quoted: "as_of_ns" is "asOfNs". */
void json_put_name(const struct json_sink *out, const char *name);
/* Quoted; the standard alphabet, padded. */
void json_put_base64(const struct json_sink *out, const uint8_t *data,
		     size_t len);
/* The fewest digits that read back as the same number. */
void json_put_float(const struct json_sink *out, float value);
void json_put_double(const struct json_sink *out, double value);

static inline char json_upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

#endif
