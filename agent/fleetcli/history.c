/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hale fleet history`: what happened in a fleet, the oldest first. Decides
 * which events are wanted. Must read no more of the streams than that needs,
 * and keep no more than --limit.
 */
#include "hale/base.h"

#include "agent/cli/args.h"
#include "events.h"
#include "fleetcli.h"
#include "look.h"

#define LIMIT	  200
#define LIMIT_MAX 100000

static const char help[] =
	"usage: hale fleet history [OPTION]...\n"
	"Findings that began or ended, and orders; the newest last.\n"
	"\n"
	"  --host H           of this host: its name or id\n"
	"  --condition C      only this one; \"disk.\" is all of disks\n"
	"  --builds           builds that ended as well\n"
	"  --failed           only builds that did not pass\n"
	"  --since TIME       3d, 2026-11-20 or \"2026-11-20 14:00\" (default "
	"1d)\n"
	"  --limit N          the newest so many (default 200)\n"
	"  --format F         text, json (an object a line) or csv\n"
	"  --context DIR      which fleet: of `hale fleet init DIR`\n"
	"\n"
	"exit: 0, 1 nothing happened, 64 wrong usage, 69 the fleet cannot be\n"
	"read, 77 the servers refuse this user\n"
	"\n"
	"  hale fleet history --since 7d --condition disk. --format csv\n";

struct wish {
	struct look_options look;
	const char *host, *condition, *since;
	uint64_t limit;
	bool builds, failed;
	struct events events;
	const struct picture *picture; /* who is called how */
};

static bool wanted(const struct wish *w, const struct source_event *e,
		   const void *m)
{
	const Hale__Fleet__V1__FindingEvent *f = m;
	const Hale__Fleet__V1__BuildOutcome *b = m;
	const char *about = e->stream == SOURCE_FINDINGS ? f->finding->condition
			    : e->stream == SOURCE_BUILDS ? b->cause
							 : "";
	size_t len = w->condition ? strlen(w->condition) : 0;

	if (len > 0 && strncmp(about, w->condition, len) != 0)
		return false;
	if (len > 0 && w->condition[len - 1] != '.' && about[len])
		return false;
	if (w->failed)
		return e->stream == SOURCE_BUILDS &&
		       b->outcome != HALE__V1__BUILD_RESULT__OUTCOME__PASSED;
	return true;
}

static void take(void *data, const struct source_event *e, const void *m)
{
	struct wish *w = data;
	struct picture_row r;
	struct event *kept;

	if (e->stream == SOURCE_STATE || !wanted(w, e, m))
		return;
	kept = events_add(&w->events, e, m);
	if (kept && e->stream == SOURCE_ORDERS &&
	    picture_row(w->picture, picture_find(w->picture, e->id), &r))
		HALE_SET(kept->host, r.name);
}

/* --- the command --- */

static bool read_wish(struct cli *cli, int argc, char **argv, struct wish *w,
		      int *ret_exit)
{
	const struct args_option options[] = {
		{ "host", ARGS_TEXT, &w->host },
		{ "condition", ARGS_TEXT, &w->condition },
		{ "builds", ARGS_FLAG, &w->builds },
		{ "failed", ARGS_FLAG, &w->failed },
		{ "since", ARGS_TEXT, &w->since },
		{ "limit", ARGS_NUMBER, &w->limit },
		{ "format", ARGS_TEXT, &w->look.format },
		{ "context", ARGS_TEXT, &w->look.context },
	};
	struct args a = { .cli = cli,
			  .help = help,
			  .options = options,
			  .n_options = HALE_ARRAY_SIZE(options) };

	if (!args_parse(&a, argc, argv, ret_exit))
		return false;
	if (w->limit == 0 || w->limit > LIMIT_MAX) {
		*ret_exit = cli_fail(cli, HALE_EXIT_USAGE,
				     "--limit wants a number up to", "100000");
		return false;
	}
	if (w->look.format &&
	    rows_format_from_name(w->look.format, &w->look.rows) < 0) {
		*ret_exit = cli_fail(cli, HALE_EXIT_USAGE,
				     "--format wants text, json or csv, not",
				     w->look.format);
		return false;
	}
	return true;
}

/* Who is who is among the states. */
static int find_id(struct look *l, const struct wish *w,
		   char ret_id[FLEET_ID_SIZE])
{
	const struct source_ask all = { .id = NULL };
	struct picture_row r;
	uint32_t host;
	int e = look_follow(l, SOURCE_STATE, &all);

	if (e == 0)
		e = look_past(l);
	if (e != 0 || !w->host)
		return e;
	host = look_host(l, w->host);
	if (host == PICTURE_NONE || !picture_row(l->picture, host, &r))
		return CLI_EXIT_NOTHING;
	hale_copy(ret_id, FLEET_ID_SIZE, r.id, strlen(r.id));
	return 0;
}

static int follow(struct look *l, const struct wish *w,
		  const struct source_ask *ask)
{
	int r = 0;

	if (!w->failed)
		r = look_follow(l, SOURCE_FINDINGS, ask);
	if (r == 0 && (w->builds || w->failed))
		r = look_follow(l, SOURCE_BUILDS, ask);
	if (r == 0 && !w->failed && !w->condition)
		r = look_follow(l, SOURCE_ORDERS, ask);
	return r;
}

static int gather(struct look *l, struct wish *w)
{
	char id[FLEET_ID_SIZE] = "";
	struct source_ask ask = { .id = w->host ? id : NULL };
	int r = find_id(l, w, id);

	if (r != 0)
		return r;
	if (look_time(w->since ? w->since : "1d", source_now_ns(l->source),
		      &ask.since_ns) < 0)
		return cli_fail(l->cli, HALE_EXIT_USAGE,
				"--since wants a time like 3d, 2026-11-20 or "
				"\"2026-11-20 14:00\", not",
				w->since);
	w->picture = l->picture;
	l->message = take;
	l->data = w;
	r = follow(l, w, &ask);
	return r ? r : look_past(l);
}

static int print(const struct cli *cli, struct wish *w)
{
	struct out o = { .color = false };
	const struct event *e;
	int r;

	events_sort(&w->events);
	if (w->look.rows == ROWS_CSV)
		event_csv_head(&o);
	for (size_t i = 0; (e = events_at(&w->events, i)); i++) {
		if (w->look.rows == ROWS_CSV)
			event_csv(&o, e);
		else if (w->look.rows == ROWS_JSON)
			event_json(&o, e);
		else
			event_text(&o, e, true);
		if (o.len > 64 * HALE_KIB && out_flush(&o, STDOUT_FILENO) < 0)
			break;
	}
	r = out_flush(&o, STDOUT_FILENO) < 0 ? CLI_EXIT_OSERR : 0;
	out_done(&o);
	if (r == 0 && w->events.n == 0)
		return cli_fail(cli, CLI_EXIT_NOTHING,
				"nothing of that happened since",
				w->since ? w->since : "1d");
	if (r == 0 && w->events.left_out > 0)
		cli_fail(cli, 0, "there is more; --limit or --since choose",
			 NULL);
	return r;
}

int fleet_history(int argc, char **argv)
{
	static struct cli cli = { .name = "fleet history" };
	static struct wish w = { .limit = LIMIT };
	static struct look l;
	int r;

	if (!read_wish(&cli, argc - 1, argv + 1, &w, &r))
		return r;
	if (events_init(&w.events, w.limit) < 0)
		return cli_fail(&cli, CLI_EXIT_OSERR, "no memory", NULL);
	r = look_open(&l, &cli, &w.look);
	if (r == 0)
		r = gather(&l, &w);
	if (r == 0)
		r = print(&cli, &w);
	look_spoiled(&l);
	look_close(&l);
	events_done(&w.events);
	return r;
}
