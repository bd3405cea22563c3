/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stream to a screen: all of it first, then what changes, and nothing that
 * was said before. Who is cut off goes on where it was; who is slow owes one
 * frame at most.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/console/events.h"

#define CASE(f) cmocka_unit_test(f)
#define NOW	UINT64_C(1700000000000000000)
#define EPOCH	UINT64_C(0xabc)

static void put(struct screen *s, const char *id, enum row_state state)
{
	struct row r = { .id = id, .name = id, .state = state };

	assert_true(screen_put(s, &r) >= 0);
}

static char told[1 << 20];

/* All that it has to say at @now, in reads of @size bytes. */
static const char *listen_to(struct events_reader *r, const struct screen *s,
			     uint64_t now, size_t size)
{
	size_t len = 0;
	long n;

	while ((n = events_read(r, s, now, told + len, size)) > 0)
		len += (size_t)n;
	assert_int_equal(n, 0);
	told[len] = '\0';
	return told;
}

static size_t times(const char *text, const char *word)
{
	size_t n = 0;

	for (; (text = strstr(text, word)); text++)
		n++;
	return n;
}

static void test_all_then_news(void **state)
{
	struct events_reader r;
	struct screen s;
	const char *text;

	(void)state;
	screen_init(&s);
	put(&s, "A", ROW_FIT);
	events_start(&r, &s, EPOCH, NULL);
	assert_true(events_ready(&r, &s, NOW));
	text = listen_to(&r, &s, NOW, 7);
	assert_int_equal(times(text, "event: begin\n"), 1);
	assert_int_equal(times(text, "\"hosts\":1,"), 1);
	assert_int_equal(times(text, "event: hosts\n"), 1);
	assert_int_equal(times(text, "event: whole\n"), 1);
	assert_true(strstr(text, "begin") < strstr(text, "hosts\n"));
	assert_true(strstr(text, "hosts\n") < strstr(text, "whole"));
	assert_false(events_ready(&r, &s, NOW + 1));
	put(&s, "A", ROW_UNFIT);
	assert_true(events_ready(&r, &s, NOW + 1));
	text = listen_to(&r, &s, NOW + 1, 4096);
	assert_string_equal(text,
			    "event: hosts\n"
			    "data: {\"now\":1700000000000,\"rows\":[[\"A\","
			    "\"A\",3,0,0,\"\",\"\",\"\",0,[]]]}\n"
			    "id: abc.2\n\n");
	events_end(&r);
	screen_done(&s);
}

static void test_an_empty_fleet_is_whole_as_well(void **state)
{
	struct events_reader r;
	struct screen s;

	(void)state;
	screen_init(&s);
	events_start(&r, &s, EPOCH, NULL);
	assert_int_equal(times(listen_to(&r, &s, NOW, 4096), "event: whole\n"),
			 1);
	events_end(&r);
	screen_done(&s);
}

static void test_it_goes_on_where_it_was(void **state)
{
	struct events_reader r;
	struct screen s;

	(void)state;
	screen_init(&s);
	put(&s, "A", ROW_FIT);
	put(&s, "B", ROW_FIT);
	put(&s, "A", ROW_UNFIT);
	events_start(&r, &s, EPOCH, "abc.2");
	assert_non_null(strstr(listen_to(&r, &s, NOW, 4096), "[\"A\""));
	assert_null(strstr(told, "begin"));
	assert_null(strstr(told, "\"B\""));
	events_end(&r);
	screen_done(&s);
}

static void test_an_id_that_is_not_ours_begins_anew(void **state)
{
	static const char *const ids[] = {
		"",	   "abd.1",
		"abc.99",  "abc",
		"abc.1 ",  "ABC.1",
		"abc.-1",  "0abc.1",
		"abc.1.1", "999999999999999999999.1"
	};
	struct events_reader r;
	struct screen s;

	(void)state;
	screen_init(&s);
	put(&s, "A", ROW_FIT);
	for (size_t i = 0; i < HALE_ARRAY_SIZE(ids); i++) {
		events_start(&r, &s, EPOCH, ids[i]);
		assert_int_equal(
			times(listen_to(&r, &s, NOW, 4096), "event: begin\n"),
			1);
		events_end(&r);
	}
	screen_done(&s);
}

/* Before it has all, a place would be a lie: the rest would never come. */
static void test_no_place_within_the_first_telling(void **state)
{
	struct events_reader r;
	struct screen s;
	char id[32];

	(void)state;
	screen_init(&s);
	for (int i = 0; i < 3000; i++) {
		snprintf(id, sizeof(id), "host-%d", i);
		put(&s, id, ROW_FIT);
	}
	events_start(&r, &s, EPOCH, NULL);
	listen_to(&r, &s, NOW, 4096);
	assert_true(times(told, "event: hosts\n") > 2);
	assert_int_equal(times(told, "\nid: "), 1);
	assert_non_null(
		strstr(strstr(told, "event: whole\n"), "\nid: abc.bb8"));
	events_end(&r);
	screen_done(&s);
}

static void test_a_slow_one_owes_one_frame(void **state)
{
	struct events_reader r;
	struct screen s;
	char id[32], byte;

	(void)state;
	screen_init(&s);
	put(&s, "first", ROW_FIT);
	events_start(&r, &s, EPOCH, NULL);
	listen_to(&r, &s, NOW, 4096);
	put(&s, "second", ROW_FIT);
	assert_int_equal(events_read(&r, &s, NOW, &byte, 1), 1);
	for (int i = 0; i < 20000; i++) {
		snprintf(id, sizeof(id), "host-%d", i % 100);
		put(&s, id, (enum row_state)(i % ROW_STATE_COUNT));
	}
	assert_true(r.frame.size <= 256 * 1024);
	listen_to(&r, &s, NOW, 4096);
	/* the hundred hosts once each, not the twenty thousand changes */
	assert_int_equal(times(told, "[\"host-"), 100);
	events_end(&r);
	screen_done(&s);
}

static void test_a_tick_when_nothing_happens(void **state)
{
	struct events_reader r;
	struct screen s;

	(void)state;
	screen_init(&s);
	events_start(&r, &s, EPOCH, NULL);
	listen_to(&r, &s, NOW, 4096);
	assert_string_equal(listen_to(&r, &s, NOW + EVENTS_TICK_NS - 1, 4096),
			    "");
	assert_true(events_ready(&r, &s, NOW + EVENTS_TICK_NS));
	assert_non_null(strstr(listen_to(&r, &s, NOW + EVENTS_TICK_NS, 4096),
			       "event: tick\n"));
	/* a clock that was set back is no reason to fall silent */
	assert_true(events_ready(&r, &s, NOW));
	events_end(&r);
	screen_done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_all_then_news),
		CASE(test_an_empty_fleet_is_whole_as_well),
		CASE(test_it_goes_on_where_it_was),
		CASE(test_an_id_that_is_not_ours_begins_anew),
		CASE(test_no_place_within_the_first_telling),
		CASE(test_a_slow_one_owes_one_frame),
		CASE(test_a_tick_when_nothing_happens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
