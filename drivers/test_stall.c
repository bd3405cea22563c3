/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A driver that never returns, as one does that asks a dead disk. It is there
 * for the tests: the agent must abandon it, say so, and go on answering. It
 * states no facts and must never be built into an agent that people use.
 */
#include <signal.h>
#include <unistd.h>

#include "hale/driver.h"

/* A disk's D state ignores SIGKILL; the nearest that a program can do is to
 * ignore everything else. */
static int test_stall_sample(struct hale_probe *p)
{
	sigset_t all;

	(void)p;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	while (pause() < 0) /* it has no other result */
		;
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
