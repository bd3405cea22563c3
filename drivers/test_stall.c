/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A driver that never returns, as one does that asks a dead disk. It is there
 * for the tests: the agent must abandon it, say so, and go on answering. With
 * the option part it hangs at that part only, of which it then says so, and has
 * another one, "sensor/test.second", which it can see when it does not go to
 * the first. It must never be built into an agent that people use.
 */
#include <signal.h>

#include "hale/base.h"
#include "hale/driver.h"

/* A disk's D state ignores SIGKILL; the nearest that a program can do is to
 * ignore everything else. */
static void stall(void)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	while (pause() < 0) /* it has no other result */
		;
}

static void say(struct hale_probe *p, const char *part,
		enum hale_condition condition, bool holds)
{
	struct hale_observation o = { .kind = HALE_OBSERVED_STATE,
				      .condition = condition,
				      .holds = holds,
				      .count = holds,
				      .time_ns = p->now_ns };

	HALE_SET(o.part, part);
	hale_emit_observation(p, &o);
}

static int test_stall_sample(struct hale_probe *p)
{
	const char *part = hale_option(p, "part");

	if (!part) {
		stall();
		return 0;
	}
	if (!hale_skips(p, part)) {
		say(p, part, HALE_DISK_STALLED, false);
		stall();
	}
	say(p, "sensor/test.second", HALE_SENSOR_FAN, true);
	return 0;
}

HALE_DRIVER(test_stall) = {
	.name = "test_stall",
	.about = "never returns (tests only)",
	.period_ms = 1000,
	.deadline_ms = 500,
	.may_block = true,
	.scans = true,
	.sample = test_stall_sample,
};
