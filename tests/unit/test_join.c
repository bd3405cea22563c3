/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A failed request that two drivers tell is counted once, in whatever order it
 * is heard, and under the closer of their reasons.
 */
#include "join_world.h"

static void test_both_tell_of_one_request(void **state)
{
	(void)state;
	for (int order = 0; order < 2; order++) {
		struct world w;

		begin(&w, true);
		if (order == 0)
			traced(&w, HALE_DISK_IO_ERROR, 8, w.now);
		logged(&w, HALE_DISK_IO_ERROR, 8, w.now);
		if (order == 1)
			traced(&w, HALE_DISK_IO_ERROR, 8, w.now);
		assert_int_equal(count_of(&w, HALE_DISK_IO_ERROR), 1);
		assert_false(is_at_least(&w, HALE_DISK_IO_ERROR));
		world_end(&w);
	}
}

static void test_other_sectors_and_operations_are_others(void **state)
{
	struct world w;

	(void)state;
	begin(&w, true);
	traced(&w, HALE_DISK_IO_ERROR, 8, w.now);
	logged(&w, HALE_DISK_IO_ERROR, 16, w.now);
	assert_int_equal(count_of(&w, HALE_DISK_IO_ERROR), 2);
	{
		struct hale_observation o = request(HALE_DISK_IO_ERROR, "sda",
						    HALE_OP_WRITE, 8, w.now);

		o.seq = ++log_seq;
		world_say(&w, "kmsg", &o);
		assert_int_equal(count_of(&w, HALE_DISK_IO_ERROR), 3);
		/* an older log does not say what it was */
		o.join_key = HALE_BLOCK_KEY(HALE_OP_UNKNOWN, 8);
		o.seq = ++log_seq;
		world_say(&w, "kmsg", &o);
		assert_int_equal(count_of(&w, HALE_DISK_IO_ERROR), 3);
	}
	world_end(&w);
}

static void test_a_line_from_before_is_no_credit(void **state)
{
	struct world w;
	uint64_t before;

	(void)state;
	world_new(&w);
	world_wait(&w, SECOND);
	before = w.now;
	trace_lives(&w, HALE_SIGHT_LIVE, before + SECOND);
	world_wait(&w, 2 * SECOND);
	logged(&w, HALE_DISK_IO_ERROR, 8, before);
	traced(&w, HALE_DISK_IO_ERROR, 8, w.now);
	assert_int_equal(count_of(&w, HALE_DISK_IO_ERROR), 2);
	world_end(&w);
}

static void test_the_closer_reason_takes_the_count(void **state)
{
	struct world w;

	(void)state;
	begin(&w, true);
	for (uint64_t i = 0; i < 3; i++)
		traced(&w, HALE_DISK_IO_ERROR, 8 * i, w.now);
	assert_int_equal(count_of(&w, HALE_DISK_IO_ERROR), 3);
	logged(&w, HALE_DISK_MEDIUM_ERROR, 0, w.now);
	assert_int_equal(count_of(&w, HALE_DISK_MEDIUM_ERROR), 3);
	assert_null(world_finding(&w, "disk/naa.root", HALE_DISK_IO_ERROR));
	world_wait(&w, 2 * SECOND);
	traced(&w, HALE_DISK_IO_ERROR, 80, w.now);
	logged(&w, HALE_DISK_IO_ERROR, 80, w.now);
	assert_int_equal(count_of(&w, HALE_DISK_MEDIUM_ERROR), 4);
	assert_null(world_finding(&w, "disk/naa.root", HALE_DISK_IO_ERROR));
	/* a fault of tomorrow is another one */
	world_wait(&w, 12 * HOUR);
	traced(&w, HALE_DISK_IO_ERROR, 88, w.now);
	assert_int_equal(count_of(&w, HALE_DISK_IO_ERROR), 1);
	world_end(&w);
}

static void test_what_was_counted_long_before_stays(void **state)
{
	struct world w;

	(void)state;
	begin(&w, true);
	traced(&w, HALE_DISK_IO_ERROR, 8, w.now);
	world_wait(&w, HOUR);
	traced(&w, HALE_DISK_IO_ERROR, 16, w.now);
	logged(&w, HALE_DISK_MEDIUM_ERROR, 16, w.now);
	assert_int_equal(count_of(&w, HALE_DISK_IO_ERROR), 1);
	assert_int_equal(count_of(&w, HALE_DISK_MEDIUM_ERROR), 1);
	world_end(&w);
}

