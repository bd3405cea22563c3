/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Translates the text of a template into steps:
 *
 *	literal text   {type} or {macro}   <one|other|>   \x   ... at its start
 *
 * Decides only what is well formed. A gap capture must be followed by literal
 * text or the end, because that is what ends it; so no template can ever need
 * a second try at a capture.
 */
#include <errno.h>
#include <string.h>

#include "agent/rules/compile.h"

#define LITERAL_MAX 200

struct emitter {
	struct compile *c;
	char literal[LITERAL_MAX];
	size_t n_literal;
	unsigned int depth, nesting, captures;
};

static int emit(struct emitter *e, struct step step)
{
	struct vec *steps = &e->c->set->steps;
	struct step *s;

	if (steps->n >= STEPS_MAX)
		return -E2BIG;
	s = vec_add(steps);
	if (!s)
		return -ENOMEM;
	*s = step;
	return (int)steps->n - 1;
}

static uint32_t hash(const char *p, size_t len)
{
	uint32_t h = 2166136261u; /* FNV-1a */

	for (size_t i = 0; i < len; i++)
		h = (h ^ (uint8_t)p[i]) * 16777619u;
	return h >> 19;
}

/* The text's offset in the pool, where each text stands once. */
static int pool_add(struct compile *c, const char *text, size_t len)
{
	uint16_t *slot = &c->pooled[hash(text, len)];
	struct vec *pool = &c->set->pool;
	size_t at = pool->n;

	if (*slot && *slot - 1u + len <= at &&
	    memcmp(set_text(c->set, (uint16_t)(*slot - 1)), text, len) == 0)
		return *slot - 1;
	if (at + len > POOL_MAX)
		return -E2BIG;
	for (size_t i = 0; i < len; i++) {
		char *added = vec_add(pool);

		if (!added)
			return -ENOMEM;
		*added = text[i];
	}
	*slot = (uint16_t)(at + 1);
	return (int)at;
}

static int flush(struct emitter *e)
{
	int at;

	if (e->n_literal == 0)
		return 0;
	at = pool_add(e->c, e->literal, e->n_literal);
	if (at < 0)
		return at;
	at = emit(e, (struct step){ .op = STEP_LITERAL,
				    .arg = (uint16_t)at,
				    .len = (uint8_t)e->n_literal });
	e->n_literal = 0;
	return at;
}

static int put(struct emitter *e, char c)
{
	if (e->n_literal == LITERAL_MAX)
		return compile_error(e->c, "literal text over %d bytes",
				     LITERAL_MAX);
	e->literal[e->n_literal++] = c;
	return 0;
}

static int emit_capture(struct emitter *e, enum capture type)
{
	int r = flush(e);

	if (r < 0)
		return r;
	if (type != CAP__ && ++e->captures > CAPTURES_MAX)
		return compile_error(e->c, "more than %d captures",
				     CAPTURES_MAX);
	return emit(e,
		    (struct step){ .op = STEP_CAPTURE, .type = (uint8_t)type });
}

static int sequence(struct emitter *e, struct span *rest, bool in_group);

static const struct macro *find_macro(struct compile *c, const char *name,
				      size_t len)
{
	const struct macro *macros = c->macros.at;

	for (size_t i = 0; i < c->macros.n; i++) {
		if (macros[i].name_len == len &&
		    memcmp(macros[i].name, name, len) == 0)
			return &macros[i];
	}
	return NULL;
}

