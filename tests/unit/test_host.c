/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host with drivers in its loop that behave and drivers that do not:
 * absent, failing, waiting for events. What counts is what reaches the sink:
 * facts, and for everything that goes wrong a blind sense.
 */
#include <errno.h>
#include <fcntl.h>

#include "host_fixture.h"

static uint32_t runs, probes, fails_left;

/* --- drivers in the loop --- */

static int probe_live(struct hale_probe *p)
{
	probes++;
	live(p, HALE_SENSE_BLOCK_ERRORS);
	return 0;
}

static int sample_counts(struct hale_probe *p)
{
	runs++;
	say_number(p, runs);
	return 0;
}

static int sample_fails_at_first(struct hale_probe *p)
{
	(void)p;
	runs++;
	return fails_left-- > 0 ? -EIO : 0;
}

static bool installed;

/* An engine that is not there yet, a tracefs that is not mounted yet. */
static int probe_later(struct hale_probe *p)
{
	if (!installed)
		return -ENODEV;
	live(p, HALE_SENSE_FS_STATE);
	return 0;
}

static int probe_absent(struct hale_probe *p)
{
	(void)p;
	return -ENODEV;
}

static int probe_denied(struct hale_probe *p)
{
	hale_emit_coverage(p, HALE_SENSE_BLOCK_ERRORS, HALE_SIGHT_BLIND,
			   "its own reason", "its own remedy");
	return -EACCES;
}

static int pipe_fds[2];

static int probe_pipe(struct hale_probe *p)
{
	live(p, HALE_SENSE_BLOCK_ERRORS);
	p->event_fd = pipe_fds[0];
	return 0;
}

static int sample_pipe(struct hale_probe *p)
{
	char byte;

	runs++;
	while (read(pipe_fds[0], &byte, 1) == 1)
		say_number(p, (uint64_t)byte);
	return 0;
}

static int probe_option(struct hale_probe *p)
{
	const char *value = hale_option(p, "key");

	probes++;
	say_number(p, value ? strtoull(value, NULL, 10) : 0);
	return 0;
}

static const struct hale_driver good = { .name = "good",
					 .period_ms = 20,
					 .senses = BLOCK_ERRORS,
					 .scans = true,
					 .probe = probe_live,
					 .sample = sample_counts };
static const struct hale_driver absent = { .name = "absent",
					   .senses = BLOCK_ERRORS,
					   .probe = probe_absent };
static const struct hale_driver denied = { .name = "denied",
					   .senses = BLOCK_ERRORS | FS_STATE,
					   .probe = probe_denied };
static const struct hale_driver failing = { .name = "failing",
					    .senses = BLOCK_ERRORS,
					    .probe = probe_live,
					    .sample = sample_fails_at_first };
static const struct hale_driver piped = { .name = "piped",
					  .senses = BLOCK_ERRORS,
					  .probe = probe_pipe,
					  .sample = sample_pipe };
static const struct hale_driver optional = { .name = "optional",
					     .senses = BLOCK_ERRORS,
					     .probe = probe_option };

/* --- a driver in a child --- */

static int sample_map(struct hale_probe *p)
{
	live(p, HALE_SENSE_STORAGE_MAP);
	say_number(p, (uint64_t)getpid());
	return 0;
}

static const struct hale_driver mapper =
	BLOCKING("mapper", STORAGE_MAP, sample_map);

/* --- the tests --- */

static int setup(void **state)
{
	runs = probes = 0;
	fails_left = 1;
	return host_setup_test(state);
}

static void test_runs_in_its_period(void **state)
{
	const struct hale_driver *const drivers[] = { &good, NULL };

	(void)state;
	start(drivers);
	turn_until_settled();
	assert_int_equal(runs, 1);
	TURN_UNTIL(runs >= 3);
	assert_true(is_live("good", HALE_SENSE_BLOCK_ERRORS));
	assert_int_equal(probes, 1);
}

static void test_what_is_absent_is_blind(void **state)
{
	const struct hale_driver *const drivers[] = { &absent, &denied, NULL };

	(void)state;
	start(drivers);
	turn_until_settled();
	assert_true(is_blind("absent", HALE_SENSE_BLOCK_ERRORS));
	/* its own words stand; where it had none, the host speaks */
	assert_string_equal(coverage("denied", HALE_SENSE_BLOCK_ERRORS)->why,
			    "its own reason");
	assert_true(is_blind("denied", HALE_SENSE_FS_STATE));
	assert_non_null(strstr(coverage("denied", HALE_SENSE_FS_STATE)->why,
			       "Permission denied"));
}

static void test_a_failure_is_blind_until_it_is_over(void **state)
{
	const struct hale_driver *const drivers[] = { &failing, NULL };

	(void)state;
	start(drivers);
	turn_until_settled();
	assert_true(is_blind("failing", HALE_SENSE_BLOCK_ERRORS));
	TURN_UNTIL(is_live("failing", HALE_SENSE_BLOCK_ERRORS));
	assert_int_equal(probes, 2);
}

