/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_TEXT_H
#define HALE_TEXT_H

/*
 * Hostile bytes to text that a terminal, a log and JSON can carry. Inline like
 * base.h, because every floor needs it and none may rest on another for it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/**
 * hale_utf8_next() - one character of UTF-8 (RFC 3629)
 * @s: @len bytes, @len > 0.
 *
 * Return: its bytes, 1 to 4; or minus the bytes of the longest beginning of a
 * character that goes wrong, -1 to -3: one replacement character stands for
 * them (Unicode 15, section 3.9, table 3-8), as browsers and Node do it.
 */
static inline int hale_utf8_next(const char *s, size_t len, uint32_t *ret_char)
{
	unsigned char b = (unsigned char)s[0], low = 0x80, high = 0xbf;
	uint32_t c;
	int more;

	if (b < 0x80) {
		more = 0, c = b;
	} else if (b >= 0xc2 && b <= 0xdf) {
		more = 1, c = b & 0x1f;
	} else if (b >= 0xe0 && b <= 0xef) {
		more = 2, c = b & 0x0f;
		low = b == 0xe0 ? 0xa0 : low;	/* overlong */
		high = b == 0xed ? 0x9f : high; /* surrogates */
	} else if (b >= 0xf0 && b <= 0xf4) {
		more = 3, c = b & 0x07;
		low = b == 0xf0 ? 0x90 : low;
		high = b == 0xf4 ? 0x8f : high; /* above U+10FFFF */
	} else {
		return -1;
	}
	for (int i = 1; i <= more; i++) {
		b = (size_t)i < len ? (unsigned char)s[i] : 0;
		if (b < low || b > high)
			return -i;
		c = c << 6 | (b & 0x3f);
		low = 0x80, high = 0xbf;
	}
	*ret_char = c;
	return more + 1;
}

/* Neither a control nor one that reorders what a person reads. */
static inline bool hale_char_printable(uint32_t c)
{
	if (c < 0x20 || (c >= 0x7f && c < 0xa0))
		return false;
	if (c == 0x061c || (c >= 0x200e && c <= 0x200f))
		return false; /* direction marks */
	if (c >= 0x2028 && c <= 0x202e)
		return false; /* line separators, direction overrides */
	return c < 0x2066 || c > 0x2069; /* direction isolates */
}

/**
 * hale_print_text() - bytes to printable UTF-8, '?' in place of what is not
 * @dst: @size bytes, always terminated if @size > 0; cut between characters.
 * @src: @len bytes, which may hold anything; tabs become spaces.
 */
static inline void hale_print_text(char *dst, size_t size, const char *src,
				   size_t len)
{
	size_t out = 0;

	while (len > 0 && size > 0) {
		uint32_t c = 0;
		int n = hale_utf8_next(src, len, &c);
		size_t used = (size_t)(n < 0 ? -n : n);
		bool keep = n > 0 && hale_char_printable(c);

		if (out + (keep ? used : 1) >= size)
			break;
		if (keep)
			memcpy(dst + out, src, used);
		else
			dst[out] = c == '\t' ? ' ' : '?';
		out += keep ? used : 1;
		src += used;
		len -= used;
	}
	if (size > 0)
		dst[out] = '\0';
}

/* Is the text in this field of @size bytes terminated, and as printed above? */
static inline bool hale_text_printable(const char *text, size_t size)
{
	size_t len = strnlen(text, size);

	if (len == size)
		return false;
	while (len > 0) {
		uint32_t c = 0;
		int n = hale_utf8_next(text, len, &c);

		if (n < 0 || !hale_char_printable(c))
			return false;
		text += n;
		len -= (size_t)n;
	}
	return true;
}

#endif
