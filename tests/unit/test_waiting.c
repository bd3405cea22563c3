/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one ship leaves the next: all that was put in and not taken out, in its
 * order, whatever moment the first one died at, and nothing that a liar wrote.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "agent/sandbox/successor.h"
#include "agent/ship/missed.h"
#include "agent/ship/pending.h"
#include "hale/base.h"

static struct waiting here, there;
static int file = -1;
static uint8_t bytes[WAITING_BYTES_MAX + 1];

static int begin(void **state)
{
	(void)state;
	file = memfd_create("waiting", MFD_CLOEXEC);
	memset(bytes, 'x', sizeof(bytes));
	memset(&here, 0, sizeof(here));
	assert_int_equal(ftruncate(file, SUCCESSOR_BYTES), 0);
	assert_int_equal(waiting_open(&here, dup(file)), 0);
	return 0;
}

static int end(void **state)
{
	(void)state;
	waiting_close(&here);
	waiting_close(&there);
	close(file);
	return 0;
}

/* As another process finds it that is started now. */
static int successor(void)
{
	waiting_close(&there);
	memset(&there, 0, sizeof(there));
	return waiting_open(&there, dup(file));
}

static void test_all_of_it_is_there_in_its_order(void **state)
{
	static const uint32_t sizes[] = { 1, 256, 257, 0, WAITING_BYTES_MAX };
	static uint8_t got[WAITING_BYTES_MAX];
	uint64_t number = 0;

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(sizes); i++) {
		memset(bytes, (int)i + 'a', sizes[i]);
		assert_true(waiting_put(&here, WAITING_BUILD, 1000 + (uid_t)i,
					bytes, sizes[i]) >= 0);
	}
	assert_int_equal(successor(), HALE_ARRAY_SIZE(sizes));
	for (size_t i = 0; i < HALE_ARRAY_SIZE(sizes); i++) {
		int slot = waiting_after(&there, number);

		assert_true(slot >= 0);
		number = there.slots[slot].number;
		assert_int_equal(there.slots[slot].uid, 1000 + i);
		assert_int_equal(waiting_get(&there, slot, got), sizes[i]);
		for (size_t k = 0; k < sizes[i]; k++)
			assert_int_equal(got[k], i + 'a');
	}
	assert_int_equal(waiting_after(&there, number), -1);
}

static void test_what_was_taken_out_is_gone_and_its_memory_too(void **state)
{
	struct stat st;
	int a, b;

	(void)state;
	a = waiting_put(&here, WAITING_BUILD, 0, bytes, 5000);
	b = waiting_put(&here, WAITING_FINDING, 0, bytes, 5000);
	waiting_drop(&here, a);
	waiting_drop(&here, a);
	waiting_drop(&here, -1);
	assert_int_equal(successor(), 1);
	assert_int_equal(there.slots[waiting_after(&there, 0)].kind,
			 WAITING_FINDING);
	waiting_drop(&here, b);
	assert_int_equal(successor(), 0);
	assert_int_equal(fstat(file, &st), 0);
	assert_int_equal(st.st_blocks, 0);
	assert_int_equal(st.st_size, SUCCESSOR_BYTES);
	assert_true(waiting_put(&here, WAITING_BUILD, 0, bytes, 5) >= 0);
	assert_int_equal(successor(), 1);
}

static uint32_t next(void)
{
	static uint32_t state = 7;

	state = state * 1664525 + 1013904223;
	return state >> 8;
}

static void test_bounded_and_no_two_share_a_byte(void **state)
{
	static uint8_t owner[SUCCESSOR_BYTES];
	int n = 0;

	(void)state;
	memset(owner, 0, sizeof(owner));
	for (int i = 0; i < 5000; i++) {
		size_t len = next() % (i % 9 ? 700 : 40000);
		int slot = waiting_put(&here, WAITING_FINDING, 0, bytes, len);

		n += slot >= 0;
		if (slot < 0 || i % 3 == 0)
			waiting_drop(&here, (int)next() % WAITING_SLOTS);
	}
	assert_true(n > WAITING_SLOTS);
	assert_int_equal(successor(), here.n);
	for (size_t i = 0; i < WAITING_SLOTS; i++) {
		const struct waiting_slot *s = &there.slots[i];

		for (uint32_t k = 0; s->number != 0 && k < s->len; k++)
			assert_int_equal(owner[s->at + k]++, 0);
	}
	assert_int_equal(waiting_put(&here, WAITING_BUILD, 0, bytes,
				     WAITING_BYTES_MAX + 1),
			 -ENOBUFS);
}

