/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one place that asks what time it is for facts and verdicts. Decides the
 * anchor: the wall clock once a boot, and from then on CLOCK_BOOTTIME, which
 * counts suspend and never steps. It must never follow the wall clock: a step
 * by NTP would make faults older or newer than they are. Invariant: within a
 * boot, agents that follow each other share one anchor.
 */
#include <fcntl.h>
#include <time.h>

#include "hale/base.h"

#include "agent/daemon/clock.h"

static uint64_t read_ns(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * HALE_NS_PER_S + (uint64_t)t.tv_nsec;
}

static void read_boot_id(char *ret_id)
{
	ssize_t n = 0;
	_cleanup_fd_ int fd =
		open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);

	if (fd >= 0)
		n = read(fd, ret_id, CLOCK_BOOT_ID_MAX - 1);
	ret_id[n > 0 ? n : 0] = '\0';
	ret_id[strcspn(ret_id, "\n")] = '\0';
}

void clock_init(struct hale_clock *c)
{
	uint64_t wall = read_ns(CLOCK_REALTIME);

	c->boot_to_agent_ns = (int64_t)(wall - read_ns(CLOCK_BOOTTIME));
	read_boot_id(c->boot_id);
}

bool clock_resume(struct hale_clock *c, const char *boot_id,
		  int64_t boot_to_agent_ns)
{
	if (c->boot_id[0] == '\0' || strcmp(c->boot_id, boot_id) != 0)
		return false;
	c->boot_to_agent_ns = boot_to_agent_ns;
	return true;
}

uint64_t clock_boot_ns(void)
{
	return read_ns(CLOCK_BOOTTIME);
}

uint64_t clock_mono_ns(void)
{
	return read_ns(CLOCK_MONOTONIC);
}

uint64_t clock_now_ns(const struct hale_clock *c)
{
	return read_ns(CLOCK_BOOTTIME) + (uint64_t)c->boot_to_agent_ns;
}

int64_t clock_mono_to_agent_ns(const struct hale_clock *c)
{
	uint64_t asleep = read_ns(CLOCK_BOOTTIME) - read_ns(CLOCK_MONOTONIC);

	return c->boot_to_agent_ns + (int64_t)asleep;
}
