/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How an attempt ends. A command that ends by itself leaves the rest of its
 * group alone, as without hale; one that is ended (--timeout, --stall) takes
 * all of its group and cgroup with it, first by SIGTERM, then by SIGKILL. Its
 * output is passed on until it ends; where others hold it, hale does not wait
 * for them: relay_leave().
 */
#include <errno.h>
#include <signal.h>

#include "hale/base.h"

#include "attempt_own.h"

/* What children that are about to end as well may need for their last words. */
#define LEAVE_NS (50 * HALE_NS_PER_MS)
/* How often a group that was told to end is looked at. */
#define PRESS_NS (20 * HALE_NS_PER_MS)
/* After SIGKILL: what has not ended by then waits in the kernel for a device
 * that does not answer, and may do so for ever. */
#define GIVE_UP_NS (10 * HALE_NS_PER_S)

/* What a terminal or a runner sends to all of a job. */
static bool is_of_group(int sig)
{
	return signals_ends(sig) || sig == SIGCONT || sig == SIGTSTP ||
	       sig == SIGWINCH;
}

void attempt_forward(struct attempt *a, int sig)
{
	/* others have a meaning for the command alone: what it started would
	 * die of SIGUSR1 */
	kill(is_of_group(sig) ? -a->pid : a->pid, sig);
	if (sig == SIGCONT)
		a->paused = false;
}

void attempt_finish(struct attempt *a, enum run_end end)
{
	uint64_t patience = a->setup->options->kill_after_ns;

	if (a->kill_at || a->killed)
		return;
	a->out->end = end;
	a->deadline = 0;
	a->kill_at = patience ? a->now + patience : UINT64_MAX;
	kill(-a->pid, SIGTERM);
	cgroup_signal(&a->cgroup, SIGTERM);
	/* stopped ones hear it only when they are continued */
	kill(-a->pid, SIGCONT);
	cgroup_signal(&a->cgroup, SIGCONT);
}

void attempt_press(struct attempt *a)
{
	if (a->deadline && a->now >= a->deadline)
		attempt_finish(a, RUN_TIMED_OUT);
	if (!a->kill_at || a->killed || a->now < a->kill_at)
		return;
	a->killed = true;
	a->give_up_at = a->now + GIVE_UP_NS;
	kill(-a->pid, SIGKILL);
	cgroup_signal(&a->cgroup, SIGKILL);
}

/* Of those that were told to end, is any left? */
static bool any_left(const struct attempt *a)
{
	return a->kill_at && !a->killed && kill(-a->pid, 0) == 0;
}

bool attempt_over(struct attempt *a)
{
	if (!a->exited)
		return a->killed && a->now >= a->give_up_at;
	if (!a->leave_at)
		a->leave_at = a->now + LEAVE_NS;
	if (any_left(a)) {
		a->leave_at = a->now + PRESS_NS;
		return false;
	}
	return relay_ended(&a->relay) || a->now >= a->leave_at;
}