static void test_a_death_before_the_slot_is_as_if_it_never_came(void **state)
{
	struct waiting_slot none = { .number = 0 };
	int slot;

	(void)state;
	assert_true(waiting_put(&here, WAITING_BUILD, 1, bytes, 300) >= 0);
	slot = waiting_put(&here, WAITING_BUILD, 2, bytes, 300);
	/* its bytes are there, its slot was not written */
	assert_int_equal(pwrite(file, &none, sizeof(none),
				(off_t)(sizeof(none) * ((size_t)slot + 1))),
			 sizeof(none));
	assert_int_equal(successor(), 1);
	assert_int_equal(there.slots[waiting_after(&there, 0)].uid, 1);
	/* and what comes next takes its place */
	assert_int_equal(waiting_put(&there, WAITING_BUILD, 3, bytes, 300),
			 slot);
}

static void test_lies_are_nothing_that_waits(void **state)
{
	static const struct waiting_slot lies[] = {
		{ .number = 1, .at = 0, .len = 10 },
		{ .number = 1, .at = 24 * 1024 + 1, .len = 10 },
		{ .number = 1, .at = SUCCESSOR_BYTES, .len = 0 },
		{ .number = 1, .at = SUCCESSOR_BYTES - 256, .len = 257 },
		{ .number = 1, .at = 24 * 1024, .len = UINT32_MAX },
		{ .number = UINT64_MAX, .at = 24 * 1024, .len = 1 },
		/* right, but for its number, which another has */
		{ .number = 1, .at = 32 * 1024, .len = 10 },
	};

	(void)state;
	assert_true(waiting_put(&here, WAITING_BUILD, 1, bytes, 300) >= 0);
	assert_int_equal(pwrite(file, lies, sizeof(lies), 64), sizeof(lies));
	assert_int_equal(successor(), 1);
	assert_int_equal(there.next, 2);
}

static void test_another_size_or_format_is_left_alone(void **state)
{
	const uint64_t magic = 77;

	(void)state;
	assert_int_equal(pwrite(file, &magic, sizeof(magic), 0), sizeof(magic));
	assert_int_equal(successor(), -EPROTO);
	assert_int_equal(waiting_put(&there, WAITING_BUILD, 1, bytes, 1),
			 -EBADF);
	assert_int_equal(ftruncate(file, 4096), 0);
	assert_int_equal(successor(), -EINVAL);
}

/* --- those who use it --- */

static void test_builds_and_findings_outlive_their_process(void **state)
{
	static struct pending first, second;
	static struct missed missed, heir;
	Hale__V1__Finding f;
	Hale__V1__Part part;
	uint8_t got[1000];
	int slot;

	(void)state;
	first.file = missed.file = &here;
	assert_int_equal(pending_add(&first, 7, "one", 3), 0);
	assert_int_equal(pending_add(&first, 8, "two", 3), 0);
	hale__v1__part__init(&part);
	hale__v1__finding__init(&f);
	part.id = (char *)(uintptr_t) "disk/a";
	f.part = &part;
	f.condition = (char *)(uintptr_t) "disk.io_error";
	missed_keep(&missed, &f);
	f.count = 9; /* in the other's place */
	missed_keep(&missed, &f);
	pending_drop_first(&first);
	pending_done(&first);
	missed_done(&missed);

	assert_int_equal(successor(), 2);
	second.file = heir.file = &there;
	slot = waiting_after(&there, 0);
	assert_int_equal(waiting_get(&there, slot, got), 3);
	assert_int_equal(pending_inherit(&second, slot, got, 3), 0);
	assert_int_equal(second.builds[0].uid, 8);
	slot = waiting_after(&there, there.slots[slot].number);
	assert_int_equal(missed_inherit(&heir, slot, got,
					(size_t)waiting_get(&there, slot, got)),
			 0);
	assert_int_equal(heir.findings[0]->count, 9);
	pending_drop_first(&second);
	missed_stored(&heir);
	assert_int_equal(successor(), 0);
}

static void test_where_the_file_has_no_room_a_build_is_refused(void **state)
{
	static struct pending p;

	(void)state;
	while (waiting_put(&here, WAITING_FINDING, 0, bytes, 60000) >= 0)
		;
	p.file = &here;
	assert_int_equal(pending_add(&p, 7, bytes, 60000), -ENOBUFS);
	assert_int_equal(p.n, 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(test_all_of_it_is_there_in_its_order),
		TEST(test_what_was_taken_out_is_gone_and_its_memory_too),
		TEST(test_bounded_and_no_two_share_a_byte),
		TEST(test_a_death_before_the_slot_is_as_if_it_never_came),
		TEST(test_lies_are_nothing_that_waits),
		TEST(test_another_size_or_format_is_left_alone),
		TEST(test_builds_and_findings_outlive_their_process),
		TEST(test_where_the_file_has_no_room_a_build_is_refused),
	};

	there.fd = -1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
