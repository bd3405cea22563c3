/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rule files and records that mean harm: nothing is read beyond its end, and
 * nothing costs more than its length. Cost is counted work, not time.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "agent/rules/matching.h"
#include "hale/base.h"

static struct hale_rules *compile(const char *text)
{
	struct hale_rules_source src = { "t.rules", text, strlen(text) };
	struct hale_rules *rules = NULL;
	char error[256];

	if (hale_rules_new(&src, 1, NULL, error, &rules) < 0)
		fail_msg("%s", error);
	return rules;
}

#define DISK(template) "disk.io_error disk\n\t" template "\n"

/* A file of one very long or repeated piece: refused or compiled, no more. */
static void hostile_files(void **state)
{
	static const char *const pieces[] = { "{",   "<",  "\\", "{text}",
					      "<|>", "\t", "<a", "\0x" };
	size_t size = 200000;
	_cleanup_free_ char *text = malloc(size);

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < HALE_ARRAY_SIZE(pieces); i++) {
		struct hale_rules_source src = { "h", text, size };
		struct hale_rules *rules = NULL;
		char error[256];
		size_t len = pieces[i][0] ? strlen(pieces[i]) : 2, at;

		at = (size_t)sprintf(text, "disk.io_error\n\tfailed ");
		while (at + len <= size) {
			memcpy(text + at, pieces[i], len);
			at += len;
		}
		memset(text + at, 'x', size - at);
		assert_int_equal(hale_rules_new(&src, 1, NULL, error, &rules),
				 -EINVAL);
		assert_true(error[0] != '\0');
	}
}

static void an_empty_file_matches_nothing(void **state)
{
	struct hale_rules *rules = compile("# nothing here\n\n");
	struct hale_match m;

	(void)state;
	assert_false(hale_rules_match(rules, "I/O error", 9, &m));
	assert_int_equal(hale_rules_find(rules, "I/O error", 9, 0), 9);
	hale_rules_free(rules);
}

static void too_many_rules(void **state)
{
	size_t n = 5000, at = 0, size = n * 32 + 64;
	_cleanup_free_ char *text = malloc(size);
	struct hale_rules_source src = { "many", text, 0 };
	struct hale_rules *rules = NULL;
	char error[256];

	(void)state;
	at += (size_t)sprintf(text, "disk.io_error\n");
	for (size_t i = 0; i < n; i++)
		at += (size_t)sprintf(text + at, "\tfailure number %zu\n", i);
	src.len = at;
	assert_int_equal(hale_rules_new(&src, 1, NULL, error, &rules), -E2BIG);
	assert_non_null(strstr(error, "too many rules"));
}

static void hostile_records(void **state)
{
	struct hale_rules *rules = compile(DISK("error {text}, dev {disk}"));
	size_t size = 1 << 20;
	_cleanup_free_ char *text = malloc(size);
	struct hale_match m;

	(void)state;
	assert_non_null(text);
	memset(text, 0, size);
	assert_false(hale_rules_match(rules, text, size, &m));
	memset(text, 0xff, size);
	memcpy(text, "error \xc3\x28\0, dev sda", 18);
	assert_true(hale_rules_match(rules, text, size, &m));
	assert_string_equal(m.part, "sda");
	/* what stands beyond the bound is not looked at */
	memset(text, 'x', size);
	memcpy(text, "error ", 6);
	memcpy(text + HALE_RULES_TEXT_MAX, ", dev sda", 9);
	assert_false(hale_rules_match(rules, text, size, &m));
	assert_false(hale_rules_match(rules, text, 0, &m));
	hale_rules_free(rules);
}

/* Work of one match against the worst text for a rule. */
static uint64_t work(const struct hale_rules *rules, const char *piece,
		     size_t len)
{
	char text[HALE_RULES_TEXT_MAX];
	struct hale_match m;
	size_t at = 0, n = strlen(piece);

	while (at + n <= len) {
		memcpy(text + at, piece, n);
		at += n;
	}
	template_work = 0;
	hale_rules_match(rules, text, at, &m);
	return template_work;
}

static void cost_is_linear(void **state)
{
	static const char *const pieces[] = { "error ", "a error b error, ",
					      "aaaaaa", "error <{[" };
	struct hale_rules *rules =
		compile(DISK("...error {text}error {text}<a|b|error "
			     "{text}c>") "\terror <error <error <error "
					 "x|y>|z>|{text}q|> end\n"
					 "\taaaaaa<a|a<a|aa<a|>>|>{text}"
					 "aaaaaab\n");

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(pieces); i++) {
		uint64_t half = work(rules, pieces[i], 2000);
		uint64_t whole = work(rules, pieces[i], 4000);

		assert_true(whole <= half * 5 / 2 + 64);
		assert_true(whole <= UINT64_C(40) * 4000);
	}
	hale_rules_free(rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hostile_files),
		cmocka_unit_test(an_empty_file_matches_nothing),
		cmocka_unit_test(too_many_rules),
		cmocka_unit_test(hostile_records),
		cmocka_unit_test(cost_is_linear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
