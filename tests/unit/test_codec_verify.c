/* SPDX-License-Identifier: Apache-2.0 */
/* Failing sectors and tests over a socket: what goes in comes out, and what
 * makes no sense is refused or read as less than it claims. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/codec_verify.h"

static uint8_t mem[CODEC_ARENA_UNPACK], other[CODEC_ARENA_UNPACK];
static uint8_t wire[CODEC_MESSAGE_MAX];

static struct hale_failing full_list(void)
{
	struct hale_failing f = { .part = "disk/naa.5000", .stamp = 77 };

	for (f.n = 0; f.n < HALE_RANGES_MAX; f.n++)
		f.ranges[f.n] = (struct hale_sector_range){
			f.n * UINT64_C(1000000000000),
			f.n * UINT64_C(1000000000000) + 7, f.n % 2
		};
	return f;
}

static void assert_same(const struct hale_failing *a,
			const struct hale_failing *b)
{
	assert_int_equal(a->n, b->n);
	for (uint32_t i = 0; i < a->n; i++) {
		assert_int_equal(a->ranges[i].first, b->ranges[i].first);
		assert_int_equal(a->ranges[i].last, b->ranges[i].last);
		assert_int_equal(a->ranges[i].written, b->ranges[i].written);
	}
	assert_int_equal(a->gaps, b->gaps);
	assert_string_equal(a->part, b->part);
}

static void test_a_full_list_comes_back(void **state)
{
	struct codec_arena a = { .mem = mem, .size = sizeof(mem) };
	struct codec_arena b = { .mem = other, .size = sizeof(other) };
	struct hale_failing f = full_list(), got;
	Hale__V1__VerifyDisk *d = codec_verify_disk(&a, &f);
	Hale__V1__Part part;
	Hale__V1__Reply *reply;
	ssize_t n;

	(void)state;
	hale__v1__part__init(&part);
	part.id = f.part;
	d->part = &part;
	n = codec_pack(codec_reply_verify(&a, &d, 1, "ci-7"), wire,
		       sizeof(wire));
	assert_true(n > 0);
	assert_int_equal(codec_unpack_reply(&b, wire, (size_t)n, &reply), 0);
	assert_int_equal(reply->body_case, HALE__V1__REPLY__BODY_VERIFY);
	assert_int_equal(codec_read_verify_disk(reply->verify->disks[0], &got),
			 0);
	assert_same(&f, &got);
	assert_int_equal(got.stamp, 77);
}

static void test_a_row_fits_where_it_is_said_to(void **state)
{
	struct hale_memory_sectors row = { .failing = full_list(),
					   .unplaced = 9 },
				   got;
	struct codec_arena a = { .mem = mem, .size = CODEC_SECTORS_ARENA };
	Hale__V1__Memory__Sectors *m;

	(void)state;
	row.failing.gaps = HALE_GAPS_ALL;
	memset(row.failing.part, 'x', sizeof(row.failing.part) - 1);
	m = codec_memory_sectors(&a, &row);
	assert_non_null(m);
	assert_true(codec_pack(m, wire, CODEC_SECTORS_BYTES) > 0);
	assert_int_equal(codec_read_memory_sectors(m, &got), 0);
	assert_same(&row.failing, &got.failing);
	assert_int_equal(got.unplaced, 9);
	m->ranges[3]->first = m->ranges[3]->last + 1;
	assert_int_equal(codec_read_memory_sectors(m, &got), -EBADMSG);
}

static void test_a_list_cut_short_is_not_whole(void **state)
{
	Hale__V1__VerifyDisk d = HALE__V1__VERIFY_DISK__INIT;
	struct hale_failing got;

	(void)state;
	assert_int_equal(codec_read_verify_disk(&d, &got), 0);
	assert_int_not_equal(got.gaps, 0);
	d.whole = true;
	assert_int_equal(codec_read_verify_disk(&d, &got), 0);
	assert_int_equal(got.gaps, 0);
}

static void test_a_test_that_claims_nothing_is_refused(void **state)
{
	Hale__V1__Verification m;
	Hale__V1__Part part;
	struct hale_verification v;
	const char *why = "";
	char id[] = "disk/naa.5000";

	(void)state;
	hale__v1__part__init(&part);
	hale__v1__verification__init(&m);
	assert_int_equal(codec_read_verification(NULL, &v, &why), -EBADMSG);
	assert_int_equal(codec_read_verification(&m, &v, &why), -EBADMSG);
	m.tested = HALE__V1__VERIFICATION__TESTED__DISK;
	assert_int_equal(codec_read_verification(&m, &v, &why), -EBADMSG);
	assert_non_null(strstr(why, "verdict"));
	m.verdict = HALE__V1__VERIFICATION__VERDICT__GOOD;
	assert_int_equal(codec_read_verification(&m, &v, &why), -EBADMSG);
	assert_non_null(strstr(why, "part"));
	m.part = &part;
	part.id = id;
	assert_int_equal(codec_read_verification(&m, &v, &why), 0);
	assert_string_equal(v.part, id);
	/* full is what was read, not what is said */
	m.full = true;
	m.bytes_total = 100;
	m.bytes_read = 99;
	assert_int_equal(codec_read_verification(&m, &v, &why), 0);
	assert_false(v.full);
	m.bytes_read = 100;
	assert_int_equal(codec_read_verification(&m, &v, &why), 0);
	assert_true(v.full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_full_list_comes_back),
		cmocka_unit_test(test_a_row_fits_where_it_is_said_to),
		cmocka_unit_test(test_a_list_cut_short_is_not_whole),
		cmocka_unit_test(test_a_test_that_claims_nothing_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
