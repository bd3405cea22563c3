/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compiles the built-in rules when hale is built, and prints the set as C: a
 * process that begins while somebody waits for an answer has them at once, and
 * a mistake in them ends the build. Decides only how a set is written down.
 * Invariant: what is printed is what hale_rules_new() would make of the same
 * text.
 */
#include <stdio.h>
#include <stdlib.h>

#include "agent/rules/set.h"

/* There is none yet: this program makes it. */
struct hale_rules *rules_built_in(void)
{
	return NULL;
}

static void begin(const char *type, const char *name)
{
	printf("static const struct %s %s[] = {\n", type, name);
}

static void end(void)
{
	puts("};");
}

static void print_steps(const struct vec *v)
{
	const struct step *s = v->at;

	begin("step", "steps");
	for (size_t i = 0; i < v->n; i++)
		printf("{%u,%u,%u,%u,%u},\n", s[i].op, s[i].type, s[i].len,
		       s[i].stops, s[i].arg);
	end();
}

static void print_rules(const struct vec *v)
{
	const struct rule *r = v->at;

	begin("rule", "rules");
	for (size_t i = 0; i < v->n; i++)
		printf("{%u,%u,%u,%u,%u,%u,%u,%u,%u,%u,%u,%u,%d,%d,%d,%d,%u},"
		       "\n",
		       r[i].start, r[i].condition, r[i].kind, r[i].part_kind,
		       r[i].part_capture, r[i].family, r[i].step, r[i].limiter,
		       r[i].weight, r[i].as, r[i].tool, r[i].file, r[i].weak,
		       r[i].tentative, r[i].fresh, r[i].differ, r[i].line);
	end();
}

static void print_literals(const struct vec *v)
{
	const struct literal *l = v->at;

	begin("literal", "literals");
	for (size_t i = 0; i < v->n; i++)
		printf("{%u,%u,%u,%u},\n", l[i].text, l[i].len, l[i].window,
		       l[i].rules);
	end();
}

static void print_links(const struct vec *v, const char *name)
{
	const struct link *l = v->at;

	begin("link", name);
	for (size_t i = 0; i < v->n; i++)
		printf("{%u,%u,%u},\n", l[i].what, l[i].next, l[i].offset);
	end();
}

static void print_stops(const struct vec *v)
{
	const struct stops *s = v->at;

	begin("stops", "stops");
	for (size_t i = 0; i < v->n; i++)
		printf("{{%d,%d,%d,%d},%u},\n", s[i].at[0], s[i].at[1],
		       s[i].at[2], s[i].at[3], s[i].n);
	end();
}

static void print_pool(const struct vec *v)
{
	const char *bytes = v->at;

	puts("static const char pool[] = {");
	for (size_t i = 0; i < v->n; i++)
		printf("%d,%s", bytes[i], i % 16 == 15 ? "\n" : "");
	end();
}

/* Names of files and families: they need no escape. */
static void print_texts(const struct vec *v, const char *name)
{
	char *const *texts = v->at;

	printf("static const char *const %s[] = {\n", name);
	for (size_t i = 0; i < v->n; i++)
		printf("\"%s\",\n", texts[i]);
	end();
}

static void print_vec(const struct vec *v, const char *name)
{
	printf(".%s = { .fixed = %s, .n = %zu, .size = %zu, .item = %zu },\n",
	       name, name, v->n, v->n, v->item);
}

static void print_index(const struct hale_rules *set)
{
	puts(".chains = {");
	for (size_t i = 0; i < 1 << CHAIN_BITS; i++)
		printf("%u,%s", set->chains[i], i % 16 == 15 ? "\n" : "");
	puts("}, .seen = {");
	for (size_t i = 0; i < (1 << GRAM_BITS) / 32; i++)
		printf("%uU,%s", set->seen[i], i % 16 == 15 ? "\n" : "");
	puts("},");
}

static void print_set(const struct hale_rules *set)
{
	puts("static struct hale_rules set = {\n.built_in = true,");
	print_vec(&set->steps, "steps");
	print_vec(&set->pool, "pool");
	print_vec(&set->rules, "rules");
	print_vec(&set->stops, "stops");
	print_vec(&set->literals, "literals");
	print_vec(&set->uses, "uses");
	print_vec(&set->grams, "grams");
	print_vec(&set->files, "files");
	print_vec(&set->words, "words");
	print_index(set);
	puts("};\n"
	     "struct hale_rules *rules_built_in(void)\n{\n\treturn &set;\n}");
}

int main(void)
{
	struct hale_rules *set;
	char error[256];

	if (hale_rules_new(&hale_rules_kmsg, 1, NULL, error, &set) < 0) {
		fprintf(stderr, "%s\n", error);
		return EXIT_FAILURE;
	}
	puts("/* generated from drivers/kmsg.rules */\n"
	     "#include \"agent/rules/set.h\"");
	print_steps(&set->steps);
	print_pool(&set->pool);
	print_rules(&set->rules);
	print_stops(&set->stops);
	print_literals(&set->literals);
	print_links(&set->uses, "uses");
	print_links(&set->grams, "grams");
	print_texts(&set->files, "files");
	print_texts(&set->words, "words");
	print_set(set);
	hale_rules_free(set);
	return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
