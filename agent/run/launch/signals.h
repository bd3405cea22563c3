/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RUN_SIGNALS_H
#define HALE_RUN_SIGNALS_H

/*
 * Signals while a command runs: held back from hale itself and read from a
 * descriptor, to be passed on to the command, which gets the mask and the
 * dispositions that hale was started with.
 */

#include <signal.h>
#include <stdbool.h>
#include <sys/signalfd.h>

struct signals {
	int fd; /* a signalfd, non-blocking */
	sigset_t mask;
	struct sigaction child; /* of SIGCHLD */
};

/* Negative errno. */
int signals_take(struct signals *s);
/* As it was. Async-signal-safe: a new child calls it before exec. */
void signals_give_back(const struct signals *s);
void signals_done(struct signals *s);
/* The next one that waits; false: none does. */
bool signals_next(const struct signals *s, struct signalfd_siginfo *ret);
/* Is it one that is meant for the command? */
bool signals_forwarded(int sig);
/* Would it have ended a command that does not know it, as one is told to end?
 */
bool signals_ends(int sig);

#endif
