/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds the command of a crashed compiler in a build's output. Decides which of
 * the commands that make, ninja, cargo or clang printed it was: by what the
 * crash names (a source file, or the target that make gave up), or because
 * there is no other. Must never guess among several: another command would
 * pass, and be taken for bad memory. Pure; the output may hold anything.
 */
#include <errno.h>

#include "hale/base.h"
#include "hale/text.h"

#include "crash_tool.h"
#include "words.h"

/* Commands before the crash that may be the one: more than jobs in parallel. */
#define RECENT	  256
#define KEY_MAX	  128
#define DEPTH_MAX 16
/* Of links of big programs: 128 KiB is what a single argument may have. */
#define COMMAND_MAX (128 * 1024)

struct piece {
	const char *at;
	size_t len;
};

struct candidate {
	struct piece command;
	struct piece cwd;
};

struct finding {
	struct piece rest; /* of the text */
	struct candidate recent[RECENT];
	uint32_t n; /* of all there were */
	struct piece cwd, cwds[DEPTH_MAX];
	int depth;
	bool failed_next; /* ninja: the next line is the failed command */
	bool crashed;
	bool ambiguous;
	char source[KEY_MAX];	 /* that the crash names; "" */
	char target[KEY_MAX];	 /* that make gave up after it; "" */
	struct candidate direct; /* the crash itself prints its command */
	bool passed;
};

/* --- pieces of text
 * ---------------------------------------------------------------- */

static bool begins(struct piece p, const char *with)
{
	size_t len = strlen(with);

	return p.len >= len && memcmp(p.at, with, len) == 0;
}

static struct piece after(struct piece p, size_t n)
{
	return (struct piece){ p.at + n, p.len - n };
}

static const char *find_in(struct piece p, const char *what)
{
	return memmem(p.at, p.len, what, strlen(what));
}

static struct piece next_line(struct piece *rest)
{
	const char *end = memchr(rest->at, '\n', rest->len);
	struct piece line = { rest->at,
			      end ? (size_t)(end - rest->at) : rest->len };

	*rest = after(*rest, line.len + (end != NULL));
	while (line.len > 0 &&
	       (line.at[line.len - 1] == '\r' || line.at[line.len - 1] == ' '))
		line.len--;
	return line;
}

/* What is between the quotes that follow @what. */
static struct piece quoted_after(struct piece line, const char *what)
{
	const char *at = find_in(line, what), *close;
	struct piece none = { 0 }, p;

	if (!at)
		return none;
	p = after(line, (size_t)(at - line.at) + strlen(what));
	close = memchr(p.at, '\'', p.len);
	if (!close)
		close = memchr(p.at, '`', p.len);
	if (!close)
		return none;
	p.len = (size_t)(close - p.at);
	return p;
}

/* --- what a line is
 * ------------------------------------------------------------------ */

static const char *const crash_signs[] = {
	"internal compiler error: ",
	"PLEASE submit a bug report to ",
	"terminated with signal 11",
	"terminated with signal 7",
	"terminated with signal 4",
	"unable to execute command: Segmentation fault",
	"unable to execute command: Illegal instruction",
	"unable to execute command: Bus error",
	"the compiler unexpectedly panicked",
	"SIGSEGV: invalid memory reference)",
	"SIGILL: illegal instruction)",
	"SIGBUS: access to undefined memory)",
};

static bool is_crash(struct piece line)
{
	for (size_t i = 0; i < HALE_ARRAY_SIZE(crash_signs); i++) {
		if (find_in(line, crash_signs[i]))
			return true;
	}
	return false;
}

bool crash_is_told(const char *text, size_t len)
{
	return is_crash((struct piece){ text, len });
}

/* "cd dir && cc …" of cmake, ": && cc … && :" of ninja's links, "[3/9] cc …"
 * of its verbose form. */
static struct piece strip(struct piece p, struct piece *cwd)
{
	const char *and;

	if (begins(p, "[") && (and = find_in(p, "] ")) != NULL)
		p = after(p, (size_t)(and-p.at) + 2);
	if (begins(p, ": && ")) {
		p = after(p, 5);
		if (p.len > 5 && memcmp(p.at + p.len - 5, " && :", 5) == 0)
			p.len -= 5;
	}
	if (begins(p, "cd ") && (and = find_in(p, " && ")) != NULL) {
		*cwd = (struct piece){ p.at + 3, (size_t)(and-p.at) - 3 };
		p = after(p, (size_t)(and-p.at) + 4);
	}
	return p;
}

