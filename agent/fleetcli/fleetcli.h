/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_FLEETCLI_FLEETCLI_H
#define HALE_FLEETCLI_FLEETCLI_H

/*
 * `hale fleet`: what its subcommands share. A subcommand is a file with one
 * function of the type below and a row in main.c; those that are chosen by
 * Kconfig are left out by the Makefile, and their row by a stub.
 */

#include "hale/base.h"
#include "hale/words.h"

/* Besides HALE_EXIT_USAGE (64) and HALE_EXIT_UNKNOWN (69) of hale/words.h. */
enum {
	FLEET_NOTHING = 1, /* nothing matched, nothing was done */
	FLEET_SOFTWARE = 70,
	FLEET_OSERR = 71,
	FLEET_CANTCREAT = 73,
	FLEET_NOPERM = 77,
};

/* argv[0] is the subcommand's name, as getopt_long(3) wants it. Returns the
 * exit code. */
typedef int (*fleet_command_fn)(int argc, char **argv);

/* init*.c, enroll*.c */
int fleet_init(int argc, char **argv);
int fleet_apply(int argc, char **argv);
int fleet_enroll(int argc, char **argv);
int fleet_revoke(int argc, char **argv);

/* ls.c, show.c, watch.c, history.c, top.c, order.c */
int fleet_ls(int argc, char **argv);
int fleet_show(int argc, char **argv);
int fleet_watch(int argc, char **argv);
int fleet_history(int argc, char **argv);
int fleet_top(int argc, char **argv);
int fleet_quarantine(int argc, char **argv);
int fleet_release(int argc, char **argv);

/* agent/console/serve.c, or agent/console/stub/serve.c */
int fleet_serve(int argc, char **argv);

/**
 * fleet_fail() - "hale fleet ls: TEXT" on stderr, one line
 *
 * What a terminal should not be given is shown as '?'. Return: @code.
 */
int fleet_fail(int code, const char *text, ...)
	__attribute__((format(printf, 2, 3)));

/* Whose name fleet_fail() prints; main.c sets it. */
extern const char *fleet_command_name;

/* Prints a --help; returns 0, or an exit code where stdout does not take it. */
int fleet_help(const char *text);

#endif
