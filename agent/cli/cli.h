/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CLI_CLI_H
#define HALE_CLI_CLI_H

/*
 * What every subcommand gets and what it may use. A subcommand is one file
 * with one function of the type below and one row in main.c.
 */

#include "hale/hale.h"

#include "out.h"

/* sysexits.h; those of `hale check` stand in hale/words.h */
#define CLI_EXIT_NOTHING  1 /* nothing matched, nothing was done */
#define CLI_EXIT_SOFTWARE 70
#define CLI_EXIT_OSERR	  71
#define CLI_EXIT_NOPERM	  77

enum cli_format {
	CLI_TEXT = 0,
	CLI_JSON,
	CLI_NAGIOS,
};

struct cli {
	const char *name;    /* of the subcommand */
	const char *run_dir; /* NULL: the default */
	char exec_dir[1024]; /* where helpers lie */
	enum cli_format format;
	bool no_color;
};

typedef int (*cli_command_fn)(struct cli *cli, int argc, char **argv);

int cmd_check(struct cli *cli, int argc, char **argv);
int cmd_status(struct cli *cli, int argc, char **argv);
int cmd_watch(struct cli *cli, int argc, char **argv);
int cmd_scope(struct cli *cli, int argc, char **argv);
int cmd_explain(struct cli *cli, int argc, char **argv);
int cmd_clear(struct cli *cli, int argc, char **argv);

static inline void cli_cleanup_hale(struct hale **h)
{
	hale_close(*h);
}

static inline void cli_cleanup_reply(struct hale_reply **r)
{
	hale_reply_free(*r);
}

#define _cleanup_hale_	__attribute__((cleanup(cli_cleanup_hale)))
#define _cleanup_reply_ __attribute__((cleanup(cli_cleanup_reply)))

/* A handle as the common options want it; says so and returns NULL if not. */
struct hale *cli_open(const struct cli *cli);
/* May text to @fd be coloured? */
bool cli_color(const struct cli *cli, int fd);
/* Columns of the terminal at @fd, or 100. */
size_t cli_width(int fd);
/* Lines of the terminal at @fd, at least 4, or 24. */
size_t cli_height(int fd);
uint64_t cli_now_ns(void);
/* "hale check: TEXT: DETAIL" on stderr; @detail may be NULL. Returns @code. */
int cli_fail(const struct cli *cli, int code, const char *text,
	     const char *detail);
/* The same about a question that got no answer; @err: as libhale returned it.
 */
int cli_not_asked(const struct cli *cli, int err);
/* Writes a reply as JSON, one line. Returns 0 or an exit code. */
int cli_print_json(const struct cli *cli, const struct hale_reply *r);
/* Finds cli->exec_dir: $HALE_EXEC_PATH, or beside or above the program. */
void cli_find_exec_dir(struct cli *cli);
/* Of RUN/bin/hale (agent/daemon/rescue.c): where haled's own helpers lie. May
 * wait for the disk, so it is for those who start one. */
void cli_find_installed(struct cli *cli);

#endif
