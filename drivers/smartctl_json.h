/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_DRIVERS_SMARTCTL_JSON_H
#define HALE_DRIVERS_SMARTCTL_JSON_H

/*
 * Members of smartctl's JSON by name and type. What is absent, or null, is not
 * given; what has another type is remembered as the document's fault, by the
 * name of its field.
 */

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "hale/smartctl.h"

struct smartctl {
	struct hale_disk_reading *d;
	char *error;	   /* SMARTCTL_ERROR_MAX; "": no fault so far */
	const char *where; /* of the table being read: "nvme_self_test_log" */
	size_t row;	   /* in that table, from 0; SIZE_MAX: not in one */
};

/* NULL where it is not given, or a fault. */
json_t *smartctl_object(struct smartctl *s, json_t *in, const char *name);
json_t *smartctl_array(struct smartctl *s, json_t *in, const char *name);
const char *smartctl_string(struct smartctl *s, json_t *in, const char *name);

/* False where it is not given, a fault, negative, or beyond 2^53 (then it is
 * not a number that a disk has counted). */
bool smartctl_number(struct smartctl *s, json_t *in, const char *name,
		     uint64_t *ret_n);
bool smartctl_bool(struct smartctl *s, json_t *in, const char *name,
		   bool *ret_yes);

/* Sets @v to the number of that name, if it is given. */
void smartctl_set(struct smartctl *s, json_t *in, const char *name,
		  enum hale_disk_value v);

/* Of the ATA and SATA part of a report. */
void smartctl_ata(struct smartctl *s, json_t *root);

#endif
