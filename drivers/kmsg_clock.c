/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How far printk's clock is behind. Decides by the record that was read the
 * soonest: none is read before it is printed, so its age as it is read is the
 * lag and a delay more. What was learned may be too little by now, for clocks
 * drift apart. Invariant: a record lies between two looks at the log. Pure.
 */
#include "kmsg_clock.h"

/* 500 ppm: what NTP may slew at most (adjtimex(2)), and far more than the
 * kernel's error in the rate of a processor's counter. */
#define DRIFT 2000

uint64_t kmsg_clock_settle(struct kmsg_clock *c, uint64_t stamp_ns,
			   uint64_t now_ns)
{
	int64_t age = (int64_t)(now_ns - stamp_ns);
	int64_t least = (int64_t)(c->end_ns - stamp_ns);
	int64_t lag;

	if (!c->live)
		return stamp_ns;
	lag = c->known ? c->lag_ns + (int64_t)((now_ns - c->at_ns) / DRIFT)
		       : age;
	lag = lag < age ? lag : age;
	lag = lag > least ? lag : least;
	c->lag_ns = lag;
	c->at_ns = now_ns;
	c->known = true;
	return stamp_ns + (uint64_t)lag;
}

void kmsg_clock_end(struct kmsg_clock *c, uint64_t now_ns)
{
	c->live = true;
	c->end_ns = now_ns;
}
