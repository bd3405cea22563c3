/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What time it is. The one value kept is how far the agent's time lies ahead of
 * CLOCK_BOOTTIME; a time of day that is set while a build runs must move
 * nothing.
 */
#include "clock.h"

#include <stdbool.h>
#include <time.h>

#include "hale/base.h"

static struct {
	bool known;
	uint64_t ahead_ns; /* of CLOCK_BOOTTIME; wraps */
} agent;

static uint64_t read_ns(clockid_t id)
{
	struct timespec ts = { 0 };

	clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * HALE_NS_PER_S + (uint64_t)ts.tv_nsec;
}

uint64_t clock_mono_ns(void)
{
	return read_ns(CLOCK_MONOTONIC);
}

void clock_follow(uint64_t as_of_ns)
{
	agent.ahead_ns = as_of_ns - read_ns(CLOCK_BOOTTIME);
	agent.known = true;
}

uint64_t clock_ahead_ns(void)
{
	if (!agent.known)
		clock_follow(read_ns(CLOCK_REALTIME));
	return agent.ahead_ns;
}

uint64_t clock_agent_ns(void)
{
	uint64_t ahead_ns = clock_ahead_ns();

	return read_ns(CLOCK_BOOTTIME) + ahead_ns;
}
