/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hale fleet serve`: the console. Decides who can reach it by default: nobody
 * but this machine. There is no login, so a wider address is the operator's own
 * word, and is answered by one line of warning. It must never write anything.
 */
#include "hale/base.h"

#include "agent/cli/args.h"
#include "agent/fleetcli/fleetcli.h"
#include "console.h"
#include "fleet.h"

static const char help[] =
	"usage: hale fleet serve [OPTION]...\n"
	"The fleet in a browser: every host, why, since when; live. "
	"Read-only.\n"
	"\n"
	"  --listen ADDR[:PORT]  there instead of 127.0.0.1:4253; there is no\n"
	"                        login: an ssh tunnel is safer (below)\n"
	"  --name NAME           people may call it by this name as well\n"
	"  --context DIR         which fleet: of `hale fleet init DIR`\n"
	"\n"
	"exit: 0 when it is told to end, 64 wrong usage, 69 the fleet cannot "
	"be\n"
	"read, 71 it cannot listen there, 77 the servers refuse this user\n"
	"\n"
	"  ssh -L 4253:127.0.0.1:4253 fleet.example.org hale fleet serve\n";

struct wish {
	const char *context, *listen;
	struct args_list names;
};

static bool take(struct cli *cli, const struct wish *w,
		 struct console_options *ret, int *ret_exit)
{
	if (listen_read(w->listen ? w->listen : "127.0.0.1", &ret->address) <
	    0) {
		*ret_exit = cli_fail(
			cli, HALE_EXIT_USAGE,
			"--listen wants an address in numbers, [::] in "
			"brackets, and perhaps a port, not",
			w->listen);
		return false;
	}
	if (w->names.n > GUARD_NAMES_MAX) {
		*ret_exit = cli_fail(cli, HALE_EXIT_USAGE,
				     "too many --name, at most", "8");
		return false;
	}
	for (size_t i = 0; i < w->names.n; i++)
		ret->guard.names[i] = w->names.items[i];
	return true;
}

static bool read_wish(struct cli *cli, int argc, char **argv, struct wish *w,
		      int *ret_exit)
{
	const struct args_option options[] = {
		{ "listen", ARGS_TEXT, &w->listen },
		{ "name", ARGS_LIST, &w->names },
		{ "context", ARGS_TEXT, &w->context },
	};
	struct args a = { .cli = cli,
			  .help = help,
			  .options = options,
			  .n_options = HALE_ARRAY_SIZE(options) };

	return args_parse(&a, argc, argv, ret_exit);
}

int fleet_serve(int argc, char **argv)
{
	struct cli cli = { .name = "fleet serve" };
	struct console_options options = { 0 };
	struct wish wish = { 0 };
	static struct fleet fleet;
	struct supply supply;
	char why[200];
	int r;

	if (!read_wish(&cli, argc - 1, argv + 1, &wish, &r) ||
	    !take(&cli, &wish, &options, &r))
		return r;
	if (!listen_is_loopback(&options.address))
		cli_fail(&cli, 0,
			 "warning: whoever reaches this address sees the whole "
			 "fleet: there is no login",
			 NULL);
	r = fleet_open(&fleet, &cli, wish.context);
	if (r == 0) {
		supply = fleet_supply(&fleet);
		if (console_run(&options, &supply, why) < 0)
			r = cli_fail(&cli, CLI_EXIT_OSERR, why, NULL);
	}
	fleet_close(&fleet);
	return r;
}
