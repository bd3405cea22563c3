/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes and frees a compiled set. Decides the order of rules: benign before
 * all others, else as written. All memory of a set is taken here, while it is
 * compiled; a set that was handed out is never changed again.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/rules/compile.h"

void *vec_add(struct vec *v)
{
	char *item;

	if (v->n == v->size) {
		size_t size = v->size ? v->size * 2 : 64;
		void *at = reallocarray(v->at, size, v->item);

		if (!at)
			return NULL;
		v->at = at;
		v->size = size;
	}
	item = (char *)v->at + v->n++ * v->item;
	return memset(item, 0, v->item);
}

void vec_free(struct vec *v)
{
	free(v->at);
	v->at = NULL;
	v->n = v->size = 0;
}

static void vec_fit(struct vec *v)
{
	void *at = v->n ? reallocarray(v->at, v->n, v->item) : NULL;

	if (!at)
		return; /* a little too much memory is no error */
	v->at = at;
	v->size = v->n;
}

static void vec_free_words(struct vec *v)
{
	for (size_t i = 0; i < v->n; i++)
		free(((char **)v->at)[i]);
	vec_free(v);
}

int compile_error(struct compile *c, const char *fmt, ...)
{
	va_list args;
	int n = snprintf(c->error, 256, "%s:%u: ", c->file, c->line);

	va_start(args, fmt);
	if (n > 0 && n < 256)
		vsnprintf(c->error + n, (size_t)(256 - n), fmt, args);
	va_end(args);
	return -EINVAL;
}

static int add_text(struct vec *v, const char *text, size_t len)
{
	char *copy = strndup(text, len), **slot;

	if (!copy)
		return -ENOMEM;
	slot = vec_add(v);
	if (!slot) {
		free(copy);
		return -ENOMEM;
	}
	*slot = copy;
	return 0;
}

int set_word(struct hale_rules *set, const char *word, size_t len)
{
	char **words = set->words.at;
	int r;

	for (size_t i = 0; i < set->words.n; i++) {
		if (strlen(words[i]) == len && memcmp(words[i], word, len) == 0)
			return (int)i + 1;
	}
	if (set->words.n >= UINT8_MAX)
		return -E2BIG;
	r = add_text(&set->words, word, len);
	return r < 0 ? r : (int)set->words.n;
}

/* Benign rules are asked first; qsort is not stable, the line is the tie. */
static int rule_order(const void *a, const void *b)
{
	const struct rule *x = a, *y = b;
	int benign_x = x->kind == HALE_MATCH_BENIGN;
	int benign_y = y->kind == HALE_MATCH_BENIGN;

	if (benign_x != benign_y)
		return benign_y - benign_x;
	if (x->file != y->file)
		return (x->file > y->file) - (x->file < y->file);
	return (x->line > y->line) - (x->line < y->line);
}

static int compile_index(struct compile *c)
{
	struct hale_rules *set = c->set;

	if (set->rules.n == 0)
		return 0; /* no rules are rules too */
	qsort(set->rules.at, set->rules.n, sizeof(struct rule), rule_order);
	for (size_t i = 0; i < set->rules.n; i++) {
		const struct rule *rule = set_rule(set, i);
		int r;

		c->file = ((char **)set->files.at)[rule->file];
		c->line = rule->line;
		r = compile_fragments(c, (uint16_t)i);
		if (r < 0)
			return r;
	}
	return 0;
}

static int compile_all(struct compile *c, const struct hale_rules_source *src,
		       size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int r;

		if (i >= UINT8_MAX)
			return -E2BIG;
		r = add_text(&c->set->files, src[i].name, strlen(src[i].name));
		if (r < 0)
			return r;
		c->file = ((char **)c->set->files.at)[i];
		r = compile_file(c, &src[i]);
		if (r < 0)
			return r;
	}
	return n ? compile_index(c) : 0;
}

static struct hale_rules *set_new(void)
{
	struct hale_rules *set = calloc(1, sizeof(*set));

	if (!set)
		return NULL;
	set->steps.item = sizeof(struct step);
	set->pool.item = 1;
	set->rules.item = sizeof(struct rule);
	set->stops.item = sizeof(struct stops);
	set->literals.item = sizeof(struct literal);
	set->uses.item = sizeof(struct link);
	set->grams.item = sizeof(struct link);
	set->files.item = sizeof(char *);
	set->words.item = sizeof(char *);
	memset(set->chains, 0xff, sizeof(set->chains));
	return set;
}

static void set_fit(struct hale_rules *set)
{
	vec_fit(&set->steps);
	vec_fit(&set->pool);
	vec_fit(&set->rules);
	vec_fit(&set->stops);
	vec_fit(&set->literals);
	vec_fit(&set->uses);
	vec_fit(&set->grams);
}

static int word_condition(const char *word, size_t len)
{
	return (int)hale_condition_from_name(word, len);
}

static int compile(struct compile *c, const struct hale_rules_source *src,
		   size_t n)
{
	int r;

	c->set = set_new();
	if (!c->set)
		return -ENOMEM;
	r = compile_all(c, src, n);
	vec_free(&c->macros);
	if (r == -E2BIG)
		compile_error(c, "too many rules");
	if (r < 0)
		hale_rules_free(c->set);
	else
		set_fit(c->set);
	return r;
}

/* The same bytes, not the same words. */
static struct hale_rules *ready_made(const struct hale_rules_source *src,
				     size_t n, hale_rules_word_fn word)
{
	if (n != 1 || word || src->text != hale_rules_kmsg.text ||
	    src->len != hale_rules_kmsg.len)
		return NULL;
	return rules_built_in();
}

int hale_rules_new(const struct hale_rules_source *src, size_t n,
		   hale_rules_word_fn word, char ret_error[256],
		   struct hale_rules **ret)
{
	struct hale_rules *ready = ready_made(src, n, word);
	struct compile *c;
	int r;

	ret_error[0] = '\0';
	if (ready) {
		*ret = ready;
		return 0;
	}
	c = calloc(1, sizeof(*c)); /* too large for a stack */
	if (!c)
		return -ENOMEM;
	c->word = word ? word : word_condition;
	c->error = ret_error;
	c->macros.item = sizeof(struct macro);
	r = compile(c, src, n);
	if (r == 0)
		*ret = c->set;
	free(c);
	return r;
}

struct hale_rules *hale_rules_free(struct hale_rules *rules)
{
	if (!rules || rules->built_in)
		return NULL;
	vec_free(&rules->steps);
	vec_free(&rules->pool);
	vec_free(&rules->rules);
	vec_free(&rules->stops);
	vec_free(&rules->literals);
	vec_free(&rules->uses);
	vec_free(&rules->grams);
	vec_free_words(&rules->files);
	vec_free_words(&rules->words);
	free(rules);
	return NULL;
}

size_t hale_rules_memory(const struct hale_rules *rules)
{
	const struct vec *const parts[] = {
		&rules->steps, &rules->pool,  &rules->rules,	&rules->stops,
		&rules->uses,  &rules->grams, &rules->literals,
	};
	size_t sum = sizeof(*rules);

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		sum += parts[i]->size * parts[i]->item;
	return sum;
}