/* A sense line is said before its block line, and names no sector. */
static void test_a_line_without_a_sector(void **state)
{
	(void)state;
	for (int order = 0; order < 3; order++) {
		struct world w;
		struct hale_observation sense, block;

		begin(&w, true);
		sense = request(HALE_DISK_MEDIUM_ERROR, "sda", HALE_OP_UNKNOWN,
				HALE_SECTOR_UNKNOWN, w.now);
		block = request(HALE_DISK_MEDIUM_ERROR, "sda", HALE_OP_READ, 8,
				w.now);
		sense.seq = ++log_seq;
		block.seq = ++log_seq;
		block.count = 0;
		if (order == 0)
			traced(&w, HALE_DISK_MEDIUM_ERROR, 8, w.now);
		world_say(&w, "kmsg", &sense);
		if (order == 1)
			traced(&w, HALE_DISK_MEDIUM_ERROR, 8, w.now);
		world_say(&w, "kmsg", &block);
		if (order == 2)
			traced(&w, HALE_DISK_MEDIUM_ERROR, 8, w.now);
		assert_int_equal(count_of(&w, HALE_DISK_MEDIUM_ERROR), 1);
		traced(&w, HALE_DISK_MEDIUM_ERROR, 16, w.now);
		assert_int_equal(count_of(&w, HALE_DISK_MEDIUM_ERROR), 2);
		world_end(&w);
	}
}

static void test_lines_left_out_while_blind_count(void **state)
{
	struct world w;

	(void)state;
	begin(&w, false);
	logged(&w, HALE_DISK_IO_ERROR, 8, w.now);
	suppressed(&w, 20, w.now);
	assert_int_equal(count_of(&w, HALE_DISK_IO_ERROR), 21);
	assert_true(is_at_least(&w, HALE_DISK_IO_ERROR));
	world_end(&w);
}

static void test_an_overrun_makes_the_log_count(void **state)
{
	struct hale_observation blind =
		world_observation(HALE_AGENT_BLIND, HALE_REF_PART, "host");
	struct world w;

	(void)state;
	begin(&w, true);
	for (uint64_t i = 0; i < 5; i++)
		traced(&w, HALE_DISK_IO_ERROR, 8 * i, w.now);
	for (uint64_t i = 0; i < 3; i++)
		logged(&w, HALE_DISK_IO_ERROR, 8 * i, w.now);
	world_wait(&w, SECOND);
	blind.count = 4;
	blind.time_ns = w.now;
	world_say(&w, "trace", &blind);
	world_wait(&w, 6 * SECOND);
	suppressed(&w, 6, w.now); /* 2 of them were told, 4 fell out */
	assert_int_equal(count_of(&w, HALE_DISK_IO_ERROR), 9);
	assert_true(is_at_least(&w, HALE_DISK_IO_ERROR));
	world_end(&w);
}

/* What the log left out before the restart was counted before it, if there was
 * somebody to count it; else not. */
static void test_lines_left_out_before_a_restart(void **state)
{
	(void)state;
	for (int form = 0; form < 4; form++) {
		/* is the log read after the tracepoints? */
		bool tracing = form % 2 != 0, late = form / 2 != 0;
		struct world w;
		uint64_t at;

		begin(&w, tracing);
		for (uint64_t i = 0; i < 3; i++) {
			logged(&w, HALE_DISK_IO_ERROR, 8 * i, w.now);
			if (tracing)
				traced(&w, HALE_DISK_IO_ERROR, 8 * i, w.now);
		}
		for (uint64_t i = 3; tracing && i < 5; i++)
			traced(&w, HALE_DISK_IO_ERROR, 8 * i, w.now);
		assert_int_equal(count_of(&w, HALE_DISK_IO_ERROR),
				 tracing ? 5 : 3);
		world_restart(&w, true);
		world_see_all(&w);
		world_devices(&w);
		trace_lives(&w, HALE_SIGHT_LIVE, w.now + 1);
		world_wait(&w, SECOND);
		at = w.now;
		world_wait(&w, MS);
		if (late)
			traced(&w, HALE_DISK_IO_ERROR, 80, at + 2);
		suppressed(&w, 2, at);
		logged(&w, HALE_DISK_IO_ERROR, 80, at + 1);
		if (!late)
			traced(&w, HALE_DISK_IO_ERROR, 80, at + 2);
		assert_int_equal(count_of(&w, HALE_DISK_IO_ERROR), 6);
		world_end(&w);
	}
}

/* Sense data of the next one is printed in front of what was left out before
 * it: @first traced ones are read by then. @tick: of the clock; what happens
 * while the agent reads is told as of when it began to. */
