/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line of `hale triage`. Decides what was asked for; must never
 * guess: what it does not understand is one line and exit code 64.
 */
#include "agent/cli/triage_options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static const char usage[] =
	"usage: hale triage kernel [--format text|json] [--rules FILE]... "
	"[FILE...]\n"
	"       hale triage kernel --literals\n"
	"       hale triage build [--exit-code N] [FILE]          (see its "
	"--help)\n"
	"       hale triage smart [--format text|json] [FILE...]   (see its "
	"--help)\n"
	"Judges kernel logs: dmesg, syslog, journalctl, /dev/kmsg. '-' or no\n"
	"FILE is standard input. --literals prints the texts that the rules\n"
	"look for, one a line.\n"
	"\n"
	"  hale triage kernel /var/log/kern.log\n"
	"  dmesg | hale triage kernel --format json\n";

static bool complain(const char *what, const char *why, int *ret_exit)
{
	fprintf(stderr, "hale triage: %s%s\n", what, why);
	*ret_exit = EX_USAGE;
	return false;
}

static bool help(int *ret_exit)
{
	bool said = fputs(usage, stdout) >= 0 && fflush(stdout) == 0;

	*ret_exit = said ? 0 : EX_IOERR;
	return false;
}

static bool take(struct triage_options *o, int option)
{
	if (option == 'l')
		o->literals = true;
	else if (option == 'f' && strcmp(optarg, "json") == 0)
		o->format = TRIAGE_JSON;
	else if (option == 'f' && strcmp(optarg, "text") == 0)
		o->format = TRIAGE_TEXT_FORMAT;
	else if (option == 'r' && o->n_rules < TRIAGE_RULES_MAX)
		o->rules[o->n_rules++] = optarg;
	else
		return false;
	return true;
}

bool triage_options_read(int argc, char **argv, struct triage_options *o,
			 int *ret_exit)
{
	static const struct option longs[] = {
		{ "format", required_argument, NULL, 'f' },
		{ "rules", required_argument, NULL, 'r' },
		{ "literals", no_argument, NULL, 'l' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (c == 'h')
			return help(ret_exit);
		if (!take(o, c))
			return complain(argv[optind - 1],
					": not understood; see --help",
					ret_exit);
	}
	if (optind == argc)
		return complain("which kind of log?", " Kernel, build or smart",
				ret_exit);
	if (strcmp(argv[optind], "kernel") != 0)
		return complain(argv[optind],
				": not one of kernel, build and smart",
				ret_exit);
	optind++;
	return true;
}
