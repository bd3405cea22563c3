/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this host keeps from the sandbox, for people. Decides what of it is
 * told, and what helps. Must never make a host look worse for it: what lacks
 * takes nothing from what is seen, and no verdict rests on it unless the
 * configuration requires it (`[coverage] require = sandbox`). Invariant: each
 * part is told in each turn, so that one that is whole again says so.
 */
#include "hale/base.h"

#include "agent/daemon/sandbox_told.h"

static const struct part {
	uint32_t lacks;	 /* any of these */
	uint32_t unless; /* but not where these lack, which say more */
	const char *name, *why, *remedy;
} parts[] = {
	{ SANDBOX_LACKS_ROOT, 0, "root",
	  "haled was not started by root: its processes are one user",
	  "run haled as root" },
	{ SANDBOX_LACKS_USER, SANDBOX_LACKS_ROOT, "user",
	  "there is no user " SANDBOX_USER
	  " to become: core and ship are root without rights",
	  "create the system user " SANDBOX_USER
	  " (systemd-sysusers), restart haled" },
	{ SANDBOX_LACKS_LANDLOCK, 0, "landlock",
	  "this kernel has no landlock: writer and ship are not held to their "
	  "folder",
	  "boot Linux 5.13 or newer with landlock in lsm=" },
	{ SANDBOX_LACKS_SCOPE, SANDBOX_LACKS_LANDLOCK | SANDBOX_LACKS_USER,
	  "signals",
	  "landlock below level 6: a driver's helper may signal the core",
	  "use Linux 6.12 or newer" },
	{ SANDBOX_LACKS_SECCOMP, 0, "seccomp",
	  "this kernel filters no system calls",
	  "use a kernel with CONFIG_SECCOMP_FILTER" },
};

static bool is_lacking(const struct part *p, uint32_t lacks)
{
	return (lacks & p->lacks) != 0 && (lacks & p->unless) == 0;
}

/* The sense as a whole: is there anything that holds the core? */
static void tell_whole(uint32_t lacks, struct hale_coverage *ret)
{
	const uint32_t all = SANDBOX_LACKS_LANDLOCK | SANDBOX_LACKS_SECCOMP;

	ret->sight = HALE_SIGHT_LIVE;
	if ((lacks & all) != all)
		return;
	ret->sight = HALE_SIGHT_BLIND;
	HALE_SET(ret->why, "this kernel has neither landlock nor seccomp");
	HALE_SET(ret->remedy, "use a kernel with CONFIG_SECCOMP_FILTER");
}

bool sandbox_told(uint32_t lacks, size_t i, struct hale_coverage *ret)
{
	const struct part *p;

	*ret = (struct hale_coverage){ .sense = HALE_SENSE_SANDBOX };
	HALE_SET(ret->driver, SANDBOX_TELLS);
	if (i == 0) {
		tell_whole(lacks, ret);
		return true;
	}
	if (i > HALE_ARRAY_SIZE(parts))
		return false;
	p = &parts[i - 1];
	HALE_SET(ret->part, p->name);
	ret->sight = HALE_SIGHT_LIVE;
	if (!is_lacking(p, lacks))
		return true;
	ret->sight = HALE_SIGHT_PARTIAL;
	HALE_SET(ret->why, p->why);
	HALE_SET(ret->remedy, p->remedy);
	return true;
}
