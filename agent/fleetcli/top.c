/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hale fleet top`: what fails most, and what of it is nobody's own fault.
 * Decides how far back is looked: the judgments want 30 days of findings, and
 * of builds as much as there is. The states come first: a failure of a host
 * that nobody knows proves nothing.
 */
#include "hale/base.h"

#include "agent/cli/args.h"
#include "fleetcli.h"
#include "top.h"

static const char help[] =
	"usage: hale fleet top [OPTION]...\n"
	"What fails most: causes that many hosts share, hosts that fail what\n"
	"others build, disk models that die more often; then conditions,\n"
	"causes, hosts and repositories by number.\n"
	"\n"
	"  --since TIME       7d, or a date; default and at best 30d\n"
	"  --limit N          lines of each list (default 10)\n"
	"  --format F         text, or json: an object a line\n"
	"  --context DIR      which fleet: of `hale fleet init DIR`\n"
	"  --no-color\n"
	"\n"
	"exit: 0, 64 wrong usage, 69 the fleet cannot be read, 77 the servers\n"
	"refuse this user\n";

struct wish {
	struct look_options options;
	const char *since;
	uint64_t limit;
	struct look look;
	struct top top;
};

static void take(void *data, const struct source_event *e, const void *m)
{
	struct wish *w = data;

	if (e->stream == SOURCE_FINDINGS)
		top_add_finding(&w->top, m);
	else if (e->stream == SOURCE_BUILDS)
		top_add_build(&w->top, m);
}

static bool read_wish(struct cli *cli, int argc, char **argv, struct wish *w,
		      int *ret_exit)
{
	const struct args_option options[] = {
		{ "since", ARGS_TEXT, &w->since },
		{ "limit", ARGS_NUMBER, &w->limit },
		{ "format", ARGS_TEXT, &w->options.format },
		{ "context", ARGS_TEXT, &w->options.context },
	};
	struct args a = { .cli = cli,
			  .help = help,
			  .options = options,
			  .n_options = HALE_ARRAY_SIZE(options) };

	if (!args_parse(&a, argc, argv, ret_exit))
		return false;
	w->top.limit = (size_t)w->limit;
	if (!w->options.format)
		return true;
	if (rows_format_from_name(w->options.format, &w->options.rows) == 0 &&
	    w->options.rows != ROWS_CSV)
		return true;
	*ret_exit =
		cli_fail(cli, HALE_EXIT_USAGE,
			 "--format wants text or json, not", w->options.format);
	return false;
}

static int gather(struct wish *w)
{
	const struct source_ask all = { .id = NULL };
	struct source_ask ask = { .id = NULL };
	struct look *l = &w->look;
	int r = look_follow(l, SOURCE_STATE, &all);

	if (r == 0)
		r = look_past(l);
	if (r != 0)
		return r;
	l->judge = judge_new(l->picture, NULL);
	if (!l->judge)
		return cli_fail(l->cli, CLI_EXIT_OSERR, "no memory", NULL);
	w->top.now_ns = source_now_ns(l->source);
	if (look_time(w->since ? w->since : "30d", w->top.now_ns,
		      &ask.since_ns) < 0)
		return cli_fail(l->cli, HALE_EXIT_USAGE,
				"--since wants a time like 7d or 2026-11-20, "
				"not",
				w->since);
	w->top.since_ns = ask.since_ns;
	l->message = take;
	l->data = w;
	r = look_follow(l, SOURCE_FINDINGS, &ask);
	if (r == 0)
		r = look_follow(l, SOURCE_BUILDS, &ask);
	return r ? r : look_past(l);
}

static int print(struct wish *w)
{
	struct out o = { .color = cli_color(w->look.cli, STDOUT_FILENO) };
	int r;

	top_add_picture(&w->top, w->look.picture);
	if (w->options.rows == ROWS_JSON)
		top_json(&o, &w->top, &w->look);
	else
		top_text(&o, &w->top, &w->look);
	r = out_flush(&o, STDOUT_FILENO);
	out_done(&o);
	return r < 0 ? CLI_EXIT_OSERR : 0;
}

int fleet_top(int argc, char **argv)
{
	static struct cli cli = { .name = "fleet top" };
	static struct wish w = { .limit = 10 };
	int r;

	if (!read_wish(&cli, argc - 1, argv + 1, &w, &r))
		return r;
	r = look_open(&w.look, &cli, &w.options);
	if (r == 0)
		r = gather(&w);
	if (r == 0)
		r = print(&w);
	look_spoiled(&w.look);
	look_close(&w.look);
	top_done(&w.top);
	return r;
}
