/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_FLEETCLI_COUNTS_H
#define HALE_FLEETCLI_COUNTS_H

/* How often each of many names was met. Pure. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COUNTS_MAX (1u << 20) /* names; more are counted together */

struct count {
	char *name;
	uint64_t all, bad;
};

struct counts {
	struct count *slots; /* open addressing; a power of two */
	size_t n, size;
	uint64_t others; /* that found no place */
};

/* One more of @name. True: it is the first. */
bool counts_add(struct counts *c, const char *name, bool bad);
/* The most first, by @bad where some are; its slots are a plain list of c->n
 * afterwards, and nothing more can be added. */
void counts_sort(struct counts *c);
void counts_done(struct counts *c);

#endif
