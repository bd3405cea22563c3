/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hale status`: the whole report, once. Exits 0 when there is a report to
 * read, whatever it says: the gate is `hale check`. 69 when there is none.
 */
#include "hale/base.h"

#include "args.h"
#include "render.h"
#include "report.h"

static const char help[] =
	"usage: hale status [--coverage] [OPTION]...\n"
	"The host's verdict, its findings and what is seen.\n"
	"\n"
	"  --coverage     what each driver can see, and what it cannot\n"
	"  --format F     text, json or nagios\n"
	"  --run-dir DIR  where the agent is (default: /run/hale)\n"
	"  --no-color\n"
	"\n"
	"exit: 0 told, 69 the agent does not answer, 64 wrong usage;\n"
	"with --format nagios 0, 1, 2 or 3\n"
	"\n"
	"  hale status --coverage\n"
	"  hale status --format json | jq '.findings[].condition'\n";

/* An agent that is there but mute: what a scan found does not make up for it.
 */
static bool is_blind(const struct hale_reply *r)
{
	struct hale_entry e;

	for (size_t i = 0; hale_reply_reason(r, i, &e); i++) {
		if (strcmp(e.condition, "agent.blind") == 0)
			return true;
	}
	return false;
}

static bool is_told(const struct hale_reply *r, const struct hale_summary *s)
{
	return s->agent || (s->scanned && !is_blind(r));
}

static int print(const struct cli *cli, const struct hale_reply *r,
		 bool coverage)
{
	struct out o = { .color = cli_color(cli, STDOUT_FILENO) };
	struct hale_summary s;
	int code;

	hale_reply_summary(r, &s);
	code = is_told(r, &s) ? 0 : HALE_EXIT_UNKNOWN;
	if (cli->format == CLI_JSON) {
		int failed = cli_print_json(cli, r);

		return failed ? failed : code;
	}
	if (cli->format == CLI_NAGIOS) {
		render_nagios(&o, r, cli_now_ns());
		code = render_nagios_exit(&s);
	} else {
		report_render(&o, r, coverage ? cli_width(STDOUT_FILENO) : 0,
			      cli_now_ns());
	}
	if (out_flush(&o, STDOUT_FILENO) < 0)
		code = CLI_EXIT_OSERR;
	out_done(&o);
	return code;
}

int cmd_status(struct cli *cli, int argc, char **argv)
{
	bool coverage = false;
	const struct args_option options[] = {
		{ "coverage", ARGS_FLAG, &coverage },
	};
	struct args a = { .cli = cli,
			  .help = help,
			  .options = options,
			  .n_options = HALE_ARRAY_SIZE(options) };
	_cleanup_hale_ struct hale *h = NULL;
	_cleanup_reply_ struct hale_reply *reply = NULL;
	int r;

	if (!args_parse(&a, argc, argv, &r))
		return r;
	h = cli_open(cli);
	if (!h)
		return CLI_EXIT_OSERR;
	/* without --coverage, how much is not seen */
	r = hale_status(h, true, &reply);
	return r < 0 ? cli_not_asked(cli, r) : print(cli, reply, coverage);
}
