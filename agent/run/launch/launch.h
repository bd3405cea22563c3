/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RUN_LAUNCH_H
#define HALE_RUN_LAUNCH_H

/*
 * Starts a command as a shell would have: in a process group of its own, with
 * the signals and descriptors that hale was given, and, where there is one, in
 * a cgroup of its own.
 */

#include <sys/types.h>

#include "signals.h"

struct launch {
	char *const *command;
	int out[2];   /* to become 1 and 2; -1: those as they are */
	int terminal; /* to be handed over to its group; -1: none */
	int cgroup;   /* its folder; -1: none */
	const struct signals *signals;
};

/**
 * launch() - start it
 * @ret_report: readable at the end of exec: an int errno where that failed,
 *	the end of file where it went well. Close-on-exec, non-blocking.
 *
 * Return: 0, or negative errno where there could be no new process.
 */
int launch(const struct launch *l, pid_t *ret_pid, int *ret_report);
/* What launch() reports: 0, errno of exec, or -EAGAIN: neither yet. */
int launch_report(int report);
/* 126 or 127, as a shell says it. */
int launch_status(int error);
/* The three standard descriptors are open from here on: a closed one leads
 * nowhere and closes itself on exec, so that it is closed for the command. */
int launch_hold_standard(void);

#endif