static void fail_midway(struct world *w, uint32_t first, uint64_t step,
			uint64_t tick)
{
	uint64_t at, n = 0;

	begin(w, false);
	for (; n < 10; n++) {
		sensed(w, HALE_DISK_MEDIUM_ERROR, w->now);
		block_line(w, HALE_DISK_MEDIUM_ERROR, step * n, w->now + 1);
		world_wait(w, 10 * MS);
	}
	world_wait(w, SECOND); /* two are left out */
	trace_lives(w, HALE_SIGHT_LIVE, w->now);
	/* the kernel's clock may be ahead of the agent's */
	at = w->now + 6 * SECOND + (step ? tick * 50 * MS : 0);
	for (uint32_t i = 0; i < 18 && i < first; i++)
		traced(w, HALE_DISK_MEDIUM_ERROR, step * n++, w->now + i);
	world_wait(w, 6 * SECOND + MS);
	if (first > 18)
		traced(w, HALE_DISK_MEDIUM_ERROR, step * 28, at + 3 * tick);
	world_wait(w, tick * MS);
	sensed(w, HALE_DISK_MEDIUM_ERROR, at);
	suppressed(w, 20, at + tick);
	block_line(w, HALE_DISK_MEDIUM_ERROR, step * 28, at + 2 * tick);
	for (uint32_t i = first; i < 18; i++)
		traced(w, HALE_DISK_MEDIUM_ERROR, step * n++,
		       w->now - 6 * SECOND + i);
	if (first <= 18)
		traced(w, HALE_DISK_MEDIUM_ERROR, step * 28, at + 3 * tick);
}

static void test_sense_data_in_front_of_what_was_left_out(void **state)
{
	(void)state;
	for (uint32_t form = 0; form < 80; form++) {
		struct world w;

		fail_midway(&w, form / 4, form % 2 ? 8 : 0, form / 2 % 2);
		assert_int_equal(count_of(&w, HALE_DISK_MEDIUM_ERROR), 31);
		assert_null(
			world_finding(&w, "disk/naa.root", HALE_DISK_IO_ERROR));
		world_end(&w);
	}
}

/* A builder's read failed for good, whatever the log knows of the way there. */
static void test_a_reason_that_only_warns_takes_nothing(void **state)
{
	static const enum hale_condition reasons[] = { HALE_DISK_TIMEOUT,
						       HALE_DISK_LINK_ERROR };

	(void)state;
	for (uint64_t form = 0; form < 6; form++) {
		enum hale_condition reason = reasons[form / 3];
		struct world w;

		begin(&w, true);
		for (uint64_t i = 0; i < 3; i++) {
			if (form % 3 == 0 || (form % 3 == 1 && i == 0))
				traced(&w, HALE_DISK_IO_ERROR, 8 * i,
				       w.now + i);
		}
		for (uint64_t i = 0; i < 3; i++)
			logged(&w, reason, 8 * i, w.now + i);
		for (uint64_t i = 0; i < 3; i++) {
			if (form % 3 == 2 || (form % 3 == 1 && i != 0))
				traced(&w, HALE_DISK_IO_ERROR, 8 * i,
				       w.now + i);
		}
		assert_int_equal(count_of(&w, HALE_DISK_IO_ERROR), 3);
		assert_int_equal(count_of(&w, reason), 3);
		assert_false(is_at_least(&w, HALE_DISK_IO_ERROR));
		world_end(&w);
	}
}

static void test_a_timeout_that_both_tell_is_one(void **state)
{
	struct world w;

	(void)state;
	begin(&w, true);
	traced(&w, HALE_DISK_TIMEOUT, 8, w.now);
	logged(&w, HALE_DISK_TIMEOUT, 8, w.now);
	logged(&w, HALE_DISK_TIMEOUT, 16, w.now);
	traced(&w, HALE_DISK_TIMEOUT, 16, w.now);
	assert_int_equal(count_of(&w, HALE_DISK_TIMEOUT), 2);
	world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_tell_of_one_request),
		cmocka_unit_test(test_other_sectors_and_operations_are_others),
		cmocka_unit_test(test_a_line_from_before_is_no_credit),
		cmocka_unit_test(test_the_closer_reason_takes_the_count),
		cmocka_unit_test(test_what_was_counted_long_before_stays),
		cmocka_unit_test(test_a_line_without_a_sector),
		cmocka_unit_test(test_lines_left_out_while_blind_count),
		cmocka_unit_test(test_an_overrun_makes_the_log_count),
		cmocka_unit_test(test_lines_left_out_before_a_restart),
		cmocka_unit_test(test_sense_data_in_front_of_what_was_left_out),
		cmocka_unit_test(test_a_reason_that_only_warns_takes_nothing),
		cmocka_unit_test(test_a_timeout_that_both_tell_is_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
