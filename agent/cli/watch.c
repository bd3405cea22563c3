/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hale watch`: the report as it changes. On a terminal the screen is drawn
 * anew each second, because ages grow; elsewhere a line is written for every
 * change and nothing in between. An agent that goes away is waited for; one
 * that is back within a second was never missed.
 */
#include <errno.h>
#include <poll.h>
#include <time.h>

#include "hale/base.h"

#include "args.h"
#include "report.h"

#define REDRAW_MS 1000
#define RETRY_MS  1000
/* Where another core takes over, it answers before long. */
#define SOON_MS	   50
#define SOON_TRIES 20

static const char help[] =
	"usage: hale watch [OPTION]...\n"
	"The host's verdict and findings, live: redrawn on a terminal, a line\n"
	"for each change elsewhere (+ new, * again, - over).\n"
	"\n"
	"  --coverage     with what each driver can see (on a terminal)\n"
	"  --lines        lines on a terminal, too\n"
	"  --format F     text, or json: each report as a line\n"
	"  --run-dir DIR  where the agent is (default: /run/hale)\n"
	"  --no-color\n"
	"\n"
	"exit: only when it is ended, or stdout is closed\n"
	"\n"
	"  hale watch\n"
	"  hale watch --format json | while read -r report; do ...; done\n";

struct watch {
	const struct cli *cli;
	struct hale *hale;
	struct hale_reply *last; /* NULL: none yet */
	struct out out;
	bool coverage, redraw, absent;
	int tries; /* since the last report, that met nobody */
};

static void stamp(char *buf, size_t size)
{
	time_t now = time(NULL);
	struct tm tm;

	localtime_r(&now, &tm);
	if (strftime(buf, size, "%H:%M:%S", &tm) == 0)
		buf[0] = '\0';
}

/* Cuts a page to @rows lines, so that its head stays on the screen. */
static void cut(struct out *page, size_t rows)
{
	size_t end = 0, lines = 0;

	while (end < page->len && lines < rows)
		lines += page->text[end++] == '\n';
	if (end == page->len)
		return;
	page->len = end;
	out_raw(page, "and more: hale status");
}

static void draw(struct watch *w)
{
	struct out page = { .color = w->out.color };

	if (w->absent)
		out_raw(&page, "the agent is gone; this was its last word\n");
	report_render(&page, w->last,
		      w->coverage ? cli_width(STDOUT_FILENO) : 0, cli_now_ns());
	cut(&page, cli_height(STDOUT_FILENO) - 2);
	out_raw(&w->out, "\033[H\033[2J");
	out_append(&w->out, &page);
	out_done(&page);
}

static void note(struct watch *w, const char *text)
{
	char now[16];

	if (w->cli->format != CLI_TEXT)
		return;
	stamp(now, sizeof(now));
	out_raw(&w->out, now);
	out_raw(&w->out, "  ");
	out_raw(&w->out, text);
	out_raw(&w->out, "\n");
}

static int show(struct watch *w, struct hale_reply *report)
{
	char now[16];

	w->absent = false;
	w->tries = 0;
	if (w->cli->format == CLI_JSON) {
		int r = cli_print_json(w->cli, report);

		hale_reply_free(report);
		return r;
	}
	stamp(now, sizeof(now));
	if (!w->redraw)
		report_changes(&w->out, w->last, report, now, cli_now_ns());
	hale_reply_free(w->last);
	w->last = report;
	return 0;
}

static void lose(struct watch *w)
{
	if (w->tries < SOON_TRIES)
		return;
	if (!w->absent && (!w->redraw || !w->last))
		note(w, "no agent answers; waiting for one");
	w->absent = true;
}

/* One report, or a second without; returns 0 or an exit code. */
static int step(struct watch *w)
{
	struct hale_reply *report = NULL;
	int r = hale_watch(w->hale, REDRAW_MS, &report), code = 0;

	if (r == 0)
		code = show(w, report);
	else if (r == -ENOTCONN)
		lose(w);
	else if (r != -ETIME)
		return cli_fail(w->cli, CLI_EXIT_OSERR, "cannot watch",
				strerrordesc_np(-r));
	if (w->redraw && w->last)
		draw(w);
	if (code == 0 && out_flush(&w->out, STDOUT_FILENO) < 0)
		code = CLI_EXIT_OSERR;
	if (r == -ENOTCONN)
		poll(NULL, 0, w->tries++ < SOON_TRIES ? SOON_MS : RETRY_MS);
	return code;
}

int cmd_watch(struct cli *cli, int argc, char **argv)
{
	struct watch w = { .cli = cli, .tries = SOON_TRIES };
	bool lines = false;
	const struct args_option options[] = {
		{ "coverage", ARGS_FLAG, &w.coverage },
		{ "lines", ARGS_FLAG, &lines },
	};
	struct args a = { .cli = cli,
			  .help = help,
			  .options = options,
			  .n_options = HALE_ARRAY_SIZE(options) };
	int r;

	if (!args_parse(&a, argc, argv, &r))
		return r;
	if (cli->format == CLI_NAGIOS)
		return cli_fail(cli, HALE_EXIT_USAGE,
				"Nagios asks by itself: hale check", NULL);
	w.hale = cli_open(cli);
	if (!w.hale)
		return CLI_EXIT_OSERR;
	w.out.color = cli_color(cli, STDOUT_FILENO);
	w.redraw = cli->format == CLI_TEXT && !lines && isatty(STDOUT_FILENO);
	do
		r = step(&w);
	while (r == 0);
	hale_reply_free(w.last);
	hale_close(w.hale);
	out_done(&w.out);
	return r;
}
