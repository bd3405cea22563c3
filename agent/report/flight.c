/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of what is on its way. Decides nothing but whether there is room.
 * Must never give a message for a number that it was not sent with: what is
 * taken out of here as acknowledged is deleted. Invariant: n items are used.
 */
#include "agent/report/flight.h"

#include <string.h>

bool flight_add(struct flight *f, const struct flight_item *item)
{
	for (size_t i = 0; i < FLIGHT_MAX; i++) {
		if (f->items[i].token != 0)
			continue;
		f->items[i] = *item;
		f->n++;
		return true;
	}
	return false;
}

static void drop(struct flight *f, struct flight_item *item)
{
	item->token = 0;
	f->n--;
}

bool flight_take(struct flight *f, uint64_t token, struct flight_item *ret_item)
{
	for (size_t i = 0; token != 0 && i < FLIGHT_MAX; i++) {
		if (f->items[i].token != token)
			continue;
		*ret_item = f->items[i];
		drop(f, &f->items[i]);
		return true;
	}
	return false;
}

bool flight_has(const struct flight *f, const struct spool_id *id)
{
	for (size_t i = 0; i < FLIGHT_MAX; i++) {
		if (f->items[i].token != 0 &&
		    memcmp(&f->items[i].id, id, sizeof(*id)) == 0)
			return true;
	}
	return false;
}

bool flight_expire(struct flight *f, uint64_t before_ns,
		   struct flight_item *ret_item)
{
	for (size_t i = 0; i < FLIGHT_MAX; i++) {
		if (f->items[i].token == 0 || f->items[i].sent_ns > before_ns)
			continue;
		*ret_item = f->items[i];
		drop(f, &f->items[i]);
		return true;
	}
	return false;
}

uint64_t flight_oldest(const struct flight *f)
{
	uint64_t oldest = 0;

	for (size_t i = 0; i < FLIGHT_MAX; i++) {
		if (f->items[i].token != 0 &&
		    (oldest == 0 || f->items[i].sent_ns < oldest))
			oldest = f->items[i].sent_ns;
	}
	return oldest;
}

void flight_clear(struct flight *f)
{
	memset(f, 0, sizeof(*f));
}
