/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a file of strategies: lines by libinih, commands by words.c. Decides
 * what stands where and is wrong; must never run half a file, nor hand a word
 * to a shell. Invariant: a list of strategies is a file without one mistake in
 * it, in its order. Format: hale-strategies(5).
 */
#include <errno.h>
#include <ini.h>
#include <stdarg.h>

#include "hale/base.h"
#include "hale/text.h"

#include "agent/core/middle.h"

#include "retry.h"
#include "strategy_words.h"
#include "words.h"

/* libinih's line is 200 bytes, with what ends it. */
#define LINE_BYTES 198
/* libinih cuts a name at 50 bytes without a word. */
#define NAME_BYTES 48
/* `docker system prune` on a slow disk takes minutes. */
#define CLEANUP_NS (5 * 60 * HALE_NS_PER_S)
/* Stands for ';' while libinih reads, which takes " ;" for a comment. */
#define SEMICOLON '\x01'

/* A command as written, its lines joined by blanks. */
struct written {
	int line; /* 0: not there */
	size_t used;
	char text[8 * 1024];
};

struct draft {
	struct strategy strategy;
	int timeout_line, cleanup_timeout_line;
	struct written command, cleanup;
};

struct reading {
	const char *name, *at; /* the file; its next line */
	int line;	       /* the one that libinih has now, from 1 */
	bool goes_on;	       /* it is indented */
	int bad_line;	       /* the first that is wrong; 0: none */
	char what[200];
	char *const *given; /* {command} */
	uint32_t n;
	struct draft *drafts; /* STRATEGIES_MAX */
};

__attribute__((format(printf, 3, 4))) static void
complain(struct reading *r, int line, const char *format, ...)
{
	va_list args;

	if (r->bad_line != 0)
		return;
	r->bad_line = line;
	va_start(args, format);
	vsnprintf(r->what, sizeof(r->what), format, args);
	va_end(args);
}

/* --- sections: libinih does not tell of one that is empty
 * ---------------------- */

static bool is_name(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (!strchr("abcdefghijklmnopqrstuvwxyz"
			    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-",
			    s[i]) ||
		    s[i] == '\0')
			return false;
	}
	return len > 0 && len <= NAME_BYTES;
}

static bool section_is_known(const struct reading *r, const char *s, size_t len)
{
	for (uint32_t i = 0; i < r->n; i++) {
		const char *name = r->drafts[i].strategy.name;

		if (name && strlen(name) == len && memcmp(name, s, len) == 0)
			return true;
	}
	return false;
}

/* "[name]": @len bytes, without blanks at its ends. */
static void begin_section(struct reading *r, const char *s, size_t len)
{
	struct draft *d = &r->drafts[r->n];

	if (s[len - 1] != ']') {
		complain(r, r->line, "expected [name] and nothing behind it");
	} else if (!is_name(s + 1, len - 2)) {
		complain(r, r->line,
			 "a strategy's name is 1 to %d letters, digits, "
			 "dots, underscores and hyphens",
			 NAME_BYTES);
	} else if (section_is_known(r, s + 1, len - 2)) {
		complain(r, r->line, "a second strategy of this name");
	} else if (r->n == STRATEGIES_MAX) {
		complain(r, r->line, "more than %d strategies", STRATEGIES_MAX);
	} else {
		d->strategy.line = r->line;
		d->strategy.name = strndup(s + 1, len - 2);
		r->n++;
	}
}

/* --- lines
 * --------------------------------------------------------------------- */

static void check_bytes(struct reading *r, const char *s, size_t len)
{
	if (len > LINE_BYTES)
		complain(r, r->line,
			 "line too long: at most %d bytes; go on in an "
			 "indented line below",
			 LINE_BYTES);
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)s[i] < ' ' && s[i] != '\t')
			complain(r, r->line, "a control character (0x%02x)",
				 (unsigned int)(unsigned char)s[i]);
	}
}

/* As fgets(3): one line a call. */
static char *next_line(char *buf, int size, void *stream)
{
	struct reading *r = stream;
	size_t len = strcspn(r->at, "\n"), room = (size_t)size - 1;
	const char *s = r->at;
	size_t all = len, blank;

	if (*s == '\0')
		return NULL;
	r->line++;
	r->at += len + (s[len] == '\n');
	while (len > 0 && strchr(" \t\r", s[len - 1]))
		len--;
	check_bytes(r, s, len);
	blank = strspn(s, " \t") < all ? strspn(s, " \t") : len;
	r->goes_on = blank > 0;
	if (blank < len && s[blank] == '[' && !r->goes_on)
		begin_section(r, s, len);
	hale_copy(buf, (size_t)size, s, len < room ? len : room);
	if (blank < len && s[blank] != ';') {
		for (char *c = buf; *c; c++)
			*c = *c == ';' ? SEMICOLON : *c;
	}
	return buf;
}

static int keep_text(struct reading *r, struct written *w, const char *value)
{
	size_t len = strlen(value);

	if (w->line == 0)
		w->line = r->line;
	if (len + 2 > sizeof(w->text) - w->used) {
		complain(r, r->line, "more than %zu bytes of command",
			 sizeof(w->text));
		return 0;
	}
	if (w->used > 0)
		w->text[w->used++] = ' ';
	for (size_t i = 0; i < len; i++)
		w->text[w->used++] = value[i] == SEMICOLON ? ';' : value[i];
	return 1;
}

static int keep_time(struct reading *r, int *line, uint64_t *ns,
		     const char *value)
{
	*line = r->line;
	if (hale_duration_parse(value, ns) == 0 && *ns > 0)
		return 1;
	complain(r, r->line, "expected a time like 90s, 20min or 2h");
	return 0;
}

