/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looks at processes that are dying, when the core hears of them: what they had
 * mapped and open says whether a failing disk or a full filesystem can have
 * killed them. Decides only what it can see of such on this host. Must never
 * look at a process that nobody named. Runs in a child: the address space of a
 * dying process may be locked by one that waits for a dead disk.
 */
#include <errno.h>
#include <linux/capability.h>

#include "hale/base.h"
#include "hale/driver.h"

#include "victim.h"

static void cover(struct hale_probe *p, enum hale_sight sight, const char *why,
		  const char *remedy)
{
	hale_emit_coverage(p, HALE_SENSE_VICTIMS, sight, why, remedy);
}

/* A program in core_pattern is waited for, whatever limit the process has
 * (core(5)); a file is written only where RLIMIT_CORE lets it. */
static int victim_probe(struct hale_probe *p)
{
	char pattern[256];

	if (hale_read_at(p->root_fd, "proc/sys/kernel/core_pattern", pattern,
			 sizeof(pattern)) < 0) {
		cover(p, HALE_SIGHT_BLIND, "there is no /proc",
		      "mount -t proc proc /proc");
		return -ENODEV;
	}
	if (geteuid() != 0)
		cover(p, HALE_SIGHT_PARTIAL,
		      "files of other users' processes are not shown",
		      "run haled as root");
	else if (pattern[0] != '|')
		cover(p, HALE_SIGHT_PARTIAL,
		      "a process without a core limit (ulimit -c 0) is gone "
		      "before its files can be seen",
		      "let kernel.core_pattern name a program, as "
		      "systemd-coredump does");
	else
		cover(p, HALE_SIGHT_LIVE, "", "");
	return 0;
}

static int victim_sample(struct hale_probe *p)
{
	for (uint32_t i = 0; p->looks && i < p->looks->n; i++)
		victim_look(p, &p->looks->victims[i]);
	return 0;
}

HALE_DRIVER(victim) = {
	.name = "victim",
	.about = "what a process that dies by a signal had mapped and open",
	/* an address space that is locked stays so: others are not to wait */
	.deadline_ms = 2000,
	.senses = 1U << HALE_SENSE_VICTIMS,
	/* what others have open, and /proc/PID/map_files to follow */
	.capabilities = UINT64_C(1) << CAP_DAC_READ_SEARCH |
			UINT64_C(1) << CAP_SYS_PTRACE |
			UINT64_C(1) << CAP_CHECKPOINT_RESTORE,
	.may_block = true,
	.probe = victim_probe,
	.sample = victim_sample,
};
