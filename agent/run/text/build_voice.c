/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who says a line? A compiler that shows the source, a shell that echoes a
 * command, a search that found a word and a test that expects an error all
 * print the words of a fault without there being one. Decides by the form of
 * the line alone; must never let through as a tool's what only quotes.
 */
#include <string.h>

#include "agent/rules/chars.h"
#include "build_line.h"

static bool begins(const char *p, size_t len, const char *word)
{
	size_t n = strlen(word);

	return n <= len && memcmp(p, word, n) == 0;
}

static bool begins_any(const char *p, size_t len, const char *const *list)
{
	for (; *list; list++) {
		if (begins(p, len, *list))
			return true;
	}
	return false;
}

static bool holds_any(const char *p, size_t len, const char *const *list)
{
	for (; *list; list++) {
		if (memmem(p, len, *list, strlen(*list)))
			return true;
	}
	return false;
}

/* "  743 | }", "    |  ^~~": a compiler shows the source */
static bool snippet(const char *p, size_t len)
{
	size_t n = blanks(p, len), d = digits(p + n, len - n), b;

	if (n < len && (p[n] == '>' || p[n] == '-')) /* babel's mark */
		return n + 1 < len && p[n + 1] == ' ' &&
		       snippet(p + n + 1, len - n - 1);
	b = blanks(p + n + d, len - n - d);
	n += d + b;
	if (n >= len || p[n] != '|')
		return false;
	if (d > 0 && d < 7)
		return true;
	n++;
	n += blanks(p + n, len - n);
	return n < len && (p[n] == '^' || p[n] == '~');
}

/* A shell's trace, a Dockerfile's line, a prompt with its command. */
static bool command(const char *p, size_t len)
{
	static const char *const starts[] = { "+ ",
					      "++ ",
					      "+++ ",
					      "$ ",
					      "RUN ",
					      ">>> ",
					      "---> Running",
					      "+\t",
					      "COPY ",
					      "ENV ",
					      "# ",
					      "// ",
					      "/* ",
					      "diff --git",
					      "-- Performing Test",
					      "checking ",
					      "-- Looking for",
					      NULL };
	/* what looks like one of these and is a tool's own word */
	static const char *const said[] = {
		"COPY failed: ",   "# A fatal error", "# There is insuff",
		"# Native memory", "#  SIG",	      "#  Internal Error",
		"#   Failed test", "# FAIL: ",	      NULL
	};
	size_t n = 5;

	if (begins_any(p, len, starts))
		return !begins_any(p, len, said);
	if (!begins(p, len, "Step ") && !begins(p, len, "STEP "))
		return false;
	n += digits(p + n, len - n);
	return n > 5 && n < len && (p[n] == '/' || p[n] == ':');
}

static bool passed(const char *p, size_t len)
{
	static const char *const starts[] = {
		"ok ",		"ok\t",		"--- PASS",
		"=== RUN",	"=== PAUSE",	"=== CONT",
		"[ RUN ",	"[       OK",	"[  PASSED",
		"PASS ",	"PASS:",	"PASSED",
		"XFAIL",	"\xe2\x9c\x93", "\xe2\x9c\x94",
		"\xe2\x88\x9a", "SKIP",		NULL
	};

	if (begins_any(p, len, starts))
		return true;
	if (begins(p, len, "test ") && len > 7 &&
	    memcmp(p + len - 7, " ... ok", 7) == 0)
		return true;
	return len > 7 && memmem(p, len, " PASSED", 7) != NULL;
}

/* "tests/disk.c:12: ...": what a search, a vet or a test's own log prints.
 * A compiler goes on with ": error:", an assembler with " Fatal error:". */
static bool place(const char *p, size_t len)
{
	static const char *const compilers[] = { "rror: ", "arning: ", "rror[",
						 NULL };
	const char *colon = memchr(p, ':', len < 200 ? len : 200);
	size_t n, d;

	if (!colon || p[0] == '{')
		return false;
	n = (size_t)(colon - p);
	if (n < 3 || memchr(p, ' ', n) || !memchr(p, '.', n))
		return false;
	d = digits(colon + 1, len - n - 1);
	n += 1 + d;
	if (d == 0 || n >= len || (p[n] != ':' && p[n] != '-'))
		return false;
	return !holds_any(p + n, len - n < 40 ? len - n : 40, compilers);
}

static bool report(const char *p, size_t len)
{
	static const char *const starts[] = { "not ok ",
					      "--- FAIL",
					      "FAIL ",
					      "FAIL:",
					      "FAILED ",
					      "[  FAILED",
					      "E   ",
					      "\xe2\x9c\x97",
					      "\xe2\x9c\x95",
					      "\xe2\x9c\x96",
					      "\xc3\x97 ",
					      "test ",
					      "Expected: ",
					      "Received: ",
					      "Which is: ",
					      "\xe2\x97\x8f ",
					      NULL };
	static const char *const inside[] = { "ssert",	 "EXPECT_", "expect(",
					      ", want ", "toEqual", "toThrow",
					      "Actual:", NULL };

	return begins_any(p, len, starts) || holds_any(p, len, inside);
}

/* "..." and no more: a value that somebody shows */
static bool value(const char *p, size_t len)
{
	return len > 1 && p[0] == '"' && p[len - 1] == '"';
}

static bool doubtful(const char *p, size_t len)
{
	static const char *const inside[] = { "Expect", " expect", "should ",
					      " want:", "got:",	   "mock",
					      "Mock",	"simulat", "injected",
					      NULL };

	return holds_any(p, len, inside);
}

/* "thread 'store::tests::full' panicked at": a test, the thread of a program
 * has no path. */
static bool test_panic(const char *p, size_t len)
{
	const char *end;

	if (!begins(p, len, "thread '"))
		return false;
	end = memchr(p + 8, '\'', len - 8);
	return end && memmem(p, (size_t)(end - p), "::", 2);
}

enum build_voice build_voice(const char *p, size_t len)
{
	if (snippet(p, len) || command(p, len) || passed(p, len))
		return VOICE_QUOTED;
	if (report(p, len) || test_panic(p, len))
		return VOICE_TEST;
	if (doubtful(p, len) || place(p, len) || value(p, len))
		return VOICE_DOUBT;
	return VOICE_TOOL;
}
