/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_SCAN_H
#define HALE_SCAN_H

/*
 * What there is to see now, seen once, in this process and without an agent:
 * the same drivers and the same host as the agent's, for `hale check` where
 * none runs. Knows nothing of the agent.
 */

#include "hale/driver.h"

#include "agent/daemon/clock.h"

/* One line of a driver's section in the config. */
struct driver_option {
	const char *driver, *key, *value;
};

struct host_scan {
	/* Each fact as it comes; coverage facts carry the driver's name. */
	void (*sink)(void *data, const char *driver, const struct hale_fact *f,
		     uint64_t now_ns);
	void *data;
	const struct hale_clock *clock;
	const struct driver_option *options;
	size_t n_options;
	uint64_t
		resume_seq; /* kernel log: skip up to this; 0: from the start */
	uint64_t deadline_ns; /* for all of it: 5 s is generous */
};

/**
 * host_scan() - run every driver that scans, once
 *
 * Drivers that block do so in children; one that passes the deadline is told
 * as blind and left behind.
 *
 * Return: 0, also where drivers were blind; negative errno where nothing could
 * be run at all.
 */
int host_scan(const struct host_scan *scan);

#endif
