/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DRIVERS_LIMITS_READ_H
#define DRIVERS_LIMITS_READ_H

/* Private to the driver limits: texts of procfs to numbers. Pure. */

#include <stdbool.h>
#include <stdint.h>

struct limits_use {
	uint64_t used, limit; /* limit 0: there is none, or it is not known */
	const char *name;     /* of the limit: "kernel.pid_max" */
};

/* How much of the limit is used, 0 where there is none; rounded down. */
unsigned int limits_permille(const struct limits_use *use);

/* "90%" or "90": 0, or -EINVAL where it is not from 1 to 100. */
int limits_percent(const char *text, unsigned int *ret_percent);

/* A number and nothing after it ("max" is none). */
bool limits_number(const char *text, uint64_t *ret_number);

/* All threads there are: the last number of "0.20 0.18 0.12 1/80 11206"'s
 * fourth field (fs/proc/loadavg.c). */
bool limits_loadavg(const char *text, uint64_t *ret_threads);

/* "1120 0 9223372036854775807": used, unused, limit (fs/file_table.c). */
bool limits_file_nr(const char *text, uint64_t *ret_used, uint64_t *ret_limit);

#endif
