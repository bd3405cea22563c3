/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a rule file: header lines at the left margin, their templates indented
 * below them, '#' comments between. Decides what a header means; a mistake is
 * one message with its line, and the whole file is refused. It never guesses.
 */
#include <errno.h>
#include <string.h>

#include "agent/rules/compile.h"

#define LINE_MAX_LEN 1000

struct header {
	bool open;
	struct rule rule; /* of all templates below it */
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct span trim(struct span s)
{
	while (s.len > 0 && is_blank(s.at[0])) {
		s.at++;
		s.len--;
	}
	while (s.len > 0 && is_blank(s.at[s.len - 1]))
		s.len--;
	return s;
}

/* Cuts the next word off the front of @rest; empty at the end. */
static struct span word(struct span *rest)
{
	struct span w;

	*rest = trim(*rest);
	w = (struct span){ rest->at, 0 };
	while (w.len < rest->len && !is_blank(w.at[w.len]))
		w.len++;
	rest->at += w.len;
	rest->len -= w.len;
	return w;
}

static bool is(struct span w, const char *text)
{
	return strlen(text) == w.len && memcmp(w.at, text, w.len) == 0;
}

/* "key=value": cuts the key off @w where it is @key. */
static bool has_key(struct span *w, const char *key)
{
	size_t n = strlen(key);

	if (w->len <= n || memcmp(w->at, key, n) != 0 || w->at[n] != '=')
		return false;
	w->at += n + 1;
	w->len -= n + 1;
	return true;
}

static int wrong(struct compile *c, const char *what, struct span w)
{
	return compile_error(c, "%s '%.*s'", what,
			     (int)(w.len > 60 ? 60 : w.len), w.at);
}

/* "disk" or "disk:ata" */
static int read_part(struct compile *c, struct rule *rule, struct span w)
{
	const char *colon = memchr(w.at, ':', w.len);
	size_t len = colon ? (size_t)(colon - w.at) : w.len;
	struct span kind = { w.at, len };
	int i;

	for (i = 0; i < HALE_MATCH_PART_COUNT; i++) {
		if (is(kind, hale_match_part_name((enum hale_match_part)i)))
			break;
	}
	if (i == HALE_MATCH_PART_COUNT)
		return wrong(c, "unknown part or option", w);
	rule->part_kind = (uint8_t)i;
	if (!colon)
		return 0;
	rule->part_capture =
		(uint8_t)capture_from_name(colon + 1, w.len - len - 1);
	return rule->part_capture == CAP_COUNT
		       ? wrong(c, "unknown capture in part", w)
		       : 0;
}

/* The rate limiter that the records below share, or that was at work. */
static int read_limiter(struct compile *c, struct rule *rule, struct span w)
{
	int r = set_word(c->set, w.at, w.len);

	if (r > 0)
		rule->limiter = (uint8_t)r;
	return r < 0 ? r : 0;
}

static int read_digit(struct compile *c, const char *what, struct span w,
		      uint8_t *ret)
{
	if (w.len != 1 || w.at[0] < '1' || w.at[0] > '9')
		return wrong(c, what, w);
	*ret = (uint8_t)(w.at[0] - '0');
	return 0;
}

static int read_option(struct compile *c, struct rule *rule, struct span w)
{
	int r;

	if (is(w, "weak")) {
		rule->weak = true;
	} else if (is(w, "differ")) {
		rule->differ = true;
	} else if (is(w, "fresh")) {
		rule->fresh = true;
	} else if (is(w, "tentative")) {
		rule->tentative = rule->weak = true;
	} else if (has_key(&w, "limiter")) {
		return read_limiter(c, rule, w);
	} else if (has_key(&w, "as")) {
		r = set_word(c->set, w.at, w.len);
		if (r < 0)
			return r;
		rule->as = (uint8_t)r;
	} else if (has_key(&w, "step")) {
		return read_digit(c, "step is 1 to 9, not", w, &rule->step);
	} else if (has_key(&w, "weight")) {
		return read_digit(c, "weight is 1 to 9, not", w, &rule->weight);
	} else if (has_key(&w, "tool")) {
		r = set_word(c->set, w.at, w.len);
		if (r < 0)
			return r;
		rule->tool = (uint8_t)r;
	} else if (has_key(&w, "group")) {
		r = set_word(c->set, w.at, w.len);
		if (r < 0)
			return r;
		rule->family = (uint8_t)r;
	} else {
		return read_part(c, rule, w);
	}
	return 0;
}

/* The first word, or two: what a match of the templates below means. */
static int read_meaning(struct compile *c, struct rule *rule, struct span *rest)
{
	static const struct {
		const char *word;
		enum hale_match_kind kind;
	} kinds[] = { { "benign", HALE_MATCH_BENIGN },
		      { "suppressed", HALE_MATCH_SUPPRESSED },
		      { "appears", HALE_MATCH_APPEARS },
		      { "departs", HALE_MATCH_DEPARTS } };
	struct span w = word(rest);
	int condition;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		rule->kind = (uint8_t)kinds[i].kind;
		if (is(w, kinds[i].word))
			return 0;
	}
	rule->kind = HALE_MATCH_FAULT;
	if (is(w, "end")) {
		rule->kind = HALE_MATCH_END;
		w = word(rest);
	}
	condition = c->word(w.at, w.len);
	if (condition <= 0 || condition > UINT16_MAX)
		return wrong(c, "unknown condition", w);
	rule->condition = (uint16_t)condition;
	return 0;
}

