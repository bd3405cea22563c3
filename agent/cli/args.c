/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads command lines by table. Everything wrong ends in one line on stderr
 * that names the word and, for a slip of the finger, the likely one, and in
 * exit code 64. A value is checked before it is stored anywhere.
 */
#include "args.h"

#include <errno.h>

#include "hale/base.h"

#include "agent/core/parse.h"

#define MESSAGE_MAX 160

static bool complain(const struct args *a, const char *text, const char *word,
		     int *ret_exit)
{
	*ret_exit = cli_fail(a->cli, HALE_EXIT_USAGE, text, word);
	return false;
}

/* --- slips of the finger --- */

static size_t least(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

#define WORD_MAX 24

/* Levenshtein's distance; words of ours are short. */
static size_t distance(const char *a, const char *b)
{
	size_t row[WORD_MAX + 1], la = strlen(a), lb = strlen(b);

	if (la > WORD_MAX || lb > WORD_MAX)
		return WORD_MAX;
	for (size_t k = 0; k <= lb; k++)
		row[k] = k;
	for (size_t i = 1; i <= la; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t k = 1; k <= lb; k++) {
			size_t above = row[k];

			row[k] = least(above + 1, row[k - 1] + 1,
				       diagonal + (a[i - 1] != b[k - 1]));
			diagonal = above;
		}
	}
	return row[lb];
}

const char *args_nearest(const char *word, const char *const *names, size_t n)
{
	const char *best = NULL;
	size_t best_distance = 3; /* two slips at most */

	for (size_t i = 0; i < n; i++) {
		size_t d = distance(word, names[i]);

		/* "ls" is not a slip of "run": most letters must be there */
		if (d < best_distance && d < strlen(names[i]) / 2 + 1) {
			best = names[i];
			best_distance = d;
		}
	}
	return best;
}

/* --- values --- */

static int to_format(const char *value, enum cli_format *to)
{
	static const char *const names[] = {
		[CLI_TEXT] = "text",
		[CLI_JSON] = "json",
		[CLI_NAGIOS] = "nagios",
	};

	for (size_t i = 0; i < HALE_ARRAY_SIZE(names); i++) {
		if (strcmp(value, names[i]) == 0) {
			*to = (enum cli_format)i;
			return 0;
		}
	}
	return -EINVAL;
}

static int to_time(const char *value, uint32_t *to)
{
	uint64_t ns;
	int r = hale_duration_parse(value, &ns);

	if (r < 0)
		return r;
	if (ns / HALE_NS_PER_MS > INT32_MAX)
		return -ERANGE;
	*to = (uint32_t)(ns / HALE_NS_PER_MS);
	return 0;
}

static int to_number(const char *value, uint64_t *to)
{
	char *end;

	if (value[0] < '0' || value[0] > '9')
		return -EINVAL;
	errno = 0;
	*to = strtoull(value, &end, 10);
	return errno ? -ERANGE : *end ? -EINVAL : 0;
}

static int to_list(const char *value, struct args_list *to)
{
	if (to->n == ARGS_LIST_MAX)
		return -E2BIG;
	to->items[to->n++] = value;
	return 0;
}

static int store(const struct args_option *o, const char *value)
{
	if (!value && o->kind != ARGS_FLAG)
		return -EINVAL;
	switch (o->kind) {
	case ARGS_FLAG:
		*(bool *)o->to = true;
		return 0;
	case ARGS_TEXT:
		*(const char **)o->to = value;
		return 0;
	case ARGS_LIST:
		return to_list(value, o->to);
	case ARGS_SIZE:
		return hale_size_parse(value, o->to);
	case ARGS_NUMBER:
		return to_number(value, o->to);
	case ARGS_TIME:
		return to_time(value, o->to);
	case ARGS_FORMAT:
		return to_format(value, o->to);
	}
	return -EINVAL;
}

static const char *wants(enum args_kind kind)
{
	switch (kind) {
	case ARGS_SIZE:
		return "a size like 500M or 10G";
	case ARGS_NUMBER:
		return "a number";
	case ARGS_TIME:
		return "a time like 30s or 5min";
	case ARGS_FORMAT:
		return "text, json or nagios";
	case ARGS_LIST:
		return "fewer of them";
	case ARGS_FLAG:
	case ARGS_TEXT:
		break;
	}
	return "a value";
}

