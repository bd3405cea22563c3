/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_LOOKS_H
#define HALE_LOOKS_H

/*
 * Processes that are dying and shall be looked at, and how many of them a user
 * may cost. Pure: a program that crashes in a loop must not be what keeps this
 * host busy, nor keep others' deaths from being looked at.
 */

#include "hale/base.h"
#include "hale/victim.h"

/* Those that die while one run goes on; it takes a millisecond or two. */
#define LOOKS_MAX   16
#define LOOKS_USERS 16
/* Of one user: so many at once, then one in… */
#define LOOKS_BURST   16
#define LOOKS_EACH_NS (HALE_NS_PER_S / 2)
/* Of all: a process each, some 2 ms of processor time. */
#define LOOKS_ALL_BURST	  32
#define LOOKS_ALL_EACH_NS (HALE_NS_PER_S / 5)

struct looks_user {
	uint64_t paid_ns; /* CLOCK_BOOTTIME; 0: free */
	uint32_t uid;
};

struct looks {
	uint32_t n;
	struct hale_victim waiting[LOOKS_MAX];
	uint64_t paid_ns;
	struct looks_user users[LOOKS_USERS];
};

/**
 * looks_add() - shall @v be looked at?
 * @uid: whose it is. @now_ns: CLOCK_BOOTTIME.
 *
 * Return: false where there were too many; else it is in @waiting.
 */
bool looks_add(struct looks *l, const struct hale_victim *v, uint32_t uid,
	       uint64_t now_ns);

#endif
