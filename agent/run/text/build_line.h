/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RUN_BUILD_LINE_H
#define HALE_RUN_BUILD_LINE_H

/*
 * One line of a build's output: what is said in it, without colours and
 * whatever runners, engines and build tools put before it, and who says it.
 * Pure and without memory: every line is read alone.
 */

#include "hale/rules.h"

/* Who says it. Only what a tool says of itself is evidence. */
enum build_voice {
	VOICE_TOOL,   /* nothing speaks against it */
	VOICE_QUOTED, /* source text, a command as it is echoed, a test that
		       * passed: nobody says it */
	VOICE_DOUBT,  /* a program's log, or what is said to be expected: no
		       * witness for a host's fault */
	VOICE_TEST,   /* a test's report or an assertion */
};

struct build_line {
	enum build_voice voice;
	size_t len;
	size_t at;   /* where what is said begins */
	size_t bare; /* the same without "ERROR: " and the like */
	char text[HALE_RULES_TEXT_MAX];
};

/* @line: @len bytes of anything, without the newline. */
void build_line_read(const char *line, size_t len, struct build_line *ret);

/* build_voice.c: the voice of a text that may have prefixes left. */
enum build_voice build_voice(const char *text, size_t len);

#endif
