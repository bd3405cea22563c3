/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DRIVERS_UDEV_H
#define DRIVERS_UDEV_H

/* Private to the driver udev. */

#include <libudev.h>

#include "hale/driver.h"

/* Removals remembered: as many as can be on their way through udevd. */
#define GONE_MAX 64

struct gone {
	uint32_t major, minor;
	uint64_t seqnum; /* of the kernel's event; 0: free */
};

struct udev_state {
	struct udev *udev;
	struct udev_monitor *monitor;  /* whoever tells most: udevd, kernel */
	struct udev_monitor *removals; /* of the kernel, where that is udevd */
	int epoll_fd;		       /* both; only with @removals */
	unsigned int next_gone;
	struct gone gone[GONE_MAX];
};

/**
 * udev_listen() - open the monitors
 * @udevd: udevd's messages can be heard, and are preferred.
 *
 * Return: what to wait for, or negative errno; udev_deafen() in any case.
 */
int udev_listen(struct udev_state *s, bool udevd);
void udev_deafen(struct udev_state *s);

#endif
