/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_VERIFY_TARGET_H
#define HALE_VERIFY_TARGET_H

/* From what a person names to the disks that are tested. */

#include "reader.h"

#define TARGETS_MAX 16

struct target {
	struct reader_device device;
	char part[HALE_PART_MAX]; /* "": no agent knows it */
	char model[HALE_UUID_MAX + 1], serial[HALE_UUID_MAX + 1];
	struct hale_failing failing;
	uint32_t n_conditions; /* its findings */
};

struct targets {
	uint32_t n;
	bool agent; /* one was asked */
	struct target list[TARGETS_MAX];
};

/* 0, or an exit code after one line on stderr. */
int targets_find(struct verify *v, struct targets *ret);

#endif
