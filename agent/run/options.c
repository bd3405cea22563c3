/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the command line by table. Options end at "--" or at the first word
 * that is none: what follows is the command's and never looked at, so that no
 * option of a build is taken for one of hale's. Everything wrong ends in one
 * line on stderr and in exit code 64, before anything was started.
 */
#include "options.h"

#include <errno.h>
#include <stddef.h>

#include "hale/base.h"
#include "hale/hale.h"
#include "hale/text.h"

#include "agent/core/middle.h"

enum option_kind {
	OPTION_FLAG,
	OPTION_NOT_CONTAINER,
	OPTION_TEXT,
	OPTION_PATH,
	OPTION_TIME,
	OPTION_SIZE,
	OPTION_COUNT, /* uint64_t */
	OPTION_RETRIES,
};

struct option_row {
	const char *name;
	enum option_kind kind;
	size_t at; /* in struct run_options */
};

#define AT(member) offsetof(struct run_options, member)

static const struct option_row rows[] = {
	{ "path", OPTION_PATH, 0 },
	{ "container", OPTION_FLAG, AT(container) },
	{ "no-container", OPTION_NOT_CONTAINER, 0 },
	{ "need-space", OPTION_SIZE, AT(need_bytes) },
	{ "need-inodes", OPTION_COUNT, AT(need_inodes) },
	{ "need-memory", OPTION_SIZE, AT(need_memory_bytes) },
	{ "force", OPTION_FLAG, AT(force) },
	{ "strict", OPTION_FLAG, AT(strict) },
	{ "timeout", OPTION_TIME, AT(timeout_ns) },
	{ "kill-after", OPTION_TIME, AT(kill_after_ns) },
	{ "stall", OPTION_TIME, AT(stall_ns) },
	{ "retry", OPTION_RETRIES, AT(retries) },
	{ "strategies", OPTION_TEXT, AT(strategies) },
	{ "best-first", OPTION_FLAG, AT(best_first) },
	{ "retest-crash", OPTION_FLAG, AT(retest_crash) },
	{ "strict-outputs", OPTION_FLAG, AT(strict_outputs) },
	{ "suspects", OPTION_TEXT, AT(suspects) },
	{ "result", OPTION_TEXT, AT(result) },
	{ "repo", OPTION_TEXT, AT(repo) },
	{ "progress", OPTION_FLAG, AT(progress) },
	{ "quiet", OPTION_FLAG, AT(quiet) },
	{ "no-store", OPTION_FLAG, AT(no_store) },
	{ "like", OPTION_TEXT, AT(like) },
	{ "run-dir", OPTION_TEXT, AT(run_dir) },
	{ "state-dir", OPTION_TEXT, AT(state_dir) },
};

static const char help[] =
	"usage: hale run [OPTION]... -- COMMAND [ARGUMENT]...\n"
	"Run a build; if it fails, say whose fault it was: its own, the "
	"machine's, the\nworld's. Status: the build's own, or 75 when the "
	"host was at fault.\n\n"
	"  --timeout T, --stall T  end it after so long; after so long "
	"without a move\n"
	"  --kill-after T          then SIGKILL, so long after SIGTERM (10s)\n"
	"  --retry N               again, where that can help\n"
	"  --strategies FILE       ways to build, in turn "
	"(--best-first: by history)\n"
	"  --path P, --container   more that it rests on "
	"(--no-container: not even so)\n"
	"  --need-space 10G, --need-inodes N, --need-memory 8G\n"
	"  --like REPO             needs are those of earlier builds of it; "
	".: this one\n"
	"  --force, --strict       start on an unfit host; on a fit one only\n"
	"  --strict-outputs        75 where a fault touched what it wrote\n"
	"  --suspects FILE         list of what may be damaged\n"
	"  --result FILE           what happened, as JSON\n"
	"  --retest-crash          run a compiler that crashed again\n"
	"  --progress, --quiet, --no-store, --repo NAME, --run-dir DIR,\n"
	"  --state-dir DIR\n\n"
	"  hale run -- make -j8\n"
	"  hale run --timeout 1h --stall 10min --retry 2 -- docker build .\n"
	"  hale run --result build.json -- sh -c 'make && make check'\n";

static bool complain(const char *text, const char *word, int *ret_exit)
{
	char clean[200];

	hale_print_text(clean, sizeof(clean), word, strlen(word));
	dprintf(STDERR_FILENO, "hale run: %s%s%s\n", text, clean[0] ? ": " : "",
		clean);
	*ret_exit = HALE_EXIT_USAGE;
	return false;
}

static int to_count(const char *value, uint64_t *to)
{
	char *end;

	if (value[0] < '0' || value[0] > '9')
		return -EINVAL;
	errno = 0;
	*to = strtoull(value, &end, 10);
	return errno ? -ERANGE : *end ? -EINVAL : 0;
}

static int to_retries(const char *value, uint32_t *to)
{
	uint64_t n;
	int r = to_count(value, &n);

	if (r < 0)
		return r;
	if (n >= RUN_ATTEMPTS_MAX)
		return -ERANGE;
	*to = (uint32_t)n;
	return 0;
}

static int add_path(struct run_options *o, const char *value)
{
	if (!value[0])
		return -EINVAL;
	if (o->n_paths == RUN_PATHS_MAX)
		return -E2BIG;
	o->paths[o->n_paths++] = value;
	return 0;
}