static bool is_command(struct piece p)
{
	char word[KEY_MAX];
	const char *blank = memchr(p.at, ' ', p.len);
	size_t len = blank ? (size_t)(blank - p.at) : p.len;

	if (len == 0 || len == p.len || len >= sizeof(word) ||
	    p.len > COMMAND_MAX)
		return false;
	hale_copy(word, sizeof(word), p.at, len);
	if (strcmp(word, "ccache") == 0 || strcmp(word, "sccache") == 0 ||
	    strcmp(word, "distcc") == 0)
		return is_command(after(p, len + 1));
	/* "gcc: internal compiler error", "ld: warning: …" are none */
	return word[len - 1] != ':' && crash_tool_is_known(word);
}

/* --- reading
 * ---------------------------------------------------------------------------
 */

/* The last word before ":LINE:" that is a file: "src/a.c:3:1: internal …". */
static void keep_source(struct finding *f, struct piece line)
{
	const char *colon = memchr(line.at, ':', line.len);
	size_t len = colon ? (size_t)(colon - line.at) : 0;

	if (len == 0 || len >= KEY_MAX || len + 1 == line.len ||
	    colon[1] < '0' || colon[1] > '9' || memchr(line.at, ' ', len))
		return;
	hale_copy(f->source, sizeof(f->source), line.at, len);
}

/* "make[2]: *** [Makefile:9: a.o] Error 4"; without "Makefile:9: " before 4.0
 */
static void keep_target(struct finding *f, struct piece line)
{
	const char *at = find_in(line, ": *** ["), *end, *colon;
	struct piece p;

	if (!at || f->target[0] != '\0')
		return;
	p = after(line, (size_t)(at - line.at) + strlen(": *** ["));
	end = memchr(p.at, ']', p.len);
	if (!end)
		return;
	p.len = (size_t)(end - p.at);
	colon = memrchr(p.at, ' ', p.len);
	if (colon)
		p = after(p, (size_t)(colon - p.at) + 1);
	if (p.len < KEY_MAX)
		hale_copy(f->target, sizeof(f->target), p.at, p.len);
}

static void keep_direct(struct finding *f, struct piece line)
{
	const char *at = find_in(line, "Program arguments: ");
	struct piece p;

	if (f->direct.command.at)
		return;
	if (at) {
		p = after(line, (size_t)(at - line.at) +
					strlen("Program arguments: "));
	} else {
		at = find_in(line, "process didn't exit successfully: `");
		if (!at || !find_in(line, "(signal: "))
			return;
		p = after(
			line,
			(size_t)(at - line.at) +
				strlen("process didn't exit successfully: `"));
		at = memchr(p.at, '`', p.len);
		p.len = at ? (size_t)(at - p.at) : 0;
	}
	if (is_command(p))
		f->direct = (struct candidate){ p, f->cwd };
}

static void keep_command(struct finding *f, struct piece line)
{
	struct candidate c = { .cwd = f->cwd };

	c.command = strip(line, &c.cwd);
	if (!is_command(c.command))
		return;
	if (f->failed_next)
		f->direct = c;
	f->recent[f->n++ % RECENT] = c;
}

/* make prints them where one calls another; those of several at once are mixed
 * up, and then no source is found there. */
static void keep_cwd(struct finding *f, struct piece line)
{
	struct piece p = quoted_after(line, ": Entering directory '");

	if (!p.at)
		p = quoted_after(line, ": Entering directory `");
	if (p.at && p.len < HALE_PATH_MAX && f->depth < DEPTH_MAX)
		f->cwds[f->depth++] = p;
	else if (find_in(line, ": Leaving directory ") && f->depth > 0)
		f->depth--;
	f->cwd = f->depth > 0 ? f->cwds[f->depth - 1] : (struct piece){ 0 };
}

