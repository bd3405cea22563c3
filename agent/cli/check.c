/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hale check`, the gate. The verdict goes to stdout as one line, the reasons
 * to stderr, the answer into the exit code; scripts may look at the last alone.
 * Must stay as cheap as a question can be: no stdio, no locale on this way.
 */
#include <signal.h>
#include <sys/time.h>

#include "hale/base.h"

#include "args.h"
#include "like.h"
#include "render.h"

static const char help[] =
	"usage: hale check [OPTION]...\n"
	"Is this machine fit to build on?\n"
	"\n"
	"  --path P           what the build stands on; may be repeated\n"
	"                     (default: the working directory and $TMPDIR;\n"
	"                     / and /usr always count)\n"
	"  --host             the whole host instead of paths\n"
	"  --container        the container engine and its data-root as well\n"
	"  --need-space SIZE  available on each path, e.g. 10G\n"
	"  --need-inodes N    available on each path\n"
	"  --need-memory SIZE available now\n"
	"  --like REPO        what earlier builds of REPO needed here, as "
	"needs;\n"
	"                     \".\" is the repository of the working "
	"directory\n"
	"  --fresh            ask the hardware first, at most 6 s\n"
	"  --strict           DEGRADED is not good enough\n"
	"  --wait TIME        ask until fit, at most so long, e.g. 30s\n"
	"  --format F         text, json or nagios\n"
	"  --run-dir DIR      where the agent is (default: /run/hale)\n"
	"  --no-color\n"
	"\n"
	"exit: 0 fit or degraded, 75 unfit, 69 unknown, 64 wrong usage\n"
	"\n"
	"  hale check --path \"$PWD\" --need-space 10G || exit $?\n"
	"  hale check --strict --wait 30s --format json\n";

/* Both streams may be one terminal: the verdict first. */
static int print_text(const struct cli *cli, const struct hale_reply *r,
		      const struct hale_summary *s)
{
	struct out o = { .color = cli_color(cli, STDOUT_FILENO) };
	uint64_t now_ns = cli_now_ns();
	int code = s->exit_code;

	render_headline(&o, s, now_ns);
	/* A gate whose answer cannot be read still answers by its code. */
	out_flush(&o, STDOUT_FILENO);
	if (s->n_reasons > 0 || s->note[0]) {
		o.color = cli_color(cli, STDERR_FILENO);
		render_reasons(&o, r, now_ns);
		out_flush(&o, STDERR_FILENO);
	}
	out_done(&o);
	return code;
}

static int print_nagios(const struct hale_reply *r,
			const struct hale_summary *s)
{
	struct out o = { 0 };

	render_nagios(&o, r, cli_now_ns());
	out_flush(&o, STDOUT_FILENO);
	out_done(&o);
	return render_nagios_exit(s);
}

static int print(const struct cli *cli, const struct hale_reply *r)
{
	struct hale_summary s;

	hale_reply_summary(r, &s);
	switch (cli->format) {
	case CLI_TEXT:
		return print_text(cli, r, &s);
	case CLI_JSON:
		cli_print_json(cli, r);
		return s.exit_code;
	case CLI_NAGIOS:
		return print_nagios(r, &s);
	}
	return HALE_EXIT_UNKNOWN;
}

/* --- who watches a fresh look is told that it takes a while --- */

#define PATIENCE_S 1

static volatile sig_atomic_t told;

static void tell(int number)
{
	static const char text[] = "asking the hardware, up to 5 s ...";

	(void)number;
	if (write(STDERR_FILENO, text, sizeof(text) - 1) > 0)
		told = 1;
}

static void tell_later(void)
{
	const struct sigaction act = { .sa_handler = tell,
				       .sa_flags = SA_RESTART };
	const struct itimerval once = { .it_value.tv_sec = PATIENCE_S };

	if (isatty(STDERR_FILENO) && sigaction(SIGALRM, &act, NULL) == 0)
		setitimer(ITIMER_REAL, &once, NULL);
}

/* The line goes again: what is left is the answer. */
static void tell_no_more(void)
{
	static const char wipe[] = "\r                                  \r";
	const struct itimerval never = { .it_value.tv_sec = 0 };

	setitimer(ITIMER_REAL, &never, NULL);
	if (told && write(STDERR_FILENO, wipe, sizeof(wipe) - 1) < 0)
		return;
	told = 0;
}

/* Before the verdict's own lines: what makes it another than without --like. */
static void tell_like(const struct like *like, const struct hale_reply *r)
{
	struct out o = { 0 };

	like_explain(like, r, &o);
	out_flush(&o, STDERR_FILENO);
	out_done(&o);
}

static int ask(const struct cli *cli, const char *repo,
	       struct hale_check_options *o)
{
	_cleanup_hale_ struct hale *h = cli_open(cli);
	_cleanup_reply_ struct hale_reply *reply = NULL;
	struct like like;
	int r;

	if (!h)
		return HALE_EXIT_UNKNOWN;
	if (repo)
		like_apply(cli, repo, o, &like);
	if (o->fresh)
		tell_later();
	r = hale_check(h, o, &reply);
	if (o->fresh)
		tell_no_more();
	if (r < 0)
		return cli_not_asked(cli, r);
	if (repo)
		tell_like(&like, reply);
	return print(cli, reply);
}

int cmd_check(struct cli *cli, int argc, char **argv)
{
	struct args_list paths = { .n = 0 };
	struct hale_check_options o = { .size = sizeof(o) };
	const char *like = NULL;
	const struct args_option options[] = {
		{ "path", ARGS_LIST, &paths },
		{ "host", ARGS_FLAG, &o.host },
		{ "container", ARGS_FLAG, &o.container },
		{ "need-space", ARGS_SIZE, &o.need_bytes },
		{ "need-inodes", ARGS_NUMBER, &o.need_inodes },
		{ "need-memory", ARGS_SIZE, &o.need_memory_bytes },
		{ "like", ARGS_TEXT, &like },
		{ "fresh", ARGS_FLAG, &o.fresh },
		{ "strict", ARGS_FLAG, &o.strict },
		{ "wait", ARGS_TIME, &o.wait_ms },
	};
	struct args a = { .cli = cli,
			  .help = help,
			  .options = options,
			  .n_options = HALE_ARRAY_SIZE(options) };
	int exit_code;

	/* Who reads is gone; who waits for the exit code is not. */
	signal(SIGPIPE, SIG_IGN);
	if (!args_parse(&a, argc, argv, &exit_code))
		return exit_code;
	if (o.host && paths.n > 0)
		return cli_fail(cli, HALE_EXIT_USAGE,
				"--host and --path exclude each other", NULL);
	if (paths.n > HALE_CHECK_PATHS_MAX)
		return cli_fail(cli, HALE_EXIT_USAGE, "too many paths, at most",
				"14");
	for (size_t i = 0; i < paths.n; i++) {
		if (!paths.items[i][0])
			return cli_fail(cli, HALE_EXIT_USAGE, "--path is empty",
					NULL);
	}
	o.paths = paths.items;
	o.n_paths = paths.n;
	return ask(cli, like, &o);
}
