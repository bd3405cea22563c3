/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host with drivers in children: that lie, flood, fail, crash and hang. The
 * gate's loop goes on; what went wrong is a blind sense, and the part that was
 * asked just then is named.
 */
#include <errno.h>
#include <fcntl.h>

#include "host_fixture.h"

static int sample_lies(struct hale_probe *p)
{
	struct hale_fact f = { .kind = HALE_FACT_KIND_END };

	live(p, HALE_SENSE_FS_STATE);
	p->emit(p->sink, &f);
	say_number(p, 1);
	return 0;
}

static int sample_floods(struct hale_probe *p)
{
	for (;;)
		say_number(p, 1);
	return 0;
}

static int sample_hangs_at_two(struct hale_probe *p)
{
	live(p, HALE_SENSE_FS_STATE);
	say_hung(p, "8:1", false);
	say_hung(p, "8:2", false);
	for (;;)
		pause();
	return 0;
}

static int sample_comes_back(struct hale_probe *p)
{
	live(p, HALE_SENSE_FS_STATE);
	say_hung(p, "8:1", false);
	return 0;
}

static int sample_error(struct hale_probe *p)
{
	live(p, HALE_SENSE_FS_STATE);
	return -EIO;
}

static int sample_crashes(struct hale_probe *p)
{
	(void)p;
	_exit(139);
}

static const struct hale_driver liar = BLOCKING("liar", FS_STATE, sample_lies);
static const struct hale_driver flooder =
	BLOCKING("flooder", FS_STATE, sample_floods);
static const struct hale_driver hanger =
	BLOCKING("hanger", FS_STATE, sample_hangs_at_two);
static const struct hale_driver comer =
	BLOCKING("comer", FS_STATE, sample_comes_back);
static const struct hale_driver erring =
	BLOCKING("erring", FS_STATE, sample_error);
static const struct hale_driver crasher =
	BLOCKING("crasher", FS_STATE, sample_crashes);

/* A map whose source raises an event: a byte in a pipe, which the child takes,
 * as reading mountinfo does. */
static int source[2];

static int probe_source(struct hale_probe *p)
{
	p->event_fd = source[0];
	return 0;
}

static int sample_source(struct hale_probe *p)
{
	struct hale_fact f = { .kind = HALE_FACT_MAP_BEGIN };
	char byte;

	while (read(source[0], &byte, 1) == 1)
		;
	live(p, HALE_SENSE_STORAGE_MAP);
	p->emit(p->sink, &f);
	f.kind = HALE_FACT_MAP_END;
	p->emit(p->sink, &f);
	return 0;
}

static const struct hale_driver sourced = { .name = "sourced",
					    .senses = STORAGE_MAP,
					    .may_block = true,
					    .deadline_ms = 300,
					    .probe = probe_source,
					    .sample = sample_source };

/* Up to when are changes of the mounts in the map? */
static uint64_t seen_until(void)
{
	return host_seen_until(host, STORAGE_MAP);
}

static void test_a_map_is_behind_until_its_event_is_taken_in(void **state)
{
	const struct hale_driver *const drivers[] = { &sourced, NULL };
	uint64_t asked;

	(void)state;
	assert_int_equal(pipe2(source, O_NONBLOCK | O_CLOEXEC), 0);
	start(drivers);
	turn_until_settled();
	assert_true(seen_until() == UINT64_MAX);
	for (int i = 0; i < 3; i++) {
		/* known before the loop has turned, and while it is held back
		 */
		assert_int_equal(write(source[1], "x", 1), 1);
		asked = clock_boot_ns();
		assert_true(seen_until() < asked);
		assert_int_equal(loop_once(&loop, 0), 0);
		assert_true(seen_until() < asked);
		TURN_UNTIL(seen_until() >= asked);
		assert_true(find(HALE_FACT_MAP_END, "sourced") >= 0);
		TURN_UNTIL(seen_until() == UINT64_MAX);
	}
	host = host_free(host);
	close(source[0]);
	close(source[1]);
}

static void test_a_liar_is_blind(void **state)
{
	const struct hale_driver *const drivers[] = { &liar, NULL };

	(void)state;
	start(drivers);
	turn_until_settled();
	assert_true(is_blind("liar", HALE_SENSE_FS_STATE));
	assert_int_equal(find(HALE_FACT_POSITION, "liar"), -1);
}

static void test_a_flood_is_bounded(void **state)
{
	const struct hale_driver *const drivers[] = { &flooder, NULL };

	(void)state;
	start(drivers);
	turn_until_settled();
	assert_true(is_blind("flooder", HALE_SENSE_FS_STATE));
}

static void test_errors_and_crashes_are_blind(void **state)
{
	const struct hale_driver *const drivers[] = { &erring, &crasher, NULL };

	(void)state;
	start(drivers);
	turn_until_settled();
	assert_true(is_blind("erring", HALE_SENSE_FS_STATE));
	assert_true(is_blind("crasher", HALE_SENSE_FS_STATE));
}

static void test_names_where_it_hangs(void **state)
{
	const struct hale_driver *const drivers[] = { &hanger, NULL };
	const struct hale_observation *first, *second;

	(void)state;
	start(drivers);
	turn_until_settled();
	assert_true(is_blind("hanger", HALE_SENSE_FS_STATE));
	assert_int_equal(said[1].fact.kind, HALE_FACT_OBSERVATION);
	first = &said[1].fact.u.observation;
	second = &said[2].fact.u.observation;
	assert_string_equal(first->part, "8:1");
	assert_false(first->holds);
	assert_string_equal(second->part, "8:2");
	assert_true(second->holds);
	assert_true(second->evidence[0] != '\0');
	assert_true(hale_fact_valid(&said[2].fact));
}

static void test_where_it_comes_back_nothing_hangs(void **state)
{
	const struct hale_driver *const drivers[] = { &comer, NULL };
	int i;

	(void)state;
	start(drivers);
	turn_until_settled();
	i = find(HALE_FACT_OBSERVATION, "comer");
	assert_true(i >= 0);
	assert_false(said[i].fact.u.observation.holds);
	assert_true(is_live("comer", HALE_SENSE_FS_STATE));
}

int main(void)
{
#define CASE(f)                                                                \
	cmocka_unit_test_setup_teardown(f, host_setup_test, host_teardown_test)
	const struct CMUnitTest tests[] = {
		CASE(test_a_liar_is_blind),
		CASE(test_a_flood_is_bounded),
		CASE(test_errors_and_crashes_are_blind),
		CASE(test_names_where_it_hangs),
		CASE(test_where_it_comes_back_nothing_hangs),
		CASE(test_a_map_is_behind_until_its_event_is_taken_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
