/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DRIVERS_SMART_OUTSIDE_H
#define DRIVERS_SMART_OUTSIDE_H

/* What USB bridges and RAID controllers share: smartctl. */

#include "smart.h"

#define OUTSIDE_ARGS_MAX 8

/* Runs smartctl with these; -ENOENT: not installed, -EACCES: not wanted. */
int outside_run(struct smart_visit *v, const char *const args[],
		char **ret_text, int *ret_status);

/**
 * outside_read() - what smartctl reads of one disk, into the visit's reading
 * @type: of its option -d, or NULL.
 * @ret_error: SMARTCTL_ERROR_MAX bytes; "" where there is nothing to say.
 *
 * Return: as outside_run() and smartctl_read().
 */
int outside_read(struct smart_visit *v, const char *device, const char *type,
		 char *ret_error);

/* @where: "behind a USB bridge" */
void outside_see_error(struct smart_disk *d, int error, const char *where,
		       const char *text);

#endif
