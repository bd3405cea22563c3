/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strings, numbers and bytes as JSON spells them. Nothing here looks at a
 * message. Whatever goes in, what comes out is one valid JSON token in valid
 * UTF-8, the same in every locale.
 */
#include "json_text.h"

#include <inttypes.h>
#include <math.h>

#include "hale/text.h"

#define PUT(out, text) (out)->write((out)->sink, (text), sizeof(text) - 1)

void json_put(const struct json_sink *out, const char *text)
{
	if (text[0] != '\0')
		out->write(out->sink, text, strlen(text));
}

void json_put_signed(const struct json_sink *out, int64_t value)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%" PRId64, value);
	json_put(out, digits);
}

/* Is the character left as it is? U+2028 and U+2029 end a line in scripts, and
 * people read JSON on terminals: what these obey, and what turns the reading
 * around, is escaped as well. All such characters have four digits. */
static bool plain(uint32_t c)
{
	return hale_char_printable(c) && c != '"' && c != '\\';
}

static void put_escaped(const struct json_sink *out, uint32_t c)
{
	static const char letters[] = "\b\f\n\r\t\"\\";
	static const char *const escapes[] = { "\\b", "\\f",  "\\n", "\\r",
					       "\\t", "\\\"", "\\\\" };
	const char *at = c && c < 0x80 ? strchr(letters, (int)c) : NULL;
	char hex[8];

	if (at) {
		json_put(out, escapes[at - letters]);
		return;
	}
	snprintf(hex, sizeof(hex), "\\u%04" PRIx32, c & 0xffff);
	json_put(out, hex);
}

void json_put_string(const struct json_sink *out, const char *text, size_t len)
{
	size_t from = 0, at = 0;

	PUT(out, "\"");
	while (at < len) {
		uint32_t c = 0;
		int n = hale_utf8_next(text + at, len - at, &c);

		if (n > 0 && plain(c)) {
			at += (size_t)n;
			continue;
		}
		if (at > from)
			out->write(out->sink, text + from, at - from);
		if (n > 0)
			put_escaped(out, c);
		else
			PUT(out, "\xef\xbf\xbd");
		at += (size_t)(n < 0 ? -n : n);
		from = at;
	}
	if (at > from)
		out->write(out->sink, text + from, at - from);
	PUT(out, "\"");
}

void json_put_name(const struct json_sink *out, const char *name)
{
	bool upper = false;

	PUT(out, "\"");
	for (; *name; name++) {
		char c = upper ? json_upper(*name) : *name;

		upper = c == '_';
		if (!upper)
			out->write(out->sink, &c, 1);
	}
	PUT(out, "\"");
}

void json_put_base64(const struct json_sink *out, const uint8_t *data,
		     size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";

	PUT(out, "\"");
	for (size_t i = 0; i < len; i += 3) {
		size_t left = len - i;
		uint32_t bits = (uint32_t)data[i] << 16;
		char quad[4];

		bits |= left > 1 ? (uint32_t)data[i + 1] << 8 : 0;
		bits |= left > 2 ? (uint32_t)data[i + 2] : 0;
		quad[0] = digits[bits >> 18];
		quad[1] = digits[bits >> 12 & 63];
		quad[2] = left > 1 ? digits[bits >> 6 & 63] : '=';
		quad[3] = left > 2 ? digits[bits & 63] : '=';
		out->write(out->sink, quad, sizeof(quad));
	}
	PUT(out, "\"");
}

/* "nan", "inf": JSON has no such numbers. */
static bool put_special(const struct json_sink *out, double value)
{
	if (isfinite(value))
		return false;
	if (isnan(value))
		PUT(out, "\"NaN\"");
	else if (value > 0)
		PUT(out, "\"Infinity\"");
	else
		PUT(out, "\"-Infinity\"");
	return true;
}

/* The locale's decimal sign is whatever is none of a number's own signs. */
static void put_number(const struct json_sink *out, const char *digits)
{
	size_t n = strspn(digits, "+-0123456789e");

	out->write(out->sink, digits, n);
	if (digits[n] == '\0')
		return;
	PUT(out, ".");
	json_put(out, digits + n + strcspn(digits + n, "0123456789"));
}

void json_put_float(const struct json_sink *out, float value)
{
	char digits[40];
	int precision = 6;

	if (put_special(out, (double)value))
		return;
	do
		snprintf(digits, sizeof(digits), "%.*g", precision,
			 (double)value);
	while (strtof(digits, NULL) != value && ++precision <= 9);
	put_number(out, digits);
}

void json_put_double(const struct json_sink *out, double value)
{
	char digits[40];
	int precision = 15;

	if (put_special(out, value))
		return;
	do
		snprintf(digits, sizeof(digits), "%.*g", precision, value);
	while (strtod(digits, NULL) != value && ++precision <= 17);
	put_number(out, digits);
}
