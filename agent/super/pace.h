/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_PACE_H
#define HALE_PACE_H

/*
 * How often a core may have the supervisor start a child: an honest one asks
 * seldom, and one that was taken over would have it fork without end. Pure:
 * told the time.
 */

#include <stdint.h>

struct pace_rule {
	uint64_t each_ns; /* one in so long */
	uint32_t burst;	  /* so many at once */
};

struct pace {
	uint64_t paid_ns; /* until then all is used up; 0 at first */
};

/* May it be done now? 0: yes, and it counts; else ns until it may. */
uint64_t pace_wait_ns(struct pace *p, const struct pace_rule *rule,
		      uint64_t now_ns);

#endif
