/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Takes a line of output to what is said in it. Decides what is a prefix: a
 * time, a step's number, a log level, the name of a service. Must never take
 * away what a rule could need to know who speaks; so "ERROR: " and the like
 * are only marked, in bare. Looks at each byte a fixed number of times.
 */
#include "build_line.h"

#include <string.h>

#include "agent/rules/chars.h"

#define LAYERS_MAX   10 /* runner, compose, engine, tool, and their times */
#define NAME_LEN_MAX 40 /* of a service or package that is put before lines */

/* How far a thing at the start of a text reaches, 0: it is not there. */
typedef size_t (*reach_fn)(const char *p, size_t len);

static bool begins(const char *p, size_t len, const char *word)
{
	size_t n = strlen(word);

	return n <= len && memcmp(p, word, n) == 0;
}

/* ECMA-48: CSI ... final byte; OSC ... BEL or ST; else two bytes. */
static size_t escape(const char *p, size_t len)
{
	size_t n = 2;

	if (len < 2)
		return len;
	if (p[1] == '[') {
		while (n < len && (p[n] < 0x40 || p[n] > 0x7e))
			n++;
		return n < len ? n + 1 : n;
	}
	if (p[1] == ']') {
		while (n < len && p[n] != '\a' && p[n] != '\033')
			n++;
		return n < len && p[n] == '\a' ? n + 1 : n;
	}
	return n;
}

static void copy_plain(struct build_line *l, const char *p, size_t len)
{
	size_t i = 0;

	l->len = 0;
	while (i < len && l->len < sizeof(l->text)) {
		if (p[i] == '\033') {
			i += escape(p + i, len - i);
			continue;
		}
		if (p[i] == '\t' || (unsigned char)p[i] >= 0x20)
			l->text[l->len++] = p[i];
		i++;
	}
}

static size_t take_chars(const char *p, size_t len, const char *also)
{
	size_t n = 0;

	while (n < len && p[n] && (is_digit(p[n]) || strchr(also, p[n])))
		n++;
	return n;
}

/* "2025-02-13T22:03:20.157Z ", "2025/02/13 22:03:20 " */
static size_t date(const char *p, size_t len)
{
	size_t n = 0;

	if (len < 19 || !is_digit(p[0]) || !is_digit(p[3]) ||
	    (p[4] != '-' && p[4] != '/') || !is_digit(p[5]))
		return 0;
	n = 10 + take_chars(p + 10, len - 10, "T:.,Z+ ");
	while (n > 0 && p[n - 1] != ' ' && p[n - 1] != 'Z')
		n--;
	return n > 10 ? n : 0;
}

/* "07:27:58 ", "0:13.44 ", "1.234 ": a time, or the age of a step */
static size_t clock_time(const char *p, size_t len)
{
	size_t n = take_chars(p, len, ":.,");

	if (n < 3 || n >= len || p[n] != ' ' ||
	    (!memchr(p, ':', n) && !memchr(p, '.', n)))
		return 0;
	return n + 1;
}

/* "#12 ", "#12 1.234 " */
static size_t engine_step(const char *p, size_t len)
{
	size_t n;

	if (len < 3 || p[0] != '#')
		return 0;
	n = 1 + digits(p + 1, len - 1);
	return n > 1 && n < len && p[n] == ' ' ? n + 1 : 0;
}

/* "[ERROR] ", "[12:03:04] ", "[3/19] ", "[task 2025-...Z] "; of a test's
 * "[  FAILED  ]" the blanks are part of what it says. */
static size_t bracket(const char *p, size_t len)
{
	const char *end;

	if (len < 3 || p[0] != '[' || p[1] == ']' || begins(p, len, "[sudo]") ||
	    (p[1] == ' ' && p[2] == ' ' && !memchr(p, '%', len < 8 ? len : 8)))
		return 0;
	end = memchr(p, ']', len < 64 ? len : 64);
	return end ? (size_t)(end - p) + 1 : 0;
}

/* "web-1  | ", "hello> ": output of several, each with its name */
static size_t named(const char *p, size_t len)
{
	size_t n = 0, b;

	while (n < len && n < NAME_LEN_MAX &&
	       (is_alpha(p[n]) || is_digit(p[n]) || strchr("_-.", p[n])) &&
	       p[n])
		n++;
	if (n == 0 || n >= len)
		return 0;
	if (p[n] == '>' && n + 1 < len && p[n + 1] == ' ')
		return n + 2;
	b = blanks(p + n, len - n);
	return b > 0 && n + b + 1 < len && p[n + b] == '|' && !is_digit(p[0])
		       ? n + b + 1
		       : 0;
}

static size_t words(const char *p, size_t len, const char *const *list)
{
	for (; *list; list++) {
		if (begins(p, len, *list))
			return strlen(*list);
	}
	return 0;
}

/* Marks that say nothing about what follows them. */
static size_t mark(const char *p, size_t len)
{
	static const char *const marks[] = { "| ",
					     "> ",
					     "=> ",
					     "==> ",
					     "npm ERR! ",
					     "npm error ",
					     "npm warn ",
					     "npm WARN ",
					     "##[error]",
					     "##[warning]",
					     "::error::",
					     "::warning::",
					     "[ERR] ",
					     "error  ",
					     "stderr: ",
					     "\xe2\x94\x82 ",
					     "\xe2\x95\xb7 ",
					     "\xe2\x95\xb0",
					     "\xe2\x94\x94",
					     "\xe2\x9d\xaf ",
					     "WARN  ",
					     "ERROR  ",
					     "* ",
					     NULL };

	return words(p, len, marks);
}

/* What a tool says to say that it is an error. */
static size_t level(const char *p, size_t len)
{
	static const char *const levels[] = {
		"ERROR: ",  "Error: ",	 "error: ",   "FATAL: ",
		"Fatal: ",  "fatal: ",	 "FATAL ",    "ERROR ",
		"ERROR - ", "WARNING: ", "Warning: ", "warning: ",
		"error ",   "E: ",	 "W: ",	      NULL
	};

	return words(p, len, levels);
}

static size_t strip(const char *p, size_t len)
{
	static const reach_fn prefixes[] = { blanks,	  date, clock_time,
					     engine_step, mark, bracket,
					     named };
	size_t n;

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		n = prefixes[i](p, len);
		if (n > 0)
			return n;
	}
	return 0;
}

/* A prefix hides a voice, it never takes one back. */
static enum build_voice surer(enum build_voice a, enum build_voice b)
{
	if (a == VOICE_QUOTED || b == VOICE_QUOTED)
		return VOICE_QUOTED;
	return a > b ? a : b;
}

void build_line_read(const char *line, size_t len, struct build_line *l)
{
	size_t n = 1;

	copy_plain(l, line, len);
	l->at = 0;
	l->voice = build_voice(l->text, l->len);
	for (int i = 0; i < LAYERS_MAX && n > 0; i++) {
		n = strip(l->text + l->at, l->len - l->at);
		l->at += n;
		if (n > 0)
			l->voice = surer(l->voice, build_voice(l->text + l->at,
							       l->len - l->at));
	}
	l->bare = l->at;
	n = 1;
	for (int i = 0; i < 3 && n > 0; i++) {
		n = level(l->text + l->bare, l->len - l->bare);
		l->bare += n;
	}
}
