/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CLI_TRIAGE_OPTIONS_H
#define HALE_CLI_TRIAGE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "agent/cli/triage.h"

#define TRIAGE_RULES_MAX 16

struct triage_options {
	const char *rules[TRIAGE_RULES_MAX];
	size_t n_rules;
	enum triage_format format;
	bool literals;
};

/**
 * triage_options_read() - the command line; getopt's optind is then at the
 * first file
 *
 * Return: true to go on. False: help was printed or one line of complaint, and
 * *ret_exit is the exit code.
 */
bool triage_options_read(int argc, char **argv, struct triage_options *o,
			 int *ret_exit);

#endif
