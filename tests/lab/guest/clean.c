/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clean WORD: is what stdin has fit for a terminal, whatever the names in it?
 * UTF-8 throughout, no control character but the newline, none that turns the
 * direction of reading, and no line begins with WORD. Exits 0; else tells the
 * line's number and what is wrong with it, and exits 1. Nothing at all is 1.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char text[8 << 20];

/* How long a character is that begins so; 0: none does. */
static size_t length(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first < 0xc0 || first >= 0xf8)
		return 0;
	return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/* The character at @s of @n bytes: its length, and itself; 0: it is none. */
static size_t character(const unsigned char *s, size_t n, unsigned long *ret_c)
{
	static const unsigned long least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len = length(s[0]);
	unsigned long c = len < 2 ? s[0] : s[0] & (0xffU >> (len + 1));

	if (len == 0 || len > n)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return 0;
	*ret_c = c;
	return len;
}

static int turns(unsigned long c)
{
	return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) ||
	       c == 0x200e || c == 0x200f || c == 0x61c;
}

static int wrong(unsigned long line, const char *what, const char *at)
{
	printf("line %lu: %s: ", line, what);
	for (size_t i = 0; i < 24 && at[i]; i++)
		printf("%02x ", (unsigned char)at[i]);
	printf("\n");
	return 1;
}

int main(int argc, char **argv)
{
	size_t n = fread(text, 1, sizeof(text) - 1, stdin), len;
	const char *word = argc > 1 ? argv[1] : "\n";
	unsigned long line = 1, c = 0;

	if (n == 0)
		return wrong(0, "nothing was said", "");
	for (size_t i = 0; i < n; i += len) {
		if ((i == 0 || text[i - 1] == '\n') &&
		    strncmp(text + i, word, strlen(word)) == 0)
			return wrong(line, "forged", text + i);
		len = character((unsigned char *)text + i, n - i, &c);
		if (len == 0)
			return wrong(line, "not UTF-8", text + i);
		if ((c < ' ' && c != '\n') || (c >= 0x7f && c < 0xa0))
			return wrong(line, "a control character", text + i);
		if (turns(c))
			return wrong(line, "turns the reading", text + i);
		line += c == '\n';
	}
	return 0;
}
