/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CONDITION_H
#define HALE_CONDITION_H

/*
 * The vocabulary of findings. The enum is generated from
 * agent/core/catalogue.def: HALE_DISK_MEDIUM_ERROR is "disk.medium_error".
 */

#include <stdbool.h>
#include <stddef.h>

/* generated: enum hale_condition { HALE_CONDITION_NONE = 0, HALE_DISK_IO_ERROR,
 * ..., HALE_CONDITION_COUNT } */
#include "hale/condition_list.h"
#include "hale/words.h"

enum hale_life {
	HALE_LIFE_STATE,   /* true while it holds; re-measured */
	HALE_LIFE_LATCHED, /* stays until evidence clears it */
	HALE_LIFE_RATE,	   /* takes effect above a rate */
};

struct hale_condition_info {
	const char *name; /* "disk.medium_error" */
	enum hale_life life;
	enum hale_effect effect; /* default; policy may change it */
	const char *rate;	 /* "10 / 24h", or "" */
	const char *expires;	 /* "24h", or "" for never */
	bool reboot_clears;
	const char *meaning; /* one line each, for people */
	const char *advice;
	const char *clears;
};

/**
 * hale_condition_info() - the catalogue's entry for a condition
 * @c: any value; one out of range gives the entry named "none".
 *
 * Return: static storage, never NULL.
 */
const struct hale_condition_info *hale_condition_info(enum hale_condition c);

/**
 * hale_condition_from_name() - "disk.medium_error" to its enum
 * @name: @len bytes, need not be terminated.
 *
 * Return: HALE_CONDITION_NONE where the catalogue has no such name.
 */
enum hale_condition hale_condition_from_name(const char *name, size_t len);

/* "blocks", "warns", "notes", "none" */
const char *hale_effect_name(enum hale_effect e);

#endif
