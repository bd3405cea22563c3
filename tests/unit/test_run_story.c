/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The times of a build, whose first are taken before any agent has said what
 * time it is there: they are one order, whatever the time of day was set to.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/run/launch/clock.h"
#include "agent/run/story.h"

#define DAY  (UINT64_C(86400) * HALE_NS_PER_S)
#define SOON (60 * HALE_NS_PER_S)

static char word[] = "true";
static char *command[] = { word, NULL };
static struct run_options options = { .run_dir = "/nowhere",
				      .command = command };
static struct watch *watch;
static struct run_story story;
static struct run_attempt *attempt;

static int set_up(void **state)
{
	(void)state;
	attempt = calloc(1, sizeof(*attempt));
	return !attempt || watch_new(&options, &watch) < 0 ||
	       story_begin(&story, &options, watch) < 0;
}

static int tear_down(void **state)
{
	(void)state;
	story_done(&story);
	watch_free(watch);
	free(attempt);
	return 0;
}

static struct run_record *one_attempt(void)
{
	memset(attempt, 0, sizeof(*attempt));
	attempt->end = RUN_EXITED;
	attempt->n_deaths = 1;
	attempt->started_ns = attempt->deaths[0].time_ns = clock_agent_ns();
	attempt->ended_ns = clock_agent_ns();
	return story_add(&story, watch, attempt, NULL);
}

static void assert_order(uint64_t agent_ns)
{
	uint64_t last = story.started_ns;

	assert_true(story.started_ns + SOON >= agent_ns);
	for (uint32_t i = 0; i < story.n; i++) {
		const struct run_attempt *a = &story.records[i].attempt;

		assert_true(a->started_ns >= last);
		assert_true(a->deaths[0].time_ns >= a->started_ns);
		assert_true(a->ended_ns >= a->deaths[0].time_ns);
		last = a->ended_ns;
	}
	assert_true(story.ended_ns >= last);
	assert_true(story.ended_ns <= agent_ns + SOON);
}

/* The time of day was set a year forward while the agent ran. */
static void an_agent_may_live_in_the_past(void **state)
{
	uint64_t agent_ns = clock_agent_ns() - 365 * DAY;

	(void)state;
	clock_follow(agent_ns);
	assert_non_null(one_attempt());
	story_end(&story, watch);
	assert_order(agent_ns);
}

static void an_agent_may_live_in_the_future(void **state)
{
	uint64_t agent_ns = clock_agent_ns() + 2 * DAY;

	(void)state;
	clock_follow(agent_ns);
	assert_non_null(one_attempt());
	story_end(&story, watch);
	assert_order(agent_ns);
}

/* There was none at first, or the next one counts otherwise. */
static void an_agent_may_come_between_two_attempts(void **state)
{
	uint64_t agent_ns;

	(void)state;
	assert_non_null(one_attempt());
	agent_ns = clock_agent_ns() - 365 * DAY;
	clock_follow(agent_ns);
	assert_non_null(one_attempt());
	story_end(&story, watch);
	assert_int_equal(story.n, 2);
	assert_order(agent_ns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_agent_may_live_in_the_past,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_agent_may_live_in_the_future,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			an_agent_may_come_between_two_attempts, set_up,
			tear_down),
	};

	return cmocka_run_group_tests_name("run_story", tests, NULL, NULL);
}