static int read_header(struct compile *c, struct header *h, struct span rest)
{
	int r;

	h->rule = (struct rule){ .part_capture = CAP_COUNT,
				 .file = (uint8_t)(c->set->files.n - 1) };
	r = read_meaning(c, &h->rule, &rest);
	for (struct span w = word(&rest); r == 0 && w.len > 0; w = word(&rest))
		r = read_option(c, &h->rule, w);
	if (r == 0 && h->rule.step && !h->rule.family)
		r = compile_error(c, "step= needs group=");
	h->open = r == 0;
	return r;
}

/* "define NAME TEXT" */
static int read_macro(struct compile *c, struct span rest)
{
	struct span name = word(&rest);
	struct macro *m;

	rest = trim(rest);
	/* inside quotes a macro keeps its outer blanks */
	if (rest.len >= 2 && rest.at[0] == '"' &&
	    rest.at[rest.len - 1] == '"') {
		rest.at++;
		rest.len -= 2;
	}
	if (name.len == 0 || rest.len == 0)
		return compile_error(c, "define needs a name and a text");
	if (capture_from_name(name.at, name.len) != CAP_COUNT)
		return wrong(c, "this is a capture already:", name);
	m = vec_add(&c->macros);
	if (!m)
		return -ENOMEM;
	*m = (struct macro){ name.at, rest.at, name.len, rest.len };
	return 0;
}

static int read_template(struct compile *c, const struct header *h,
			 struct span text)
{
	struct rule *rule;

	if (!h->open)
		return compile_error(c, "a template without a rule above it");
	if (c->set->rules.n >= RULES_MAX)
		return -E2BIG;
	rule = vec_add(&c->set->rules);
	if (!rule)
		return -ENOMEM;
	*rule = h->rule;
	rule->line = c->line;
	return compile_template(c, text.at, text.len, rule);
}

static int read_line(struct compile *c, struct header *h, struct span line)
{
	bool indented = line.len > 0 && is_blank(line.at[0]);
	struct span text = trim(line), rest = text;

	if (line.len > LINE_MAX_LEN)
		return compile_error(c, "line over %d bytes", LINE_MAX_LEN);
	if (memchr(line.at, '\0', line.len))
		return compile_error(c, "not a text file");
	if (text.len == 0 || text.at[0] == '#')
		return 0;
	if (indented)
		return read_template(c, h, text);
	h->open = false;
	if (is(word(&rest), "define"))
		return read_macro(c, rest);
	return read_header(c, h, text);
}

int compile_file(struct compile *c, const struct hale_rules_source *src)
{
	struct header header = { .open = false };
	size_t at = 0;

	c->line = 0;
	c->macros.n = 0; /* a file's macros are its own */
	while (at < src->len) {
		const char *start = src->text + at;
		const char *end = memchr(start, '\n', src->len - at);
		size_t len = end ? (size_t)(end - start) : src->len - at;
		int r;

		c->line++;
		r = read_line(c, &header, (struct span){ start, len });
		if (r < 0)
			return r;
		at += len + 1;
	}
	return 0;
}
