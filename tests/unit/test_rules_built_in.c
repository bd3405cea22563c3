/* SPDX-License-Identifier: Apache-2.0 */
/* The set that was compiled when hale was built is the one that its text makes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/rules/set.h"

static void same_vec(const struct vec *a, const struct vec *b)
{
	assert_int_equal(a->n, b->n);
	assert_int_equal(a->item, b->item);
	assert_memory_equal(a->at, b->at, a->n * a->item);
}

static void same_texts(const struct vec *a, const struct vec *b)
{
	char *const *x = a->at, *const *y = b->at;

	assert_int_equal(a->n, b->n);
	for (size_t i = 0; i < a->n; i++)
		assert_string_equal(x[i], y[i]);
}

static void same(const struct hale_rules *a, const struct hale_rules *b)
{
	same_vec(&a->steps, &b->steps);
	same_vec(&a->pool, &b->pool);
	same_vec(&a->rules, &b->rules);
	same_vec(&a->stops, &b->stops);
	same_vec(&a->literals, &b->literals);
	same_vec(&a->uses, &b->uses);
	same_vec(&a->grams, &b->grams);
	same_texts(&a->files, &b->files);
	same_texts(&a->words, &b->words);
	assert_memory_equal(a->chains, b->chains, sizeof(a->chains));
	assert_memory_equal(a->seen, b->seen, sizeof(a->seen));
}

/* Other bytes than those of the build: they are compiled here and now. */
static void is_what_its_text_makes(void **state)
{
	struct hale_rules_source copy = hale_rules_kmsg;
	struct hale_rules *made, *ready;
	char *text = malloc(copy.len), error[256];

	(void)state;
	assert_non_null(text);
	memcpy(text, copy.text, copy.len);
	copy.text = text;
	assert_int_equal(hale_rules_new(&copy, 1, NULL, error, &made), 0);
	assert_int_equal(
		hale_rules_new(&hale_rules_kmsg, 1, NULL, error, &ready), 0);
	assert_ptr_not_equal(made, ready);
	same(made, ready);
	hale_rules_free(made);
	free(text);
}

static void is_given_to_many_and_stays(void **state)
{
	struct hale_rules *one, *two;
	struct hale_match m;
	const char line[] = "md0: bitmap file superblock:";
	char error[256];

	(void)state;
	assert_int_equal(hale_rules_new(&hale_rules_kmsg, 1, NULL, error, &one),
			 0);
	assert_int_equal(hale_rules_new(&hale_rules_kmsg, 1, NULL, error, &two),
			 0);
	assert_ptr_equal(one, two);
	assert_null(hale_rules_free(one));
	hale_rules_match(two, line, strlen(line), &m);
	assert_true(hale_rules_memory(two) > 0);
	assert_null(hale_rules_free(two));
}

/* Other words: the table's numbers would mean something else. */
static int no_word(const char *word, size_t len)
{
	(void)word;
	(void)len;
	return 1;
}

static void is_not_given_for_other_words(void **state)
{
	struct hale_rules *one, *two;
	char error[256];

	(void)state;
	assert_int_equal(hale_rules_new(&hale_rules_kmsg, 1, NULL, error, &one),
			 0);
	assert_int_equal(
		hale_rules_new(&hale_rules_kmsg, 1, no_word, error, &two), 0);
	assert_ptr_not_equal(one, two);
	hale_rules_free(two);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_what_its_text_makes),
		cmocka_unit_test(is_given_to_many_and_stays),
		cmocka_unit_test(is_not_given_for_other_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
