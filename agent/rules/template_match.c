/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs one template's steps over one text. A failed step goes back to the
 * group it stands in and to that group's next alternative, and nowhere else:
 * each step is taken at most once for a start of the template, so the cost is
 * bounded by the template times the text. Only a template that may begin
 * anywhere is started anew, SEEKS_MAX times at most.
 */
#include <string.h>

#include "agent/rules/matching.h"

#define SEEKS_MAX 4

uint64_t template_work;

struct choice {
	uint16_t retry; /* step, NONE: the group fails */
	size_t at;
	unsigned int n_captured;
};

struct run {
	const struct hale_rules *set;
	struct span text;
	size_t at; /* how much of the text is matched */
	size_t step;
	struct choice choices[DEPTH_MAX];
	unsigned int depth;
	struct captured *captured;
};

static const char *literal(const struct run *run, const struct step *s)
{
	return (const char *)run->set->pool.at + s->arg;
}

static bool take_literal(struct run *run, const struct step *s)
{
	template_work += s->len;
	if (run->text.len - run->at < s->len ||
	    memcmp(run->text.at + run->at, literal(run, s), s->len) != 0)
		return false;
	run->at += s->len;
	return true;
}

/* Where the literal of a step next stands; the rest's length if nowhere. */
static size_t next_literal(const struct run *run, const struct step *s,
			   size_t len)
{
	const char *rest = run->text.at + run->at;
	const char *found = memmem(rest, len, literal(run, s), s->len);

	template_work += found ? (size_t)(found - rest) : len;
	return found ? (size_t)(found - rest) : len;
}

/* How far a gap reaches: to the literal after it, the nearest of a group's. */
static bool gap(const struct run *run, const struct step *s, size_t *ret_len)
{
	const struct step *next = s + 1;
	size_t max = run->text.len - run->at, len = max, commit;

	if (next->op == STEP_LITERAL)
		len = next_literal(run, next, max);
	while (next->op == STEP_CHOICE) {
		size_t n = next_literal(run, next + 1, max);

		len = n < len ? n : len;
		commit = set_commit(run->set,
				    (size_t)(next - set_step(run->set, 0)));
		if (set_step(run->set, commit)->arg == commit + 1)
			break;
		next = set_step(run->set, commit + 1);
	}
	if (len == max && s[1].op != STEP_DONE)
		return false;
	*ret_len = len;
	return capture_gap_fits((enum capture)s->type, run->text.at + run->at,
				len);
}

static bool take_capture(struct run *run, const struct step *s)
{
	const char *rest = run->text.at + run->at;
	size_t len = run->text.len - run->at, n = 0;
	struct captured *c = run->captured;
	const struct stops *stops;

	switch (capture_reach((enum capture)s->type)) {
	case CAPTURE_SHAPE:
		n = capture_shape((enum capture)s->type, rest, len);
		break;
	case CAPTURE_RUN:
		stops = (const struct stops *)run->set->stops.at + s->stops;
		n = capture_run((enum capture)s->type, rest, len, stops->at,
				stops->n);
		break;
	case CAPTURE_GAP:
		if (!gap(run, s, &n))
			return false;
		break;
	}
	template_work += n;
	if (s->type == CAP__) {
		run->at += n;
		return true;
	}
	if (n == 0 && capture_reach((enum capture)s->type) != CAPTURE_GAP)
		return false;
	if (c->n < CAPTURES_MAX) {
		c->type[c->n] = s->type;
		c->span[c->n++] = (struct span){ rest, n };
	}
	run->at += n;
	return true;
}

static bool only_blanks(const struct run *run)
{
	for (size_t i = run->at; i < run->text.len; i++) {
		char c = run->text.at[i];

		if (c != ' ' && c != '\t' && c != '\r')
			return false;
	}
	return true;
}

/* Back to the innermost group that has another alternative. */
static bool retry(struct run *run)
{
	while (run->depth > 0) {
		const struct choice *c = &run->choices[--run->depth];

		if (c->retry == NONE)
			continue;
		run->at = c->at;
		run->step = c->retry;
		run->captured->n = c->n_captured;
		return true;
	}
	return false;
}

static void choose(struct run *run, const struct step *s)
{
	run->choices[run->depth++] =
		(struct choice){ s->arg, run->at, run->captured->n };
}

/* One step; false where it fails. */
static bool take(struct run *run, const struct step *s)
{
	run->step++;
	template_work++;
	switch ((enum step_op)s->op) {
	case STEP_LITERAL:
		return take_literal(run, s);
	case STEP_CAPTURE:
		return take_capture(run, s);
	case STEP_CHOICE:
		choose(run, s);
		return true;
	case STEP_COMMIT:
		run->depth--;
		run->step = s->arg;
		return true;
	case STEP_LAST:
		return only_blanks(run);
	case STEP_SEEK:
	case STEP_DONE:
		return true;
	}
	return false;
}

static bool run_from(struct run *run, size_t step, size_t at)
{
	run->step = step;
	run->at = at;
	run->depth = 0;
	run->captured->n = 0;
	for (;;) {
		const struct step *s = set_step(run->set, run->step);

		if (s->op == STEP_DONE)
			return true;
		if (!take(run, s) && !retry(run))
			return false;
	}
}

static bool run_anywhere(struct run *run, size_t step)
{
	const struct step *first = set_step(run->set, step);
	size_t at = 0;

	for (int i = 0; i < SEEKS_MAX; i++) {
		const char *found =
			memmem(run->text.at + at, run->text.len - at,
			       literal(run, first), first->len);

		template_work += run->text.len - at;
		if (!found)
			return false;
		at = (size_t)(found - run->text.at);
		if (run_from(run, step, at))
			return true;
		at++;
	}
	return false;
}

bool template_match(const struct hale_rules *set, const struct rule *rule,
		    struct span text, struct captured *ret_captured)
{
	struct run run = { .set = set, .text = text, .captured = ret_captured };

	if (set_step(set, rule->start)->op == STEP_SEEK)
		return run_anywhere(&run, rule->start + 1u);
	return run_from(&run, rule->start, 0);
}
