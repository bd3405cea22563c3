/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept of hosts for their pages, and how one is told. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/console/api_json.h"
#include "agent/console/shelf.h"

#define CASE(f) cmocka_unit_test(f)

static int put(struct shelf *s, enum shelf_kind kind, const char *id,
	       const char *bytes)
{
	return shelf_put(s, &(struct shelf_message){ .kind = kind,
						     .id = id,
						     .bytes = bytes,
						     .len = strlen(bytes) });
}

/* Findings and builds of a host, newest first, one a word. */
static const char *past(const struct shelf *s, const char *id)
{
	static char text[512];
	const struct shelf_host *h = shelf_host(s, id);
	size_t len = 0;

	text[0] = '\0';
	for (const struct shelf_item *i = h ? h->newest : NULL; i; i = i->older)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%.*s ",
					(int)i->len, (const char *)i->bytes);
	return text;
}

static void test_a_shelf_by_host(void **state)
{
	struct shelf s;

	(void)state;
	assert_int_equal(shelf_init(&s), 0);
	assert_null(shelf_host(&s, "A"));
	put(&s, SHELF_STATE, "A", "old");
	put(&s, SHELF_STATE, "A", "state");
	put(&s, SHELF_FINDING, "A", "f1");
	put(&s, SHELF_FINDING, "B", "f2");
	put(&s, SHELF_BUILD, "A", "b1");
	assert_string_equal(past(&s, "A"), "b1 f1 ");
	assert_string_equal(past(&s, "B"), "f2 ");
	assert_memory_equal(shelf_host(&s, "A")->state->bytes, "state", 5);
	assert_null(shelf_host(&s, "B")->state);
	assert_int_equal(put(&s, SHELF_BUILD,
			     "a name that is longer than any public key, as no "
			     "codec would give it",
			     "x"),
			 -EINVAL);
	shelf_done(&s);
}

static void test_the_oldest_goes(void **state)
{
	struct shelf s;
	char word[16];

	(void)state;
	assert_int_equal(shelf_init(&s), 0);
	s.past_max = 10 * (sizeof(struct shelf_item) + 3);
	put(&s, SHELF_FINDING, "A", "a00");
	for (int i = 1; i <= 12; i++) {
		snprintf(word, sizeof(word), "b%02d", i);
		put(&s, SHELF_FINDING, "B", word);
		assert_true(s.past_bytes <= s.past_max);
	}
	assert_string_equal(past(&s, "A"), "");
	assert_true(shelf_host(&s, "A")->cut);
	assert_string_equal(past(&s, "B"),
			    "b12 b11 b10 b09 b08 b07 b06 b05 b04 b03 ");
	assert_true(shelf_host(&s, "B")->cut);
	shelf_done(&s);
}

static void test_states_have_a_bound(void **state)
{
	struct shelf s;

	(void)state;
	assert_int_equal(shelf_init(&s), 0);
	s.state_max = sizeof(struct shelf_item) + 5;
	assert_int_equal(put(&s, SHELF_STATE, "A", "12345"), 0);
	assert_int_equal(put(&s, SHELF_STATE, "B", "1"), -ENOSPC);
	assert_int_equal(put(&s, SHELF_STATE, "A", "123456"), -ENOSPC);
	assert_int_equal(put(&s, SHELF_STATE, "A", "1"), 0);
	assert_int_equal(s.state_bytes, sizeof(struct shelf_item) + 1);
	shelf_done(&s);
}

static void test_a_kind_is_forgotten(void **state)
{
	struct shelf s;

	(void)state;
	assert_int_equal(shelf_init(&s), 0);
	put(&s, SHELF_STATE, "A", "state");
	put(&s, SHELF_FINDING, "A", "f1");
	put(&s, SHELF_BUILD, "A", "b1");
	put(&s, SHELF_FINDING, "A", "f2");
	shelf_forget(&s, SHELF_FINDING);
	assert_string_equal(past(&s, "A"), "b1 ");
	put(&s, SHELF_FINDING, "A", "f3");
	assert_string_equal(past(&s, "A"), "f3 b1 ");
	/* and what is left goes in its order */
	s.past_max = 2 * (sizeof(struct shelf_item) + 2);
	put(&s, SHELF_FINDING, "A", "f4");
	assert_string_equal(past(&s, "A"), "f4 f3 ");
	put(&s, SHELF_FINDING, "B", "f5");
	assert_string_equal(past(&s, "A"), "f4 ");
	shelf_forget(&s, SHELF_BUILD);
	shelf_forget(&s, SHELF_FINDING);
	assert_string_equal(past(&s, "A"), "");
	assert_int_equal(s.past_bytes, 0);
	assert_null(s.first);
	assert_null(s.last);
	assert_non_null(shelf_host(&s, "A")->state);
	shelf_done(&s);
}

static void test_a_host_that_only_the_servers_know(void **state)
{
	struct supply_host h = { .judged = ROW_SILENT };
	struct jot out = { 0 };

	(void)state;
	api_host(&out, "UX", &h, 5 * HALE_NS_PER_S);
	assert_string_equal(
		out.bytes,
		"{\"id\":\"UX\",\"now\":5000,\"received\":0,\"judged\":4,"
		"\"judgedSince\":0,\"connected\":null,\"state\":null,"
		"\"events\":[],\"builds\":[],\"cut\":false,\"catalogue\":{}}");
	jot_done(&out);
}

static void test_the_catalogue_of_what_is_named(void **state)
{
	Hale__Fleet__V1__FindingEvent event;
	Hale__V1__Finding finding;
	Hale__Fleet__V1__FindingEvent *const events[] = { &event, &event };
	struct supply_host h = { .events = events, .events_n = 2 };
	struct jot out = { 0 };
	const char *words;

	(void)state;
	hale__v1__finding__init(&finding);
	hale__fleet__v1__finding_event__init(&event);
	finding.condition = (char *)(uintptr_t) "disk.medium_error";
	event.finding = &finding;
	api_host(&out, "UX", &h, 0);
	words = strstr(out.bytes, "\"catalogue\":{\"disk.medium_error\":[\"The "
				  "disk cannot");
	assert_non_null(words);
	assert_null(strstr(words + 20, "disk.medium_error"));
	jot_clear(&out);
	finding.condition = (char *)(uintptr_t) "no.such";
	api_host(&out, "UX", &h, 0);
	assert_non_null(strstr(out.bytes, "\"catalogue\":{}}"));
	jot_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_a_shelf_by_host),
		CASE(test_the_oldest_goes),
		CASE(test_states_have_a_bound),
		CASE(test_a_kind_is_forgotten),
		CASE(test_a_host_that_only_the_servers_know),
		CASE(test_the_catalogue_of_what_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
