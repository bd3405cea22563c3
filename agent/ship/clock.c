/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What time it is for the store: that of the agent whose builds and findings it
 * keeps, as its last report said it. The time of day may be set to anything
 * while it runs; builds are told in the agent's time, and by another clock they
 * would be refused, or a year of them forgotten at once. Until the first report
 * there is nothing but the time of day.
 */
#include <time.h>

#include "hale/base.h"

#include "agent/ship/ship.h"

static struct {
	bool known;
	uint64_t ahead_ns; /* of CLOCK_BOOTTIME; wraps */
} agent;

static uint64_t read_clock(clockid_t which)
{
	struct timespec ts;

	clock_gettime(which, &ts);
	return (uint64_t)ts.tv_sec * HALE_NS_PER_S + (uint64_t)ts.tv_nsec;
}

uint64_t ship_mono_ns(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

uint64_t ship_now_ns(void)
{
	return agent.known ? read_clock(CLOCK_BOOTTIME) + agent.ahead_ns
			   : read_clock(CLOCK_REALTIME);
}

void ship_follow(uint64_t as_of_ns)
{
	if (as_of_ns == 0)
		return;
	agent.ahead_ns = as_of_ns - read_clock(CLOCK_BOOTTIME);
	agent.known = true;
}

bool ship_time_known(void)
{
	return agent.known;
}
