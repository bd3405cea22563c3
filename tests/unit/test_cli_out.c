/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers, ages and sizes as people read them, and what must not get through.
 */
#include "render_text.h"

static void test_durations(void **state)
{
	static const struct {
		uint64_t ns;
		const char *text;
	} cases[] = {
		{ 0, "0.0 s" },
		{ 200 * HALE_NS_PER_MS, "0.2 s" },
		{ 10 * S - 1, "9.9 s" },
		{ 12 * S, "12 s" },
		{ 60 * S - 1, "59 s" },
		{ 60 * S, "1 min" },
		{ 180 * S, "3 min" },
		{ 3600 * S, "1 h" },
		{ 47 * 3600 * S, "47 h" },
		{ 48 * 3600 * S, "2 d" },
		{ UINT64_MAX, "213503 d" },
	};

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(cases); i++) {
		struct out o = { 0 };

		out_duration(&o, cases[i].ns);
		assert_string_equal(text_of(&o), cases[i].text);
	}
}

static void test_ago(void **state)
{
	struct out o = { 0 };

	(void)state;
	out_ago(&o, 100 * S, 112 * S);
	assert_string_equal(text_of(&o), "12 s ago");
	out_ago(&o, 100 * S, 100 * S);
	assert_string_equal(text_of(&o), "just now");
	/* a clock that was set back since */
	out_ago(&o, 200 * S, 100 * S);
	assert_string_equal(text_of(&o), "just now");
}

static void test_no_control_byte_gets_through(void **state)
{
	struct out o = { 0 };
	char all[256];
	size_t n = 0;

	(void)state;
	for (int c = 255; c > 0; c--)
		all[n++] = (char)c;
	all[n] = '\0';
	out_text(&o, all);
	assert_true(o.len > 90);
	for (size_t i = 0; i < o.len; i++) {
		unsigned char c = (unsigned char)o.text[i];

		assert_true(c >= 0x20 && c != 0x7f);
	}
	out_done(&o);
}

static void test_colour_only_where_there_is_colour(void **state)
{
	struct out o = { .color = false };

	(void)state;
	out_color(&o, OUT_RED, "UNFIT");
	assert_string_equal(text_of(&o), "UNFIT");
	o.color = true;
	out_color(&o, OUT_RED, "UN\033FIT");
	assert_string_equal(text_of(&o), "\033[1;31mUN?FIT\033[0m");
}

static void test_numbers(void **state)
{
	struct out o = { 0 };

	(void)state;
	out_number(&o, 0);
	out_raw(&o, " ");
	out_number(&o, UINT64_MAX);
	assert_string_equal(text_of(&o), "0 18446744073709551615");
}

static void test_flush(void **state)
{
	struct out o = { 0 };
	char buf[8] = "";
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	out_raw(&o, "hello");
	assert_int_equal(out_flush(&o, fds[1]), 0);
	assert_int_equal(read(fds[0], buf, sizeof(buf)), 5);
	assert_string_equal(buf, "hello");
	assert_int_equal(o.len, 0);
	close(fds[0]);
	close(fds[1]);
	out_raw(&o, "lost");
	assert_true(out_flush(&o, fds[1]) < 0);
	out_done(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_durations),
		cmocka_unit_test(test_ago),
		cmocka_unit_test(test_no_control_byte_gets_through),
		cmocka_unit_test(test_colour_only_where_there_is_colour),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_flush),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
