/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What strangers send to the gate, and what a damaged state file holds: it is
 * refused with a reason or made harmless, and takes no memory but the arena's.
 */
#include <errno.h>

#include "hale/text.h"

#include "codec_room.h"

static void test_torn_messages_are_refused(void **state)
{
	static struct hale_verdict v;
	Hale__V1__Reply *reply = NULL;
	size_t whole, accepted = 0;

	(void)state;
	v.n_reasons = 1;
	v.reasons[0].finding = finding();
	whole = (size_t)codec_pack(codec_reply_check(&build, &v, "h", 0), wire,
				   sizeof(wire));
	for (size_t len = 1; len < whole; len++) {
		space.used = 0;
		if (codec_unpack_reply(&space, wire, len, &reply) == 0)
			accepted++;
	}
	/* cut between two fields of the envelope it still is a message */
	assert_true(accepted <= 1);
	assert_int_equal(
		codec_unpack_reply(&space, wire, sizeof(wire) + 1, &reply),
		-EMSGSIZE);
}

/* 60,000 fields make protobuf-c gather a megabyte of notes; not here. */
static void test_a_bomb_does_not_grow(void **state)
{
	Hale__V1__Request *r = NULL;

	(void)state;
	for (size_t i = 0; i + 1 < sizeof(wire); i += 2) {
		wire[i] = 1 << 3; /* an unknown varint field of CheckRequest */
		wire[i + 1] = 0;
	}
	assert_int_equal(codec_unpack_request(&space, wire, sizeof(wire), &r),
			 -ENOMEM);
	assert_true(space.used <= sizeof(read_mem));
}

static const char *refused(void (*spoil)(Hale__V1__CheckRequest *m))
{
	static struct hale_scope_request req, got, before;
	Hale__V1__Request *m;

	reset(NULL);
	req.n_paths = 2;
	HALE_SET(req.paths[0].path, "/");
	HALE_SET(req.paths[1].path, "/usr");
	m = codec_request_check(&build, &req);
	spoil(m->check);
	memset(&got, 0x55, sizeof(got));
	before = got;
	assert_int_equal(codec_read_check(m->check, &got, &why), -EBADMSG);
	assert_memory_equal(&got, &before, sizeof(got));
	return why;
}

static void spoil_major(Hale__V1__CheckRequest *m)
{
	m->paths[1]->major = 4096;
}

static void spoil_minor(Hale__V1__CheckRequest *m)
{
	m->paths[1]->minor = UINT32_MAX;
}

static void spoil_path(Hale__V1__CheckRequest *m)
{
	m->paths[1]->path = codec_borrow("");
}

static void spoil_number(Hale__V1__CheckRequest *m)
{
	m->n_paths = 0;
}

static void spoil_count(Hale__V1__CheckRequest *m)
{
	static Hale__V1__ScopePath *many[17];

	for (size_t i = 0; i < 17; i++)
		many[i] = m->paths[0];
	m->paths = many;
	m->n_paths = 17;
}

static void test_bad_requests_name_the_field(void **state)
{
	(void)state;
	assert_string_equal(refused(spoil_major),
			    "paths: major is no device number");
	assert_string_equal(refused(spoil_minor),
			    "paths: minor is no device number");
	assert_string_equal(refused(spoil_path), "paths: path is empty");
	assert_string_equal(refused(spoil_number),
			    "paths: none given, nor host");
	assert_string_equal(refused(spoil_count), "paths: more than 16");
}

static void test_hostile_texts_are_made_printable_and_cut(void **state)
{
	Hale__V1__ScopePath m;
	struct hale_scope_path got;
	char path[600];

	(void)state;
	hale__v1__scope_path__init(&m);
	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	memcpy(path, "/\x1b[2J\xff", 6);
	m.path = path;
	m.measured = true;
	m.avail_bytes = UINT64_MAX;
	m.total_bytes = 5;
	assert_int_equal(codec_read_scope_path(&m, &got, &why), 0);
	assert_true(hale_text_printable(got.path, sizeof(got.path)));
	assert_int_equal(strlen(got.path), HALE_PATH_MAX - 1);
	assert_int_equal(strncmp(got.path, "/?[2J?xx", 8), 0);
	assert_int_equal(got.avail_bytes, 5);
}

static void test_bad_rows_and_verdicts_are_refused(void **state)
{
	static struct hale_verdict v;
	struct hale_memory_row row = { .finding = finding() };
	Hale__V1__Memory__Row m;
	Hale__V1__Verdict *verdict = codec_verdict(&build, &v);

	(void)state;
	hale__v1__memory__row__init(&m);
	assert_int_equal(codec_read_memory_row(&m, &row, &why), -EBADMSG);
	m.finding = codec_finding(&build, &row.finding);
	m.finding->condition = codec_borrow("disk.bewitched");
	assert_int_equal(codec_read_memory_row(&m, &row, &why), -EBADMSG);
	assert_string_equal(why, "row: condition is not known");
	verdict->fitness = (Hale__V1__Fitness)4;
	assert_int_equal(codec_read_verdict(verdict, &v, &why), -EBADMSG);
	assert_int_equal(codec_read_verdict(NULL, &v, &why), -EBADMSG);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup(f, reset)
	const struct CMUnitTest tests[] = {
		TEST(test_torn_messages_are_refused),
		TEST(test_a_bomb_does_not_grow),
		TEST(test_bad_requests_name_the_field),
		TEST(test_hostile_texts_are_made_printable_and_cut),
		TEST(test_bad_rows_and_verdicts_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
