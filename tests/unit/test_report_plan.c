/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the reporter does when: with invented time and dice.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/report/plan.h"

#define S	HALE_NS_PER_S
#define MS	HALE_NS_PER_MS
#define HOST	UINT32_C(0x40000000) /* its phase: a quarter */
#define LOWEST	UINT32_C(0)
#define HIGHEST UINT32_MAX

static struct plan connected(uint64_t now)
{
	struct plan p;

	plan_init(&p, 30 * S, HOST, now);
	plan_connected(&p, now);
	return p;
}

/* Ten thousand hosts whose power came back at once do not call at once. */
static void test_hosts_begin_at_different_times(void **state)
{
	struct plan a, b;

	(void)state;
	plan_init(&a, 30 * S, LOWEST, 100 * S);
	plan_init(&b, 30 * S, HIGHEST, 100 * S);
	assert_true(a.connect_ns > 100 * S && a.connect_ns < 100 * S + MS);
	assert_true(b.connect_ns > 100 * S + 990 * MS);
	assert_true(b.connect_ns <= 101 * S + MS);
	assert_true(plan_connect_due(&a, a.connect_ns));
	assert_false(plan_connect_due(&a, a.connect_ns - 1));
}

static void test_a_state_goes_at_once_when_connected(void **state)
{
	struct plan p = connected(200 * S);

	(void)state;
	assert_true(plan_state_due(&p, 200 * S));
	assert_false(plan_connect_due(&p, 10000 * S));
}

/* The first change within milliseconds, those behind it within 200 ms. */
static void test_changes_are_coalesced(void **state)
{
	struct plan p = connected(200 * S);
	unsigned int sent = 0;
	uint64_t now;

	(void)state;
	plan_state_sent(&p, 200 * S, LOWEST);
	plan_change(&p, 210 * S);
	assert_true(plan_state_due(&p, 210 * S));
	for (now = 210 * S; now < 211 * S; now += 10 * MS) {
		plan_change(&p, now);
		if (plan_state_due(&p, now)) {
			plan_state_sent(&p, now, LOWEST);
			sent++;
		}
	}
	assert_in_range(sent, 5, 10);
	/* the last change is not lost */
	plan_change(&p, now);
	assert_true(plan_next(&p, true) <= now + 200 * MS);
}

static void test_a_count_goes_slower_than_a_change(void **state)
{
	struct plan p = connected(200 * S);

	(void)state;
	plan_state_sent(&p, 200 * S, LOWEST);
	plan_touch(&p, 201 * S);
	assert_false(plan_state_due(&p, 204 * S));
	assert_true(plan_state_due(&p, 205 * S));
	plan_change(&p, 201 * S);
	assert_true(plan_state_due(&p, 201 * S));
}

static void test_heartbeats_come_within_a_fifth(void **state)
{
	struct plan p = connected(200 * S);

	(void)state;
	plan_state_sent(&p, 200 * S, LOWEST);
	assert_int_equal(plan_next(&p, true), 224 * S);
	plan_state_sent(&p, 200 * S, HIGHEST);
	assert_in_range(plan_next(&p, true), 235 * S, 236 * S);
	assert_int_equal(plan_heartbeat_s(&p), 36);
}

static void test_backoff_grows_and_ends(void **state)
{
	uint64_t last = 0;

	(void)state;
	for (uint32_t n = 1; n < 100; n++) {
		uint64_t least = plan_backoff(n, LOWEST);
		uint64_t most = plan_backoff(n, HIGHEST);

		assert_true(least >= last);
		assert_true(least >= S / 2 && most <= 300 * S);
		assert_true(most > least + least / 2);
		last = least;
	}
	assert_int_equal(last, 150 * S);
	assert_int_equal(plan_backoff(UINT32_MAX, LOWEST), 150 * S);
}

/* A server that takes us in and throws us out at once, for an hour: that is
 * bounded in attempts, whatever the time of day. */
static void test_thrown_out_is_as_bad_as_refused(void **state)
{
	struct plan p;
	uint64_t now = 100 * S;
	unsigned int attempts = 0;

	(void)state;
	plan_init(&p, 30 * S, HOST, now);
	while (now < 3700 * S) {
		now = p.connect_ns;
		assert_true(plan_connect_due(&p, now));
		plan_connected(&p, now);
		plan_disconnected(&p, 1, now + 5 * MS, LOWEST);
		attempts++;
	}
	assert_in_range(attempts, 8, 40);
	assert_true(plan_in_vain(&p));
}