static int store(struct run_options *o, const struct option_row *row,
		 const char *value)
{
	void *to = (char *)o + row->at;

	switch (row->kind) {
	case OPTION_FLAG:
		*(bool *)to = true;
		break;
	case OPTION_NOT_CONTAINER:
		o->container = false;
		break;
	case OPTION_TEXT:
		if (!value[0])
			return -EINVAL;
		*(const char **)to = value;
		break;
	case OPTION_PATH:
		return add_path(o, value);
	case OPTION_TIME:
		return hale_duration_parse(value, to);
	case OPTION_SIZE:
		return hale_size_parse(value, to);
	case OPTION_COUNT:
		return to_count(value, to);
	case OPTION_RETRIES:
		return to_retries(value, to);
	}
	if (row->kind == OPTION_NOT_CONTAINER || row->at == AT(container))
		o->container_known = true;
	return 0;
}

static const char *wants(enum option_kind kind)
{
	switch (kind) {
	case OPTION_TIME:
		return "a time like 30s or 5min";
	case OPTION_SIZE:
		return "a size like 500M or 10G";
	case OPTION_COUNT:
		return "a number";
	case OPTION_RETRIES:
		return "a number from 0 to 31";
	case OPTION_PATH:
		return "a path, and 12 of them at most";
	case OPTION_FLAG:
	case OPTION_NOT_CONTAINER:
	case OPTION_TEXT:
		break;
	}
	return "a value";
}

/* Changes of one letter, in or out or another, that make one of the other;
 * more than two are not counted. */
static unsigned int slips(const char *a, const char *b, unsigned int left)
{
	unsigned int best, n;

	while (*a && *a == *b) {
		a++;
		b++;
	}
	if (!*a && !*b)
		return 0;
	if (left == 0)
		return 1;
	best = *a && *b ? slips(a + 1, b + 1, left - 1) : left;
	n = *a ? slips(a + 1, b, left - 1) : left;
	best = n < best ? n : best;
	n = *b ? slips(a, b + 1, left - 1) : left;
	return 1 + (n < best ? n : best);
}

static bool unknown(const char *word, int *ret_exit)
{
	char text[80] = "unknown option";
	unsigned int best = 3;

	for (size_t i = 0; i < HALE_ARRAY_SIZE(rows); i++) {
		unsigned int n = slips(word + 2, rows[i].name, 2);

		if (n >= best || word[1] != '-')
			continue;
		best = n;
		snprintf(text, sizeof(text),
			 "unknown option (did you mean --%s?)", rows[i].name);
	}
	return complain(text, word, ret_exit);
}

static const struct option_row *find(const char *name, size_t len)
{
	for (size_t i = 0; i < HALE_ARRAY_SIZE(rows); i++) {
		if (strlen(rows[i].name) == len &&
		    strncmp(rows[i].name, name, len) == 0)
			return &rows[i];
	}
	return NULL;
}

static bool is_flag(const struct option_row *row)
{
	return row->kind == OPTION_FLAG || row->kind == OPTION_NOT_CONTAINER;
}

/* @i: of the option; moves on to its value where that is a word of its own. */
static bool take(struct run_options *o, char **argv, int *i, int *ret_exit)
{
	const char *word = argv[*i], *value = strchr(word, '=');
	size_t len = value ? (size_t)(value - word) : strlen(word);
	const struct option_row *row =
		len > 2 && word[1] == '-' ? find(word + 2, len - 2) : NULL;
	char text[96];

	if (!row)
		return unknown(word, ret_exit);
	if (is_flag(row) && value)
		return complain("takes no value", word, ret_exit);
	if (value)
		value++;
	else if (!is_flag(row))
		value = argv[*i + 1] ? argv[++*i] : NULL;
	if (!is_flag(row) && !value)
		return complain("needs a value", word, ret_exit);
	if (store(o, row, value) == 0)
		return true;
	snprintf(text, sizeof(text), "--%s wants %s, not", row->name,
		 wants(row->kind));
	return complain(text, value && value[0] ? value : "nothing", ret_exit);
}

static bool give_help(int *ret_exit)
{
	*ret_exit = write(STDOUT_FILENO, help, sizeof(help) - 1) ==
				    (ssize_t)sizeof(help) - 1
			    ? 0
			    : 71; /* EX_OSERR */
	return false;
}

static bool fits_together(const struct run_options *o, int *ret_exit)
{
	if (!o->command[0])
		return complain("no command to run: hale run -- COMMAND", "",
				ret_exit);
	if (!o->command[0][0])
		return complain("the command's name is empty", "", ret_exit);
	if (o->force && o->strict)
		return complain("--force and --strict do not go together", "",
				ret_exit);
	if (o->best_first && !o->strategies)
		return complain("--best-first needs --strategies FILE", "",
				ret_exit);
	return true;
}

bool options_parse(int argc, char **argv, struct run_options *ret,
		   int *ret_exit)
{
	struct run_options o = { .run_dir = getenv("HALE_RUN_DIR"),
				 .kill_after_ns = RUN_KILL_AFTER_NS };
	int i = 1;

	if (o.run_dir && !o.run_dir[0])
		o.run_dir = NULL;
	for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
		if (strcmp(argv[i], "--") == 0) {
			i++;
			break;
		}
		if (strcmp(argv[i], "--help") == 0 ||
		    strcmp(argv[i], "-h") == 0)
			return give_help(ret_exit);
		if (!take(&o, argv, &i, ret_exit))
			return false;
	}
	o.command = argv + (i < argc ? i : argc);
	if (!fits_together(&o, ret_exit))
		return false;
	*ret = o;
	return true;
}
