/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RULES_COMPILE_H
#define HALE_RULES_COMPILE_H

/*
 * Making a set: one struct compile goes through the files of this room that
 * read rule files. Nothing here is needed for matching.
 */

#include "agent/rules/set.h"

/* A new zeroed last item, NULL where memory is short. */
void *vec_add(struct vec *v);
void vec_free(struct vec *v);

/* Where a syntax error stands; @text is what it says. */
struct compile {
	struct hale_rules *set;
	hale_rules_word_fn word;
	struct vec macros;	  /* struct macro */
	uint16_t pooled[1 << 13]; /* offset + 1 of literals in the pool */
	const char *file;
	unsigned int line;
	char *error; /* 256 bytes */
};

struct macro {
	const char *name, *text; /* inside the source */
	size_t name_len, len;
};

/* Writes "file:line: ..." and returns -EINVAL. */
__attribute__((format(printf, 2, 3))) int compile_error(struct compile *c,
							const char *fmt, ...);

/* file.c: reads one rule file. template.c: adds the steps of a template.
 * scan.c: finds the rule's fragments in its steps. 0 or negative errno. */
int compile_file(struct compile *c, const struct hale_rules_source *src);
int compile_template(struct compile *c, const char *text, size_t len,
		     struct rule *rule);
int compile_fragments(struct compile *c, uint16_t rule);

/* The number (from 1) of a word of the set, added where it is new;
 * -ENOMEM, -E2BIG. */
int set_word(struct hale_rules *set, const char *word, size_t len);

#endif
