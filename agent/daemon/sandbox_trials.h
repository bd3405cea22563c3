/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_SANDBOX_TRIALS_H
#define HALE_SANDBOX_TRIALS_H

/* What `haled --check-sandbox` tries inside each role. */

#include "agent/daemon/sandbox.h"

/* Made before the role is entered, by the one who looks on. */
struct trial_world {
	pid_t supervisor;      /* who looks on */
	pid_t bystander;       /* another process, of user hale */
	int zero_fd;	       /* /dev/zero, to read from */
	int pair[2];	       /* sockets, the far end answers nothing */
	const char *granted;   /* a folder that some are given */
	const char *other;     /* one that they are not; anyone may write */
	char disk[64];	       /* a disk's node; "": none here */
	char socket_path[108]; /* somebody listens there */
};

#define ROLE(r) (1U << (r))

struct trial {
	const char *what;
	uint32_t roles;
	bool must_fail;
	int landlock; /* barred by it alone, from this level on; 0: by others */
	/* 0: done; else negative errno. May never come back. */
	int (*run)(const struct trial_world *w);
};

extern const struct trial sandbox_trials[];
extern const size_t sandbox_n_trials;

/* sandbox_trials_more.c */
int trial_write_by_openat2(const struct trial_world *w);
int trial_signal_thread(const struct trial_world *w);
int trial_have_signalled(const struct trial_world *w);
int trial_limit_others(const struct trial_world *w);
int trial_slow_others(const struct trial_world *w);
int trial_shut_socket(const struct trial_world *w);
int trial_be_called(const struct trial_world *w);
int trial_start_thread(const struct trial_world *w);

#endif
