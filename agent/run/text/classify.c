/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads an output in pieces of any size and hands the lines that a rule could
 * match to it; all others cost one look in passing. Decides what counts as a
 * line: a carriage return begins a new one, as on a terminal, and of a line
 * longer than a rule can look at only the beginning is read. Memory is fixed
 * when it is made.
 */
#include "classify.h"

#include <errno.h>
#include <string.h>

#include "build_line.h"
#include "classify_weigh.h"
#include "hale/base.h"
#include "hale/text.h"

#define PARTIAL_SIZE (2 * HALE_RULES_TEXT_MAX) /* colours take room, too */
#define TEST_WEIGHT  6	/* of a host's fault that a test tells of */
#define TEST_LINES   12 /* that an assertion's report goes on for */

struct classify {
	struct hale_rules *rules;
	struct claims claims;
	uint64_t line; /* number of the line that comes next */
	uint64_t last; /* the last line that holds anything */
	size_t used;   /* of partial */
	bool skip;     /* the rest of an overlong line */
	uint64_t test; /* the last line in which a test spoke; 0: none */
	struct build_line at;
	char partial[PARTIAL_SIZE];
};

static int cause_word(const char *word, size_t len)
{
	return (int)hale_build_cause_from_name(word, len);
}

int classify_new(const struct hale_rules_source *more, size_t n,
		 char ret_error[256], struct classify **ret)
{
	_cleanup_free_ struct hale_rules_source *all =
		calloc(n + 1, sizeof(*all));
	_cleanup_free_ struct classify *c = calloc(1, sizeof(*c));
	int r;

	ret_error[0] = '\0';
	if (!all || !c)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		all[i] = more[i];
	all[n] = hale_rules_build;
	r = hale_rules_new(all, n + 1, cause_word, ret_error, &c->rules);
	if (r < 0)
		return r == -E2BIG ? -EINVAL : r;
	classify_begin(c, 1);
	*ret = c;
	c = NULL;
	return 0;
}

struct classify *classify_free(struct classify *c)
{
	if (c)
		hale_rules_free(c->rules);
	free(c);
	return NULL;
}

const struct hale_rules *classify_rules(const struct classify *c)
{
	return c->rules;
}

void classify_begin(struct classify *c, uint64_t line)
{
	memset(&c->claims, 0, sizeof(c->claims));
	c->line = c->last = line;
	c->used = 0;
	c->skip = false;
	c->test = 0;
}

/* Is it a test that speaks, in this line or in those above it? */
static bool tested(struct classify *c, const struct hale_match *m, bool host)
{
	if (c->at.voice == VOICE_TEST) {
		c->test = c->line;
		return true;
	}
	return host && c->test && c->line - c->test <= TEST_LINES &&
	       !m->tool[0];
}

/*
 * What a test says of a host's or the world's fault is the test's matter.
 * Return: false where it says nothing about the build.
 */
static bool hear(struct classify *c, struct hale_match *m)
{
	enum hale_build_cause cause = (enum hale_build_cause)m->condition;
	bool host = hale_build_cause_is_host(cause);

	if (m->kind != HALE_MATCH_FAULT || (host && c->at.voice == VOICE_DOUBT))
		return false;
	if (m->weight == 0)
		m->weight = WEIGHT_DEFAULT;
	if (!tested(c, m, host) || cause == HALE_CAUSE_CODE ||
	    cause == HALE_CAUSE_DEPENDENCY)
		return true;
	m->condition = (enum hale_condition)HALE_CAUSE_CODE;
	m->weight = m->weight < TEST_WEIGHT ? m->weight : TEST_WEIGHT;
	m->tool = "";
	m->part[0] = '\0';
	return true;
}

static void judge_line(struct classify *c, const char *line, size_t len)
{
	struct build_line *l = &c->at;
	struct claim claim = { .weight = 0 };
	struct hale_match m;

	build_line_read(line, len, l);
	if (l->voice == VOICE_QUOTED)
		return;
	if (!hale_rules_match(c->rules, l->text + l->at, l->len - l->at, &m) &&
	    (l->bare == l->at || !hale_rules_match(c->rules, l->text + l->bare,
						   l->len - l->bare, &m)))
		return;
	if (!hear(c, &m))
		return;
	claim.weight = m.weight;
	claim.tentative = m.tentative;
	claim.line = c->line;
	claim.tool = m.tool;
	HALE_SET(claim.who, m.part);
	hale_print_text(claim.text, sizeof(claim.text), l->text + l->at,
			l->len - l->at);
	claims_add(&c->claims, (enum hale_build_cause)m.condition, &claim);
}

static bool is_end(char ch)
{
	return ch == '\n' || ch == '\r';
}

/* The start of the line that @at is in, not before @from. */
static size_t line_start(const char *p, size_t from, size_t at)
{
	while (at > from && !is_end(p[at - 1]))
		at--;
	return at;
}

static size_t line_end(const char *p, size_t at, size_t len)
{
	while (at < len && !is_end(p[at]))
		at++;
	return at;
}

static void pass(struct classify *c, const char *p, size_t len)
{
	const char *end = p + len;

	for (; p < end; p++) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));

		if (!nl) {
			c->last = c->line;
			return;
		}
		if (nl > p)
			c->last = c->line;
		c->line++;
		p = nl;
	}
}

/* Whole lines, the last one perhaps without its end. */
static void judge(struct classify *c, const char *p, size_t len)
{
	size_t at = 0, hit;

	while ((hit = hale_rules_find(c->rules, p, len, at)) < len) {
		size_t start = line_start(p, at, hit);
		size_t end = line_end(p, hit, len);

		pass(c, p + at, start - at);
		judge_line(c, p + start, end - start);
		pass(c, p + start, end - start);
		at = end;
	}
	pass(c, p + at, len - at);
}

/* Keeps the beginning of a line that is not complete. */
static void keep(struct classify *c, const char *p, size_t len)
{
	size_t room = PARTIAL_SIZE - c->used;

	if (c->skip)
		return;
	if (len > room) {
		len = room;
		c->skip = true;
	}
	memcpy(c->partial + c->used, p, len);
	c->used += len;
}

void classify_put(struct classify *c, const void *bytes, size_t len)
{
	const char *p = bytes;
	size_t first = line_end(p, 0, len), last;

	keep(c, p, first);
	if (first == len)
		return;
	judge(c, c->partial, c->used);
	c->used = 0;
	c->skip = false;
	last = line_start(p, first, len);
	judge(c, p + first, last - first);
	keep(c, p + last, len - last);
}

void classify_end(struct classify *c, int status, struct run_text *ret)
{
	judge(c, c->partial, c->used);
	c->used = 0;
	c->skip = false;
	claims_weigh(&c->claims, c->last, status, ret);
}