static void take_line(struct finding *f, struct piece line)
{
	bool failed = begins(line, "FAILED: ");

	keep_cwd(f, line);
	keep_direct(f, line);
	if (f->crashed) {
		keep_target(f, line);
	} else if (is_crash(line)) {
		f->crashed = true;
		keep_source(f, line);
	} else {
		/* the block of ninja before it did not crash */
		if (failed)
			f->direct = (struct candidate){ 0 };
		keep_command(f, line);
	}
	f->failed_next = failed;
	/* gcc does so three times, where it was built to */
	f->passed |= begins(line, "The bug is not reproducible, so it is "
				  "likely a hardware");
}

/* --- choosing
 * ------------------------------------------------------------------------------
 */

static bool mentions(struct piece p, const char *key)
{
	size_t len = strlen(key);

	for (const char *at = p.at;
	     len > 0 &&
	     (at = memmem(at, p.len - (size_t)(at - p.at), key, len));
	     at++) {
		bool left = at == p.at || strchr(" /='\"", at[-1]);
		const char *end = at + len;

		if (left && (end == p.at + p.len || strchr(" '\"", *end)))
			return true;
	}
	return false;
}

/* The latest that names it; NULL and @ambiguous where several do, as the same
 * source for two targets. */
static const struct candidate *by_key(struct finding *f, const char *key)
{
	const struct candidate *found = NULL;
	uint32_t n = f->n < RECENT ? f->n : RECENT;

	for (uint32_t i = 1; key[0] != '\0' && i <= n; i++) {
		const struct candidate *c = &f->recent[(f->n - i) % RECENT];

		if (!mentions(c->command, key))
			continue;
		f->ambiguous |= found != NULL;
		found = found ? found : c;
	}
	return f->ambiguous ? NULL : found;
}

static bool is_header(const char *name)
{
	const char *dot = strrchr(name, '.');

	return !dot || dot[1] == 'h' || dot[1] == 'H' ||
	       strcmp(dot, ".inl") == 0 || strcmp(dot, ".ipp") == 0 ||
	       strcmp(dot, ".tcc") == 0 || strcmp(dot, ".inc") == 0;
}

static const struct candidate *choose(struct finding *f)
{
	const struct candidate *c;

	if (!f->crashed)
		return NULL;
	if (f->direct.command.at)
		return &f->direct;
	c = by_key(f, f->target);
	if (!c && !f->ambiguous)
		c = by_key(f, f->source);
	/* of a source that it does not name it is another's crash */
	if (!c && f->n == 1 && (!f->source[0] || is_header(f->source)))
		c = &f->recent[0];
	return c;
}

static int take_words(const struct candidate *c, struct crash_found *ret)
{
	char error[160] = "", **words = NULL;
	char text[HALE_EVIDENCE_MAX];
	int r = words_split(c->command.at, c->command.len, error, &words);

	if (r == -ENOMEM)
		return r;
	if (r < 0) {
		snprintf(text, sizeof(text),
			 "its command cannot be taken as "
			 "it is printed: %s",
			 error);
		hale_print_text(ret->why, sizeof(ret->why), text, strlen(text));
		return 0;
	}
	/* the cache would answer, and not the compiler */
	while (words[0] && !crash_tool_is_known(words[0])) {
		free(words[0]);
		memmove(words, words + 1,
			(words_count(words + 1) + 1) * sizeof(*words));
	}
	/* "x'/gcc -c a.c'" looked like one, and is a program of that name */
	if (!words[0]) {
		words_free(words);
		HALE_SET(ret->why, "its command names no compiler");
		return 0;
	}
	ret->words = words;
	hale_copy(ret->cwd, sizeof(ret->cwd), c->cwd.at ? c->cwd.at : "",
		  c->cwd.len);
	return 0;
}

int crash_find(const char *text, size_t len, struct crash_found *ret)
{
	_cleanup_free_ struct finding *f = calloc(1, sizeof(*f));
	const struct candidate *c;

	*ret = (struct crash_found){ 0 };
	if (!f)
		return -ENOMEM;
	f->rest = (struct piece){ text, len };
	while (f->rest.len > 0)
		take_line(f, next_line(&f->rest));
	ret->passed = f->passed;
	c = choose(f);
	if (c)
		return take_words(c, ret);
	HALE_SET(ret->why, f->ambiguous
				   ? "several commands of its output may be it"
				   : "its output does not show the command");
	return 0;
}
