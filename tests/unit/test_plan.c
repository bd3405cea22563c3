/* SPDX-License-Identifier: Apache-2.0 */
/* What of a disk is read: all that failed and may have failed, and a sample
 * that leaves no stretch of it out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/verify/plan.h"

#define SIZE (100 * HALE_MIB)

static struct hale_failing failing;

static struct plan plan_of(uint64_t size, uint32_t block, uint64_t sample)
{
	return (struct plan){ .disk = { size, block, 128 * 1024 },
			      .failing = &failing,
			      .sample = sample,
			      .seed = 42 };
}

static void fail_at(uint64_t first, uint64_t last)
{
	failing = (struct hale_failing){ .n = 1 };
	failing.ranges[0] = (struct hale_sector_range){ first, last, false };
}

/* Walks it all; each extent has to be sound. Return: bytes, counted as often
 * as they are read. */
static uint64_t walk(struct plan p, uint64_t at, uint32_t *ret_hits)
{
	struct plan_extent e;
	uint64_t bytes = 0;
	enum plan_what last = PLAN_FAILED;

	*ret_hits = 0;
	while (plan_next(&p, &e)) {
		assert_true(e.len > 0);
		assert_int_equal(e.offset % p.disk.block, 0);
		assert_int_equal(e.len % p.disk.block, 0);
		assert_true(e.offset + e.len <= p.disk.size);
		assert_true(e.what >= last);
		last = e.what;
		bytes += e.len * e.times;
		*ret_hits += e.offset <= at && at < e.offset + e.len;
	}
	assert_false(plan_next(&p, &e));
	return bytes;
}

static void test_what_failed_comes_first_and_three_times(void **state)
{
	struct plan p = plan_of(SIZE, 512, 0);
	struct plan_extent e;

	(void)state;
	fail_at(60000, 60013);
	assert_true(plan_next(&p, &e));
	assert_int_equal(e.what, PLAN_FAILED);
	assert_int_equal(e.offset, 60000 * 512);
	assert_int_equal(e.len, 14 * 512);
	assert_int_equal(e.step, 512);
	assert_int_equal(e.times, PLAN_TIMES);
	assert_int_equal(plan_failed_blocks(&p), 14);
	/* a few in front, and as far as one request goes */
	assert_true(plan_next(&p, &e));
	assert_int_equal(e.offset, (60000 - PLAN_BESIDE) * 512);
	assert_true(plan_next(&p, &e));
	assert_int_equal(e.offset, 60014 * 512);
	assert_int_equal(e.len, 128 * 1024);
	assert_false(plan_next(&p, &e));
}

static void test_large_blocks_hold_several_sectors(void **state)
{
	struct plan p = plan_of(SIZE, 4096, 0);
	struct plan_extent e;

	(void)state;
	fail_at(15, 16);
	assert_true(plan_next(&p, &e));
	assert_int_equal(e.offset, 4096);
	assert_int_equal(e.len, 8192);
	assert_int_equal(plan_failed_blocks(&p), 2);
}

static void test_a_full_read_leaves_nothing_out(void **state)
{
	static const uint64_t sizes[] = { 512, HALE_MIB, SIZE, SIZE + 512,
					  SIZE - 4096 };

	(void)state;
	failing.n = 0;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(sizes); i++) {
		struct plan p = plan_of(sizes[i], 512, 0);
		uint32_t hits;

		p.full = true;
		assert_int_equal(walk(p, sizes[i] - 1, &hits), sizes[i]);
		assert_int_equal(hits, 1);
		assert_int_equal(plan_bytes(&p), sizes[i]);
		/* so is a sample that is larger than the disk */
		p = plan_of(sizes[i], 512, HALE_GIB);
		assert_int_equal(walk(p, 0, &hits), sizes[i]);
	}
}

static void test_the_sample_sees_every_stretch(void **state)
{
	struct plan p = plan_of(SIZE, 512, 10 * HALE_MIB);
	bool seen[10] = { false };
	struct plan_extent e;
	uint32_t hits;

	(void)state;
	failing.n = 0;
	walk(p, 0, &hits);
	assert_true(hits >= 1);
	walk(p, SIZE - 1, &hits);
	assert_true(hits >= 1);
	while (plan_next(&p, &e))
		seen[e.offset / (10 * HALE_MIB)] = true;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(seen); i++)
		assert_true(seen[i]);
	/* another seed, other places */
	{
		struct plan other = plan_of(SIZE, 512, 10 * HALE_MIB);
		struct plan_extent f;

		p.at = other.at = 3;
		other.seed = 43;
		assert_true(plan_next(&p, &e) && plan_next(&other, &f));
		assert_int_not_equal(e.offset, f.offset);
	}
}

static void test_a_list_that_makes_no_sense_stays_on_the_disk(void **state)
{
	static const uint64_t ends[][2] = {
		{ 0, 0 },
		{ SIZE / 512 - 1, SIZE / 512 - 1 },
		{ SIZE / 512, SIZE / 512 + 7 },
		{ SIZE / 512 - 4, UINT64_MAX - 1 },
		{ UINT64_MAX - 9, UINT64_MAX - 1 },
	};

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(ends); i++) {
		struct plan p = plan_of(SIZE, 4096, HALE_MIB);
		uint32_t hits;

		fail_at(ends[i][0], ends[i][1]);
		assert_true(walk(p, 0, &hits) <= 2 * plan_bytes(&p));
	}
}

/* What is beyond the end cannot have been read back. */
static void test_what_failed_beyond_the_end_is_counted(void **state)
{
	struct plan p = plan_of(SIZE, 512, 0);

	(void)state;
	fail_at(SIZE / 512, SIZE / 512);
	assert_int_equal(plan_failed_blocks(&p), 1);
	fail_at(SIZE / 512 - 1, SIZE / 512 + 3);
	assert_int_equal(plan_failed_blocks(&p), 5);
	p.disk.block = 4096;
	fail_at(SIZE / 512 + 8, SIZE / 512 + 8);
	assert_int_equal(plan_failed_blocks(&p), 1);
	fail_at(UINT64_MAX - 9, UINT64_MAX - 1);
	assert_true(plan_failed_blocks(&p) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_failed_comes_first_and_three_times),
		cmocka_unit_test(test_large_blocks_hold_several_sectors),
		cmocka_unit_test(test_a_full_read_leaves_nothing_out),
		cmocka_unit_test(test_the_sample_sees_every_stretch),
		cmocka_unit_test(
			test_a_list_that_makes_no_sense_stays_on_the_disk),
		cmocka_unit_test(test_what_failed_beyond_the_end_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
