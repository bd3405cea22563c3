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

/**
 * host_exec() - in a driver's child: run its helper in place of this process
 * @fd: where it sends its facts.
 *
 * Returns only where there is no such program or it cannot be run: negative
 * errno. -ENOENT: it was not found, and @p has been told so as coverage.
 */
int host_exec(const struct hale_driver *driver, struct hale_probe *p, int fd);

/**
 * host_exec_program() - become any program of ours, found in the same way
 * @argv: its name first; NULL-terminated.
 * @ret_dir: where it was looked for, for people.
 *
 * Returns only on failure: negative errno.
 */
int host_exec_program(char *const *argv, char *ret_dir, size_t size);

#endif
