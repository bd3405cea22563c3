/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RUN_OPTIONS_H
#define HALE_RUN_OPTIONS_H

/* The command line of `hale run`: hale-run(1). */

#include "run.h"

#define RUN_KILL_AFTER_NS (UINT64_C(10) * 1000 * 1000 * 1000)

/**
 * options_parse() - read it
 * @argv: with the name of the command first; its texts stay argv's.
 *
 * Return: true to go on. False: help was printed or a complaint made, and
 * *ret_exit is the exit code.
 */
bool options_parse(int argc, char **argv, struct run_options *ret,
		   int *ret_exit);

#endif