static int keep_key(struct reading *r, struct draft *d, const char *key,
		    const char *value)
{
	if (strcmp(key, "command") == 0)
		return keep_text(r, &d->command, value);
	if (strcmp(key, "cleanup") == 0)
		return keep_text(r, &d->cleanup, value);
	if (strcmp(key, "timeout") == 0)
		return keep_time(r, &d->timeout_line, &d->strategy.timeout_ns,
				 value);
	if (strcmp(key, "cleanup_timeout") == 0)
		return keep_time(r, &d->cleanup_timeout_line,
				 &d->strategy.cleanup_timeout_ns, value);
	complain(r, r->line,
		 "unknown key \"%.48s\": there are command, timeout, cleanup "
		 "and cleanup_timeout",
		 key);
	return 0;
}

static int line_of(const struct draft *d, const char *key)
{
	if (strcmp(key, "command") == 0)
		return d->command.line;
	if (strcmp(key, "cleanup") == 0)
		return d->cleanup.line;
	if (strcmp(key, "timeout") == 0)
		return d->timeout_line;
	if (strcmp(key, "cleanup_timeout") == 0)
		return d->cleanup_timeout_line;
	return 0;
}

static int on_key(void *user, const char *section, const char *key,
		  const char *value)
{
	struct reading *r = user;
	struct draft *d;
	bool text = strcmp(key, "command") == 0 || strcmp(key, "cleanup") == 0;
	int before;

	if (r->bad_line != 0)
		return 0;
	if (section[0] == '\0' || r->n == 0) {
		complain(r, r->line, "\"%.48s\" stands in no [strategy]", key);
		return 0;
	}
	d = &r->drafts[r->n - 1];
	before = line_of(d, key);
	if (r->goes_on && (!text || before == 0))
		complain(r, r->line,
			 "only a command may go on in an indented "
			 "line");
	else if (!r->goes_on && before != 0)
		complain(r, r->line,
			 "a second \"%.48s\"; the first is in "
			 "line %d",
			 key, before);
	return r->bad_line == 0 && keep_key(r, d, key, value);
}

/* --- the whole file
 * ------------------------------------------------------------- */

static int finish_words(struct reading *r, const struct written *w,
			char *const *given, char ***ret_words)
{
	char error[160] = "";
	int got = strategy_words(w->text, w->used, given, error, ret_words);

	if (got < 0 && got != -ENOMEM)
		complain(r, w->line, "%s", error);
	return got;
}

/* A strategy with no command is the command itself, in its own time. */
static int finish(struct reading *r, struct draft *d)
{
	struct strategy *s = &d->strategy;
	int got;

	if (d->command.line == 0)
		hale_copy(d->command.text, sizeof(d->command.text), "{command}",
			  d->command.used = strlen("{command}"));
	if (!s->name)
		return -ENOMEM;
	if (s->cleanup_timeout_ns == 0)
		s->cleanup_timeout_ns = CLEANUP_NS;
	got = finish_words(r, &d->command, r->given, &s->command);
	if (got == 0 && d->cleanup.line != 0)
		got = finish_words(r, &d->cleanup, NULL, &s->cleanup);
	return got;
}

static int read_all(struct reading *r)
{
	int bad = ini_parse_stream(next_line, r, on_key, r);
	int got = bad < 0 ? -ENOMEM : 0;

	if (bad > 0 && (r->bad_line == 0 || bad < r->bad_line)) {
		r->bad_line = bad;
		HALE_SET(r->what, "expected \"key = value\" or \"[name]\"");
	}
	if (got == 0 && r->bad_line == 0 && r->n == 0)
		complain(r, r->line > 0 ? r->line : 1,
			 "no strategy in this file: a line [name] begins one");
	for (uint32_t i = 0; i < r->n && got == 0 && r->bad_line == 0; i++)
		got = finish(r, &r->drafts[i]);
	return r->bad_line != 0 ? -EINVAL : got;
}

static void say(const char *name, int line, const char *what, char *ret_error)
{
	char text[256];
	int n = line > 0
			? snprintf(text, sizeof(text), "%.80s:%d: %s", name,
				   line, what)
			: snprintf(text, sizeof(text), "%.80s: %s", name, what);

	/* it quotes the file, which may hold anything */
	hale_print_text(ret_error, 256, text,
			(size_t)n < sizeof(text) ? (size_t)n
						 : sizeof(text) - 1);
}

int strategies_parse(const char *text, const char *name, char *const *command,
		     struct strategies *ret, char ret_error[256])
{
	struct reading r = { .name = name, .at = text, .given = command };
	struct strategies fresh = { 0 };
	int got;

	/* 16 KiB each: not for a stack */
	r.drafts = calloc(STRATEGIES_MAX, sizeof(*r.drafts));
	if (!r.drafts)
		return -ENOMEM;
	got = read_all(&r);
	for (fresh.n = 0; fresh.n < r.n; fresh.n++)
		fresh.strategy[fresh.n] = r.drafts[fresh.n].strategy;
	free(r.drafts);
	if (got < 0) {
		if (r.bad_line != 0)
			say(name, r.bad_line, r.what, ret_error);
		strategies_done(&fresh);
		return got;
	}
	*ret = fresh;
	return 0;
}

void strategies_done(struct strategies *s)
{
	for (uint32_t i = 0; i < s->n; i++) {
		free(s->strategy[i].name);
		words_free(s->strategy[i].command);
		words_free(s->strategy[i].cleanup);
	}
	*s = (struct strategies){ 0 };
}

void strategies_prefer(struct strategies *s, const char *name)
{
	for (uint32_t i = 1; i < s->n; i++) {
		struct strategy found = s->strategy[i];

		if (strcmp(found.name, name) != 0)
			continue;
		memmove(s->strategy + 1, s->strategy, i * sizeof(found));
		s->strategy[0] = found;
		return;
	}
}
