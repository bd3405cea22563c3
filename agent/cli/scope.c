/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hale scope`: what a path rests on, hop by hop. The path is resolved here,
 * in this mount namespace; what is beneath its filesystem the agent knows.
 */
#include "hale/base.h"

#include "args.h"
#include "render.h"

static const char help[] =
	"usage: hale scope [PATH] [OPTION]...\n"
	"The way from a path (default: the working directory) down to the "
	"metal.\n"
	"\n"
	"  --format F     text or json\n"
	"  --run-dir DIR  where the agent is (default: /run/hale)\n"
	"  --no-color\n"
	"\n"
	"exit: 0 told, 69 the way is not known, 64 wrong usage\n"
	"\n"
	"  hale scope /home/ci\n"
	"  hale scope /var/lib/docker --format json\n";

static int print(const struct cli *cli, const struct hale_reply *r)
{
	struct out o = { .color = cli_color(cli, STDOUT_FILENO) };
	struct hale_summary s;
	int code = 0;

	hale_reply_summary(r, &s);
	if (cli->format == CLI_JSON) {
		code = cli_print_json(cli, r);
		return code ? code : s.error ? HALE_EXIT_UNKNOWN : 0;
	}
	if (s.error)
		return cli_fail(cli, HALE_EXIT_UNKNOWN, "not known", s.note);
	render_scope(&o, r, cli_width(STDOUT_FILENO), cli_now_ns());
	if (s.n_hops == 0) {
		out_raw(&o, "  nothing is known about what it stands on\n");
		code = HALE_EXIT_UNKNOWN;
	}
	if (s.scanned) {
		out_raw(&o, "  ");
		out_color(&o, OUT_DIM, s.note);
		out_raw(&o, "\n");
	}
	if (out_flush(&o, STDOUT_FILENO) < 0)
		code = CLI_EXIT_OSERR;
	out_done(&o);
	return code;
}

int cmd_scope(struct cli *cli, int argc, char **argv)
{
	struct args a = { .cli = cli, .help = help, .max_operands = 1 };
	_cleanup_hale_ struct hale *h = NULL;
	_cleanup_reply_ struct hale_reply *reply = NULL;
	_cleanup_free_ char *cwd = NULL;
	const char *path;
	int r;

	if (!args_parse(&a, argc, argv, &r))
		return r;
	if (a.operands.n == 0)
		cwd = get_current_dir_name();
	path = a.operands.n > 0 ? a.operands.items[0] : cwd ? cwd : ".";
	if (!path[0])
		return cli_fail(cli, HALE_EXIT_USAGE, "the path is empty",
				NULL);
	h = cli_open(cli);
	if (!h)
		return CLI_EXIT_OSERR;
	r = hale_scope(h, path, &reply);
	return r < 0 ? cli_not_asked(cli, r) : print(cli, reply);
}
