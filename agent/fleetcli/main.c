/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hale-fleet: the program behind `hale fleet`. One table of subcommands and
 * the way to them; it decides nothing else. It is a program of its own because
 * it is linked with libnats and libcrypto, which no gate should have to load.
 * Invariant: each subcommand is one row, and `hale fleet help` shows them all.
 */
#include <signal.h>
#include <stdarg.h>

#include "agent/fleetcli/fleetcli.h"

struct command {
	const char *name;
	const char *about; /* one line of `hale fleet help` */
	fleet_command_fn run;
};

static const struct command commands[] = {
	{ "init", "write the servers' side of a fleet", fleet_init },
	{ "apply", "make the fleet's streams, or mend them", fleet_apply },
	{ "enroll", "make a host's key, or let a host in", fleet_enroll },
	{ "revoke", "shut a host out", fleet_revoke },
	{ "ls", "every host: verdict, since when, why", fleet_ls },
	{ "show", "one host, whole", fleet_show },
	{ "watch", "each change of a verdict, as it comes", fleet_watch },
	{ "history", "findings, builds and orders over time", fleet_history },
	{ "top", "what fails most, and whose fault it is not", fleet_top },
	{ "quarantine", "take hosts out", fleet_quarantine },
	{ "release", "let them in again", fleet_release },
	{ "serve", "the same in a browser, live", fleet_serve },
};

static const char usage_head[] = "usage: hale fleet COMMAND [OPTION]...\n"
				 "Many hosts, one picture.\n\n";

static const char usage_tail[] =
	"\n"
	"  hale fleet init --dev         a first fleet, on this machine\n"
	"\n"
	"`hale fleet COMMAND --help` says more; so does hale-fleet(1).\n";

const char *fleet_command_name = "";

int fleet_fail(int code, const char *text, ...)
{
	char line[1024];
	va_list args;

	va_start(args, text);
	vsnprintf(line, sizeof(line), text, args);
	va_end(args);
	for (char *c = line; *c; c++) {
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
	}
	fprintf(stderr, "hale fleet%s%s: %s\n",
		fleet_command_name[0] ? " " : "", fleet_command_name, line);
	return code;
}

int fleet_help(const char *text)
{
	if (fputs(text, stdout) < 0 || fflush(stdout) != 0)
		return FLEET_OSERR;
	return 0;
}

static int print_usage(FILE *to, int code)
{
	fputs(usage_head, to);
	for (size_t i = 0; i < HALE_ARRAY_SIZE(commands); i++)
		fprintf(to, "  %-12s%s\n", commands[i].name, commands[i].about);
	fputs(usage_tail, to);
	return fflush(to) == 0 ? code : FLEET_OSERR;
}

static int run_command(int argc, char **argv)
{
	for (size_t i = 0; i < HALE_ARRAY_SIZE(commands); i++) {
		if (strcmp(commands[i].name, argv[0]) != 0)
			continue;
		fleet_command_name = commands[i].name;
		return commands[i].run(argc, argv);
	}
	return fleet_fail(HALE_EXIT_USAGE,
			  "%.64s: no such command; `hale fleet help` lists "
			  "them",
			  argv[0]);
}

int main(int argc, char **argv)
{
	char option[] = "--help";
	char *words[] = { NULL, option, NULL };

	/* a pipe that is closed is an error of write(2), told as such */
	signal(SIGPIPE, SIG_IGN);
	if (argc < 2)
		return print_usage(stderr, HALE_EXIT_USAGE);
	if (strcmp(argv[1], "help") == 0 && argc > 2) {
		words[0] = argv[2];
		return run_command(2, words);
	}
	if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 ||
	    strcmp(argv[1], "-h") == 0)
		return print_usage(stdout, 0);
	return run_command(argc - 1, argv + 1);
}
