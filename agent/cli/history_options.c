/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line of `hale history`. Decides what a point in time may look
 * like. What is wrong is one line and exit code 64, as with every command.
 */
#include <errno.h>
#include <time.h>

#include "hale/base.h"
#include "hale/cause.h"

#include "agent/core/middle.h"
#include "args.h"
#include "history.h"

static const char help[] =
	"usage: hale history [OPTION]...\n"
	"Builds and findings over time: how many passed, how long they took, "
	"and\n"
	"what failed and why.\n"
	"\n"
	"  --repo R           of this repository: a name or a URL\n"
	"  --host H           of this host\n"
	"  --since T, --until T   7d, 2026-11-20 or \"2026-11-20 14:00\"\n"
	"  --failed           only those that failed or were refused\n"
	"  --cause C          only those that failed for this: host-io, code, "
	"...\n"
	"  --mine             only those of this user\n"
	"  --by X             a line for each repo, host, cause or day\n"
	"  --findings         what was wrong with the host instead\n"
	"  --limit N          the newest so many (default 1000, at most "
	"10000)\n"
	"  --format F         text, json (a message a line) or csv\n"
	"  --store FILE       read this store and ask nobody\n"
	"  --run-dir DIR      where the agent is (default: /run/hale)\n"
	"  --no-color\n"
	"\n"
	"exit: 0, 64 wrong usage, 69 the history cannot be read\n"
	"\n"
	"  hale history --since 7d --by repo\n"
	"  hale history --repo acme/shop --failed --format csv\n";

struct words {
	const char *repo, *host, *cause, *since, *until, *by, *format;
	uint64_t limit;
};

static const char *const by_names[] = {
	"", "repo", "host", "cause", "day", NULL
};
static const char *const format_names[] = { "text", "json", "csv", NULL };

static int index_of(const char *const *names, const char *word)
{
	for (int i = 0; names[i]; i++) {
		if (strcmp(names[i], word) == 0)
			return i;
	}
	return -1;
}

/* "7d" is so long ago; a date is midnight here, as the calendar has it. */
static int parse_time(const char *text, uint64_t *ret_ns)
{
	static const char *const forms[] = { "%Y-%m-%d", "%Y-%m-%d %H:%M",
					     "%Y-%m-%dT%H:%M",
					     "%Y-%m-%d %H:%M:%S" };
	uint64_t ns, now = cli_now_ns();

	if (hale_duration_parse(text, &ns) == 0) {
		*ret_ns = ns < now ? now - ns : 1;
		return 0;
	}
	for (size_t i = 0; i < HALE_ARRAY_SIZE(forms); i++) {
		struct tm tm = { .tm_isdst = -1 };
		const char *end = strptime(text, forms[i], &tm);
		time_t t;

		if (!end || *end)
			continue;
		tm.tm_isdst = -1;
		t = mktime(&tm);
		if (t <= 0)
			return -ERANGE;
		*ret_ns = (uint64_t)t * HALE_NS_PER_S;
		return 0;
	}
	return -EINVAL;
}

static bool complain(struct cli *cli, const char *text, const char *word,
		     int *ret_exit)
{
	*ret_exit = cli_fail(cli, HALE_EXIT_USAGE, text, word);
	return false;
}

static bool take_times(struct cli *cli, const struct words *w,
		       struct history_options *o, int *ret_exit)
{
	static const char wants[] =
		"a time like 7d, 2026-11-20 or \"2026-11-20 14:00\", not";

	if (w->since && parse_time(w->since, &o->since_ns) < 0)
		return complain(cli, wants, w->since, ret_exit);
	if (w->until && parse_time(w->until, &o->until_ns) < 0)
		return complain(cli, wants, w->until, ret_exit);
	return true;
}

static bool is_cause(const char *word)
{
	return strcmp(word, "unknown") == 0 ||
	       hale_build_cause_from_name(word, strlen(word)) !=
		       HALE_CAUSE_UNKNOWN;
}

static bool take(struct cli *cli, const struct words *w,
		 struct history_options *o, int *ret_exit)
{
	int by = w->by ? index_of(by_names, w->by) : 0;
	int format = w->format ? index_of(format_names, w->format) : 0;

	if (by < 0 || (w->by && by == 0))
		return complain(cli, "--by wants repo, host, cause or day, not",
				w->by, ret_exit);
	if (format < 0)
		return complain(cli, "--format wants text, json or csv, not",
				w->format, ret_exit);
	if (w->cause && !is_cause(w->cause))
		return complain(cli,
				"--cause wants a cause like host-io or "
				"code: hale-triage(1), not",
				w->cause, ret_exit);
	if (w->repo && !hale_repo_name(w->repo, o->repo))
		return complain(cli, "--repo wants a name or a URL, not",
				w->repo, ret_exit);
	if (w->limit == 0 || w->limit > HISTORY_LIMIT_MAX)
		return complain(cli, "--limit wants a number up to", "10000",
				ret_exit);
	if (o->findings && by > 0)
		return complain(cli, "--findings and --by exclude each other",
				NULL, ret_exit);
	o->by = (enum history_by)by;
	o->format = (enum history_format)format;
	o->host = w->host ? w->host : "";
	o->cause = w->cause ? w->cause : "";
	o->limit = (uint32_t)w->limit;
	return take_times(cli, w, o, ret_exit);
}

bool history_options_read(struct cli *cli, int argc, char **argv,
			  struct history_options *ret, int *ret_exit)
{
	struct history_options o = { .store = NULL };
	struct words w = { .limit = HISTORY_LIMIT };
	const struct args_option options[] = {
		{ "repo", ARGS_TEXT, &w.repo },
		{ "host", ARGS_TEXT, &w.host },
		{ "since", ARGS_TEXT, &w.since },
		{ "until", ARGS_TEXT, &w.until },
		{ "failed", ARGS_FLAG, &o.failed },
		{ "cause", ARGS_TEXT, &w.cause },
		{ "mine", ARGS_FLAG, &o.mine },
		{ "by", ARGS_TEXT, &w.by },
		{ "findings", ARGS_FLAG, &o.findings },
		{ "limit", ARGS_NUMBER, &w.limit },
		{ "format", ARGS_TEXT, &w.format },
		{ "store", ARGS_TEXT, &o.store },
	};
	struct args a = { .cli = cli,
			  .help = help,
			  .options = options,
			  .n_options = HALE_ARRAY_SIZE(options) };

	if (!args_parse(&a, argc, argv, ret_exit) ||
	    !take(cli, &w, &o, ret_exit))
		return false;
	*ret = o;
	return true;
}