static void test_a_good_connection_starts_anew(void **state)
{
	struct plan p;

	(void)state;
	plan_init(&p, 30 * S, HOST, 100 * S);
	for (int i = 0; i < 20; i++)
		plan_disconnected(&p, 1, 200 * S, LOWEST);
	plan_connected(&p, 1000 * S);
	plan_taken(&p, false);
	plan_disconnected(&p, 1, 2000 * S, HIGHEST);
	assert_true(p.connect_ns <= 2001 * S);
	assert_false(plan_in_vain(&p));
}

/* Ten thousand hosts are not to come back to it each second for ever. */
static void test_one_that_takes_nothing_is_not_good(void **state)
{
	struct plan p;

	(void)state;
	plan_init(&p, 30 * S, HOST, 100 * S);
	for (int i = 0; i < 20; i++)
		plan_disconnected(&p, 1, 200 * S, LOWEST);
	plan_connected(&p, 1000 * S);
	plan_disconnected(&p, 1, 2000 * S, LOWEST);
	assert_true(p.connect_ns >= 2150 * S);
	assert_true(plan_in_vain(&p));
}

/* With three servers, the other two are tried before the wait grows. */
static void test_each_server_is_tried_before_the_wait_grows(void **state)
{
	struct plan p;

	(void)state;
	plan_init(&p, 30 * S, HOST, 100 * S);
	for (int i = 0; i < 3; i++) {
		plan_disconnected(&p, 3, 100 * S, HIGHEST);
		assert_true(p.connect_ns <= 101 * S);
	}
	plan_disconnected(&p, 3, 100 * S, HIGHEST);
	assert_true(p.connect_ns > 101 * S);
}

static void test_what_was_not_taken_waits_longer_each_round(void **state)
{
	struct plan p = connected(200 * S);
	uint64_t first;

	(void)state;
	plan_state_sent(&p, 200 * S, HIGHEST);
	plan_not_taken(&p, 200 * S, HIGHEST);
	first = p.again_ns;
	assert_true(first > 200 * S && first <= 201 * S);
	/* another of the same round does not push it away */
	plan_not_taken(&p, 200 * S + 500 * MS, HIGHEST);
	assert_int_equal(p.again_ns, first);
	assert_int_equal(plan_next(&p, true), first);
	plan_again(&p, first);
	plan_not_taken(&p, first, HIGHEST);
	assert_true(p.again_ns > first + S);
	/* a state's stream says nothing of this one */
	plan_taken(&p, false);
	plan_again(&p, 250 * S);
	plan_not_taken(&p, 250 * S, HIGHEST);
	assert_true(p.again_ns > 252 * S);
	plan_taken(&p, true);
	plan_again(&p, 300 * S);
	plan_not_taken(&p, 300 * S, HIGHEST);
	assert_true(p.again_ns <= 301 * S);
}

/* --- a server that is no good --- */

/* As the loop does: whatever is sent is refused at once. When it is given up;
 * 0: not until @end. */
static uint64_t refuse_all(struct plan *p, uint64_t now, uint64_t end)
{
	for (; now < end; now += 50 * MS) {
		if (plan_gives_up(p, now))
			return now;
		if (p->again_ns != 0 && p->again_ns <= now)
			plan_again(p, now);
		if (plan_state_due(p, now)) {
			plan_state_sent(p, now, HIGHEST);
			plan_heard(p, now);
			plan_state_not_taken(p, now, HIGHEST);
		}
		if (p->again_ns == 0) {
			plan_heard(p, now);
			plan_not_taken(p, now, HIGHEST);
		}
	}
	return 0;
}

/* It speaks to us, and to no other of its cluster. */
static void test_who_takes_nothing_any_more_is_left(void **state)
{
	struct plan p = connected(200 * S);

	(void)state;
	plan_state_sent(&p, 200 * S, HIGHEST);
	plan_taken(&p, false);
	plan_taken(&p, true);
	/* longer than a cluster looks for a leader */
	assert_in_range(refuse_all(&p, 210 * S, 300 * S), 220 * S, 230 * S);
}

static void test_what_one_refused_is_not_held_against_the_next(void **state)
{
	struct plan p = connected(200 * S);
	uint64_t now = refuse_all(&p, 200 * S, 300 * S);

	(void)state;
	assert_true(now != 0);
	plan_disconnected(&p, 2, now, LOWEST);
	plan_connected(&p, now + S);
	assert_false(plan_gives_up(&p, now + S));
	assert_true(plan_state_due(&p, now + S));
	plan_not_taken(&p, now + S, HIGHEST);
	assert_true(p.again_ns <= now + 2 * S);
}

