/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FAKE_UDEV_H
#define TESTS_FAKE_UDEV_H

/*
 * A libudev of our own: defines the calls that the driver makes, and hands out
 * events from a table. Fails the test that uses an object wrongly.
 */

#include <libudev.h>
#include <stdbool.h>
#include <stddef.h>

struct udev_device {
	const char *action;
	const char *properties[24];
	int error; /* instead of a device */
	unsigned long long seqnum;
	bool kernel; /* told by the kernel, not yet by udevd */
};

struct fake_udev {
	const struct udev_device *events;
	size_t n;
	char groups[32]; /* "udev kernel ", as they were asked for */
	int refs;	 /* of everything */
	int enable_error;
};

extern struct fake_udev fake;

#endif
