/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CORE_BEARERS_H
#define HALE_CORE_BEARERS_H

/*
 * Since when a kernel name has meant the device that it means now, as far as
 * the kernel log tells.
 */

#include <stdbool.h>
#include <stddef.h>

#include "hale/base.h"
#include "hale/bearer.h"

#define BEARERS_MAX 256 /* the one not heard of for longest gives way */

struct bearer {
	char name[HALE_NAME_MAX];
	uint64_t left_ns, announced_ns, came_ns; /* the last ones; 0: none */
	uint64_t since_ns; /* what was said before is about another; 0: all
			    * that is known may be about this one */
	uint64_t heard_ns;
};

/* Zero it to start. */
struct bearers {
	uint32_t n;
	struct bearer list[BEARERS_MAX];
};

/* Return: since when, where that is news; else 0. */
uint64_t bearers_take(struct bearers *b, const struct hale_bearer *f);

/* Since when the name of a device or partition means it; 0: not said. */
uint64_t bearers_since(const struct bearers *b, const char *device);

/* Does @name mean this device, or one of which this is a partition or a
 * namespace? */
bool bearers_means(const char *name, const char *device);

#endif
