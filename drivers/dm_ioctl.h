/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DRIVERS_DM_IOCTL_H
#define DRIVERS_DM_IOCTL_H

/* Asks device-mapper about a device (linux/dm-ioctl.h); shared by drivers. */

#include <linux/dm-ioctl.h>
#include <stdbool.h>
#include <stdint.h>

/* What the kernel answers: header, then targets. Tables of 100 segments fit. */
struct dm_answer {
	struct dm_ioctl head;
	char data[16384];
};

/* One row of a table. @params lies in the answer, and is terminated. */
struct dm_target {
	uint64_t start, length; /* in sectors of 512 bytes */
	char type[DM_MAX_TYPE_NAME];
	const char *params;
};

struct dm_walk {
	const struct dm_answer *answer;
	uint32_t n;
	uint64_t at;
};

/**
 * dm_ask_table() - the table of a device, or the state of its targets
 * @control_fd: /dev/mapper/control; -1 gives false.
 * @status: the state (as `dmsetup status`), not the table.
 *
 * Return: false where it does not answer, or with more than fits.
 */
bool dm_ask_table(int control_fd, uint32_t major, uint32_t minor, bool status,
		  struct dm_answer *ret_answer);

/* Starts with a walk that has only its answer set. False at the end. */
bool dm_next(struct dm_walk *walk, struct dm_target *ret_target);

/* The numbers of the devices that it is made of: as dev_t. -1: no answer. */
int dm_ask_deps(int control_fd, uint32_t major, uint32_t minor,
		uint64_t *ret_deps, uint32_t max);

#endif
