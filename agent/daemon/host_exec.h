/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_HOST_EXEC_H
#define HALE_HOST_EXEC_H

/*
 * Becoming a driver's helper: libexec/hale-probe-<name> (hale/helper.h), found
 * by $HALE_EXEC_PATH, else beside the program that runs now:
 *
 *   DIR/hale-probe-x DIR/libexec/hale-probe-x
 *   DIR/../libexec/hale/hale-probe-x DIR/../libexec/hale-probe-x
 */

#include "hale/driver.h"

#include "agent/sandbox/sandbox.h"

/* host_confine.c: in a driver's child: gives up what the driver does not need.
 * @user: NULL: nothing. 0, or negative errno: do not go on. */
int host_confine(const struct hale_driver *driver,
		 const struct sandbox_user *user);

/**
 * host_exec() - in a driver's child: run its helper in place of this process
 * @user: as host_confine(), which it calls.
 * @fd: where it sends its facts.
 *
 * Returns only where there is no such program or it cannot be run: negative
 * errno. -ENOENT: it was not found, and @p has been told so as coverage.
 */
int host_exec(const struct hale_driver *driver, struct hale_probe *p,
	      const struct sandbox_user *user, int fd);

/**
 * host_exec_program() - become any program of ours, found in the same way
 * @name: of its file.
 * @argv: what ps(1) is to call it first; NULL-terminated.
 * @ret_dir: where it was looked for, for people.
 *
 * Returns only on failure: negative errno.
 */
int host_exec_program(const char *name, char *const *argv, char *ret_dir,
		      size_t size);

#endif
