/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_REPORT_FLIGHT_H
#define HALE_REPORT_FLIGHT_H

/*
 * What was sent and is not yet acknowledged. A message is found again by a
 * random number that only its server has heard. Pure: told the time and the
 * numbers.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/report/spool.h"

/* A server that takes nothing costs so much memory there and here. */
#define FLIGHT_MAX 32

struct flight_item {
	uint64_t token; /* 0: this place is free */
	uint64_t sent_ns;
	bool fresh; /* never sent before, by anybody of ours */
	enum fleet_kind kind;
	struct spool_id id; /* of a state: none */
};

struct flight {
	struct flight_item items[FLIGHT_MAX];
	size_t n;
};

/* False: no room. @item->token is not 0. */
bool flight_add(struct flight *f, const struct flight_item *item);
/* Takes it out; false: nobody sent that, or it came too late. */
bool flight_take(struct flight *f, uint64_t token,
		 struct flight_item *ret_item);
/* Is it on its way? */
bool flight_has(const struct flight *f, const struct spool_id *id);
/* Takes out one that was sent at @before_ns or before; false: there is none. */
bool flight_expire(struct flight *f, uint64_t before_ns,
		   struct flight_item *ret_item);
/* When the oldest was sent; 0: none is on its way. */
uint64_t flight_oldest(const struct flight *f);
void flight_clear(struct flight *f);

#endif
