/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DRIVERS_PRESSURE_READ_H
#define DRIVERS_PRESSURE_READ_H

/* Private to the driver pressure: what a pressure file says, and what the
 * configuration asks for. Pure. */

#include "hale/base.h"

/* Some tasks waited while others worked; or nobody worked. */
enum pressure_kind {
	PRESSURE_SOME = 0,
	PRESSURE_FULL,
	PRESSURE_KIND_COUNT
};

/* A file below /proc/pressure (Documentation/accounting/psi.rst). */
struct pressure_reading {
	uint32_t avg10_permille[PRESSURE_KIND_COUNT]; /* of the last 10 s */
};

/* "full 20% / 10s": so much of any such window is too much. */
struct pressure_limit {
	bool off;
	enum pressure_kind kind;
	uint32_t percent;  /* 1 to 99 */
	uint32_t window_s; /* 2 to 10, even: what unprivileged users may ask */
};

/* Of /proc/meminfo (Documentation/filesystems/proc.rst). */
struct pressure_memory {
	uint64_t total_kib, available_kib;
};

/**
 * pressure_parse() - the text of a pressure file
 *
 * Return: 0, or -EINVAL where it has no "some" and "full" line of that form.
 */
int pressure_parse(const char *text, struct pressure_reading *ret_reading);

/* "off" or a limit as above. Return: 0 or -EINVAL. */
int pressure_limit_parse(const char *text, struct pressure_limit *ret_limit);

/* The beginning of /proc/meminfo. Return: 0 or -EINVAL. */
int pressure_memory_parse(const char *text, struct pressure_memory *ret_memory);

/* "some", "full" */
const char *pressure_kind_name(enum pressure_kind kind);

#endif
