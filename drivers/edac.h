/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DRIVERS_EDAC_H
#define DRIVERS_EDAC_H

/*
 * Private to the driver edac. Sysfs as in Documentation/admin-guide/ras.rst and
 * drivers/edac/edac_mc_sysfs.c.
 */

#include "hale/base.h"
#include "hale/driver.h"

/* One memory controller's folder. */
struct edac_mc {
	struct hale_probe *p;
	int fd;
	unsigned int number;   /* "mc3" */
	unsigned int counters; /* that were said of it */
	char name[HALE_NAME_MAX];
};

/**
 * edac_each() - the entries of a folder that are "<prefix><number>"
 * At most 256 are looked at. Return: how many, or negative errno.
 */
int edac_each(int dirfd, const char *path, const char *prefix,
	      void (*see)(void *ctx, const char *name, unsigned int number),
	      void *ctx);

/* A number and nothing else in a file. */
bool edac_number(int dirfd, const char *path, uint64_t *ret_number);

/* Says the reading of a counter; @part without its "dimm/". */
void edac_say(struct hale_probe *p, enum hale_condition condition,
	      const char *part, uint32_t counter, uint64_t value);

/* edac_mc.c: all counters of a controller */
void edac_mc_read(struct edac_mc *mc);

/* edac_why.c: why there is no EDAC here, and what to do about it */
void edac_why(const struct hale_probe *p, const char **ret_why,
	      const char **ret_remedy);

enum edac_ecc {
	EDAC_ECC_UNKNOWN = 0,
	EDAC_ECC_NONE,
	EDAC_ECC_PRESENT,
};

/* edac_dmi.c: what the firmware says of the memory (SMBIOS 3.6, 7.17: type 16,
 * offset 6). @table: @len bytes of anything. */
enum edac_ecc edac_dmi_ecc(const uint8_t *table, size_t len);

#endif
