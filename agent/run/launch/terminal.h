/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RUN_TERMINAL_H
#define HALE_RUN_TERMINAL_H

/*
 * The controlling terminal: whose foreground it is while a command runs.
 * SIGTTOU and SIGTTIN must be blocked while these are called.
 */

#include <stdbool.h>
#include <sys/types.h>

struct terminal {
	int fd;	      /* -1: there is none */
	pid_t own;    /* hale's own group */
	bool at_once; /* the command gets it from the start */
	bool given;   /* to the command, and not taken back */
};

void terminal_find(struct terminal *t);
void terminal_done(struct terminal *t);
/* Is hale's own group in the foreground now? */
bool terminal_ours(const struct terminal *t);
/* Is that of @group? */
bool terminal_of(const struct terminal *t, pid_t group);
/* Or has another of hale's own group lent it to its command, as parallel ones
 * do? Then it comes back. */
bool terminal_lent(const struct terminal *t);
/* Only where it is ours to give, or to take back. */
void terminal_give(struct terminal *t, pid_t group);
void terminal_take(struct terminal *t);
/* What a key of the terminal would have sent to hale's group as well, where the
 * command had it: all others get @sig, hale does not. */
void terminal_tell_others(const struct terminal *t, int sig);

/**
 * terminal_stop() - stop hale's group as its command was stopped
 *
 * Returns when it is continued; at once and false where it could not be
 * stopped, because nobody would continue it (an orphaned group).
 */
bool terminal_stop(const struct terminal *t, int sig);

#endif
