/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hale fleet show HOST`: all that the fleet knows of one host. Decides which
 * messages that needs: its state and its own events, and nobody else's. What it
 * looks like is show_text.c.
 */
#include <errno.h>

#include "hale/base.h"

#include "agent/cli/args.h"
#include "fleetcli.h"
#include "proto/json.h"
#include "show.h"

#define EVENTS_MAX 2000

static const char help[] =
	"usage: hale fleet show HOST [OPTION]...\n"
	"One host: verdict and why, findings and what to do, what is not "
	"seen,\n"
	"capacity, disks, builds, and what happened lately. HOST is its name "
	"or "
	"id.\n"
	"\n"
	"  --since TIME       of the time line: 7d (default), or a date\n"
	"  --limit N          of the time line, the newest so many (default "
	"20)\n"
	"  --check            exit as `hale check` would: 0 fit or degraded, "
	"75\n"
	"                     unfit, 69 unknown or silent\n"
	"  --format F         text, or json: its HostState, as a message of\n"
	"                     fleet.proto\n"
	"  --context DIR      which fleet: of `hale fleet init DIR`\n"
	"  --no-color\n"
	"\n"
	"exit: 0, 1 no such host, 64 wrong usage, 69 the fleet cannot be "
	"read,\n"
	"77 the servers refuse this user; or --check\n";

struct wish {
	struct look_options options;
	const char *host, *since;
	uint64_t limit;
	bool check;
	struct look look;
	struct show show;
	uint8_t *bytes; /* its newest state */
	size_t len;
};

/* Kept as bytes: what is unpacked lives in the arena of the next message. */
static void keep(struct wish *w, const struct source_event *e)
{
	uint8_t *bytes = malloc(e->len ? e->len : 1);

	if (!bytes)
		return;
	memcpy(bytes, e->bytes, e->len);
	free(w->bytes);
	w->bytes = bytes;
	w->len = e->len;
	HALE_SET(w->show.id, e->id);
	w->show.received_ns = e->received_ns;
}

static bool is_asked(const struct wish *w, const char *id,
		     const Hale__Fleet__V1__HostState *m)
{
	return strcmp(w->host, id) == 0 ||
	       strcmp(w->host, m->report->host) == 0;
}

/* Two hosts may have one name: the one heard last counts, and that is told. */
static void take(void *data, const struct source_event *e, const void *m)
{
	struct wish *w = data;

	if (e->stream != SOURCE_STATE) {
		events_add(&w->show.events, e, m);
		if (e->stream == SOURCE_BUILDS)
			show_count(&w->show, m);
		return;
	}
	if (!is_asked(w, e->id, m))
		return;
	if (w->bytes && strcmp(w->show.id, e->id) != 0) {
		w->show.namesakes++;
		if (e->received_ns < w->show.received_ns)
			return;
	}
	keep(w, e);
}

/* --- the command --- */

static bool read_wish(struct cli *cli, int argc, char **argv, struct wish *w,
		      int *ret_exit)
{
	const struct args_option options[] = {
		{ "since", ARGS_TEXT, &w->since },
		{ "limit", ARGS_NUMBER, &w->limit },
		{ "check", ARGS_FLAG, &w->check },
		{ "format", ARGS_TEXT, &w->options.format },
		{ "context", ARGS_TEXT, &w->options.context },
	};
	struct args a = { .cli = cli,
			  .help = help,
			  .options = options,
			  .n_options = HALE_ARRAY_SIZE(options),
			  .max_operands = 1 };

	if (!args_parse(&a, argc, argv, ret_exit))
		return false;
	*ret_exit = HALE_EXIT_USAGE;
	if (a.operands.n == 0) {
		cli_fail(cli, 0, "wants a HOST: its name or id", NULL);
		return false;
	}
	if (w->options.format &&
	    (rows_format_from_name(w->options.format, &w->options.rows) < 0 ||
	     w->options.rows == ROWS_CSV)) {
		cli_fail(cli, 0, "--format wants text or json, not",
			 w->options.format);
		return false;
	}
	w->host = a.operands.items[0];
	return true;
}

static int follow_events(struct wish *w)
{
	struct source_ask ask = { .id = w->show.id };
	uint64_t now = source_now_ns(w->look.source);
	int r;

	if (look_time(w->since ? w->since : "7d", now, &ask.since_ns) < 0)
		return cli_fail(w->look.cli, HALE_EXIT_USAGE,
				"--since wants a time like 3d or 2026-11-20, "
				"not",
				w->since);
	r = look_follow(&w->look, SOURCE_FINDINGS, &ask);
	if (r == 0)
		r = look_follow(&w->look, SOURCE_BUILDS, &ask);
	ask.since_ns = 0;
	if (r == 0)
		r = look_follow(&w->look, SOURCE_ORDERS, &ask);
	return r ? r : look_past(&w->look);
}

static int gather(struct wish *w)
{
	const struct source_ask ask = { .id = fleet_id_valid(w->host) ? w->host
								      : NULL };
	int r;

	w->look.message = take;
	w->look.data = w;
	r = look_follow(&w->look, SOURCE_STATE, &ask);
	if (r == 0)
		r = look_past(&w->look);
	if (r != 0)
		return r;
	if (!w->bytes && look_host(&w->look, w->host) == PICTURE_NONE)
		return CLI_EXIT_NOTHING;
	if (!w->bytes) /* it is there, but nothing of it can be read */
		HALE_SET(w->show.id, w->host);
	return follow_events(w);
}

static int check_exit(const struct picture_row *r)
{
	switch (r->verdict) {
	case PICTURE_FIT:
	case PICTURE_DEGRADED:
		return HALE_EXIT_OK;
	case PICTURE_UNFIT:
		return HALE_EXIT_UNFIT;
	case PICTURE_UNKNOWN:
	case PICTURE_SILENT:
	case PICTURE_VERDICTS:
		break;
	}
	return HALE_EXIT_UNKNOWN;
}

static int print(struct wish *w)
{
	struct codec_arena a = { .mem = w->look.memory, .size = FLEET_ARENA };
	const struct fleet_bytes b = { w->bytes, w->len, w->show.id };
	uint32_t host = picture_find(w->look.picture, w->show.id);
	struct out o = { .color = cli_color(w->look.cli, STDOUT_FILENO) };
	Hale__Fleet__V1__HostState *state = NULL;
	char why[FLEET_WHY_MAX];
	struct picture_row r;
	int e;

	if (w->bytes && fleet_read_state(&a, &b, &state, why) == 0)
		w->show.state = state;
	if (host == PICTURE_NONE || !picture_row(w->look.picture, host, &r))
		return CLI_EXIT_NOTHING;
	w->show.width = isatty(STDOUT_FILENO) ? cli_width(STDOUT_FILENO) : 0;
	w->show.now_ns = source_now_ns(w->look.source);
	w->show.limit = w->limit;
	if (w->options.rows == ROWS_JSON && w->show.state)
		e = json_print_file(&w->show.state->base, 0, stdout);
	else {
		show_text(&o, &w->show, &r);
		e = out_flush(&o, STDOUT_FILENO);
	}
	out_done(&o);
	if (e < 0)
		return CLI_EXIT_OSERR;
	return w->check ? check_exit(&r) : 0;
}

int fleet_show(int argc, char **argv)
{
	static struct cli cli = { .name = "fleet show" };
	static struct wish w = { .limit = 20 };
	int r;

	if (!read_wish(&cli, argc - 1, argv + 1, &w, &r))
		return r;
	if (events_init(&w.show.events, EVENTS_MAX) < 0)
		return cli_fail(&cli, CLI_EXIT_OSERR, "no memory", NULL);
	r = look_open(&w.look, &cli, &w.options);
	if (r == 0)
		r = gather(&w);
	if (r == 0)
		r = print(&w);
	look_spoiled(&w.look);
	look_close(&w.look);
	events_done(&w.show.events);
	free(w.bytes);
	return r;
}
