/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_FIT_H
#define HALE_FIT_H

/*
 * RUN/fit: a symbolic link to /proc/<our pid>/comm, there exactly while the
 * host scope's check would exit 0. With our death its target goes, and with it
 * what `[ -e RUN/fit ]` says, even after SIGKILL; it would come back where
 * another process gets our number before another agent starts here (docs/adr,
 * 20). Not the core's pid: one whose parent died is a corpse with a comm until
 * init finds it.
 */

#include <stdbool.h>

struct fit {
	int dir_fd; /* the run directory; not owned */
	bool shown;
	char target[32];
};

/* Removes what an earlier agent left. @dir_fd stays the caller's. */
void fit_init(struct fit *f, int dir_fd);
void fit_done(struct fit *f);

/* Makes the link appear or go, at once and whole. 0 or negative errno; on
 * failure to appear there is no link. */
int fit_show(struct fit *f, bool fit);

#endif
