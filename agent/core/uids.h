/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CORE_UIDS_H
#define HALE_CORE_UIDS_H

#include <stdbool.h>
#include <stdint.h>

/* Users by their numbers, both ends with them. */
#define HALE_UID_RANGES_MAX 16

struct hale_uids {
	uint32_t n;
	struct {
		uint32_t first, last;
	} ranges[HALE_UID_RANGES_MAX];
};

bool hale_uids_have(const struct hale_uids *u, uint32_t uid);

#endif
