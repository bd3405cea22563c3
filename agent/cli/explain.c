/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hale explain`: why. Without a word the host's story; with one the causes
 * that it is in, and of a condition its page of the catalogue as well, for
 * which no agent is needed. Decides what is asked and what the answer exits
 * with; how it looks is explain_text.c's and explain_markdown.c's.
 */
#include <errno.h>

#include "hale/base.h"

#include "args.h"
#include "explain.h"
#include "render.h"

static const char help[] =
	"usage: hale explain [CONDITION, PART or PROCESS] [OPTION]...\n"
	"What happened, its root cause, what it touches, what to do, what "
	"clears it.\n"
	"Without a word: the host's story.\n"
	"\n"
	"  --path P       only what touches builds there; may be repeated\n"
	"  --since T      only what happened in the last T: 30min, 2h\n"
	"  --format F     text, markdown (for a ticket) or json\n"
	"  --list         the names of all conditions\n"
	"  --run-dir DIR  where the agent is (default: /run/hale)\n"
	"  --no-color\n"
	"\n"
	"exit: 0 explained, or nothing is wrong; 1 no such condition or "
	"finding;\n"
	"69 not known: no agent answers; 64 wrong usage\n"
	"\n"
	"  hale explain\n"
	"  hale explain sde --format markdown\n"
	"  hale explain disk.medium_error\n";

struct wish {
	const char *word, *format;
	struct args_list paths;
	uint32_t since_ms;
	bool names, markdown, json;
};

static const char *nearest_condition(const char *word)
{
	const char *names[HALE_CONDITION_COUNT];

	for (size_t i = 1; i < HALE_CONDITION_COUNT; i++)
		names[i - 1] =
			hale_condition_info((enum hale_condition)i)->name;
	return args_nearest(word, names, HALE_CONDITION_COUNT - 1);
}

static int nothing(const struct cli *cli, const char *word)
{
	const char *near = nearest_condition(word);
	char text[80] = "neither a condition (--list) nor in any open finding";

	if (near)
		snprintf(text, sizeof(text), "did you mean %s?", near);
	return cli_fail(cli, CLI_EXIT_NOTHING, word, text);
}

/* The agent's clock is not set anew with the host's: its own answer tells. */
static uint64_t now_ns(const struct cli *cli)
{
	/* a scan has this clock's time, and costs much */
	const struct hale_options o = { .size = sizeof(o),
					.run_dir = cli->run_dir };
	_cleanup_reply_ struct hale_reply *r = NULL;
	_cleanup_hale_ struct hale *h = NULL;
	struct hale_summary s = { 0 };

	if (hale_open(&o, &h) == 0 && hale_status(h, false, &r) == 0)
		hale_reply_summary(r, &s);
	return s.agent && s.as_of_ns ? s.as_of_ns : cli_now_ns();
}

static int ask(const struct cli *cli, struct hale *h, const struct wish *w,
	       struct hale_reply **ret)
{
	struct hale_explain_options o = { .size = sizeof(o),
					  .subject = w->word,
					  .paths = w->paths.items,
					  .n_paths = w->paths.n };

	if (w->since_ms)
		o.since_ns = now_ns(cli) - w->since_ms * HALE_NS_PER_MS;
	return hale_explain(h, &o, ret);
}

/* What the history adds; without it, or memory, nothing. */
static struct explain_builds *
ask_builds(const struct cli *cli, const struct hale_reply *r, uint64_t now_ns)
{
	struct explain_builds *b = calloc(1, sizeof(*b));

	if (b)
		explain_ask_builds(cli->run_dir ? cli->run_dir : HALE_RUN_DIR,
				   r, now_ns, b);
	return b;
}

/* Nothing is found: as far as is seen. */
static void say_nothing(struct out *o, struct hale *h,
			const struct hale_reply *r)
{
	_cleanup_reply_ struct hale_reply *status = NULL;
	struct hale_summary s;

	hale_reply_summary(r, &s);
	out_raw(o, s.fitness == HALE_UNKNOWN
			   ? "nothing is found, but not everything is seen\n"
			   : "nothing is wrong\n");
	if (s.fitness == HALE_UNKNOWN)
		render_reasons(o, r, cli_now_ns());
	else if (hale_status(h, true, &status) == 0)
		render_coverage_brief(o, status);
}

static void story(struct out *o, const struct cli *cli, const struct wish *w,
		  const struct hale_reply *r)
{
	_cleanup_free_ struct explain_builds *builds = NULL;
	struct explain_view v = { .all = w->word[0] != 0 };
	struct hale_summary s;

	hale_reply_summary(r, &s);
	v.now_ns = s.as_of_ns ? s.as_of_ns : cli_now_ns();
	if (s.n_causes > 0)
		builds = ask_builds(cli, r, v.now_ns);
	v.builds = builds;
	if (w->markdown) {
		explain_markdown(o, r, &v);
		return;
	}
	if (!w->word[0])
		render_headline(o, &s, v.now_ns);
	if (s.note[0]) {
		out_raw(o, "  ");
		out_color(o, OUT_DIM, s.note);
		out_raw(o, "\n");
	}
	explain_text(o, r, &v);
}

static int answer(const struct cli *cli, const struct wish *w, struct hale *h,
		  const struct hale_reply *r)
{
	enum hale_condition c =
		hale_condition_from_name(w->word, strlen(w->word));
	struct out o = { .color = cli_color(cli, STDOUT_FILENO) };
	struct hale_summary s;
	int code = 0;

	hale_reply_summary(r, &s);
	if (c != HALE_CONDITION_NONE)
		explain_page(&o, c, w->markdown);
	if (s.error)
		code = c != HALE_CONDITION_NONE
			       ? 0
			       : cli_fail(cli, HALE_EXIT_UNKNOWN, "not known",
					  s.note);
	else if (s.n_causes == 0 && w->word[0])
		code = c != HALE_CONDITION_NONE ? 0 : nothing(cli, w->word);
	else
		story(&o, cli, w, r);
	if (!s.error && s.n_causes == 0 && !w->word[0])
		say_nothing(&o, h, r);
	if (out_flush(&o, STDOUT_FILENO) < 0)
		code = CLI_EXIT_OSERR;
	out_done(&o);
	return code;
}

static int explain(const struct cli *cli, const struct wish *w)
{
	_cleanup_hale_ struct hale *h = cli_open(cli);
	_cleanup_reply_ struct hale_reply *reply = NULL;
	int r;

	if (!h)
		return CLI_EXIT_OSERR;
	r = ask(cli, h, w, &reply);
	if (r < 0)
		return cli_not_asked(cli, r);
	return w->json ? cli_print_json(cli, reply) : answer(cli, w, h, reply);
}

static int list(void)
{
	struct out o = { 0 };
	int r;

	explain_names(&o);
	r = out_flush(&o, STDOUT_FILENO);
	out_done(&o);
	return r < 0 ? CLI_EXIT_OSERR : 0;
}

static bool read_format(struct wish *w)
{
	if (!w->format)
		return true;
	w->markdown = strcmp(w->format, "markdown") == 0;
	w->json = strcmp(w->format, "json") == 0;
	return w->markdown || w->json || strcmp(w->format, "text") == 0;
}

int cmd_explain(struct cli *cli, int argc, char **argv)
{
	struct wish w = { .word = "" };
	const struct args_option options[] = {
		{ "path", ARGS_LIST, &w.paths },
		{ "since", ARGS_TIME, &w.since_ms },
		{ "format", ARGS_TEXT, &w.format },
		{ "list", ARGS_FLAG, &w.names },
	};
	struct args a = { .cli = cli,
			  .help = help,
			  .options = options,
			  .n_options = HALE_ARRAY_SIZE(options),
			  .max_operands = 1 };
	int r;

	if (!args_parse(&a, argc, argv, &r))
		return r;
	if (!read_format(&w))
		return cli_fail(cli, HALE_EXIT_USAGE,
				"--format wants text, markdown or json, not",
				w.format);
	if (w.names)
		return list();
	if (a.operands.n > 0)
		w.word = a.operands.items[0];
	return explain(cli, &w);
}
