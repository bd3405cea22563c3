/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_SMART_RUN_H
#define TESTS_SMART_RUN_H

/* A run of the driver smart over a recorded root and disks without hardware. */

#include "fake_disk.h"

/* One run, and what came of it. */
struct run_outcome {
	struct fake fake;
	struct hale_option options[2];
	size_t n_options;
	char skip[1][HALE_PART_MAX];
	size_t n_skip;
	char *facts, *commands;
};

/* @fixture: of tests/fixtures. Set the rest of the outcome's beginning first.
 */
void run_over(struct run_outcome *o, const char *fixture,
	      const struct fake_disk *disks);
void run_forget(struct run_outcome *o);

/* Fail the test unless the facts, or the commands, hold this text, or not. */
void run_says(const struct run_outcome *o, const char *text);
void run_says_not(const struct run_outcome *o, const char *text);
void run_sent(const struct run_outcome *o, const char *commands);
void run_sent_not(const struct run_outcome *o, const char *commands);

/* Those of smart/kinds that can be asked without smartctl. */
extern const struct fake_disk run_healthy[];

#endif
