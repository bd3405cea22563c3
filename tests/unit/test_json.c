/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON as its readers see it: what is printed, what is left out, and that it
 * stays valid whatever the strings hold. Whether other implementations read
 * the same out of it is tests/integration/protobufjs.sh's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>

#include "hale/base.h"

#include "alltypes.pb-c.h"
#include "hale.pb-c.h"
#include "presence.pb-c.h"
#include "proto/json.h"

struct text {
	char buf[4096];
	size_t len;
};

static void append(void *sink, const char *text, size_t len)
{
	struct text *t = sink;

	assert_true(t->len + len < sizeof(t->buf));
	memcpy(t->buf + t->len, text, len);
	t->len += len;
}

static const char *json(const void *m, unsigned int flags)
{
	static struct text t;
	struct json_sink out = { append, &t };

	memset(&t, 0, sizeof(t));
	assert_int_equal(json_print(m, flags, &out), 0);
	return t.buf;
}

static const char *json_of_string(const char *text, size_t len)
{
	static struct text t;
	struct json_sink out = { append, &t };

	memset(&t, 0, sizeof(t));
	json_print_string(text, len, &out);
	return t.buf;
}

#define STRING(literal) json_of_string(literal, sizeof(literal) - 1)

static void test_names_and_kinds(void **state)
{
	Hale__V1__Verdict v;
	Hale__V1__Reason r, *reasons[] = { &r };
	char via[] = "ext4 on sde1";

	(void)state;
	hale__v1__verdict__init(&v);
	hale__v1__reason__init(&r);
	v.fitness = HALE__V1__FITNESS__UNFIT;
	v.as_of_ns = UINT64_MAX;
	v.reasons_total = 9;
	v.n_reasons = 1;
	v.reasons = reasons;
	r.effect = HALE__V1__EFFECT__EFFECT_BLOCKS;
	r.redundant = 1;
	r.via = via;
	assert_string_equal(
		json(&v, 0),
		"{\"fitness\":\"UNFIT\",\"asOfNs\":\"18446744073709551615\","
		"\"reasons\":[{\"effect\":\"EFFECT_BLOCKS\","
		"\"redundant\":true,\"via\":\"ext4 on sde1\"}],"
		"\"reasonsTotal\":9}");
}

static void test_defaults_are_left_out_unless_asked_for(void **state)
{
	Hale__V1__ErrorReply e;
	Hale__V1__StatusRequest s;
	Hale__V1__Request r;
	Hale__V1__ScopeReply hops;

	(void)state;
	hale__v1__error_reply__init(&e);
	hale__v1__status_request__init(&s);
	hale__v1__request__init(&r);
	hale__v1__scope_reply__init(&hops);
	assert_string_equal(json(&e, 0), "{}");
	assert_string_equal(json(&e, JSON_DEFAULTS),
			    "{\"code\":0,\"text\":\"\"}");
	assert_string_equal(json(&hops, JSON_DEFAULTS),
			    "{\"path\":\"\",\"hops\":[]}");
	/* what was chosen is said, though it is empty; what was not is not */
	assert_string_equal(json(&r, JSON_DEFAULTS), "{}");
	r.body_case = HALE__V1__REQUEST__BODY_STATUS;
	r.status = &s;
	assert_string_equal(json(&r, 0), "{\"status\":{}}");
}

static void test_pretty_is_indented(void **state)
{
	Hale__V1__Hop hop, *hops[] = { &hop };
	Hale__V1__ScopeReply s;
	char name[] = "sde1";

	(void)state;
	hale__v1__hop__init(&hop);
	hale__v1__scope_reply__init(&s);
	hop.name = name;
	s.n_hops = 1;
	s.hops = hops;
	assert_string_equal(json(&s, JSON_PRETTY),
			    "{\n  \"hops\": [\n    {\n      \"name\": \"sde1\""
			    "\n    }\n  ]\n}");
	hop.name = name + 4;
	assert_string_equal(json(&hop, JSON_PRETTY), "{}");
}

