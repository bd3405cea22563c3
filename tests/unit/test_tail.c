/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last bytes of an output: which are kept, in which order, and what line
 * they begin at.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/run/launch/tail.h"

static struct tail tail;

static int setup(void **state)
{
	(void)state;
	memset(&tail, 0, sizeof(tail));
	return 0;
}

static void check(const char *want, size_t want_len, uint64_t want_line)
{
	uint64_t line;
	size_t len;
	const char *text = tail_text(&tail, &len, &line);

	assert_int_equal(len, want_len);
	assert_memory_equal(text, want, want_len);
	assert_int_equal(line, want_line);
}

static void test_short_output_is_whole(void **state)
{
	(void)state;
	check("", 0, 1);
	tail_put(&tail, "one\nt", 5);
	tail_put(&tail, "wo\n", 3);
	check("one\ntwo\n", 8, 1);
	assert_int_equal(tail.bytes, 8);
}

static void test_an_end_within_a_line(void **state)
{
	static const struct {
		const char *text;
		bool mid;
	} rows[] = {
		{ "", false },
		{ "one\n", false },
		{ "one\r", false },
		{ "area: ", true },
		{ "one\n\033[?25h\033[0m", false },
		{ "\033[1marea:\033[0m", true },
		{ "\033[0m", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(&tail, 0, sizeof(tail));
		tail_put(&tail, rows[i].text, strlen(rows[i].text));
		assert_int_equal(tail_mid_line(&tail), rows[i].mid);
	}
	tail_put(&tail, "\n\0", 2);
	assert_true(tail_mid_line(&tail));
}

/* Output that is compared with the end of all that was put in, in pieces of
 * every size. */
static void test_long_output_keeps_its_end(void **state)
{
	const size_t total = 3 * TAIL_SIZE + 12345;
	char *all = malloc(total);
	uint64_t lines = 0;
	size_t at = 0;

	(void)state;
	assert_non_null(all);
	for (size_t i = 0; i < total; i++)
		all[i] = i % 37 == 36 ? '\n' : (char)('a' + i % 23);
	for (size_t piece = 1; at < total; piece = piece * 3 % 100003) {
		size_t len = piece < total - at ? piece : total - at;

		tail_put(&tail, all + at, len);
		at += len;
	}
	for (size_t i = 0; i < total - TAIL_SIZE; i++)
		lines += all[i] == '\n';
	check(all + total - TAIL_SIZE, TAIL_SIZE, lines + 1);
	/* and again, now that it was turned, with more put in behind it */
	check(all + total - TAIL_SIZE, TAIL_SIZE, lines + 1);
	tail_put(&tail, "end\n", 4);
	for (size_t i = total - TAIL_SIZE; i < total - TAIL_SIZE + 4; i++)
		lines += all[i] == '\n';
	memmove(all, all + total - TAIL_SIZE + 4, TAIL_SIZE - 4);
	memcpy(all + TAIL_SIZE - 4, "end\n", 4);
	check(all, TAIL_SIZE, lines + 1);
	assert_int_equal(tail.bytes, total + 4);
	free(all);
}

static void test_one_piece_larger_than_all(void **state)
{
	const size_t total = 2 * TAIL_SIZE;
	char *all = malloc(total);

	(void)state;
	assert_non_null(all);
	memset(all, '\n', total);
	tail_put(&tail, "a\nb", 3);
	tail_put(&tail, all, total);
	check(all, TAIL_SIZE, TAIL_SIZE + 2);
	free(all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_short_output_is_whole, setup),
		cmocka_unit_test_setup(test_an_end_within_a_line, setup),
		cmocka_unit_test_setup(test_long_output_keeps_its_end, setup),
		cmocka_unit_test_setup(test_one_piece_larger_than_all, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