/* "{word}": a capture, or a macro put in its place */
static int braces(struct emitter *e, struct span *rest)
{
	const char *end = memchr(rest->at, '}', rest->len);
	const struct macro *m;
	struct span inner;
	size_t len;
	int r;

	if (!end)
		return compile_error(e->c, "'{' without '}'");
	len = (size_t)(end - rest->at);
	if (capture_from_name(rest->at, len) != CAP_COUNT) {
		r = emit_capture(e, capture_from_name(rest->at, len));
	} else {
		m = find_macro(e->c, rest->at, len);
		if (!m)
			return compile_error(e->c, "unknown capture {%.*s}",
					     (int)(len > 40 ? 40 : len),
					     rest->at);
		if (e->nesting == 8)
			return compile_error(e->c, "macros nest too deeply");
		inner = (struct span){ m->text, m->len };
		e->nesting++;
		r = sequence(e, &inner, false);
		e->nesting--;
	}
	rest->at += len + 1;
	rest->len -= len + 1;
	return r;
}

static void patch(struct emitter *e, size_t step, size_t target)
{
	((struct step *)e->c->set->steps.at)[step].arg = (uint16_t)target;
}

/*
 * "<a|b>" becomes: choice a commit, choice b commit. The choice of the last
 * alternative has nowhere else to go, which NONE says. The commits are chained
 * through their arg until the end is known.
 */
static int alternatives(struct emitter *e, struct span *rest)
{
	uint16_t commits = NONE;

	for (;;) {
		int choice, r;

		choice = emit(e, (struct step){ .op = STEP_CHOICE });
		if (choice < 0)
			return choice;
		r = sequence(e, rest, true);
		if (r < 0)
			return r;
		if (rest->len == 0)
			return compile_error(e->c, "'<' without '>'");
		r = emit(e, (struct step){ .op = STEP_COMMIT, .arg = commits });
		if (r < 0)
			return r;
		commits = (uint16_t)r;
		patch(e, (size_t)choice, e->c->set->steps.n);
		rest->len--;
		if (*rest->at++ == '>') {
			patch(e, (size_t)choice, NONE);
			break;
		}
	}
	while (commits != NONE) {
		uint16_t before = set_step(e->c->set, commits)->arg;

		patch(e, commits, e->c->set->steps.n);
		commits = before;
	}
	return 0;
}

static int group(struct emitter *e, struct span *rest)
{
	int r = flush(e);

	if (r < 0)
		return r;
	if (e->depth == DEPTH_MAX)
		return compile_error(e->c, "groups nest too deeply");
	e->depth++;
	r = alternatives(e, rest);
	e->depth--;
	return r;
}

/* Reads to the end of the text, or in a group to its '|' or '>'. */
static int sequence(struct emitter *e, struct span *rest, bool in_group)
{
	int r = 0;

	while (rest->len > 0 && r >= 0) {
		char c = *rest->at;

		if (in_group && (c == '|' || c == '>'))
			break;
		rest->at++;
		rest->len--;
		if (c == '{') {
			r = braces(e, rest);
		} else if (c == '<') {
			r = group(e, rest);
		} else if (c == '}' || c == '>') {
			r = compile_error(e->c, "'%c' without its pair", c);
		} else if (c != '\\') {
			r = put(e, c);
		} else if (rest->len == 0) {
			r = compile_error(e->c, "'\\' at the end");
		} else {
			r = put(e, *rest->at++);
			rest->len--;
		}
	}
	/* a group's literal may not run on into what follows it */
	return r < 0 || !in_group ? r : flush(e);
}

size_t set_commit(const struct hale_rules *set, size_t choice)
{
	unsigned int depth = 0;

	for (size_t i = choice;; i++) {
		enum step_op op = (enum step_op)set_step(set, i)->op;

		depth += op == STEP_CHOICE;
		if (op == STEP_COMMIT && --depth == 0)
			return i;
	}
}

static void add_stop(struct stops *s, char c)
{
	for (size_t i = 0; i < s->n; i++) {
		if (s->at[i] == c)
			return;
	}
	if (s->n < sizeof(s->at))
		s->at[s->n++] = c;
}

