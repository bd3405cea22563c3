/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hale triage smart`: the judgment of the agent over what smartctl printed of
 * a disk, from anywhere, without an agent. Decides nothing about disks, which
 * is disk_health.c's. Must never print a word over a report that it could not
 * read: that is one line on stderr and exit 65. Invariant: one file, one
 * object or one paragraph, in the order given.
 */
#include "agent/cli/triage_smart.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <string.h>
#include <sysexits.h>

#include "hale/base.h"
#include "hale/disk_health.h"
#include "hale/smartctl.h"
#include "proto/json.h"

struct options {
	bool json;
	enum hale_assessment fail_on; /* UNREAD: never */
};

static const char usage[] =
	"usage: hale triage smart [--format text|json] [--fail-on WORD] "
	"[FILE...]\n"
	"Judges disks by what `smartctl --json -x` printed of them, one "
	"report\n"
	"a FILE. '-' or no FILE is standard input. The words, from well to "
	"bad:\n"
	"healthy, link (cable or slot), worn, prefail, failing. --fail-on "
	"makes\n"
	"the exit code 75 where a disk is that bad or worse.\n"
	"\n"
	"  smartctl --json -x /dev/sda | hale triage smart\n"
	"  hale triage smart --fail-on prefail *.json\n";

bool triage_smart_meant(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (argv[i][0] != '-')
			return strcmp(argv[i], "smart") == 0;
		/* the value of an option is not what is asked for */
		if (strcmp(argv[i], "--format") == 0 ||
		    strcmp(argv[i], "--fail-on") == 0 ||
		    strcmp(argv[i], "--rules") == 0)
			i++;
	}
	return false;
}

static void to_file(void *sink, const char *text, size_t len)
{
	fwrite(text, 1, len, sink);
}

static void put_string(FILE *out, const char *text)
{
	const struct json_sink sink = { to_file, out };

	json_print_string(text, strlen(text), &sink);
}

static const char *worst_condition(const struct hale_disk_assessment *a)
{
	return a->n_reasons ? hale_condition_info(a->reasons[0].condition)->name
			    : "";
}

static void print_json(const struct hale_disk_reading *d,
		       const struct hale_disk_assessment *a)
{
	printf("{\"assessment\": ");
	put_string(stdout, hale_assessment_name(a->worst));
	if (a->n_reasons) {
		printf(", \"condition\": ");
		put_string(stdout, worst_condition(a));
	}
	printf(", \"reasons\": [");
	for (uint32_t i = 0; i < a->n_reasons; i++) {
		if (i > 0)
			printf(", ");
		put_string(stdout, a->reasons[i].text);
	}
	printf("], \"model\": ");
	put_string(stdout, d->model);
	printf(", \"serial\": ");
	put_string(stdout, d->serial);
	printf("}\n");
}

static void print_text(const struct hale_disk_reading *d,
		       const struct hale_disk_assessment *a)
{
	const char *advice = "";

	printf("%-8s %s", hale_assessment_name(a->worst),
	       d->model[0] ? d->model : "a disk that does not say its model");
	if (d->serial[0])
		printf("  serial %s", d->serial);
	if (d->part[0] && strcmp(d->part, "-") != 0)
		printf("  (%s)", d->part);
	printf("\n");
	for (uint32_t i = 0; i < a->n_reasons; i++)
		printf("         %s\n", a->reasons[i].text);
	if (a->n_reasons)
		advice = hale_condition_info(a->reasons[0].condition)->advice;
	if (advice[0])
		printf("         -> %s.\n", advice);
}

/* All of a file, up to SMARTCTL_JSON_MAX and one more byte. */
static int read_all(const char *name, char *buf, size_t *ret_len)
{
	_cleanup_fd_ int own = -1;
	int fd = STDIN_FILENO;
	size_t len = 0;
	ssize_t n = 1;

	if (strcmp(name, "-") != 0) {
		own = open(name, O_RDONLY | O_CLOEXEC);
		if (own < 0)
			return -errno;
		fd = own;
	}
	while (n != 0 && len <= SMARTCTL_JSON_MAX) {
		n = read(fd, buf + len, SMARTCTL_JSON_MAX + 1 - len);
		if (n < 0 && errno != EINTR)
			return -errno;
		len += n > 0 ? (size_t)n : 0;
	}
	*ret_len = len;
	return 0;
}

/* Return: an exit code for this file alone. */
static int judge(const struct options *o, const char *name, char *buf)
{
	struct hale_disk_assessment a = { 0 };
	struct hale_disk_reading d;
	char error[SMARTCTL_ERROR_MAX];
	size_t len = 0;
	int r = read_all(name, buf, &len);

	if (r < 0) {
		fprintf(stderr, "hale triage: %s: %s\n", name, strerror(-r));
		return EX_NOINPUT;
	}
	r = smartctl_read(buf, len, &d, error);
	if (r == 0) {
		hale_disk_judge(&d, NULL, &a);
		if (a.worst == HALE_DISK_UNREAD)
			snprintf(error, sizeof(error), "%s",
				 d.asleep ? "the disk was asleep, and smartctl "
					    "did not wake it"
					  : "nothing in it tells of the disk's "
					    "health");
	}
	if (r < 0 || a.worst == HALE_DISK_UNREAD) {
		fprintf(stderr, "hale triage: %s: %s\n",
			strcmp(name, "-") == 0 ? "standard input" : name,
			error);
		return EX_DATAERR;
	}
	if (o->json)
		print_json(&d, &a);
	else
		print_text(&d, &a);
	return o->fail_on && a.worst >= o->fail_on ? EX_TEMPFAIL : 0;
}

static bool take_word(struct options *o, const char *word)
{
	for (int a = HALE_DISK_LINK; a < HALE_ASSESSMENT_COUNT; a++) {
		if (strcmp(hale_assessment_name((enum hale_assessment)a),
			   word) != 0)
			continue;
		o->fail_on = (enum hale_assessment)a;
		return true;
	}
	return false;
}

static bool take(struct options *o, int option)
{
	if (option == 'f' && strcmp(optarg, "json") == 0)
		o->json = true;
	else if (option == 'f' && strcmp(optarg, "text") == 0)
		o->json = false;
	else if (option == 'x')
		return take_word(o, optarg);
	else
		return false;
	return true;
}

/* Return: false where it ends here, with *ret_exit. */
static bool read_options(int argc, char **argv, struct options *o,
			 int *ret_exit)
{
	static const struct option longs[] = {
		{ "format", required_argument, NULL, 'f' },
		{ "fail-on", required_argument, NULL, 'x' },
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
		if (!take(o, c)) {
			fprintf(stderr,
				"hale triage: %s: not understood; see --help\n",
				argv[optind - 1]);
			*ret_exit = EX_USAGE;
			return false;
		}
	}
	optind++; /* "smart" */
	return true;
}

/* A report that cannot be read outweighs what the others are found to be. */
int triage_smart(int argc, char **argv)
{
	_cleanup_free_ char *buf = NULL;
	struct options o = { 0 };
	int status = 0;

	if (!read_options(argc, argv, &o, &status))
		return status;
	buf = malloc(SMARTCTL_JSON_MAX + 1);
	if (!buf)
		return EX_OSERR;
	if (optind == argc)
		status = judge(&o, "-", buf);
	for (int i = optind; i < argc; i++) {
		int its = judge(&o, argv[i], buf);

		if (its != 0 && (status == 0 || status == EX_TEMPFAIL))
			status = its;
	}
	if (fflush(stdout) != 0 || ferror(stdout))
		return EX_IOERR;
	return status;
}
