/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A timer against a library that waits. Decides that it goes on ticking: the
 * first tick may come just before the wait. Must never tick outside of begin
 * and end, where our own calls would be interrupted. Invariant: whoever waits
 * between the two is free again within EACH_MS of the bound.
 */
#include "agent/report/bound.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/time.h>

#define EACH_MS 100

static volatile sig_atomic_t ticks;

static void tick(int signal_number)
{
	(void)signal_number;
	ticks = 1;
}

static struct timeval in_ms(uint32_t ms)
{
	return (struct timeval){ .tv_sec = ms / 1000,
				 .tv_usec = (ms % 1000) * 1000 };
}

int bound_begin(uint32_t ms)
{
	/* not SA_RESTART: the wait is to be over */
	const struct sigaction act = { .sa_handler = tick };
	const struct itimerval when = { in_ms(EACH_MS), in_ms(ms) };
	sigset_t own;
	int e;

	ticks = 0;
	sigemptyset(&own);
	sigaddset(&own, SIGALRM);
	e = pthread_sigmask(SIG_UNBLOCK, &own, NULL);
	if (e != 0)
		return -e;
	if (sigaction(SIGALRM, &act, NULL) < 0 ||
	    setitimer(ITIMER_REAL, &when, NULL) < 0)
		return -errno;
	return 0;
}

bool bound_end(void)
{
	const struct itimerval never = { 0 };

	setitimer(ITIMER_REAL, &never, NULL);
	return ticks != 0;
}
