/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hale explain`: what a condition means (from the catalogue, no agent needed)
 * and what is known about open findings of it, or of a part. Says only what is
 * known; the chain from a failed build to its cause is not told here.
 */
#include <errno.h>

#include "hale/base.h"
#include "hale/condition.h"

#include "args.h"
#include "render.h"

static const char help[] =
	"usage: hale explain [CONDITION or PART] [OPTION]...\n"
	"What a condition or an open finding means, what to do, what ends it.\n"
	"Without a word: every open finding.\n"
	"\n"
	"  --list         the names of all conditions\n"
	"  --run-dir DIR  where the agent is (default: /run/hale)\n"
	"  --no-color\n"
	"\n"
	"exit: 0 explained, 1 no such condition or finding, 64 wrong usage\n"
	"\n"
	"  hale explain disk.medium_error\n"
	"  hale explain sde\n";

static void field(struct out *o, const char *label, const char *text)
{
	size_t from = o->len;

	if (!text[0])
		return;
	out_raw(o, "  ");
	out_raw(o, label);
	while (o->len < from + 15)
		out_raw(o, " ");
	out_text(o, text);
	out_raw(o, "\n");
}

static const char *life_text(const struct hale_condition_info *info)
{
	switch (info->life) {
	case HALE_LIFE_STATE:
		return "holds while it is measured so";
	case HALE_LIFE_LATCHED:
		return "stays until something clears it";
	case HALE_LIFE_RATE:
		return "counts, and takes effect above a rate";
	}
	return "";
}

static void catalogue_page(struct out *o, enum hale_condition c)
{
	const struct hale_condition_info *info = hale_condition_info(c);

	out_color(o, OUT_BOLD, info->name);
	out_raw(o, "\n");
	field(o, "means", info->meaning);
	field(o, "effect", hale_effect_name(info->effect));
	field(o, "life", life_text(info));
	field(o, "above", info->rate);
	field(o, "expires", info->expires);
	field(o, "to do", info->advice);
	field(o, "clears when", info->clears);
}

static void when(struct out *o, const char *label, uint64_t ns, uint64_t now_ns)
{
	struct out age = { 0 };

	if (ns == 0)
		return;
	out_ago(&age, ns, now_ns);
	out_text(&age, "");
	if (age.text) {
		age.text[age.len] = '\0';
		field(o, label, age.text);
	}
	out_done(&age);
}

static void finding_page(struct out *o, const struct hale_entry *e,
			 uint64_t now_ns)
{
	render_title(o, e);
	out_raw(o, "\n");
	field(o, "part", e->part);
	field(o, "on", e->where);
	out_raw(o, "  seen         ");
	render_extent(o, e, now_ns);
	out_raw(o, "\n");
	when(o, "first", e->first_ns, now_ns);
	field(o, "by", e->driver);
	field(o, "proof", e->evidence);
	field(o, "means", e->meaning);
	field(o, "to do", e->advice);
	field(o, "clears when", e->clears);
}

/* "" fits all; a name fits condition, part or alias. */
static bool about(const struct hale_entry *e, const char *word)
{
	return !word[0] || strcmp(e->condition, word) == 0 ||
	       strcmp(e->part, word) == 0 || strcmp(e->alias, word) == 0;
}

static size_t finding_pages(struct out *o, const struct hale_reply *r,
			    const char *word, uint64_t now_ns)
{
	struct hale_entry e;
	size_t n = 0;

	for (size_t i = 0; hale_reply_finding(r, i, &e); i++) {
		if (!about(&e, word))
			continue;
		if (o->len > 0)
			out_raw(o, "\n");
		finding_page(o, &e, now_ns);
		n++;
	}
	return n;
}

/* Findings are an extra to a condition's page: no agent, no findings. */
static size_t open_findings(const struct cli *cli, struct out *o,
			    const char *word, struct hale_summary *ret_summary)
{
	_cleanup_hale_ struct hale *h = cli_open(cli);
	_cleanup_reply_ struct hale_reply *reply = NULL;
	size_t n = 0;

	if (h && hale_status(h, false, &reply) == 0) {
		n = finding_pages(o, reply, word, cli_now_ns());
		hale_reply_summary(reply, ret_summary);
	}
	ret_summary->host = ret_summary->note = ""; /* die with the reply */
	return n;
}

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
	char text[80] = "neither a condition (--list) nor an open finding";

	if (near)
		snprintf(text, sizeof(text), "did you mean %s?", near);
	return cli_fail(cli, CLI_EXIT_NOTHING, word, text);
}

static int explain(const struct cli *cli, const char *word)
{
	struct out o = { .color = cli_color(cli, STDOUT_FILENO) };
	enum hale_condition c = hale_condition_from_name(word, strlen(word));
	struct hale_summary s = { .fitness = HALE_UNKNOWN };
	size_t n;
	int code = 0;

	if (c != HALE_CONDITION_NONE)
		catalogue_page(&o, c);
	n = open_findings(cli, &o, word, &s);
	if (o.len == 0 && word[0])
		code = nothing(cli, word);
	else if (n == 0 && !word[0])
		out_raw(&o,
			s.fitness == HALE_UNKNOWN
				? "no findings, but not everything is seen: "
				  "hale status --coverage\n"
				: "no findings\n");
	if (out_flush(&o, STDOUT_FILENO) < 0)
		code = CLI_EXIT_OSERR;
	out_done(&o);
	return code;
}

static int list(void)
{
	struct out o = { 0 };
	int r;

	for (size_t i = 1; i < HALE_CONDITION_COUNT; i++) {
		const struct hale_condition_info *info =
			hale_condition_info((enum hale_condition)i);
		size_t from = o.len;

		out_raw(&o, info->name);
		while (o.len < from + 24)
			out_raw(&o, " ");
		out_raw(&o, info->meaning);
		out_raw(&o, "\n");
	}
	r = out_flush(&o, STDOUT_FILENO);
	out_done(&o);
	return r < 0 ? CLI_EXIT_OSERR : 0;
}

int cmd_explain(struct cli *cli, int argc, char **argv)
{
	bool all = false;
	const struct args_option options[] = {
		{ "list", ARGS_FLAG, &all },
	};
	struct args a = { .cli = cli,
			  .help = help,
			  .options = options,
			  .n_options = HALE_ARRAY_SIZE(options),
			  .max_operands = 1 };
	int r;

	if (!args_parse(&a, argc, argv, &r))
		return r;
	if (all)
		return list();
	return explain(cli, a.operands.n > 0 ? a.operands.items[0] : "");
}
