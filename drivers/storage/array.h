/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DRIVERS_STORAGE_ARRAY_H
#define DRIVERS_STORAGE_ARRAY_H

/* Private to the driver storage: devices that are made of several others. */

#include "storage.h"

/* What is known of one, md or dm. */
struct storage_array {
	bool redundant;	      /* it lives on when one more leg goes */
	uint32_t members;     /* 0: not known, or no array */
	uint32_t lost, bears; /* of them, and how many it can do without */
	unsigned int n_failed;
	struct storage_dev failed[16]; /* legs that it has done without since */
	char via[HALE_NAME_MAX];
};
/* md.c */
void storage_md_read(const struct storage *s, const char *name,
		     struct storage_array *ret_array);
/* Is this leg of an md array one that it reads from and needs? */
bool storage_md_leg_in_use(const struct storage *s, const char *name,
			   const char *leg);
/* array.c */
void storage_dm_read(const struct storage *s, const struct storage_block *b,
		     struct storage_array *ret_array);

/* dm_ioctl.c: false, or -1, where device-mapper does not answer */
bool storage_dm_by_table(const struct storage *s, const struct storage_block *b,
			 struct storage_array *array);
int storage_dm_lowers(const struct storage *s, const struct storage_block *b,
		      struct storage_dev *lowers, unsigned int max);

/* dm_table.c: pure. Takes one target of a device-mapper table into account. */
void storage_dm_target(struct storage_array *array, unsigned int nth,
		       const char *type, const char *status);

#endif
