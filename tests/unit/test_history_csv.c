/* SPDX-License-Identifier: Apache-2.0 */
/* Fields of CSV as RFC 4180 has them, and texts in columns. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <time.h>

#include "agent/cli/history.h"
#include "hale/base.h"

static void expect(const char *field, const char *want)
{
	struct out o = { 0 };

	history_csv(&o, field);
	assert_int_equal(o.len, strlen(want));
	if (o.len > 0)
		assert_memory_equal(o.text, want, o.len);
	out_done(&o);
}

static void test_fields(void **state)
{
	(void)state;
	expect("", "");
	expect("plain text", "plain text");
	expect("a,b", "\"a,b\"");
	expect("say \"no\"", "\"say \"\"no\"\"\"");
	expect("two\nlines", "\"two\nlines\"");
	expect("end\r", "\"end\r\"");
	/* anybody may name a build, and root opens the table */
	expect("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0");
	expect("=1,2", "\"'=1,2\"");
	expect("+1", "'+1");
	expect("-j8", "'-j8");
	expect("@SUM(1)", "'@SUM(1)");
	expect("\tx", "'\tx");
	expect("a=b", "a=b");
}

static void test_durations(void **state)
{
	static const struct {
		uint64_t ms;
		const char *text;
	} cases[] = {
		{ 400, "0.4 s" },	  { 12000, "12 s" },
		{ 61000, "1 min 1 s" },	  { 3599600, "1 h 0 min" },
		{ 7260000, "2 h 1 min" },
	};

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(cases); i++) {
		struct out o = { 0 };

		history_duration(&o, cases[i].ms * HALE_NS_PER_MS);
		assert_int_equal(o.len, strlen(cases[i].text));
		assert_memory_equal(o.text, cases[i].text, o.len);
		out_done(&o);
	}
}

static void expect_cut(const char *text, size_t columns, const char *want,
		       bool front)
{
	struct out o = { 0 };

	if (front)
		history_cut_front(&o, text, columns);
	else
		history_cut(&o, text, columns);
	assert_int_equal(o.len, strlen(want));
	assert_memory_equal(o.text, want, o.len);
	out_done(&o);
}

static void test_columns_are_not_bytes(void **state)
{
	(void)state;
	assert_int_equal(history_columns("shop"), 4);
	assert_int_equal(history_columns("ünïcode"), 7);
	assert_int_equal(history_columns("日本"), 4);
	assert_int_equal(history_columns("e\xcc\x81"), 1);
	assert_int_equal(history_columns("\xff\xe6x"), 3); /* no UTF-8 */
	expect_cut("github.com/acme/shop", 20, "github.com/acme/shop", true);
	expect_cut("github.com/acme/shop", 12, "...acme/shop", true);
	/* what is left of a name can be asked for: --repo acme/shop */
	expect_cut("git.example.org/acme/shop", 18, ".../acme/shop", true);
	expect_cut("git.example.org/acme/shop", 11, ".../shop", true);
	expect_cut("github.com/acme/shop", 12, "github.co...", false);
	expect_cut("日本語リポ", 8, "日本...", false);
	expect_cut("日本語リポ", 8, "...リポ", true);
}

static void test_times_are_local(void **state)
{
	/* 2026-11-21 23:30:00 UTC */
	const uint64_t t = UINT64_C(1795303800) * HALE_NS_PER_S;
	char text[20];

	(void)state;
	setenv("TZ", "UTC0", 1);
	tzset();
	history_time(text, t, t);
	assert_string_equal(text, "21 Nov 23:30");
	setenv("TZ", "UTC-5", 1); /* five hours east */
	tzset();
	history_time(text, t, t);
	assert_string_equal(text, "22 Nov 04:30");
	history_time(text, t, t + UINT64_C(86400) * 365 * HALE_NS_PER_S);
	assert_string_equal(text, "22 Nov 2026");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_durations),
		cmocka_unit_test(test_columns_are_not_bytes),
		cmocka_unit_test(test_times_are_local),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
