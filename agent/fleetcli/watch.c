/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hale fleet watch`: a line for each change of a host's verdict, as it comes.
 * Decides what a change is: another verdict, a quarantine begun or ended, a
 * host never seen before. Must write each line before it waits again, and must
 * outlive any server. Invariant: the last line of a host is how it is now.
 */
#include <errno.h>
#include <time.h>

#include "hale/base.h"

#include "agent/cli/args.h"
#include "agent/fleet/view.h"
#include "fleetcli.h"
#include "look.h"

#define TICK_MS 1000 /* hosts fall silent by the second */
#define HEARD	0x80 /* of a host's last line */

static const char help[] =
	"usage: hale fleet watch [OPTION]...\n"
	"Hosts that are not FIT, and then a line for each change of a "
	"verdict.\n"
	"\n"
	"  --changes          only changes from now on\n"
	"  --label KEY=VALUE  only these hosts; of one KEY any VALUE\n"
	"  --match TEXT       only with this in name, id, reason, label, "
	"model\n"
	"  --format F         text, or json: an object a line\n"
	"  --context DIR      which fleet: of `hale fleet init DIR`\n"
	"  --no-color\n"
	"\n"
	"exit: only when it is ended, stdout is closed (0), or the fleet "
	"cannot\n"
	"be read (69, 77)\n"
	"\n"
	"  hale fleet watch --label pool=linux | tee fleet.log\n";

struct watch {
	struct look look;
	struct look_options options;
	struct view_filter filter;
	struct out out;
	bool changes, closed;
	uint64_t seen; /* the picture's number */
	uint8_t *last; /* by index: HEARD, quarantine << 4, verdict */
	uint32_t room; /* of @last */
};

static uint8_t state_of(const struct picture_row *r)
{
	return (uint8_t)(HEARD | (r->quarantine != PICTURE_FREE) << 4 |
			 (uint8_t)r->verdict);
}

/* What was last said of it; NULL: no memory. */
static uint8_t *last_of(struct watch *w, uint32_t host)
{
	uint32_t room = w->room > 0 ? w->room : 1024;
	uint8_t *last;

	while (room <= host)
		room *= 2;
	if (room > w->room) {
		last = realloc(w->last, room);
		if (!last)
			return NULL;
		memset(last + w->room, 0, room - w->room);
		w->last = last;
		w->room = room;
	}
	return &w->last[host];
}

/* --- a line --- */

static void put_stamp(struct out *o, uint64_t ns)
{
	time_t t = (time_t)(ns / HALE_NS_PER_S);
	char text[16] = "";
	struct tm tm;

	if (localtime_r(&t, &tm))
		strftime(text, sizeof(text), "%H:%M:%S  ", &tm);
	out_raw(o, text);
}

static void put_before(struct out *o, const struct picture_row *r,
		       uint8_t before)
{
	enum picture_verdict was = (enum picture_verdict)(before & 0xf);

	if (!(before & HEARD)) {
		out_raw(o, r->verdict == PICTURE_FIT ? "new" : "");
		return;
	}
	if (was == r->verdict) {
		out_raw(o, r->quarantine != PICTURE_FREE
				   ? ""
				   : "released from quarantine");
		return;
	}
	out_raw(o, "was ");
	out_raw(o, picture_verdict_name(was));
}

static void put_line(struct watch *w, const struct picture_row *r,
		     uint8_t before, uint64_t now_ns)
{
	const char *verdict = picture_verdict_name(r->verdict);
	struct out *o = &w->out, why = { 0 };
	size_t used = strlen(verdict);

	put_stamp(o, now_ns);
	out_color(o, rows_color(r->verdict), verdict);
	for (; used < 10; used++)
		out_raw(o, " ");
	out_text(o, r->name);
	out_raw(o, "  ");
	put_before(&why, r, before);
	if (why.len > 0 && (r->why[0] || r->quarantine != PICTURE_FREE))
		out_raw(&why, "; ");
	rows_why(&why, r);
	out_append(o, &why);
	out_raw(o, "\n");
	out_done(&why);
}

static void tell(struct watch *w, uint32_t host, const struct picture_row *r,
		 uint8_t before)
{
	if (w->options.rows == ROWS_JSON)
		rows_json(&w->out, w->look.picture, host);
	else
		put_line(w, r, before, source_now_ns(w->look.source));
}

/* A host that was never seen says so when it is not FIT, or later on. */
static void look_at(struct watch *w, uint32_t host, bool begin)
{
	struct picture_row r;
	uint8_t *last = last_of(w, host), before;

	if (!last || !picture_row(w->look.picture, host, &r) ||
	    !view_passes(w->look.picture, host, &w->filter))
		return;
	before = *last;
	*last = state_of(&r);
	if (before == *last)
		return;
	if (begin && (w->changes || r.verdict == PICTURE_FIT))
		return;
	tell(w, host, &r, before);
}

/* --- changes --- */

static void flush(struct watch *w)
{
	if (w->out.len > 0 && out_flush(&w->out, STDOUT_FILENO) < 0)
		w->closed = true;
}

static void tell_changes(struct watch *w)
{
	uint32_t cursor = PICTURE_NONE, host;
	struct picture_counts c;

	picture_counts(w->look.picture, &c);
	if (c.change == w->seen)
		return;
	while ((host = picture_changes(w->look.picture, w->seen, &cursor)) !=
	       PICTURE_NONE)
		look_at(w, host, false);
	w->seen = c.change;
}

static void begin(struct watch *w)
{
	static const struct view_filter all;
	struct picture_counts c;
	struct view v;

	picture_counts(w->look.picture, &c);
	w->seen = c.change;
	if (view_make(w->look.picture, &all, VIEW_WORST, false, &v) < 0)
		return;
	for (uint32_t i = 0; i < v.n; i++)
		look_at(w, v.hosts[i], true);
	view_done(&v);
	if (w->options.rows == ROWS_TEXT)
		rows_summary(&w->out, &c, c.hosts);
	flush(w);
}

/* A line for each change, also where the next one came with it; of a burst they
 * are written at once. */
static void turn(struct watch *w)
{
	struct look *l = &w->look;
	struct source_event e;
	int n = source_await(l->source, TICK_MS, &e);

	for (int i = 0; n > 0; i++) {
		look_take(l, &e);
		tell_changes(w);
		/* a flood is told as it comes, not when it is over */
		if (l->fatal || i == 255)
			break;
		n = source_next(l->source, &e);
	}
	picture_tick(l->picture, source_now_ns(l->source));
	look_spoiled(l);
	tell_changes(w);
	flush(w);
}

/* --- the command --- */

static bool read_words(struct cli *cli, int argc, char **argv, struct watch *w,
		       int *ret_exit)
{
	struct args_list labels = { .n = 0 };
	const struct args_option options[] = {
		{ "changes", ARGS_FLAG, &w->changes },
		{ "label", ARGS_LIST, &labels },
		{ "match", ARGS_TEXT, &w->filter.text },
		{ "format", ARGS_TEXT, &w->options.format },
		{ "context", ARGS_TEXT, &w->options.context },
	};
	struct args a = { .cli = cli,
			  .help = help,
			  .options = options,
			  .n_options = HALE_ARRAY_SIZE(options) };

	if (!args_parse(&a, argc, argv, ret_exit) ||
	    !look_labels(cli, &labels, &w->filter, ret_exit))
		return false;
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

int fleet_watch(int argc, char **argv)
{
	static struct cli cli = { .name = "fleet watch" };
	const struct source_ask all = { .id = NULL };
	static struct watch w;
	int r;

	if (!read_words(&cli, argc - 1, argv + 1, &w, &r))
		return r;
	w.out.color =
		w.options.rows == ROWS_TEXT && cli_color(&cli, STDOUT_FILENO);
	r = look_open(&w.look, &cli, &w.options);
	if (r == 0)
		r = look_follow(&w.look, SOURCE_STATE, &all);
	if (r == 0)
		r = look_past(&w.look);
	if (r == 0)
		r = look_follow(&w.look, SOURCE_ORDERS, &all);
	if (r == 0)
		r = look_past(&w.look);
	if (r == 0)
		begin(&w);
	while (r == 0 && !w.closed && !w.look.fatal)
		turn(&w);
	r = r ? r : w.look.fatal;
	look_close(&w.look);
	out_done(&w.out);
	free(w.last);
	return r;
}
