/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CLI_ARGS_H
#define HALE_CLI_ARGS_H

/*
 * Command lines: long options, in any order, "--name value" or "--name=value".
 * A subcommand says in a table what it takes; every subcommand takes
 * --run-dir, --format, --no-color and --help as well.
 */

#include "cli.h"

#define ARGS_LIST_MAX 32

enum args_kind {
	ARGS_FLAG,   /* bool */
	ARGS_TEXT,   /* const char * */
	ARGS_LIST,   /* struct args_list: may be given several times */
	ARGS_SIZE,   /* uint64_t bytes: "10G" */
	ARGS_NUMBER, /* uint64_t */
	ARGS_TIME,   /* uint32_t milliseconds: "30s" */
	ARGS_FORMAT, /* enum cli_format */
};

struct args_list {
	const char *items[ARGS_LIST_MAX];
	size_t n;
};

struct args_option {
	const char *name; /* without "--" */
	enum args_kind kind;
	void *to; /* of the type that @kind names */
};

struct args {
	struct cli *cli;
	const char *help; /* whole text of --help */
	const struct args_option *options;
	size_t n_options;
	size_t max_operands;
	struct args_list operands; /* what is no option */
};

/**
 * args_parse() - read a subcommand's command line
 * @argv: after the subcommand's name; @argc of them.
 *
 * Return: true to go on. False: the command is over, help was printed or a
 * complaint made, and *ret_exit is its exit code.
 */
bool args_parse(struct args *a, int argc, char **argv, int *ret_exit);

/* The one of @n names that @word is a slip of, or NULL. */
const char *args_nearest(const char *word, const char *const *names, size_t n);

#endif
