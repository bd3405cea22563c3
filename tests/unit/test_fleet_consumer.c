/* SPDX-License-Identifier: Apache-2.0 */
/* JetStream's words: what it is asked, and every way in which it may answer. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/fleetcli/consumer.h"

static int read_reply(const char *json, struct consumer_reply *r)
{
	return consumer_reply_read(json, strlen(json), r);
}

static void test_a_request_leaves_nothing_behind(void **state)
{
	struct consumer_ask ask = { .stream = "STATE",
				    .name = "n",
				    .filter = "fleet.state.*",
				    .deliver = "_INBOX.x" };
	char text[CONSUMER_TEXT_MAX];

	(void)state;
	assert_true(consumer_request(&ask, text, sizeof(text)) > 0);
	assert_non_null(strstr(text, "\"deliver_policy\":\"all\""));
	assert_non_null(strstr(text, "\"ack_policy\":\"none\""));
	assert_non_null(strstr(text, "\"mem_storage\":true"));
	assert_null(strstr(text, "durable"));
	ask.since_ns = UINT64_C(1795332000) * HALE_NS_PER_S;
	consumer_request(&ask, text, sizeof(text));
	assert_non_null(
		strstr(text, "\"opt_start_time\":\"2026-11-22T07:20:00Z\""));
	ask.from_seq = 18;
	consumer_request(&ask, text, sizeof(text));
	assert_non_null(strstr(text, "\"opt_start_seq\":18"));
	assert_null(strstr(text, "opt_start_time"));
	assert_int_equal(consumer_request(&ask, text, 40), -EMSGSIZE);
}

static void test_replies(void **state)
{
	struct consumer_reply r;

	(void)state;
	assert_int_equal(read_reply("{\"created\":\"2026-11-22T07:20:00.25Z\","
				    "\"num_pending\":7,\"delivered\":{"
				    "\"consumer_seq\":3,"
				    "\"stream_seq\":41}}",
				    &r),
			 0);
	assert_int_equal(r.error, 0);
	assert_int_equal(r.pending, 7);
	assert_int_equal(r.behind, 41);
	assert_int_equal(r.sent, 3);
	assert_true(r.made_ns ==
		    UINT64_C(1795332000) * HALE_NS_PER_S + 250000000);
	assert_int_equal(read_reply("{\"error\":{\"code\":404,\"err_code\":"
				    "10059,\"description\":\"stream not "
				    "found\"}}",
				    &r),
			 0);
	assert_int_equal(r.error, 404);
	assert_int_equal(r.detail, 10059);
	assert_string_equal(r.text, "stream not found");
	/* an error is one, whatever stands in it */
	assert_int_equal(read_reply("{\"error\":{\"code\":\"x\"}}", &r), 0);
	assert_int_equal(r.error, 500);
	assert_int_equal(read_reply("", &r), -EBADMSG);
	assert_int_equal(read_reply("[1]", &r), -EBADMSG);
	assert_int_equal(read_reply("{\"created\":\"tomorrow\"}", &r), 0);
	assert_true(r.made_ns == 0);
}

static void test_places_of_both_ages(void **state)
{
	static const char *const bad[] = {
		"",
		"$JS.ACK",
		"$JS.ACK.S.c.1.2.3.4",
		"$JS.ACK.S.c.1.x.3.4.5",
		"$JS.ACK.S.c.1.-2.3.4.5",
		"$JS.ACK.S.c.1.99999999999999999999.3.4.5",
		"$JS.ACK.S.c.1..3.4.5",
		("$JS.ACK.S.a-name-that-is-longer-than-any-of-ours-could-ever-"
		 "be.1.2.3.4.5"),
		"_INBOX.x",
	};
	struct consumer_place p;

	(void)state;
	assert_int_equal(
		consumer_place_read("$JS.ACK.STATE.hale_1.1.20.3.400.5", &p),
		0);
	assert_string_equal(p.name, "hale_1");
	assert_int_equal(p.stream_seq, 20);
	assert_int_equal(p.consumer_seq, 3);
	assert_int_equal(p.taken_ns, 400);
	assert_int_equal(p.pending, 5);
	assert_int_equal(consumer_place_read("$JS.ACK._.HASH.STATE.hale_2.1."
					     "21.4.401.0.token",
					     &p),
			 0);
	assert_string_equal(p.name, "hale_2");
	assert_int_equal(p.stream_seq, 21);
	assert_int_equal(p.pending, 0);
	for (size_t i = 0; i < HALE_ARRAY_SIZE(bad); i++)
		assert_int_equal(consumer_place_read(bad[i], &p), -EBADMSG);
	assert_int_equal(consumer_place_read(NULL, &p), -EBADMSG);
}

static void test_events_name_a_key(void **state)
{
	static const char id[] =
		"UHAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB";
	char json[300], got[57], why[64];

	(void)state;
	snprintf(
		json, sizeof(json),
		"{\"client\":{\"user\":\"%s\"},\"reason\":\"Client \\u001bX\"}",
		id);
	assert_int_equal(consumer_event_read(json, strlen(json), got, why), 0);
	assert_string_equal(got, id);
	assert_string_equal(why, "Client ?X");
	assert_int_equal(consumer_event_read("{\"client\":{\"user\":\"op\"}}",
					     24, got, why),
			 -ENOENT);
	assert_int_equal(consumer_event_read("{}", 2, got, why), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_request_leaves_nothing_behind),
		cmocka_unit_test(test_replies),
		cmocka_unit_test(test_places_of_both_ages),
		cmocka_unit_test(test_events_name_a_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