/* What may come at step @at: the first bytes of literals, through groups. */
static void add_stops(const struct hale_rules *set, struct stops *s, size_t at)
{
	const struct step *next = set_step(set, at);
	size_t commit;

	while (next->op == STEP_COMMIT)
		next = set_step(set, at = next->arg);
	if (next->op == STEP_LITERAL)
		add_stop(s, *set_text(set, next->arg));
	while (next->op == STEP_CHOICE) {
		add_stops(set, s, at + 1);
		commit = set_commit(set, at);
		if (set_step(set, commit)->arg == commit + 1)
			break; /* that was the last alternative */
		next = set_step(set, at = commit + 1);
	}
}

/* The number of the stops at step @at among all that there are. */
static int intern_stops(struct hale_rules *set, size_t at)
{
	struct stops s = { .n = 0 }, *all = set->stops.at, *added;

	add_stops(set, &s, at);
	for (size_t i = 0; i < set->stops.n; i++) {
		if (memcmp(&all[i], &s, sizeof(s)) == 0)
			return (int)i;
	}
	if (set->stops.n > UINT8_MAX)
		return -E2BIG;
	added = vec_add(&set->stops);
	if (!added)
		return -ENOMEM;
	*added = s;
	return (int)set->stops.n - 1;
}

/* Does literal text, or the end, follow at step @at? In a group, always. */
static bool ends_gap(const struct hale_rules *set, size_t at)
{
	const struct step *s = set_step(set, at);

	while (s->op == STEP_CHOICE) {
		size_t commit = set_commit(set, at);

		if (set_step(set, at + 1)->op != STEP_LITERAL)
			return false;
		if (set_step(set, commit)->arg == commit + 1)
			return true;
		s = set_step(set, at = commit + 1);
	}
	return s->op == STEP_LITERAL || s->op == STEP_DONE;
}

/* Gives runs their stops, and refuses gaps that nothing ends. */
static int finish_capture(struct compile *c, size_t at)
{
	struct step *s = (struct step *)c->set->steps.at + at;
	enum capture_reach reach = capture_reach((enum capture)s->type);
	int r = 0;

	if (reach == CAPTURE_GAP && !ends_gap(c->set, at + 1))
		return compile_error(c, "a capture that reaches to the next "
					"literal text has none");
	if (reach == CAPTURE_RUN)
		r = intern_stops(c->set, at + 1);
	if (r > 0)
		s->stops = (uint8_t)r;
	return r < 0 ? r : 0;
}

static int finish(struct compile *c, size_t start)
{
	for (size_t i = start; i < c->set->steps.n; i++) {
		int r = 0;

		if (set_step(c->set, i)->op == STEP_CAPTURE)
			r = finish_capture(c, i);
		if (r < 0)
			return r;
	}
	return 0;
}

static int body(struct emitter *e, struct span text)
{
	static const char seek[] = "...";
	bool last = text.len > 1 && text.at[text.len - 1] == '$' &&
		    text.at[text.len - 2] != '\\';
	int r = 0;

	text.len -= last;
	if (text.len > 3 && memcmp(text.at, seek, 3) == 0) {
		text.at += 3;
		text.len -= 3;
		r = emit(e, (struct step){ .op = STEP_SEEK });
	}
	r = r < 0 ? r : sequence(e, &text, false);
	r = r < 0 ? r : flush(e);
	if (r >= 0 && last)
		r = emit(e, (struct step){ .op = STEP_LAST });
	return r < 0 ? r : emit(e, (struct step){ .op = STEP_DONE });
}

int compile_template(struct compile *c, const char *text, size_t len,
		     struct rule *rule)
{
	struct emitter e = { .c = c };
	size_t start = c->set->steps.n;
	int r = body(&e, (struct span){ text, len });

	if (r < 0)
		return r;
	if (set_step(c->set, start)->op == STEP_SEEK &&
	    set_step(c->set, start + 1)->op != STEP_LITERAL)
		return compile_error(c, "'...' needs literal text after it");
	rule->start = (uint16_t)start;
	return finish(c, start);
}
