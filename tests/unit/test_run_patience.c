/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a failed build is worth: is there more to be asked of the agent, given
 * what it has said so far?
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "agent/run/judge/watch_own.h"

/* A disk that was full a second ago, and has room again, is known at once, and
 * is not why the stream from the engine broke off. */
static void a_dead_engine_is_asked_about_whatever_else_failed(void **state)
{
	const struct run_text text = { .cause = HALE_CAUSE_NETWORK };
	const struct run_attempt a = { .end = RUN_EXITED, .status = 1 };
	const struct run_host h = { .agent = true, .since_ns = 5 };
	const struct hale_cause_step step = {
		.finding = { .condition = HALE_FS_FULL, .last_ns = 6 },
	};
	struct hale_cause cause = { .build = HALE_CAUSE_HOST_DISK_FULL,
				    .n_steps = 1 };
	struct watch w = { .container = true, .causes = &cause, .n_causes = 1 };

	(void)state;
	cause.steps[0] = step;
	assert_true(watch_explained(&w, &h));
	assert_true(watch_worth_asking(&w, &a, &text, &h));
	cause.build = HALE_CAUSE_ENGINE_DOWN;
	cause.steps[0].finding.condition = HALE_ENGINE_DOWN;
	assert_false(watch_worth_asking(&w, &a, &text, &h));
	/* that it once did not answer says nothing of now */
	cause.steps[0].finding.closed_ns = 7;
	assert_true(watch_worth_asking(&w, &a, &text, &h));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_dead_engine_is_asked_about_whatever_else_failed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
