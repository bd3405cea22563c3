/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is said in a line of output once colours and prefixes are off, and who
 * says it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "agent/run/text/build_line.h"
#include "hale/base.h"

static struct build_line line;

static const char *said(const char *text)
{
	static char copy[256];

	build_line_read(text, strlen(text), &line);
	hale_copy(copy, sizeof(copy), line.text + line.at, line.len - line.at);
	return copy;
}

static void prefixes_come_off(void **state)
{
	static const struct {
		const char *text, *said;
	} rows[] = {
		{ "plain words", "plain words" },
		{ "  \tindented", "indented" },
		{ "\033[1;31merror\033[0m: x", "error: x" },
		{ "\033]8;;http://x\007link\033]8;;\007 y", "link y" },
		{ "#12 1.234 x y", "x y" },
		{ "91.55 go: x", "go: x" },
		{ "> 0:13.44 x", "x" },
		{ "2025-02-13T22:03:20.157Z x", "x" },
		{ "2025-02-13 22:03:20 x", "x" },
		{ "00:00:14 x.c:1", "x.c:1" },
		{ "[12:03:04] x", "x" },
		{ "[ 45%] Building", "Building" },
		{ "[ERROR] Failed to", "Failed to" },
		{ "npm ERR! npm ERR! code X", "code X" },
		{ "##[error]x", "x" },
		{ "| Error", "Error" },
		{ "web-1  | x", "x" },
		{ "hello> configure: x", "configure: x" },
		{ "2025-02-13T22:03:20.1Z #5 3.210 [ERR] x", "x" },
		{ "#notastep x", "#notastep x" },
		{ "12 apples", "12 apples" },
		{ "1.5", "1.5" },
		{ "[never closed", "[never closed" },
		{ "[sudo] password for x:", "[sudo] password for x:" },
		{ "", "" },
		{ "\033", "" },
		{ "\033[", "" },
	};

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(rows); i++)
		assert_string_equal(said(rows[i].text), rows[i].said);
}

static void a_level_is_only_marked(void **state)
{
	(void)state;
	assert_string_equal(said("#1 0.1 ERROR: error: x"), "ERROR: error: x");
	assert_int_equal(line.len - line.bare, 1);
	assert_memory_equal(line.text + line.bare, "x", 1);
}

static void who_says_it(void **state)
{
	static const struct {
		const char *text;
		enum build_voice voice;
	} rows[] = {
		{ "tar: x", VOICE_TOOL },
		{ "a.c:3:1: error: x", VOICE_TOOL },
		{ "a.c:3:1: fatal error: x", VOICE_TOOL },
		{ "  743 | x", VOICE_QUOTED },
		{ "      | ^~~ x", VOICE_QUOTED },
		{ "> 12 | x", VOICE_QUOTED },
		{ "+ grep x", VOICE_QUOTED },
		{ "#5 [2/7] RUN x", VOICE_QUOTED },
		{ "Step 3/7 : RUN x", VOICE_QUOTED },
		{ "ok 3 - x", VOICE_QUOTED },
		{ "test a::b ... ok", VOICE_QUOTED },
		{ "00:01:02 [       OK ] A.b", VOICE_QUOTED },
		{ "a.c:3: x", VOICE_DOUBT },
		{ "expected x, but y", VOICE_TOOL },
		{ "it was expected x", VOICE_DOUBT },
		{ "unexpected x", VOICE_TOOL },
		{ "not ok 3 - x", VOICE_TEST },
		{ "AssertionError: x", VOICE_TEST },
		{ "thread 'a::tests::b' panicked at x", VOICE_TEST },
		{ "thread 'main' panicked at x", VOICE_TOOL },
		{ "#9 1.2 E   OSError: x", VOICE_TEST },
	};

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(rows); i++) {
		said(rows[i].text);
		if (line.voice != rows[i].voice)
			fail_msg("%d: %s", line.voice, rows[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prefixes_come_off),
		cmocka_unit_test(a_level_is_only_marked),
		cmocka_unit_test(who_says_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
