/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hale`: one table of subcommands, and the way to them. A row has either a
 * function of this program or the name of a helper that is executed in its
 * place, so that what needs more than libc stays out of `hale check`.
 */
#include <errno.h>

#include "hale/base.h"
#include "hale/version.h"

#include "args.h"

struct command {
	const char *name;
	const char *about; /* one line of `hale help` */
	cli_command_fn run;
	const char *helper; /* in libexec, where @run is NULL */
};

static const struct command commands[] = {
	{ "check", "is this machine fit to build on?", cmd_check, NULL },
	{ "status", "the host's verdict, findings and what is seen", cmd_status,
	  NULL },
	{ "watch", "the same, live", cmd_watch, NULL },
	{ "scope", "the way from a path down to the metal", cmd_scope, NULL },
	{ "explain", "what a finding or condition means, and what to do",
	  cmd_explain, NULL },
	{ "clear", "an operator's word that something is over", cmd_clear,
	  NULL },
	{ "run", "run a build, and say whose fault it was if it fails", NULL,
	  "hale-run" },
	{ "triage", "judge a kernel or build log from anywhere", NULL,
	  "hale-triage" },
	{ "history", "builds and findings over time", NULL, "hale-history" },
	{ "verify", "test a disk or the memory actively", NULL, "hale-verify" },
	{ "fleet", "every host of a fleet: ls, show, watch", NULL,
	  "hale-fleet" },
	{ "reclaim", "free the space of caches that nothing uses", NULL,
	  "hale-reclaim" },
};

static const char usage_head[] =
	"usage: hale [--run-dir DIR] COMMAND [OPTION]...\n"
	"Is this machine fit to build on, and if a build failed, was it the "
	"machine?\n\n";

static const char usage_tail[] =
	"\n"
	"  hale check --path \"$PWD\" --need-space 10G || exit $?\n"
	"  hale status --coverage\n"
	"  hale explain disk.medium_error\n"
	"\n"
	"`hale COMMAND --help` says more; so do hale(1) and hale-check(1).\n";

static int print_usage(int fd, int code)
{
	struct out o = { 0 };

	out_raw(&o, usage_head);
	for (size_t i = 0; i < HALE_ARRAY_SIZE(commands); i++) {
		size_t from = o.len;

		out_raw(&o, "  ");
		out_raw(&o, commands[i].name);
		while (o.len < from + 11)
			out_raw(&o, " ");
		out_raw(&o, commands[i].about);
		out_raw(&o, "\n");
	}
	out_raw(&o, usage_tail);
	out_flush(&o, fd);
	out_done(&o);
	return code;
}

static int print_version(void)
{
	struct out o = { 0 };

	out_raw(&o, "hale " HALE_VERSION "\n");
	out_flush(&o, STDOUT_FILENO);
	out_done(&o);
	return 0;
}

static int run_helper(struct cli *cli, const struct command *c, char **argv)
{
	char path[sizeof(cli->exec_dir) + 32];
	int n;

	if (!cli->exec_dir[0])
		cli_find_installed(cli);
	if (!cli->exec_dir[0])
		return cli_fail(cli, HALE_EXIT_UNKNOWN, "not installed",
				c->helper);
	n = snprintf(path, sizeof(path), "%s/%s", cli->exec_dir, c->helper);
	if (n < 0 || (size_t)n >= sizeof(path))
		return cli_fail(cli, CLI_EXIT_OSERR, "too long a path",
				cli->exec_dir);
	if (cli->run_dir)
		setenv("HALE_RUN_DIR", cli->run_dir, 1);
	execv(path, argv);
	if (errno == ENOENT)
		return cli_fail(cli, HALE_EXIT_UNKNOWN, "not installed", path);
	return cli_fail(cli, CLI_EXIT_OSERR, path, strerrordesc_np(errno));
}

static int unknown_command(struct cli *cli, const char *word)
{
	const char *names[HALE_ARRAY_SIZE(commands)], *near;
	char text[80] = "no such command; `hale help` lists them";

	for (size_t i = 0; i < HALE_ARRAY_SIZE(commands); i++)
		names[i] = commands[i].name;
	near = args_nearest(word, names, HALE_ARRAY_SIZE(names));
	if (near)
		snprintf(text, sizeof(text),
			 "no such command; did you mean %s?", near);
	return cli_fail(cli, HALE_EXIT_USAGE, word, text);
}

static int run_command(struct cli *cli, int argc, char **argv)
{
	for (size_t i = 0; i < HALE_ARRAY_SIZE(commands); i++) {
		const struct command *c = &commands[i];

		if (strcmp(c->name, argv[0]) != 0)
			continue;
		cli->name = c->name;
		cli_find_exec_dir(cli);
		return c->run ? c->run(cli, argc - 1, argv + 1)
			      : run_helper(cli, c, argv);
	}
	return unknown_command(cli, argv[0]);
}

/* `hale help X` is `hale X --help`. */
static int help_command(struct cli *cli, int argc, char **argv)
{
	char option[] = "--help";
	char *words[] = { argv[argc > 1], option, NULL };

	if (argc < 2)
		return print_usage(STDOUT_FILENO, 0);
	return run_command(cli, 2, words);
}

/* Options before the command; returns how many words they are, or -1. */
static int leading_options(struct cli *cli, int argc, char **argv)
{
	static const char name[] = "--run-dir";
	int i = 1;

	while (i < argc && strncmp(argv[i], name, strlen(name)) == 0) {
		const char *rest = argv[i] + strlen(name);

		if (rest[0] == '=')
			cli->run_dir = rest + 1;
		else if (rest[0] == '\0' && i + 1 < argc)
			cli->run_dir = argv[++i];
		else
			return -1;
		i++;
	}
	return i;
}

int main(int argc, char **argv)
{
	struct cli cli = { .run_dir = getenv("HALE_RUN_DIR") };
	int at = leading_options(&cli, argc, argv);

	if (cli.run_dir && !cli.run_dir[0])
		cli.run_dir = NULL;
	if (at < 0)
		return cli_fail(&cli, HALE_EXIT_USAGE,
				"--run-dir needs a value", NULL);
	if (at >= argc)
		return print_usage(STDERR_FILENO, HALE_EXIT_USAGE);
	argc -= at;
	argv += at;
	if (strcmp(argv[0], "--version") == 0)
		return print_version();
	if (strcmp(argv[0], "help") == 0 || strcmp(argv[0], "--help") == 0 ||
	    strcmp(argv[0], "-h") == 0)
		return help_command(&cli, argc, argv);
	return run_command(&cli, argc, argv);
}
