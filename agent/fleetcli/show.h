/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_FLEETCLI_SHOW_H
#define HALE_FLEETCLI_SHOW_H

/* One host, whole, as text. Pure. */

#include "events.h"
#include "look.h"

struct show {
	char id[FLEET_ID_SIZE];
	const Hale__Fleet__V1__HostState *state; /* NULL: none can be read */
	uint64_t received_ns, now_ns;		 /* by the servers' clock */
	uint32_t namesakes;			 /* other hosts of that name */
	struct events events;
	uint64_t builds, passed, host_faults;
	size_t width;	/* columns; 0: no bound */
	uint64_t limit; /* lines of the time line */
};

void show_count(struct show *s, const Hale__Fleet__V1__BuildOutcome *m);
void show_text(struct out *o, struct show *s, const struct picture_row *r);

#endif