/* FINDINGS may be full where STATE is not: no other server would help. */
static void test_who_takes_states_is_kept(void **state)
{
	struct plan p = connected(200 * S);
	unsigned int states = 0;

	(void)state;
	for (uint64_t now = 200 * S; now < 600 * S; now += 50 * MS) {
		assert_false(plan_gives_up(&p, now));
		if (p.again_ns != 0 && p.again_ns <= now)
			plan_again(&p, now);
		if (plan_state_due(&p, now)) {
			plan_state_sent(&p, now, LOWEST);
			plan_taken(&p, false);
			states++;
		}
		if (p.again_ns == 0)
			plan_not_taken(&p, now, HIGHEST);
	}
	/* one with each round, and the heartbeats */
	assert_in_range(states, 14, 26);
}

/* Events are not permitted, say, and nothing comes back: states tell that it
 * is not the server. */
static void test_who_answers_states_is_not_silent(void **state)
{
	struct plan p = connected(200 * S);
	uint64_t sent = 200 * S; /* the event */

	(void)state;
	for (uint64_t now = sent; now < 900 * S; now += 50 * MS) {
		if (plan_state_due(&p, now)) {
			plan_state_sent(&p, now, HIGHEST);
			plan_heard(&p, now + 10 * MS);
			plan_taken(&p, false);
		}
		assert_false(plan_silent(&p, sent, now));
		if (sent != 0 && now - sent >= PLAN_ACK_NS) {
			sent = 0;
			plan_not_taken(&p, now, HIGHEST);
		}
		if (p.again_ns != 0 && p.again_ns <= now) {
			plan_again(&p, now);
			sent = now;
		}
	}
	assert_true(p.refused >= 5);
}

static void test_who_does_not_answer_is_left(void **state)
{
	struct plan p = connected(200 * S);

	(void)state;
	plan_heard(&p, 201 * S);
	plan_taken(&p, true);
	assert_false(plan_silent(&p, 0, 300 * S));
	assert_false(plan_silent(&p, 202 * S, 211 * S));
	assert_true(plan_silent(&p, 202 * S, 202 * S + PLAN_ACK_NS));
	/* it has answered another since: only that one was lost */
	plan_heard(&p, 203 * S);
	assert_false(plan_silent(&p, 202 * S, 202 * S + PLAN_ACK_NS));
	/* we were away ourselves, and have not looked at what came */
	assert_false(plan_silent(&p, 204 * S, 260 * S));
}

static void test_a_state_that_was_not_taken_comes_again_soon(void **state)
{
	struct plan p = connected(200 * S);

	(void)state;
	plan_state_sent(&p, 200 * S, HIGHEST);
	plan_state_not_taken(&p, 206 * S, HIGHEST);
	assert_true(plan_next(&p, true) <= 207 * S);
}

static void test_nothing_is_due_while_not_connected(void **state)
{
	struct plan p = connected(200 * S);

	(void)state;
	plan_disconnected(&p, 1, 300 * S, LOWEST);
	plan_change(&p, 300 * S);
	assert_false(plan_state_due(&p, 400 * S));
	assert_int_equal(plan_next(&p, true), p.connect_ns);
	/* without a state there is nothing to wake for */
	p = connected(200 * S);
	assert_int_equal(plan_next(&p, false), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hosts_begin_at_different_times),
		cmocka_unit_test(test_a_state_goes_at_once_when_connected),
		cmocka_unit_test(test_changes_are_coalesced),
		cmocka_unit_test(test_a_count_goes_slower_than_a_change),
		cmocka_unit_test(test_heartbeats_come_within_a_fifth),
		cmocka_unit_test(test_backoff_grows_and_ends),
		cmocka_unit_test(test_thrown_out_is_as_bad_as_refused),
		cmocka_unit_test(test_a_good_connection_starts_anew),
		cmocka_unit_test(
			test_each_server_is_tried_before_the_wait_grows),
		cmocka_unit_test(
			test_what_was_not_taken_waits_longer_each_round),
		cmocka_unit_test(test_one_that_takes_nothing_is_not_good),
		cmocka_unit_test(test_who_takes_nothing_any_more_is_left),
		cmocka_unit_test(
			test_what_one_refused_is_not_held_against_the_next),
		cmocka_unit_test(test_who_takes_states_is_kept),
		cmocka_unit_test(test_who_answers_states_is_not_silent),
		cmocka_unit_test(test_who_does_not_answer_is_left),
		cmocka_unit_test(
			test_a_state_that_was_not_taken_comes_again_soon),
		cmocka_unit_test(test_nothing_is_due_while_not_connected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
