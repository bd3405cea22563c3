/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RUN_GUARD_H
#define HALE_RUN_GUARD_H

/*
 * A process beside hale that ends a command's group where hale itself is ended
 * by SIGKILL: whoever kills a build that way must not leave it running because
 * it lives in a group of its own.
 */

#include <sys/types.h>

#include "cgroup.h"

struct guard {
	int fd; /* -1: there is none */
	pid_t pid;
};

/* @c: removed as well when hale is killed. */
void guard_start(struct guard *g, const struct cgroup *c);
/* From now on @group is guarded. */
void guard_watch(const struct guard *g, pid_t group);
void guard_end(struct guard *g);

#endif
