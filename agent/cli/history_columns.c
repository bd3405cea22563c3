/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How wide a text is and how it is made to fit. Decides it by Unicode's blocks
 * alone, since the locale may be none and names of repositories come from
 * anywhere. Must never cut within a character. Pure.
 */
#include "hale/base.h"

#include "history.h"

struct block {
	uint32_t first, last;
};

/* UAX 11: wide and fullwidth, by whole blocks. */
static const struct block wide[] = {
	{ 0x1100, 0x115f },   { 0x2e80, 0x303e },   { 0x3041, 0xa4cf },
	{ 0xa960, 0xa97f },   { 0xac00, 0xd7a3 },   { 0xf900, 0xfaff },
	{ 0xfe30, 0xfe6f },   { 0xff00, 0xff60 },   { 0xffe0, 0xffe6 },
	{ 0x1f300, 0x1f64f }, { 0x1f680, 0x1f6ff }, { 0x1f900, 0x1faff },
	{ 0x20000, 0x3fffd },
};

/* What stands over, or within, the character before it. */
static const struct block none[] = {
	{ 0x0300, 0x036f }, { 0x0483, 0x0489 }, { 0x0591, 0x05bd },
	{ 0x064b, 0x065f }, { 0x200b, 0x200f }, { 0x20d0, 0x20f0 },
	{ 0xfe00, 0xfe0f }, { 0xfe20, 0xfe2f }, { 0xe0100, 0xe01ef },
};

static bool within(const struct block *blocks, size_t n, uint32_t c)
{
	for (size_t i = 0; i < n; i++) {
		if (c >= blocks[i].first && c <= blocks[i].last)
			return true;
	}
	return false;
}

/* The character at @text, and its bytes; what is no UTF-8 is a byte each. */
static uint32_t decode(const char *text, size_t *ret_len)
{
	const unsigned char *u = (const unsigned char *)text;
	size_t len = u[0] >= 0xf0 ? 4 : u[0] >= 0xe0 ? 3 : u[0] >= 0xc0 ? 2 : 1;
	uint32_t c = len == 1 ? u[0] : u[0] & (0x7fU >> len);

	for (size_t i = 1; i < len; i++) {
		if ((u[i] & 0xc0) != 0x80) {
			*ret_len = 1;
			return u[0];
		}
		c = c << 6 | (u[i] & 0x3f);
	}
	*ret_len = len;
	return c;
}

static size_t columns_of(uint32_t c)
{
	if (within(none, HALE_ARRAY_SIZE(none), c))
		return 0;
	return within(wide, HALE_ARRAY_SIZE(wide), c) ? 2 : 1;
}

size_t history_columns(const char *text)
{
	size_t n = 0, len;

	for (; *text; text += len)
		n += columns_of(decode(text, &len));
	return n;
}

void history_pad(struct out *o, const char *text, size_t columns)
{
	size_t used = history_columns(text);

	out_text(o, text);
	for (; used < columns; used++)
		out_raw(o, " ");
}

static void put_bytes(struct out *o, const char *text, size_t len)
{
	char line[512];

	hale_copy(line, sizeof(line), text, len);
	out_text(o, line);
}

void history_cut(struct out *o, const char *text, size_t columns)
{
	size_t used = 3, at = 0, len;

	if (history_columns(text) <= columns) {
		out_text(o, text);
		return;
	}
	while (text[at]) {
		used += columns_of(decode(text + at, &len));
		if (used > columns)
			break;
		at += len;
	}
	put_bytes(o, text, at);
	out_raw(o, "...");
}

/* "example.org/acme/shop", cut out of a longer name, is the end of none. */
static const char *whole_end(const char *name, const char *end)
{
	const char *slash = strchr(end, '/');

	return end > name && end[-1] != '/' && slash && slash[1] ? slash : end;
}

size_t history_cut_front(struct out *o, const char *text, size_t columns)
{
	const char *name = text;
	size_t left = history_columns(text), len;

	if (left <= columns) {
		out_text(o, text);
		return left;
	}
	while (*text && left + 3 > columns) {
		left -= columns_of(decode(text, &len));
		text += len;
	}
	text = whole_end(name, text);
	out_raw(o, "...");
	out_text(o, text);
	return history_columns(text) + 3;
}
