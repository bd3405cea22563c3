/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DRIVERS_SMART_CHILD_H
#define DRIVERS_SMART_CHILD_H

/* A program that is run for what it prints, within bounds. */

/* Of output, and of time: smartctl -x takes some 100 ms, of a slow bridge
 * seconds. */
#define CHILD_OUTPUT_MAX (1024 * 1024)
#define CHILD_TIMEOUT_MS 8000

/**
 * child_run() - runs argv[0], an absolute path, and collects what it prints
 * @timeout_ms: CHILD_TIMEOUT_MS, but for tests.
 * @ret_text: its standard output, terminated; to be freed.
 * @ret_status: its exit status.
 *
 * One that does not end in time is killed. If not even that ends it, because
 * it sits in the kernel, neither does this return: then who called sits there,
 * as the host expects it of a disk that hangs.
 *
 * Return: 0; -ENOENT: there is no such program; -EFBIG: it printed more than
 * is taken; -ETIMEDOUT; -ECHILD: it died; or negative errno.
 */
int child_run(const char *const argv[], int timeout_ms, char **ret_text,
	      int *ret_status);

#endif
