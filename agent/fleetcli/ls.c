/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hale fleet ls`: every host of a fleet, the worst first. Decides which are
 * shown and in which order; what a line looks like is rows.c. Must never leave
 * a host out that the filter did not.
 */
#include "hale/base.h"

#include "agent/cli/args.h"
#include "agent/fleet/view.h"
#include "fleetcli.h"
#include "look.h"

#define FLUSH_AT (64u * 1024)

static const char help[] =
	"usage: hale fleet ls [OPTION]...\n"
	"Every host: its verdict, since when, and why. The worst first.\n"
	"\n"
	"  --unfit            only hosts that are UNFIT\n"
	"  --silent           only hosts that are not heard any more\n"
	"  --verdict V        only these: FIT, DEGRADED, UNFIT, UNKNOWN, "
	"SILENT\n"
	"  --condition C      only where this stands: disk.medium_error, "
	"disk.\n"
	"  --label KEY=VALUE  only these; of one KEY any VALUE\n"
	"  --match TEXT       only with this in name, id, reason, label, "
	"model\n"
	"  --quarantined      only hosts that were taken out\n"
	"  --sort KEY         worst, name, since, heard or findings\n"
	"  --reverse\n"
	"  --format F         text, json (an object a line) or csv\n"
	"  --context DIR      which fleet: of `hale fleet init DIR`\n"
	"  --no-color\n"
	"\n"
	"exit: 0, 1 no host matches, 64 wrong usage, 69 the fleet cannot be\n"
	"read, 77 the servers refuse this user\n"
	"\n"
	"  hale fleet ls --unfit --label rack=7\n";

struct wish {
	struct look_options look;
	struct view_filter filter;
	enum view_key key;
	bool reverse;
};

struct words {
	struct args_list labels, verdicts;
	const char *sort;
	bool unfit, silent;
};

static bool complain(struct cli *cli, const char *text, const char *word,
		     int *ret_exit)
{
	*ret_exit = cli_fail(cli, HALE_EXIT_USAGE, text, word);
	return false;
}

static bool take_verdict(struct wish *w, const char *word)
{
	for (int v = 0; v < PICTURE_VERDICTS; v++) {
		if (strcasecmp(word, picture_verdict_name(
					     (enum picture_verdict)v)) == 0) {
			w->filter.verdicts |= 1u << v;
			return true;
		}
	}
	return false;
}

static bool take(struct cli *cli, const struct words *w, struct wish *ret,
		 int *ret_exit)
{
	if (!look_labels(cli, &w->labels, &ret->filter, ret_exit))
		return false;
	for (size_t i = 0; i < w->verdicts.n; i++) {
		if (!take_verdict(ret, w->verdicts.items[i]))
			return complain(cli,
					"--verdict wants FIT, DEGRADED, UNFIT, "
					"UNKNOWN or SILENT, not",
					w->verdicts.items[i], ret_exit);
	}
	ret->filter.verdicts |= w->unfit ? 1u << PICTURE_UNFIT : 0;
	ret->filter.verdicts |= w->silent ? 1u << PICTURE_SILENT : 0;
	if (w->sort && view_key_from_name(w->sort, &ret->key) < 0)
		return complain(cli,
				"--sort wants worst, name, since, heard or "
				"findings, not",
				w->sort, ret_exit);
	if (ret->look.format &&
	    rows_format_from_name(ret->look.format, &ret->look.rows) < 0)
		return complain(cli, "--format wants text, json or csv, not",
				ret->look.format, ret_exit);
	return true;
}

static bool read_wish(struct cli *cli, int argc, char **argv, struct wish *ret,
		      int *ret_exit)
{
	struct words w = { .sort = NULL };
	const struct args_option options[] = {
		{ "unfit", ARGS_FLAG, &w.unfit },
		{ "silent", ARGS_FLAG, &w.silent },
		{ "verdict", ARGS_LIST, &w.verdicts },
		{ "condition", ARGS_TEXT, &ret->filter.condition },
		{ "label", ARGS_LIST, &w.labels },
		{ "match", ARGS_TEXT, &ret->filter.text },
		{ "quarantined", ARGS_FLAG, &ret->filter.quarantined },
		{ "sort", ARGS_TEXT, &w.sort },
		{ "reverse", ARGS_FLAG, &ret->reverse },
		{ "format", ARGS_TEXT, &ret->look.format },
		{ "context", ARGS_TEXT, &ret->look.context },
	};
	struct args a = { .cli = cli,
			  .help = help,
			  .options = options,
			  .n_options = HALE_ARRAY_SIZE(options) };

	return args_parse(&a, argc, argv, ret_exit) &&
	       take(cli, &w, ret, ret_exit);
}

/* --- printing --- */

static int print_text(const struct look *l, const struct view *v, struct out *o)
{
	uint64_t now = source_now_ns(l->source);
	bool tty = isatty(STDOUT_FILENO);
	struct picture_counts c;
	struct rows_layout layout;
	struct picture_row r;
	int e = 0;

	rows_layout(l->picture, v->hosts, v->n,
		    tty ? cli_width(STDOUT_FILENO) : 0, &layout);
	if (v->n > 0)
		rows_text_head(o, &layout);
	for (uint32_t i = 0; i < v->n && e == 0; i++) {
		if (picture_row(l->picture, v->hosts[i], &r))
			rows_text(o, &layout, &r, now);
		if (o->len > FLUSH_AT)
			e = out_flush(o, STDOUT_FILENO);
	}
	picture_counts(l->picture, &c);
	rows_summary(o, &c, v->n);
	return e;
}

static int print_export(const struct look *l, const struct view *v,
			enum rows_format format, struct out *o)
{
	int e = 0;

	if (format == ROWS_CSV)
		rows_csv_head(o);
	for (uint32_t i = 0; i < v->n && e == 0; i++) {
		if (format == ROWS_CSV)
			rows_csv(o, l->picture, v->hosts[i]);
		else
			rows_json(o, l->picture, v->hosts[i]);
		if (o->len > FLUSH_AT)
			e = out_flush(o, STDOUT_FILENO);
	}
	return e;
}

static int print(const struct look *l, const struct wish *w)
{
	struct out o = { .color = w->look.rows == ROWS_TEXT &&
				  cli_color(l->cli, STDOUT_FILENO) };
	struct view v;
	int r;

	if (view_make(l->picture, &w->filter, w->key, w->reverse, &v) < 0)
		return cli_fail(l->cli, CLI_EXIT_OSERR, "no memory", NULL);
	r = w->look.rows == ROWS_TEXT ? print_text(l, &v, &o)
				      : print_export(l, &v, w->look.rows, &o);
	if (r == 0)
		r = out_flush(&o, STDOUT_FILENO);
	out_done(&o);
	r = r < 0 ? CLI_EXIT_OSERR : v.n == 0 ? CLI_EXIT_NOTHING : 0;
	view_done(&v);
	return r;
}

int fleet_ls(int argc, char **argv)
{
	struct cli cli = { .name = "fleet ls" };
	const struct source_ask all = { .id = NULL };
	static struct wish w = { .key = VIEW_WORST };
	static struct look l;
	int r;

	if (!read_wish(&cli, argc - 1, argv + 1, &w, &r))
		return r;
	r = look_open(&l, &cli, &w.look);
	if (r == 0)
		r = look_follow(&l, SOURCE_STATE, &all);
	if (r == 0)
		r = look_past(&l);
	/* an order to a host that nobody knows is nothing */
	if (r == 0)
		r = look_follow(&l, SOURCE_ORDERS, &all);
	if (r == 0)
		r = look_past(&l);
	if (r == 0)
		r = print(&l, &w);
	if (l.picture)
		look_spoiled(&l);
	look_close(&l);
	return r;
}
