/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_SHIP_H
#define HALE_SHIP_H

/*
 * `haled: ship`, the process that keeps the history, as the core sees it: a
 * program under libexec (hale-ship) that is started, started again where it
 * ends, and heard of in one line now and then. Nothing in the core waits for
 * it, and no verdict rests on it.
 */

#include "agent/daemon/child.h"
#include "agent/daemon/config.h"

struct ship_setup {
	struct loop *loop;
	const char *run_dir, *state_dir;
	/* How well the history is kept, and why not. */
	void (*tell)(void *data, enum hale_sight sight, const char *why);
	/* In the new process: lets go of what is the core's. */
	void (*in_child)(void *data);
	void *data;
};

struct ship {
	struct ship_setup setup;
	struct config_store config;
	bool group_known, missing;
	gid_t group;
	struct child child;
	struct loop_timer timer; /* the next start */
	uint32_t failures;	 /* in a row */
	uint64_t began_ns;	 /* CLOCK_BOOTTIME */
	char message[320];
};

/* Starts it; another @config than before ends it, and starts it anew; one that
 * disables it ends it. */
void ship_start(struct ship *s, const struct ship_setup *setup,
		const struct config *config);
/* It ends; waits for that up to @timeout_ms, then kills it. */
void ship_stop(struct ship *s, int timeout_ms);
/* In a child of the core: closes what is the core's. */
void ship_close_fds(const struct ship *s);

#endif
