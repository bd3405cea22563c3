/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The power goes at every single write and sync of a spool's life, the disk is
 * full or fails at every one: what spool_put() called kept is there afterwards,
 * once; what was only in memory was called so, and what was given up is
 * counted.
 */
#include "spool_look.h"

#include "cut_disk.h"

#define MESSAGES 24
#define LATER	 (11 * HALE_NS_PER_S)
/* Each moment; a few of them where each look takes the sanitizer's time. */
#ifdef __SANITIZE_ADDRESS__
#define STEP 9
#else
#define STEP 1
#endif

/* When each message was kept, and when it was begun to be acknowledged; 0:
 * never. */
static size_t kept[MESSAGES], taken[MESSAGES];

static void put(struct spool *s, uint32_t i)
{
	if (room_put_sized(s, i % 3 ? FLEET_FINDING : FLEET_BUILD, i,
			   i % 5 ? 300 : 4000, NOW + i * LATER) == 0)
		kept[i] = cut_moment();
}

static void take_first(struct spool *s)
{
	struct spool_item item;

	if (spool_peek(s, 0, &item, 1) != 1)
		return;
	taken[room_number(&item)] = cut_moment() + 1;
	spool_ack(s, &item.id, 1);
}

static void expect_all(size_t moment)
{
	struct spool_item items[MESSAGES * 2];
	uint32_t seen[MESSAGES] = { 0 };
	struct spool *s = room_open();
	size_t n = spool_peek(s, 0, items, HALE_ARRAY_SIZE(items));

	assert_string_equal(room_tell(s).trouble, "");
	for (size_t i = 0; i < n; i++) {
		assert_true(room_number(&items[i]) < MESSAGES);
		seen[room_number(&items[i])]++;
	}
	for (int i = 0; i < MESSAGES; i++) {
		bool gone = taken[i] != 0 && taken[i] <= moment;

		assert_true(seen[i] <= 1);
		if (kept[i] != 0 && kept[i] <= moment && !gone)
			assert_int_equal(seen[i], 1);
	}
	assert_int_equal(room_tell(s).findings_dropped, 0);
	spool_close(s);
}

static void test_a_cut_at_every_write(void **state)
{
	struct spool *s = room_open();
	size_t last;

	(void)state;
	for (uint32_t i = 0; i < MESSAGES; i++) {
		put(s, i);
		assert_true(kept[i] != 0);
		if (i % 4 == 3)
			take_first(s);
		if (i == MESSAGES / 2) {
			spool_tidy(s, NOW);
			spool_close(s);
			s = room_open();
		}
	}
	spool_close(s);
	last = cut_moment();
	for (size_t moment = 0; moment <= last; moment += STEP) {
		cut_make(moment, CUT_NOTHING, 1);
		expect_all(moment);
		cut_make(moment, CUT_ALL, 1);
		expect_all(moment);
		cut_make(moment, CUT_SOME, moment + 1);
		expect_all(moment);
	}
	print_message("# %zu moments, %zu cuts\n", last / STEP + 1,
		      3 * (last / STEP + 1));
}

/* One fault at every operation, in turn, for so many of them; then it is well,
 * and all that came meanwhile is on the disk. */
static void suffer(enum cut_fault fault, long times)
{
	for (long at = 0; at < 70; at += STEP) {
		struct spool *s;
		size_t last;

		memset(kept, 0, sizeof(kept));
		memset(taken, 0, sizeof(taken));
		cut_break(fault, at, times);
		s = room_open_sized(0);
		for (uint32_t i = 0; i < 10; i++)
			put(s, i);
		cut_break(CUT_FINE, 0, 0);
		spool_tidy(s, NOW + 20 * LATER);
		assert_string_equal(room_tell(s).trouble, "");
		last = cut_moment();
		for (int i = 0; i < 10; i++)
			kept[i] = last;
		spool_close(s);
		cut_make(last, CUT_NOTHING, 1);
		expect_all(last);
		room_end(NULL);
		cut_end();
		room_begin(NULL);
		cut_begin();
	}
}

static void test_no_room_at_any_write(void **state)
{
	(void)state;
	suffer(CUT_NO_SPACE, 1);
	suffer(CUT_NO_SPACE, 5);
	suffer(CUT_NO_SPACE, -1);
}

static void test_an_error_at_any_write(void **state)
{
	(void)state;
	suffer(CUT_IO_ERROR, 1);
	suffer(CUT_IO_ERROR, 5);
	suffer(CUT_IO_ERROR, -1);
}

static void test_a_sync_that_loses(void **state)
{
	(void)state;
	suffer(CUT_SYNC_LOSES, 1);
	suffer(CUT_SYNC_LOSES, 5);
}

/* As an operator hears it. */
static void test_a_full_disk_is_told(void **state)
{
	struct spool *s = room_open();

	(void)state;
	put(s, 0);
	cut_break(CUT_NO_SPACE, 0, -1);
	assert_int_equal(room_put(s, FLEET_FINDING, 1), 1);
	assert_true(spool_news(s, said));
	assert_non_null(strstr(said, "cannot be written: the disk is full; "
				     "what comes waits in memory"));
	assert_string_equal(room_tell(s).trouble, "the disk is full");
	assert_string_equal(room_waits(s), "0 1");
	cut_break(CUT_FINE, 0, 0);
	spool_tidy(s, NOW);
	assert_true(spool_news(s, said));
	assert_string_equal(room_waits(s), "0 1");
	spool_close(s);
}

static int begin(void **state)
{
	int r = room_begin(state);

	memset(kept, 0, sizeof(kept));
	memset(taken, 0, sizeof(taken));
	cut_begin();
	return r;
}

static int end(void **state)
{
	cut_end();
	return room_end(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_cut_at_every_write),
		TEST(test_no_room_at_any_write),
		TEST(test_an_error_at_any_write),
		TEST(test_a_sync_that_loses),
		TEST(test_a_full_disk_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
