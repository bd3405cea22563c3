/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hale clear`: an operator's word that something is over. Only the agent can
 * remember it, so without one this fails and says so. The reason is not
 * optional: someone will ask in a month.
 */
#include "hale/base.h"
#include "hale/condition.h"

#include "args.h"

#include <errno.h>

static const char help[] =
	"usage: hale clear PART [CONDITION] --reason TEXT [OPTION]...\n"
	"Forget what happened to a part until now; what happens later counts "
	"again.\n"
	"\n"
	"  PART           as shown (sde) or its identity (disk/naa.5000...)\n"
	"  CONDITION      only this one, e.g. disk.medium_error\n"
	"  --reason TEXT  why, for the record\n"
	"  --format F     text or json\n"
	"  --run-dir DIR  where the agent is (default: /run/hale)\n"
	"\n"
	"exit: 0 cleared, 1 nothing to clear, 69 no agent, 77 not allowed,\n"
	"64 wrong usage\n"
	"\n"
	"  hale clear sde --reason \"replaced, ticket 4711\"\n";

static int exit_code(const struct hale_summary *s)
{
	if (s->error == EPERM || s->error == EACCES)
		return CLI_EXIT_NOPERM;
	if (s->error == ENOENT && s->affected == 0)
		return CLI_EXIT_NOTHING;
	return s->error	     ? HALE_EXIT_UNKNOWN
	       : s->affected ? 0
			     : CLI_EXIT_NOTHING;
}

static int print_text(const struct cli *cli, const struct hale_summary *s)
{
	struct out o = { 0 };
	int code = exit_code(s);

	if (code == CLI_EXIT_NOTHING)
		return cli_fail(cli, code,
				s->note[0] ? s->note : "nothing to clear",
				NULL);
	if (code != 0)
		return cli_fail(cli, code,
				s->affected ? "cleared for now" : "not cleared",
				s->note);
	out_number(&o, s->affected);
	out_raw(&o, s->affected == 1 ? " finding cleared\n"
				     : " findings cleared\n");
	out_flush(&o, STDOUT_FILENO);
	out_done(&o);
	return code;
}

/* No agent is no ENOENT of a part: tell them apart before the words are. */
static int print(const struct cli *cli, const struct hale_reply *r)
{
	struct hale_summary s;

	hale_reply_summary(r, &s);
	if (cli->format == CLI_JSON)
		cli_print_json(cli, r);
	if (!s.agent)
		return cli_fail(cli, HALE_EXIT_UNKNOWN,
				"only a running agent can remember it", s.note);
	return cli->format == CLI_JSON ? exit_code(&s) : print_text(cli, &s);
}

static int ask(const struct cli *cli, const char *const *words,
	       const char *reason)
{
	_cleanup_hale_ struct hale *h = cli_open(cli);
	_cleanup_reply_ struct hale_reply *reply = NULL;
	int r;

	if (!h)
		return CLI_EXIT_OSERR;
	r = hale_clear(h, words[0], words[1], reason, &reply);
	return r < 0 ? cli_not_asked(cli, r) : print(cli, reply);
}

int cmd_clear(struct cli *cli, int argc, char **argv)
{
	const char *reason = NULL, *words[2] = { NULL, "" };
	const struct args_option options[] = {
		{ "reason", ARGS_TEXT, &reason },
	};
	struct args a = { .cli = cli,
			  .help = help,
			  .options = options,
			  .n_options = HALE_ARRAY_SIZE(options),
			  .max_operands = 2 };
	int r;

	if (!args_parse(&a, argc, argv, &r))
		return r;
	if (a.operands.n == 0 || !a.operands.items[0][0])
		return cli_fail(cli, HALE_EXIT_USAGE, "which part? see --help",
				NULL);
	if (!reason || !reason[0])
		return cli_fail(cli, HALE_EXIT_USAGE,
				"--reason is needed, for the record", NULL);
	for (size_t i = 0; i < a.operands.n; i++)
		words[i] = a.operands.items[i];
	if (words[1][0] &&
	    hale_condition_from_name(words[1], strlen(words[1])) ==
		    HALE_CONDITION_NONE)
		return cli_fail(cli, HALE_EXIT_USAGE, "no such condition",
				words[1]);
	return ask(cli, words, reason);
}
