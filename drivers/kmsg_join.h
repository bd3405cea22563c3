/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_KMSG_JOIN_H
#define HALE_KMSG_JOIN_H

/*
 * By what another driver would know the event that a line tells of: the sector
 * of a request, the pid of a victim, the frame of a page. Pure.
 */

#include "hale/driver.h"
#include "hale/rules.h"

/**
 * kmsg_join() - fill in join and join_key
 * @text: the line, @len bytes.
 *
 * A line of a failed request that does not name its sector gets
 * HALE_SECTOR_UNKNOWN, any other without its number likewise.
 */
void kmsg_join(const struct hale_match *m, const char *text, size_t len,
	       struct hale_observation *o);

/* Is this the name of a request: does its key hold a sector? */
bool kmsg_join_named(const struct hale_observation *o);

#endif
