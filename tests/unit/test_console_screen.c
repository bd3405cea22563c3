/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a screen shows: each thing once, as it is now, in the order of its last
 * change; whatever hosts call themselves, it is one row of valid JSON.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/console/screen.h"

#define CASE(f) cmocka_unit_test(f)

static struct row row(const char *id, enum row_state state)
{
	return (struct row){ .id = id, .name = id, .state = state, .why = "" };
}

static int put(struct screen *s, const char *id, enum row_state state)
{
	struct row r = row(id, state);

	return screen_put(s, &r);
}

/* All that came after @after, a piece a line: "hosts [...]\n". */
static char *all_after(const struct screen *s, uint64_t after, size_t bytes)
{
	static char text[64 * 1024];
	struct screen_piece piece = { .number = after };
	struct jot out = { 0 };
	size_t len = 0;

	while (screen_read(s, piece.number, bytes, &out, &piece)) {
		len += (size_t)snprintf(text + len, sizeof(text) - len,
					"%s %s\n", piece.event, out.bytes);
		jot_clear(&out);
	}
	text[len] = '\0';
	jot_done(&out);
	return text;
}

static void test_each_host_once_as_it_is(void **state)
{
	struct screen s;

	(void)state;
	assert_int_equal(screen_init(&s), 0);
	assert_string_equal(all_after(&s, 0, 1000), "");
	assert_int_equal(put(&s, "A", ROW_FIT), 1);
	assert_int_equal(put(&s, "B", ROW_FIT), 1);
	assert_int_equal(put(&s, "A", ROW_UNFIT), 1);
	assert_string_equal(all_after(&s, 0, 1000),
			    "hosts [[\"B\",\"B\",1,0,0,\"\",\"\",\"\",0,[]],"
			    "[\"A\",\"A\",3,0,0,\"\",\"\",\"\",0,[]]]\n");
	assert_string_equal(
		all_after(&s, 2, 1000),
		"hosts [[\"A\",\"A\",3,0,0,\"\",\"\",\"\",0,[]]]\n");
	screen_done(&s);
}

static void test_the_same_again_is_no_news(void **state)
{
	struct screen s;

	(void)state;
	assert_int_equal(screen_init(&s), 0);
	put(&s, "A", ROW_FIT);
	assert_int_equal(put(&s, "A", ROW_FIT), 0);
	assert_int_equal(s.number, 1);
	assert_int_equal(screen_say(&s, TOPIC_LINK, "{}"), 1);
	assert_int_equal(screen_say(&s, TOPIC_LINK, "{}"), 0);
	assert_int_equal(s.number, 2);
	screen_done(&s);
}

static void test_topics_stand_between_hosts(void **state)
{
	struct screen s;

	(void)state;
	assert_int_equal(screen_init(&s), 0);
	put(&s, "A", ROW_FIT);
	screen_say(&s, TOPIC_JUDGMENTS, "[1]");
	put(&s, "B", ROW_FIT);
	screen_say(&s, TOPIC_JUDGMENTS, "[2]");
	assert_string_equal(all_after(&s, 0, 1000),
			    "hosts [[\"A\",\"A\",1,0,0,\"\",\"\",\"\",0,[]],"
			    "[\"B\",\"B\",1,0,0,\"\",\"\",\"\",0,[]]]\n"
			    "judgments [2]\n");
	screen_done(&s);
}

static void test_who_left_is_said_and_may_come_back(void **state)
{
	struct screen s;

	(void)state;
	assert_int_equal(screen_init(&s), 0);
	put(&s, "A", ROW_FIT);
	assert_int_equal(s.hosts, 1);
	assert_int_equal(screen_remove(&s, "A"), 1);
	assert_int_equal(screen_remove(&s, "A"), 0);
	assert_int_equal(screen_remove(&s, "B"), 0);
	assert_int_equal(s.hosts, 0);
	assert_string_equal(all_after(&s, 0, 1000), "hosts [[\"A\"]]\n");
	assert_int_equal(put(&s, "A", ROW_FIT), 1);
	assert_int_equal(s.hosts, 1);
	screen_done(&s);
}