/* Whoever repaired it and asks does not wait for the next try. */
static void test_who_asks_has_a_failed_one_tried_again(void **state)
{
	const struct hale_driver *const drivers[] = { &failing, NULL };
	const struct host_call asked = { .senses = BLOCK_ERRORS,
					 .number = 1,
					 .asked = true };
	struct host_stand stand;

	(void)state;
	start(drivers);
	turn_until_settled();
	assert_true(is_blind("failing", HALE_SENSE_BLOCK_ERRORS));
	host_call(host, &asked);
	for (int i = 0; i < 5; i++)
		assert_int_equal(loop_once(&loop, 10), 0);
	assert_true(is_live("failing", HALE_SENSE_BLOCK_ERRORS));
	assert_true(host_stand(host, 0, &stand));
	assert_int_equal(stand.answered, 1);
}

static void test_events(void **state)
{
	const struct hale_driver *const drivers[] = { &piped, NULL };

	(void)state;
	assert_int_equal(pipe2(pipe_fds, O_NONBLOCK), 0);
	assert_int_equal(write(pipe_fds[1], "a", 1), 1);
	start(drivers);
	turn_until_settled();
	assert_int_equal(
		said[find(HALE_FACT_POSITION, "piped")].fact.u.position, 'a');
	n_said = 0;
	assert_int_equal(write(pipe_fds[1], "b", 1), 1);
	TURN_UNTIL(find(HALE_FACT_POSITION, "piped") >= 0);
	/* and at once, if somebody asks */
	n_said = 0;
	assert_int_equal(write(pipe_fds[1], "c", 1), 1);
	host_refresh(host);
	assert_int_equal(
		said[find(HALE_FACT_POSITION, "piped")].fact.u.position, 'c');
	host = host_free(host);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
}

static void test_the_map_comes_before_the_log(void **state)
{
	const struct hale_driver *const drivers[] = { &good, &mapper, NULL };
	int map;

	(void)state;
	start(drivers);
	turn_until_settled();
	map = find(HALE_FACT_POSITION, "mapper");
	assert_true(map >= 0);
	assert_true(map < find(HALE_FACT_POSITION, "good"));
	assert_true(said[map].fact.u.position != (uint64_t)getpid());
}

static void test_triggers_within_their_delay_are_one_run(void **state)
{
	const struct hale_driver *const drivers[] = { &mapper, NULL };

	(void)state;
	start(drivers);
	turn_until_settled();
	assert_false(host_busy(host, STORAGE_MAP));
	n_said = 0;
	for (int i = 0; i < 100; i++)
		host_trigger(host, STORAGE_MAP, 20 * HALE_NS_PER_MS);
	TURN_UNTIL(find(HALE_FACT_POSITION, "mapper") >= 0);
	TURN_UNTIL(!host_busy(host, STORAGE_MAP));
	assert_int_equal(n_said, 2); /* its coverage and its number, once */
	host_trigger(host, STORAGE_MAP, 0);
	assert_true(host_busy(host, STORAGE_MAP));
	host_trigger(host, FS_STATE, 0);
	assert_false(host_busy(host, FS_STATE));
}

static void test_what_came_later_is_found(void **state)
{
	static const struct hale_driver later = { .name = "later",
						  .senses = FS_STATE,
						  .probe = probe_later };
	const struct hale_driver *const drivers[] = { &later, NULL };

	(void)state;
	installed = false;
	start(drivers);
	turn_until_settled();
	assert_true(is_blind("later", HALE_SENSE_FS_STATE));
	host_look_again(host, HALE_NS_PER_MS);
	installed = true;
	TURN_UNTIL(is_live("later", HALE_SENSE_FS_STATE));
}

static void test_new_options_probe_anew(void **state)
{
	const struct hale_driver *const drivers[] = { &optional, &good, NULL };
	const struct driver_option one = { "optional", "key", "1" };
	const struct driver_option two = { "optional", "key", "2" };

	(void)state;
	start(drivers);
	turn_until_settled();
	assert_int_equal(probes, 2);
	host_configure(host, &one, 1, 0);
	assert_int_equal(probes, 3); /* only the one that has a new key */
	host_configure(host, &one, 1, 0);
	assert_int_equal(probes, 3);
	n_said = 0;
	host_configure(host, &two, 1, 0);
	assert_int_equal(said[0].fact.u.position, 2);
	n_said = 0;
	host_configure(host, NULL, 0, 0);
	assert_int_equal(said[0].fact.u.position, 0);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, host_teardown_test)
	const struct CMUnitTest tests[] = {
		CASE(test_runs_in_its_period),
		CASE(test_what_is_absent_is_blind),
		CASE(test_a_failure_is_blind_until_it_is_over),
		CASE(test_who_asks_has_a_failed_one_tried_again),
		CASE(test_events),
		CASE(test_the_map_comes_before_the_log),
		CASE(test_triggers_within_their_delay_are_one_run),
		CASE(test_what_came_later_is_found),
		CASE(test_new_options_probe_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
