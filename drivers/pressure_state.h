/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DRIVERS_PRESSURE_STATE_H
#define DRIVERS_PRESSURE_STATE_H

/* Private to the driver pressure: what it keeps, and who decides. */

#include "hale/driver.h"

#include "pressure_read.h"

enum pressure_what {
	PRESSURE_MEMORY = 0,
	PRESSURE_IO,
	PRESSURE_COUNT
};

struct pressure_source {
	int fd; /* -1: off or not there */
	bool holds, said;
	bool of_cgroup; /* tasks stall, but the host has memory left */
	uint8_t calm;	/* looks in a row that found it low */
	uint64_t said_ns;
	struct pressure_limit limit;
};

struct pressure_state {
	int epoll_fd, timer_fd;
	int meminfo_fd;
	bool polls; /* no triggers: the timer never stops */
	uint32_t armed_s;
	struct pressure_source sources[PRESSURE_COUNT];
};

/* pressure_judge.c: takes a reading in, and says what has begun or ended. */
void pressure_judge(struct hale_probe *p, enum pressure_what w,
		    const struct pressure_reading *r);

/* Is there something that may end, so that it has to be looked at again? */
bool pressure_lasts(const struct pressure_state *st);

#endif