/* --- options --- */

/* Those of the subcommand first, then those of all. */
static bool option_at(const struct args *a, size_t i, struct args_option *ret)
{
	const struct args_option common[] = {
		{ "run-dir", ARGS_TEXT, &a->cli->run_dir },
		{ "format", ARGS_FORMAT, &a->cli->format },
		{ "no-color", ARGS_FLAG, &a->cli->no_color },
	};

	if (i < a->n_options) {
		*ret = a->options[i];
		return true;
	}
	i -= a->n_options;
	if (i >= HALE_ARRAY_SIZE(common))
		return false;
	*ret = common[i];
	return true;
}

static bool find_option(const struct args *a, const char *name, size_t len,
			struct args_option *ret)
{
	for (size_t i = 0; option_at(a, i, ret); i++) {
		if (strlen(ret->name) == len &&
		    strncmp(ret->name, name, len) == 0)
			return true;
	}
	return false;
}

static bool unknown_option(const struct args *a, const char *word,
			   int *ret_exit)
{
	const char *names[ARGS_LIST_MAX + 1], *near;
	char text[MESSAGE_MAX];
	struct args_option o;
	size_t n = 0;

	while (n < ARGS_LIST_MAX && option_at(a, n, &o))
		names[n++] = o.name;
	names[n++] = "help";
	near = word[0] == '-' && word[1] == '-'
		       ? args_nearest(word + 2, names, n)
		       : NULL;
	if (!near)
		return complain(a, "unknown option", word, ret_exit);
	snprintf(text, sizeof(text), "unknown option (did you mean --%s?)",
		 near);
	return complain(a, text, word, ret_exit);
}

static bool bad_value(const struct args *a, const struct args_option *o,
		      const char *value, int *ret_exit)
{
	char text[MESSAGE_MAX];

	snprintf(text, sizeof(text), "--%s wants %s, not", o->name,
		 wants(o->kind));
	return complain(a, text, value, ret_exit);
}

/* @i: of the option; moves to its value where that is a word of its own. */
static bool take_option(struct args *a, int argc, char **argv, int *i,
			int *ret_exit)
{
	const char *word = argv[*i], *value = strchr(word, '=');
	size_t len = value ? (size_t)(value - word) : strlen(word);
	struct args_option o;

	if (len < 3 || !find_option(a, word + 2, len - 2, &o))
		return unknown_option(a, word, ret_exit);
	if (o.kind == ARGS_FLAG && value)
		return complain(a, "takes no value", word, ret_exit);
	if (value)
		value++;
	else if (o.kind != ARGS_FLAG && *i + 1 < argc)
		value = argv[++*i];
	if (o.kind != ARGS_FLAG && !value)
		return complain(a, "needs a value", word, ret_exit);
	return store(&o, value) == 0 || bad_value(a, &o, value, ret_exit);
}

static bool give_help(const struct args *a, int *ret_exit)
{
	struct out o = { 0 };

	out_raw(&o, a->help);
	*ret_exit = out_flush(&o, STDOUT_FILENO) < 0 ? CLI_EXIT_OSERR : 0;
	out_done(&o);
	return false;
}

bool args_parse(struct args *a, int argc, char **argv, int *ret_exit)
{
	bool options_end = false;

	for (int i = 0; i < argc; i++) {
		const char *word = argv[i];

		if (options_end || word[0] != '-' || word[1] == '\0') {
			if (a->operands.n == a->max_operands)
				return complain(a, "one word too many", word,
						ret_exit);
			a->operands.items[a->operands.n++] = word;
		} else if (strcmp(word, "--") == 0) {
			options_end = true;
		} else if (strcmp(word, "--help") == 0 ||
			   strcmp(word, "-h") == 0) {
			return give_help(a, ret_exit);
		} else if (word[1] != '-') {
			return unknown_option(a, word, ret_exit);
		} else if (!take_option(a, argc, argv, &i, ret_exit)) {
			return false;
		}
	}
	return true;
}