static bool is_not_b(const void *data, const char *id)
{
	(void)data;
	return strcmp(id, "B") != 0;
}

static void test_retain(void **state)
{
	struct screen s;

	(void)state;
	assert_int_equal(screen_init(&s), 0);
	put(&s, "A", ROW_FIT);
	put(&s, "B", ROW_FIT);
	screen_say(&s, TOPIC_LINK, "{}");
	put(&s, "C", ROW_FIT);
	screen_retain(&s, is_not_b, NULL);
	assert_int_equal(s.hosts, 2);
	assert_string_equal(all_after(&s, 4, 1000), "hosts [[\"B\"]]\n");
	screen_done(&s);
}

static void test_a_read_is_bounded(void **state)
{
	struct screen s;
	struct screen_piece piece = { 0 };
	struct jot out = { 0 };
	size_t rows = 0, pieces = 0;
	char id[32];

	(void)state;
	assert_int_equal(screen_init(&s), 0);
	for (int i = 0; i < 5000; i++) {
		snprintf(id, sizeof(id), "host-%d", i);
		put(&s, id, ROW_FIT);
	}
	while (screen_read(&s, piece.number, 4096, &out, &piece)) {
		assert_in_range(out.len, 2, 4096 + 512);
		rows += piece.rows;
		pieces++;
		jot_clear(&out);
	}
	assert_int_equal(rows, 5000);
	assert_true(pieces > 10);
	jot_done(&out);
	screen_done(&s);
}

static void test_hostile_words(void **state)
{
	static char endless[5000];
	const char *labels[40];
	struct screen s;
	struct row r = row("A", ROW_UNFIT);
	const char *text;

	(void)state;
	assert_int_equal(screen_init(&s), 0);
	memset(endless, 'x', sizeof(endless) - 1);
	for (size_t i = 0; i < HALE_ARRAY_SIZE(labels); i++)
		labels[i] = endless;
	r.name = "</script>\"\\\n\x1b[2J\xff\xe2\x80\xae";
	r.why = r.condition = r.part = endless;
	r.labels = labels;
	r.labels_n = HALE_ARRAY_SIZE(labels);
	assert_int_equal(screen_put(&s, &r), 1);
	text = all_after(&s, 0, 1000);
	assert_true(strlen(text) < 2000);
	assert_non_null(strstr(text, "\"</script>\\\"\\\\??[2J??\""));
	assert_non_null(strstr(text, "xxx\xe2\x80\xa6\""));
	r.id = endless;
	assert_int_equal(screen_put(&s, &r), -ENOSPC);
	screen_done(&s);
}

static void test_words_are_cut_between_characters(void **state)
{
	struct jot out = { 0 };

	(void)state;
	jot_string(&out, "ab\xc3\xa4\xc3\xa4", 5);
	assert_string_equal(out.bytes, "\"ab\xc3\xa4\xe2\x80\xa6\"");
	jot_clear(&out);
	jot_string(&out, "ab\xc3\xa4\xc3\xa4", 6);
	assert_string_equal(out.bytes, "\"ab\xc3\xa4\xc3\xa4\"");
	jot_clear(&out);
	jot_string(&out, NULL, 6);
	assert_string_equal(out.bytes, "\"\"");
	jot_done(&out);
}

static void test_what_is_lost_is_told(void **state)
{
	struct jot out = { .max = 300 };

	(void)state;
	jot_put(&out, "abc");
	for (int i = 0; i < 100; i++)
		jot_put(&out, "0123456789");
	assert_true(out.lost);
	jot_put(&out, "x");
	assert_true(out.len < 300);
	assert_int_equal(out.bytes[out.len - 1], '9');
	jot_clear(&out);
	assert_false(out.lost);
	jot_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_each_host_once_as_it_is),
		CASE(test_the_same_again_is_no_news),
		CASE(test_topics_stand_between_hosts),
		CASE(test_who_left_is_said_and_may_come_back),
		CASE(test_retain),
		CASE(test_a_read_is_bounded),
		CASE(test_hostile_words),
		CASE(test_words_are_cut_between_characters),
		CASE(test_what_is_lost_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
