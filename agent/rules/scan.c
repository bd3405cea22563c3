/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds the few records of a log that a rule could match, and the few rules
 * that could match a record. Every STRIDE-th four bytes of the text are looked
 * up in a bitmap that fits the first cache; only where that says "perhaps" are
 * eight bytes compared. Decides nothing: what it lets through is verified by
 * match.c, and what it leaves out no rule can match.
 */
#include <errno.h>
#include <string.h>

#include "agent/rules/compile.h"
#include "agent/rules/matching.h"

static uint32_t load32(const char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* Fibonacci hashing: the upper bits of a product are well mixed. */
static uint32_t gram_hash(uint32_t gram)
{
	return (gram * UINT32_C(0x9E3779B1)) >> (32 - GRAM_BITS);
}

static uint32_t gram_seen(const struct hale_rules *set, const char *p)
{
	uint32_t h = gram_hash(load32(p));

	return set->seen[h >> 5] >> (h & 31) & 1;
}

/*
 * How telling a byte is in kernel logs, by kind: blanks and the commonest
 * letters of English say little, capitals and signs much.
 */
static unsigned int telling(char c)
{
	/* a bit for each of e t a o i n s r */
	const uint32_t common = 1u << ('e' - 'a') | 1u << ('t' - 'a') |
				1u << ('a' - 'a') | 1u << ('o' - 'a') |
				1u << ('i' - 'a') | 1u << ('n' - 'a') |
				1u << ('s' - 'a') | 1u << ('r' - 'a');

	if (c >= 'a' && c <= 'z')
		return common >> (c - 'a') & 1 ? 1 : 3;
	if (c >= '0' && c <= '9')
		return 2;
	if (c == ' ')
		return 1;
	return c >= 'A' && c <= 'Z' ? 5 : 4;
}

/* Worth of a fragment: that of the least telling of its grams. */
static unsigned int worth(const char *p)
{
	unsigned int least = UINT32_MAX;

	for (size_t i = 0; i < STRIDE; i++) {
		unsigned int sum = 0;

		for (size_t j = 0; j < GRAM; j++)
			sum += telling(p[i + j]);
		least = sum < least ? sum : least;
	}
	return least;
}

/* How seldom a literal stands in a log by chance: the longer the less. */
static unsigned int rarity(const char *text, size_t len)
{
	unsigned int sum = 0;

	for (size_t i = 0; i < len; i++)
		sum += telling(text[i]);
	return sum;
}

/* Where the best fragment of a literal begins that is long enough for one. */
static uint8_t best_window(const struct hale_rules *set, const struct step *s)
{
	const char *text = set_text(set, s->arg);
	unsigned int best = 0;
	uint8_t window = 0;

	for (uint8_t i = 0; i + FRAGMENT <= s->len; i++) {
		unsigned int w = worth(text + i);

		if (w > best) {
			best = w;
			window = i;
		}
	}
	return window;
}

/* 0 where no fragment fits into it. */
static unsigned int literal_worth(const struct hale_rules *set,
				  const struct step *s)
{
	return s->len < FRAGMENT ? 0 : rarity(set_text(set, s->arg), s->len);
}

static unsigned int best_step(const struct hale_rules *set, size_t from,
			      size_t *ret_step);

/* A group is worth its worst alternative: each of them needs a fragment. */
static unsigned int group_worth(const struct hale_rules *set, size_t choice)
{
	unsigned int least = UINT32_MAX;

	for (;;) {
		size_t commit = set_commit(set, choice), unused;
		unsigned int w = best_step(set, choice + 1, &unused);

		least = w < least ? w : least;
		if (set_step(set, commit)->arg == commit + 1)
			return least;
		choice = commit + 1;
	}
}

/* Of the steps that a match must pass, the one with the best fragment. */
static unsigned int best_step(const struct hale_rules *set, size_t from,
			      size_t *ret_step)
{
	unsigned int best = 0;

	for (size_t i = from;; i++) {
		const struct step *s = set_step(set, i);
		size_t here = i;
		unsigned int w = 0;

		if (s->op == STEP_DONE || s->op == STEP_COMMIT)
			return best;
		if (s->op == STEP_LITERAL)
			w = literal_worth(set, s);
		if (s->op == STEP_CHOICE) {
			w = group_worth(set, i);
			i = set_step(set, set_commit(set, i))->arg - 1u;
		}
		if (w > best) {
			best = w;
			*ret_step = here;
		}
	}
}

static uint16_t *chain_of(struct hale_rules *set, const char *gram)
{
	return &set->chains[gram_hash(load32(gram)) >>
			    (GRAM_BITS - CHAIN_BITS)];
}

static int add_grams(struct hale_rules *set, uint16_t id,
		     const struct literal *l)
{
	for (size_t i = 0; i < STRIDE; i++) {
		uint8_t at = (uint8_t)(l->window + i);
		const char *gram = set_text(set, l->text) + at;
		uint32_t h = gram_hash(load32(gram));
		struct link *link;

		if (set->grams.n >= NONE)
			return -E2BIG;
		link = vec_add(&set->grams);
		if (!link)
			return -ENOMEM;
		*link = (struct link){ id, *chain_of(set, gram), at };
		*chain_of(set, gram) = (uint16_t)(set->grams.n - 1);
		set->seen[h >> 5] |= UINT32_C(1) << (h & 31);
	}
	return 0;
}

static struct literal *set_literal(const struct hale_rules *set, size_t i)
{
	return (struct literal *)set->literals.at + i;
}

/* The number of a literal, made where it is new. */
static int intern(struct hale_rules *set, const struct step *s)
{
	struct literal l = { s->arg, s->len, 0, NONE }, *added;
	const struct link *grams = set->grams.at;
	uint16_t i;
	int r;

	l.window = best_window(set, s);
	i = *chain_of(set, set_text(set, l.text) + l.window);
	for (; i != NONE; i = grams[i].next) {
		const struct literal *known = set_literal(set, grams[i].what);

		/* equal literals stand at one place of the pool */
		if (known->text == l.text && known->len == l.len)
			return grams[i].what;
	}
	added = vec_add(&set->literals);
	if (!added)
		return -ENOMEM;
	*added = l;
	r = add_grams(set, (uint16_t)(set->literals.n - 1), &l);
	return r < 0 ? r : (int)set->literals.n - 1;
}

static int use(struct hale_rules *set, const struct step *s, uint16_t rule)
{
	int id = intern(set, s);
	struct literal *l;
	struct link *link;

	if (id < 0)
		return id;
	if (set->uses.n >= NONE)
		return -E2BIG;
	link = vec_add(&set->uses);
	if (!link)
		return -ENOMEM;
	l = set_literal(set, (size_t)id);
	*link = (struct link){ rule, l->rules, 0 };
	l->rules = (uint16_t)(set->uses.n - 1);
	return 0;
}

static int use_sequence(struct compile *c, size_t from, uint16_t rule)
{
	size_t step = 0;

	if (best_step(c->set, from, &step) == 0)
		return compile_error(c,
				     "needs a literal text of at least %d "
				     "bytes that is always there",
				     FRAGMENT);
	if (set_step(c->set, step)->op == STEP_LITERAL)
		return use(c->set, set_step(c->set, step), rule);
	for (;;) {
		size_t commit = set_commit(c->set, step);
		int r = use_sequence(c, step + 1, rule);

		if (r < 0 || set_step(c->set, commit)->arg == commit + 1)
			return r;
		step = commit + 1;
	}
}

int compile_fragments(struct compile *c, uint16_t rule)
{
	return use_sequence(c, set_rule(c->set, rule)->start, rule);
}

/* Does the literal whose gram is at @at really stand there? */
static bool stands(const struct hale_rules *set, const struct link *gram,
		   struct span text, size_t at)
{
	const struct literal *l = set_literal(set, gram->what);

	return at >= gram->offset && at - gram->offset + l->len <= text.len &&
	       memcmp(text.at + at - gram->offset, set_text(set, l->text),
		      l->len) == 0;
}

/* Is the gram at @at that of a literal which stands there? */
static bool literal_at(const struct hale_rules *set, struct span text,
		       size_t at)
{
	const struct link *grams = set->grams.at;
	uint32_t h = gram_hash(load32(text.at + at));
	uint16_t i = set->chains[h >> (GRAM_BITS - CHAIN_BITS)];

	for (; i != NONE; i = grams[i].next) {
		if (stands(set, &grams[i], text, at))
			return true;
	}
	return false;
}

static void mark(const struct hale_rules *set, uint16_t literal,
		 uint64_t *candidates)
{
	const struct link *uses = set->uses.at;
	uint16_t u = set_literal(set, literal)->rules;

	for (; u != NONE; u = uses[u].next)
		candidates[uses[u].what / 64] |= UINT64_C(1)
						 << uses[u].what % 64;
}

bool scan_candidates(const struct hale_rules *set, struct span text,
		     uint64_t *candidates)
{
	const struct link *grams = set->grams.at;
	bool any = false;

	for (size_t at = 0; at + GRAM <= text.len; at++) {
		uint32_t h = gram_hash(load32(text.at + at));
		uint16_t i = set->chains[h >> (GRAM_BITS - CHAIN_BITS)];

		if (!gram_seen(set, text.at + at))
			continue;
		for (; i != NONE; i = grams[i].next) {
			/* every place is looked at: one gram is enough */
			if (grams[i].offset !=
				    set_literal(set, grams[i].what)->window ||
			    !stands(set, &grams[i], text, at))
				continue;
			mark(set, grams[i].what, candidates);
			any = true;
		}
	}
	return any;
}

size_t hale_rules_find(const struct hale_rules *set, const char *buf,
		       size_t len, size_t from)
{
	const struct span text = { buf, len };
	size_t at = from;

	while (at + 3 * STRIDE + GRAM <= len) {
		const char *p = buf + at;

		/* four places at once: their loads do not wait on each other */
		if (!(gram_seen(set, p) | gram_seen(set, p + STRIDE) |
		      gram_seen(set, p + 2 * STRIDE) |
		      gram_seen(set, p + 3 * STRIDE))) {
			at += 4 * STRIDE;
			continue;
		}
		for (int i = 0; i < 4; i++, at += STRIDE) {
			if (gram_seen(set, buf + at) &&
			    literal_at(set, text, at))
				return at;
		}
	}
	for (; at + GRAM <= len; at += STRIDE) {
		if (gram_seen(set, buf + at) && literal_at(set, text, at))
			return at;
	}
	return len;
}

const char *hale_rules_literal(const struct hale_rules *set, size_t i,
			       size_t *ret_len)
{
	if (i >= set->literals.n)
		return NULL;
	*ret_len = set_literal(set, i)->len;
	return set_text(set, set_literal(set, i)->text);
}
