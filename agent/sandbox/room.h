/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_SANDBOX_PARTS_H
#define HALE_SANDBOX_PARTS_H

/* What the files of this room share; nobody else looks in. */

#include <linux/filter.h>

#include "sandbox.h"

/* Made by rules/generate.c out of rules/: one program of BPF a role. */
struct sandbox_filter {
	const struct sock_filter *list;
	unsigned short n;
};

/* HELPER, of one that asks disks by their nodes. */
#define SANDBOX_DISK_HELPER SANDBOX_ROLES
#define SANDBOX_FILTERS	    (SANDBOX_ROLES + 1)

extern const struct sandbox_filter sandbox_filters[SANDBOX_FILTERS];

/* Stands in them for this process's own number: above the kernel's greatest,
 * and no flag, command or call. */
#define SANDBOX_SELF	   0x5e1f5e1fU
#define SANDBOX_FILTER_MAX 460 /* they lie on the stack */

/* A build with sanitizers: they read /proc and trace their own process. */
extern const bool sandbox_sanitized;

/* capability.c: all but @keep from the bounding set, as far as permitted. */
int sandbox_bound(uint64_t keep);
/* Permitted, effective, inheritable and ambient become @keep, of what there
 * is. */
int sandbox_keep(uint64_t keep);
uint64_t sandbox_permitted(void);

/* landlock.c: 0: this kernel has none. From SCOPE_LEVEL on a process signals
 * its own only. */
#define SANDBOX_SCOPE_LEVEL 6
int sandbox_landlock_level(void);
/* The rules of a role; as files, which at fs.file-max are there for
 * CAP_SYS_ADMIN only: to be made before it is given up. *@ret_fd is untouched
 * where the role has none. 0; -ENOSYS, -EOPNOTSUPP: not in this kernel. */
int sandbox_landlock(enum sandbox_role role, const struct sandbox_setup *s,
		     int *ret_fd);
/* Closes @fd; -1: nothing. */
int sandbox_landlock_enter(int fd);

#endif
