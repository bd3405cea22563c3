/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RUN_ATTEMPT_H
#define HALE_RUN_ATTEMPT_H

/*
 * One attempt: launches a command in a process group (and, where it may, a
 * cgroup) of its own, passes input, output, signals and the terminal through,
 * waits for its end. The one loop of `hale run` lives here. Never changes a
 * byte of the output, never holds one back.
 */

#include "agent/run/run.h"
#include "tail.h"

struct attempt_setup {
	const struct run_options *options;
	char **command;
	const char *strategy; /* "" */
	uint32_t number;
	uint64_t timeout_ns;  /* of this attempt; 0: none */
	uint64_t expected_ns; /* from history, for progress; 0: not known */
	bool container; /* it works in a container engine: no stall while that
			 * works */
	struct tail *tail; /* emptied first */
	/* Called about every second while it runs; may be NULL. */
	void (*tick)(void *data, uint64_t mono_ns);
	void *data;
};

/**
 * attempt_run() - run it to its end
 *
 * Return: 0, whatever became of the command (@ret tells); negative errno where
 * nothing could be begun at all.
 */
int attempt_run(const struct attempt_setup *setup, struct run_attempt *ret);

#endif
