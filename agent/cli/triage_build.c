/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hale triage build`: why did it fail, by what it printed. Reads one output
 * from a file or standard input through a fixed buffer and says what
 * agent/run/classify makes of it, exactly as `hale run` does. Decides nothing
 * itself. Invariant: one output, one answer, also where nothing is known.
 */
#include "agent/cli/triage_build.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <string.h>
#include <sysexits.h>

#include "agent/run/text/build_rules.h"
#include "agent/run/text/classify.h"
#include "hale/base.h"

#define READ_SIZE (256 * 1024)
#define RULES_MAX 16

struct options {
	const char *rules[RULES_MAX], *rules_dir;
	size_t n_rules;
	int status; /* -1: not known */
	bool json, fail_on_host, literals;
};

static const char usage[] =
	"usage: hale triage build [--exit-code N] [--format text|json] "
	"[--rules FILE]...\n"
	"                         [--fail-on-host] [FILE]\n"
	"Says why a build failed, by what it printed. '-' or no FILE is "
	"standard\n"
	"input. --exit-code is the build's own. --fail-on-host makes this "
	"command's\n"
	"exit code 75 where the host seems to be at fault. Rules of your own "
	"tools:\n"
	"/etc/hale/build.rules.d/*.rules and --rules; see hale-rules(5).\n"
	"\n"
	"  docker build . 2>&1 | tee log || hale triage build log\n"
	"  hale triage build --exit-code 137 --format json log\n";

bool triage_build_meant(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (argv[i][0] != '-')
			return strcmp(argv[i], "build") == 0;
		/* the value of an option is not what is asked for */
		if (strcmp(argv[i], "--format") == 0 ||
		    strcmp(argv[i], "--exit-code") == 0 ||
		    strcmp(argv[i], "--rules") == 0 ||
		    strcmp(argv[i], "--rules-dir") == 0)
			i++;
	}
	return false;
}

static bool take_status(struct options *o, const char *text)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(text, &end, 10);
	if (errno || end == text || *end || n < 0 || n > 255)
		return false;
	o->status = (int)n;
	return true;
}

static bool take(struct options *o, int option)
{
	if (option == 'f' && strcmp(optarg, "json") == 0)
		o->json = true;
	else if (option == 'f' && strcmp(optarg, "text") == 0)
		o->json = false;
	else if (option == 'x')
		return take_status(o, optarg);
	else if (option == 'r' && o->n_rules < RULES_MAX)
		o->rules[o->n_rules++] = optarg;
	else if (option == 'd')
		o->rules_dir = optarg;
	else if (option == 'F')
		o->fail_on_host = true;
	else if (option == 'l')
		o->literals = true;
	else
		return false;
	return true;
}

static bool complain(const char *what, const char *why, int *ret_exit)
{
	fprintf(stderr, "hale triage: %s: %s\n", what, why);
	*ret_exit = EX_USAGE;
	return false;
}

static const char *wants(int option)
{
	switch (option) {
	case 'x':
		return "--exit-code wants a number from 0 to 255";
	case 'f':
		return "--format wants text or json";
	case 'r':
		return "too many --rules";
	default:
		return "not understood; see --help";
	}
}

/* Return: false where it ends here, with *ret_exit. */
static bool read_options(int argc, char **argv, struct options *o,
			 int *ret_exit)
{
	static const struct option longs[] = {
		{ "exit-code", required_argument, NULL, 'x' },
		{ "format", required_argument, NULL, 'f' },
		{ "rules", required_argument, NULL, 'r' },
		{ "rules-dir", required_argument, NULL, 'd' },
		{ "fail-on-host", no_argument, NULL, 'F' },
		{ "literals", no_argument, NULL, 'l' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (c == 'h') {
			*ret_exit =
				fputs(usage, stdout) >= 0 && fflush(stdout) == 0
					? 0
					: EX_IOERR;
			return false;
		}
		if (!take(o, c))
			return complain(argv[optind - 1], wants(c), ret_exit);
	}
	optind++; /* "build" */
	if (argc - optind > 1)
		return complain(argv[optind + 1],
				"one output at a time, please", ret_exit);
	return true;
}

/* The lines are counted for the answer alone. */
static int read_output(struct classify *c, const char *name, uint64_t *lines)
{
	static char buf[READ_SIZE];
	_cleanup_fd_ int own = -1;
	int fd = STDIN_FILENO;
	ssize_t n;

	if (strcmp(name, "-") != 0) {
		own = open(name, O_RDONLY | O_CLOEXEC);
		if (own < 0)
			return -errno;
		fd = own;
	}
	for (;;) {
		n = read(fd, buf, sizeof(buf));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		for (const char *p = buf, *end = buf + n;
		     p < end && (p = memchr(p, '\n', (size_t)(end - p))); p++)
			++*lines;
		classify_put(c, buf, (size_t)n);
	}
}

static int answer(const struct options *o, const char *name, struct classify *c)
{
	struct run_text t;
	uint64_t lines = 0;
	int r = read_output(c, name, &lines);

	if (r < 0) {
		fprintf(stderr, "hale triage: %s: %s\n", name, strerror(-r));
		return EX_NOINPUT;
	}
	classify_end(c, o->status, &t);
	if (o->json)
		r = triage_build_json(stdout, &t);
	else
		triage_build_text(stdout, &t, lines, isatty(STDOUT_FILENO));
	if (r < 0)
		return EX_IOERR;
	return o->fail_on_host && hale_build_cause_is_host(t.cause)
		       ? EX_TEMPFAIL
		       : 0;
}

static void print_literals(const struct hale_rules *rules)
{
	const char *text;
	size_t len;

	for (size_t i = 0; (text = hale_rules_literal(rules, i, &len)); i++) {
		fwrite(text, 1, len, stdout);
		putchar('\n');
	}
}

/* The built-in rules and those of the host. */
static int compile(const struct options *o, struct classify **ret)
{
	struct build_rules rules;
	char error[256];
	int r = build_rules_load(&rules, o->rules_dir, o->rules, o->n_rules,
				 error);

	if (r < 0) {
		fprintf(stderr, "hale triage: %s\n", error);
		return EX_NOINPUT;
	}
	r = classify_new(rules.sources, rules.n, error, ret);
	build_rules_done(&rules);
	if (r < 0)
		fprintf(stderr, "hale triage: %s\n",
			error[0] ? error : strerror(-r));
	if (r == -EINVAL)
		return EX_CONFIG;
	return r < 0 ? EX_OSERR : 0;
}

int triage_build(int argc, char **argv)
{
	struct options o = { .status = -1, .rules_dir = BUILD_RULES_DIR };
	struct classify *c = NULL;
	int status = 0;

	if (!read_options(argc, argv, &o, &status))
		return status;
	status = compile(&o, &c);
	if (status != 0)
		return status;
	if (o.literals)
		print_literals(classify_rules(c));
	else
		status = answer(&o, optind < argc ? argv[optind] : "-", c);
	classify_free(c);
	if (fflush(stdout) != 0 || ferror(stdout))
		return EX_IOERR;
	return status;
}
