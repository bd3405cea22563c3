/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which answers of a server forget a message, and which message.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/report/ack.h"
#include "agent/report/flight.h"

static struct ack read_text(const char *text)
{
	return ack_read(text, strlen(text), "FINDINGS");
}

static void test_taken(void **state)
{
	struct ack a = read_text("{\"stream\":\"FINDINGS\", \"seq\":7}");

	(void)state;
	assert_int_equal(a.kind, ACK_TAKEN);
	assert_int_equal(a.seq, 7);
	a = read_text("{\"stream\":\"FINDINGS\",\"domain\":\"x\",\"seq\":7,"
		      "\"duplicate\":true}");
	assert_int_equal(a.kind, ACK_DUPLICATE);
	a = read_text(
		"{\"stream\":\"FINDINGS\",\"seq\":1,\"duplicate\":false}");
	assert_int_equal(a.kind, ACK_TAKEN);
}

static void test_refused(void **state)
{
	struct ack a = read_text(
		"{\"error\":{\"code\":503,\"err_code\":10077,\"description\":"
		"\"maximum messages exceeded\"},\"stream\":\"FINDINGS\","
		"\"seq\":0}");

	(void)state;
	assert_int_equal(a.kind, ACK_REFUSED);
	assert_string_equal(a.text, "maximum messages exceeded (10077)");
	/* an error counts, whatever else is said */
	a = read_text("{\"error\":true,\"stream\":\"FINDINGS\",\"seq\":9}");
	assert_int_equal(a.kind, ACK_REFUSED);
	a = read_text("{\"error\":{\"description\":\"\\u001b[2J\"}}");
	assert_int_equal(a.kind, ACK_REFUSED);
	assert_null(strchr(a.text, '\033'));
}

static void test_another_stream(void **state)
{
	struct ack a = read_text("{\"stream\":\"JUNK\",\"seq\":7}");

	(void)state;
	assert_int_equal(a.kind, ACK_ELSEWHERE);
	assert_string_equal(a.text, "JUNK");
	a = ack_read("", 0, "FINDINGS");
	assert_int_equal(a.kind, ACK_NOBODY);
}

static void test_garbage_is_never_taken(void **state)
{
	static const char *const texts[] = {
		"OK",
		"+OK",
		"null",
		"[]",
		"7",
		"\"FINDINGS\"",
		"{}",
		"{\"stream\":\"FINDINGS\"}",
		"{\"seq\":7}",
		"{\"stream\":\"FINDINGS\",\"seq\":0}",
		"{\"stream\":\"FINDINGS\",\"seq\":-1}",
		"{\"stream\":\"FINDINGS\",\"seq\":\"7\"}",
		"{\"stream\":\"FINDINGS\",\"seq\":7.5}",
		"{\"stream\":\"FINDINGS\",\"seq\":99999999999999999999}",
		"{\"stream\":[\"FINDINGS\"],\"seq\":7}",
		"{\"stream\":\"FINDINGS\",\"seq\":7",
		"{\"stream\":\"FINDINGS\",\"seq\":7}x",
		"{\"stream\":\"FINDINGS\",\"seq\":7,\"seq\":8}",
		"{\"stream\":\"FINDINGS\",\"seq\":7,\"duplicate\":1}",
		"{\"stream\":\"FINDINGS\\u0000\",\"seq\":7}",
	};
	char long_one[ACK_BYTES_MAX + 64];

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(texts); i++) {
		if (read_text(texts[i]).kind != ACK_GARBAGE)
			fail_msg("taken: %s", texts[i]);
	}
	memset(long_one, ' ', sizeof(long_one));
	memcpy(long_one, "{\"stream\":\"FINDINGS\",\"seq\":7}", 29);
	assert_int_equal(ack_read(long_one, sizeof(long_one), "FINDINGS").kind,
			 ACK_GARBAGE);
	memset(long_one, '[', sizeof(long_one));
	assert_int_equal(ack_read(long_one, ACK_BYTES_MAX, "FINDINGS").kind,
			 ACK_GARBAGE);
}

/* --- whose answer it is --- */

static struct flight_item item(uint64_t token, uint8_t id, uint64_t sent_ns)
{
	struct flight_item i = { .token = token, .sent_ns = sent_ns };

	memset(&i.id, id, sizeof(i.id));
	return i;
}

static void test_an_answer_counts_once_and_for_its_own(void **state)
{
	struct flight f = { .n = 0 };
	struct flight_item a = item(11, 1, 100), b = item(22, 2, 200), got;

	(void)state;
	assert_true(flight_add(&f, &a) && flight_add(&f, &b));
	assert_false(flight_take(&f, 33, &got));
	assert_false(flight_take(&f, 0, &got));
	assert_true(flight_take(&f, 22, &got));
	assert_memory_equal(&got.id, &b.id, sizeof(got.id));
	assert_false(flight_take(&f, 22, &got));
	assert_true(flight_has(&f, &a.id));
	assert_false(flight_has(&f, &b.id));
}

static void test_there_is_an_end_to_what_is_on_its_way(void **state)
{
	struct flight f = { .n = 0 };
	struct flight_item got;

	(void)state;
	for (uint64_t i = 1; i <= FLIGHT_MAX; i++) {
		struct flight_item one = item(i, (uint8_t)i, 1000 + i);

		assert_true(flight_add(&f, &one));
	}
	got = item(99, 99, 1);
	assert_false(flight_add(&f, &got));
	assert_int_equal(flight_oldest(&f), 1001);
	for (size_t i = 0; i < 10; i++)
		assert_true(flight_expire(&f, 1010, &got));
	assert_false(flight_expire(&f, 1010, &got));
	assert_int_equal(f.n, FLIGHT_MAX - 10);
	assert_int_equal(flight_oldest(&f), 1011);
	assert_false(flight_take(&f, 10, &got));
	flight_clear(&f);
	assert_int_equal(flight_oldest(&f), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_taken),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_another_stream),
		cmocka_unit_test(test_garbage_is_never_taken),
		cmocka_unit_test(test_an_answer_counts_once_and_for_its_own),
		cmocka_unit_test(test_there_is_an_end_to_what_is_on_its_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
