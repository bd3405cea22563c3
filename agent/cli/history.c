/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hale history`: a list of calls, and the rows that text is made of. A program
 * of its own, since it links SQLite for the store that a user keeps alone.
 */
#include <signal.h>

#include "hale/base.h"

#include "history.h"

static uint64_t peak(const Hale__V1__BuildResult *m)
{
	uint64_t most = 0;

	for (size_t i = 0; i < m->n_attempts; i++) {
		const Hale__V1__Usage *u = m->attempts[i]->usage;

		if (u && u->peak_memory_bytes > most)
			most = u->peak_memory_bytes;
	}
	return most;
}

static void fill(struct history_row *r, const Hale__V1__BuildResult *m)
{
	const Hale__V1__Usage *u =
		m->n_attempts > 0 ? m->attempts[m->n_attempts - 1]->usage
				  : NULL;

	memset(r, 0, sizeof(*r));
	r->started_ns = m->started_ns;
	r->wall_ns = u ? u->wall_ns : 0;
	r->disk = u ? u->disk_bytes : 0;
	r->memory = peak(m);
	r->outcome = m->outcome;
	r->cached = m->cache_hits;
	r->steps = m->steps;
	r->attempts = (uint32_t)m->n_attempts;
	r->status = m->status;
	r->host_fault = m->host_fault;
	HALE_SET(r->repo, m->repo);
	HALE_SET(r->host, m->host);
	HALE_SET(r->cause, m->cause);
	HALE_SET(r->strategy, m->strategy);
	HALE_SET(r->headline, m->headline);
}

static bool keep(void *data, Hale__V1__BuildResult *m)
{
	struct history_rows *h = data;

	if (h->n == h->room) {
		size_t room = h->room > 0 ? 2 * h->room : 64;
		struct history_row *rows =
			realloc(h->rows, room * sizeof(*rows));

		if (!rows)
			return false;
		h->rows = rows;
		h->room = room;
	}
	fill(&h->rows[h->n++], m);
	return true;
}

static const char nothing[] =
	"no builds yet; record one with: hale run -- COMMAND...\n";
static const char no_match[] = "nothing in the history matches\n";

static bool narrowed(const struct history_options *o)
{
	return o->repo[0] || o->host[0] || o->cause[0] || o->since_ns ||
	       o->until_ns || o->failed || o->mine;
}

static void print_rows(struct out *o, const struct history_options *opt,
		       const struct history_rows *h)
{
	bool tty = isatty(STDOUT_FILENO);
	size_t width = tty ? cli_width(STDOUT_FILENO) : 80;

	/* to a file names go whole: --repo takes them back */
	if (opt->by != HISTORY_ALL && h->n > 0)
		history_groups(o, opt, h, tty ? width : HALE_REPO_MAX + 80);
	else if (h->n > 0)
		history_text(o, opt, h, width);
}

/* On stderr: who reads the output by a program gets an empty one. */
static void tell_empty(const struct history_options *opt)
{
	struct out o = { 0 };

	out_raw(&o, opt->findings   ? "no findings are recorded\n"
		    : narrowed(opt) ? no_match
				    : nothing);
	out_flush(&o, STDERR_FILENO);
	out_done(&o);
}

static int show(const struct cli *cli, const struct history_options *opt)
{
	struct out o = { .color = opt->format == HISTORY_TEXT &&
				  cli_color(cli, STDOUT_FILENO) };
	struct history_rows h = { .n = 0 };
	struct history_export e = { .out = &o, .format = opt->format };
	bool rows = opt->format == HISTORY_TEXT || opt->by != HISTORY_ALL;
	struct history_sink sink = {
		.build = rows ? keep : history_export_build,
		.finding = opt->format == HISTORY_TEXT ? history_print_finding
						       : history_export_finding,
		.data = opt->findings && opt->format == HISTORY_TEXT
				? (void *)&o
			: rows && !opt->findings ? (void *)&h
						 : (void *)&e,
	};
	char said[320];
	int r = history_fetch(cli, opt, &sink, said);

	h.cut = h.n == opt->limit;
	if (r == 0)
		print_rows(&o, opt, &h);
	if (r >= 0 && h.n == 0 && o.len == 0 && !e.begun)
		tell_empty(opt);
	free(h.rows);
	if (r < 0)
		r = cli_fail(cli, HALE_EXIT_UNKNOWN, "cannot read the history",
			     said);
	else
		r = out_flush(&o, STDOUT_FILENO) < 0 ? CLI_EXIT_OSERR : 0;
	out_done(&o);
	return r;
}

int main(int argc, char **argv)
{
	struct cli cli = { .name = "history",
			   .run_dir = getenv("HALE_RUN_DIR") };
	struct history_options o;
	int status = 0;

	signal(SIGPIPE, SIG_IGN);
	if (cli.run_dir && !cli.run_dir[0])
		cli.run_dir = NULL;
	if (!history_options_read(&cli, argc - 1, argv + 1, &o, &status))
		return status;
	return show(&cli, &o);
}