static void test_strings_become_valid_utf8(void **state)
{
	(void)state;
	assert_string_equal(STRING("a\"b\\c/\n\t\x01"),
			    "\"a\\\"b\\\\c/\\n\\t\\u0001\"");
	assert_string_equal(STRING("\xc3\xa9"), "\"\xc3\xa9\"");
	assert_string_equal(STRING("x\xff"
				   "y"),
			    "\"x\xef\xbf\xbdy\"");
	/* one replacement for what was begun well, one for each stray byte */
	assert_string_equal(STRING("\xe2\x82"), "\"\xef\xbf\xbd\"");
	assert_string_equal(STRING("\xed\xa0\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd"
						    "\xef\xbf\xbd\"");
	assert_string_equal(STRING("\xe2\x80\xa8"), "\"\\u2028\"");
	/* what a terminal obeys, or what turns the reading around */
	assert_string_equal(STRING("\x7f\xc2\x9b"), "\"\\u007f\\u009b\"");
	assert_string_equal(STRING("\xe2\x80\xae\xe2\x81\xa6"),
			    "\"\\u202e\\u2066\"");
	assert_string_equal(STRING("a\0b"), "\"a\\u0000b\"");
	assert_string_equal(STRING(""), "\"\"");
}

static const char *json_of_double(double d, float f)
{
	Hale__Test__AllTypes m;

	hale__test__all_types__init(&m);
	m.a_double = d;
	m.a_float = f;
	return json(&m, 0);
}

static void test_numbers_are_short_and_exact(void **state)
{
	(void)state;
	assert_string_equal(json_of_double(0.1, 0.1f),
			    "{\"aDouble\":0.1,\"aFloat\":0.1}");
	assert_string_equal(json_of_double(1.0 / 3, 16777216),
			    "{\"aDouble\":0.3333333333333333,"
			    "\"aFloat\":16777216}");
	assert_string_equal(json_of_double(-0.0, 0), "{\"aDouble\":-0}");
	assert_string_equal(json_of_double((double)NAN, -INFINITY),
			    "{\"aDouble\":\"NaN\",\"aFloat\":\"-Infinity\"}");
}

static void test_bytes_are_base64(void **state)
{
	static const char *const expected[] = { "{}",
						"{\"someBytes\":\"+w==\"}",
						"{\"someBytes\":\"+/8=\"}",
						"{\"someBytes\":\"+/8A\"}" };
	uint8_t bytes[] = { 0xfb, 0xff, 0x00 };

	(void)state;
	for (size_t n = 0; n <= 3; n++) {
		Hale__Test__AllTypes m;

		hale__test__all_types__init(&m);
		m.some_bytes.data = bytes;
		m.some_bytes.len = n;
		assert_string_equal(json(&m, 0), expected[n]);
	}
}

static void test_maps_are_objects(void **state)
{
	Hale__Test__AllTypes__CountByNameEntry a, *names[] = { &a };
	Hale__Test__AllTypes__NestedByBoolEntry b, *bools[] = { &b };
	Hale__Test__AllTypes m;
	char key[] = "a\"b";

	(void)state;
	hale__test__all_types__count_by_name_entry__init(&a);
	hale__test__all_types__nested_by_bool_entry__init(&b);
	hale__test__all_types__init(&m);
	a.key = key;
	m.n_count_by_name = 1;
	m.count_by_name = names;
	m.n_nested_by_bool = 1;
	m.nested_by_bool = bools;
	b.key = 1;
	assert_string_equal(json(&m, 0), "{\"countByName\":{\"a\\\"b\":0},"
					 "\"nestedByBool\":{\"true\":{}}}");
}

static void test_presence_is_kept(void **state)
{
	Hale__Test__Presence m;
	char empty[] = "";

	(void)state;
	hale__test__presence__init(&m);
	assert_string_equal(json(&m, 0), "{\"always\":0}");
	m.maybe_string = empty;
	m.has_maybe_number = 1;
	m.has_maybe_shade = 1;
	assert_string_equal(json(&m, 0),
			    "{\"maybeString\":\"\",\"maybeNumber\":\"0\","
			    "\"maybeShade\":\"DARK\",\"always\":0}");
}

static void test_unknown_enum_is_a_number(void **state)
{
	Hale__V1__Verdict v;

	(void)state;
	hale__v1__verdict__init(&v);
	v.fitness = (Hale__V1__Fitness)77;
	assert_string_equal(json(&v, 0), "{\"fitness\":77}");
}

static void test_depth_is_bounded(void **state)
{
	static Hale__Test__AllTypes chain[JSON_DEPTH_MAX + 1];
	static struct text t;
	struct json_sink out = { append, &t };

	(void)state;
	for (size_t i = 0; i <= JSON_DEPTH_MAX; i++) {
		hale__test__all_types__init(&chain[i]);
		if (i > 0)
			chain[i - 1].nested = &chain[i];
	}
	assert_int_equal(json_print(&chain[0], 0, &out), -ELOOP);
	t.len = 0;
	assert_int_equal(json_print(&chain[1], 0, &out), 0);
}

static void test_a_full_disk_is_an_error(void **state)
{
	Hale__V1__Verdict v;
	FILE *f = fopen("/dev/full", "w");

	(void)state;
	hale__v1__verdict__init(&v);
	assert_non_null(f);
	setvbuf(f, NULL, _IONBF, 0);
	assert_int_equal(json_print_file(&v, 0, f), -EIO);
	fclose(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_and_kinds),
		cmocka_unit_test(test_defaults_are_left_out_unless_asked_for),
		cmocka_unit_test(test_pretty_is_indented),
		cmocka_unit_test(test_strings_become_valid_utf8),
		cmocka_unit_test(test_numbers_are_short_and_exact),
		cmocka_unit_test(test_bytes_are_base64),
		cmocka_unit_test(test_maps_are_objects),
		cmocka_unit_test(test_presence_is_kept),
		cmocka_unit_test(test_unknown_enum_is_a_number),
		cmocka_unit_test(test_depth_is_bounded),
		cmocka_unit_test(test_a_full_disk_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
