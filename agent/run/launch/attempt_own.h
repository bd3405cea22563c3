/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RUN_ATTEMPT_OWN_H
#define HALE_RUN_ATTEMPT_OWN_H

/* What the files attempt*.c share; for no one else. Times are of
 * CLOCK_MONOTONIC; 0: not set. */

#include "agent/run/tree/stall.h"
#include "agent/run/tree/tree.h"
#include "agent/run/tree/tree_engine.h"
#include "attempt.h"
#include "cgroup.h"
#include "guard.h"
#include "launch.h"
#include "relay.h"
#include "signals.h"
#include "terminal.h"

struct attempt {
	const struct attempt_setup *setup;
	struct run_attempt *out;
	pid_t pid;
	int report;	     /* of exec, until it came; or -1 */
	bool exited;	     /* the command, and it was waited for */
	bool killed;	     /* what was left got SIGKILL */
	bool paused;	     /* the command is stopped */
	bool wants_terminal; /* which is why, and it will come back */
	int told; /* last signal passed on that ends commands, or 0 */
	bool told_by_key;
	bool held_terminal; /* when it ended */
	uint64_t now;
	uint64_t started, told_at, deadline, kill_at, give_up_at, leave_at;
	uint64_t tick_at, look_at; /* next ones */
	uint64_t peak_rss;
	struct progress_pace pace;
	struct signals signals;
	struct guard guard;
	struct terminal terminal;
	struct cgroup cgroup;
	struct stall stall;
	struct relay relay;
	struct tree tree;
	struct tree_engine engine;
};

/* attempt_signal.c: what waits at the signalfd */
void attempt_signals(struct attempt *a);
/* A terminal that was lent to another may be back. */
void attempt_terminal(struct attempt *a);
/* attempt_end.c */
void attempt_forward(struct attempt *a, int sig);
/* Begins to end it, as @end. */
void attempt_finish(struct attempt *a, enum run_end end);
/* Timers of the end: SIGKILL after SIGTERM. */
void attempt_press(struct attempt *a);
/* Is nothing left to wait for? */
bool attempt_over(struct attempt *a);
/* attempt_tick.c: what is looked at in turns, and when next */
/* Is the command's output where hale's stderr goes? */
bool attempt_shares_stderr(const struct attempt *a);
void attempt_modes(struct attempt *a);
void attempt_tick(struct attempt *a);
uint64_t attempt_due(const struct attempt *a);
/* attempt_tell.c: the command was waited for */
void attempt_exited(struct attempt *a);
void attempt_tell(struct attempt *a);

#endif
