/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line of `hale verify`. Everything wrong ends in one line that
 * names the word. Invariant: an option that the subject has no use for is
 * refused, not ignored.
 */
#include <errno.h>
#include <getopt.h>

#include "verify.h"

#include "agent/core/middle.h"

static const char help[] =
	"usage: hale verify disk [OPTION]... DISK|PATH\n"
	"       hale verify memory [OPTION]...\n"
	"Tests actively, reports progress on stderr, and tells the agent, "
	"which\n"
	"ends the findings that the test is evidence against. Never writes to "
	"a\n"
	"disk.\n"
	"\n"
	"disk: reads the sectors that failed again, then a sample of the "
	"rest,\n"
	"and runs the disk's own short self-test where it has one\n"
	"  DISK            sde, /dev/sde or its identity (disk/naa.5000...)\n"
	"  PATH            the disks beneath it\n"
	"  --full          read all of it\n"
	"  --sample SIZE   how much of the rest (default 1G; 0: none)\n"
	"  --short --long  which self-test has to be run (--long takes hours)\n"
	"  --no-self-test\n"
	"  --wake          test it although it sleeps\n"
	"  --time TIME     at most so long (default 10min; with --full or "
	"--long\n"
	"                  no end)\n"
	"memory: writes and reads back patterns in memory that is free\n"
	"  --share N%      of what is available (default 25%)\n"
	"  --size SIZE     so much instead\n"
	"  --passes N      at most so many (default: until the time is over)\n"
	"  --time TIME     at most so long (default 60s; 0: no end)\n"
	"both:\n"
	"  --format F      text or json\n"
	"  --run-dir DIR   where the agent is (default: /run/hale)\n"
	"\n"
	"exit: 0 verified good, 1 found bad, 69 could not tell, 64 wrong "
	"usage,\n"
	"130 interrupted\n"
	"\n"
	"  hale verify disk /home/ci\n"
	"  hale verify disk --full sde\n"
	"  hale verify memory --share 50% --time 10min\n";

enum {
	FOR_DISK = 1,
	FOR_MEMORY = 2,
	FOR_BOTH = 3,
};

enum option_id {
	OPTION_FULL = 1,
	OPTION_SAMPLE,
	OPTION_SHORT,
	OPTION_LONG,
	OPTION_NO_SELF_TEST,
	OPTION_WAKE,
	OPTION_TIME,
	OPTION_SHARE,
	OPTION_SIZE,
	OPTION_PASSES,
	OPTION_FORMAT,
	OPTION_RUN_DIR,
	OPTION_HELP,
	OPTIONS
};

static const struct option names[] = {
	{ "full", no_argument, NULL, OPTION_FULL },
	{ "sample", required_argument, NULL, OPTION_SAMPLE },
	{ "short", no_argument, NULL, OPTION_SHORT },
	{ "long", no_argument, NULL, OPTION_LONG },
	{ "no-self-test", no_argument, NULL, OPTION_NO_SELF_TEST },
	{ "wake", no_argument, NULL, OPTION_WAKE },
	{ "time", required_argument, NULL, OPTION_TIME },
	{ "share", required_argument, NULL, OPTION_SHARE },
	{ "size", required_argument, NULL, OPTION_SIZE },
	{ "passes", required_argument, NULL, OPTION_PASSES },
	{ "format", required_argument, NULL, OPTION_FORMAT },
	{ "run-dir", required_argument, NULL, OPTION_RUN_DIR },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ NULL, 0, NULL, 0 },
};

static const uint8_t of_subject[OPTIONS] = {
	[OPTION_FULL] = FOR_DISK,	  [OPTION_SAMPLE] = FOR_DISK,
	[OPTION_SHORT] = FOR_DISK,	  [OPTION_LONG] = FOR_DISK,
	[OPTION_NO_SELF_TEST] = FOR_DISK, [OPTION_WAKE] = FOR_DISK,
	[OPTION_TIME] = FOR_BOTH,	  [OPTION_SHARE] = FOR_MEMORY,
	[OPTION_SIZE] = FOR_MEMORY,	  [OPTION_PASSES] = FOR_MEMORY,
	[OPTION_FORMAT] = FOR_BOTH,	  [OPTION_RUN_DIR] = FOR_BOTH,
	[OPTION_HELP] = FOR_BOTH,
};

static int read_number(const char *text, uint32_t most, const char *unit,
		       uint32_t *ret)
{
	char *end;
	unsigned long long n;

	if (text[0] < '0' || text[0] > '9')
		return -EINVAL;
	errno = 0;
	n = strtoull(text, &end, 10);
	if (errno || n == 0 || n > most || (*end && strcmp(end, unit) != 0))
		return -EINVAL;
	*ret = (uint32_t)n;
	return 0;
}

static int read_share(const char *text, uint32_t *ret)
{
	uint32_t percent;

	if (read_number(text, VERIFY_SHARE_MOST / 10, "%", &percent) < 0)
		return -EINVAL;
	*ret = percent * 10;
	return 0;
}

static int read_format(const char *text, bool *ret_json)
{
	*ret_json = strcmp(text, "json") == 0;
	return *ret_json || strcmp(text, "text") == 0 ? 0 : -EINVAL;
}

static int take(struct verify_options *o, int which, const char *value)
{
	switch (which) {
	case OPTION_FULL:
		o->full = true;
		return 0;
	case OPTION_SAMPLE:
		return strcmp(value, "0") == 0
			       ? (int)(o->sample = 0)
			       : hale_size_parse(value, &o->sample);
	case OPTION_SHORT:
		o->self_test = VERIFY_SHORT;
		return 0;
	case OPTION_LONG:
		o->self_test = VERIFY_LONG;
		return 0;
	case OPTION_NO_SELF_TEST:
		o->self_test = VERIFY_NO_SELF_TEST;
		return 0;
	case OPTION_WAKE:
		o->wake = true;
		return 0;
	case OPTION_TIME:
		o->time_set = true;
		return strcmp(value, "0") == 0
			       ? (int)(o->time_ns = 0)
			       : hale_duration_parse(value, &o->time_ns);
	case OPTION_SHARE:
		return read_share(value, &o->share);
	case OPTION_SIZE:
		return hale_size_parse(value, &o->size);
	case OPTION_PASSES:
		return read_number(value, VERIFY_PASSES_MOST, "", &o->passes);
	case OPTION_FORMAT:
		return read_format(value, &o->json);
	default:
		o->run_dir = value;
		return value[0] ? 0 : -EINVAL;
	}
}

static int wrong(const char *text, const char *word)
{
	return 1 + verify_fail(VERIFY_USAGE, "%s: %s", text, word);
}

static int read_options(int argc, char **argv, uint8_t subject,
			struct verify_options *o)
{
	int which, at = -1;

	opterr = 0;
	while ((which = getopt_long(argc, argv, ":", names, &at)) != -1) {
		if (which == OPTION_HELP) {
			fputs(help, stdout);
			return fflush(stdout) == 0 ? 1 : 72;
		}
		if (which == ':')
			return wrong("needs a value", argv[optind - 1]);
		if (which == '?')
			return wrong("no such option; see --help",
				     argv[optind - 1]);
		if (!(of_subject[which] & subject))
			return wrong("not an option of this test; see --help",
				     names[at].name);
		if (take(o, which, optarg) < 0)
			return wrong("not a value that this option takes",
				     optarg);
	}
	return 0;
}

static void set_time(struct verify_options *o, uint8_t subject)
{
	if (o->time_set)
		return;
	if (subject == FOR_MEMORY)
		o->time_ns = o->passes ? 0 : VERIFY_MEMORY_NS;
	else if (!o->full && o->self_test != VERIFY_LONG)
		o->time_ns = VERIFY_DISK_NS;
}

int verify_options_read(int argc, char **argv, struct verify_options *ret)
{
	struct verify_options o = { .run_dir = getenv("HALE_RUN_DIR"),
				    .sample = VERIFY_SAMPLE,
				    .share = VERIFY_SHARE };
	uint8_t subject = 0;
	int r;

	if (argc > 1 && strcmp(argv[1], "disk") == 0)
		subject = FOR_DISK;
	else if (argc > 1 && strcmp(argv[1], "memory") == 0)
		subject = FOR_MEMORY;
	else if (argc <= 1 || strcmp(argv[1], "--help") != 0)
		return wrong("disk or memory? see --help",
			     argc > 1 ? argv[1] : "nothing is named");
	r = read_options(argc - (subject != 0), argv + (subject != 0),
			 subject ? subject : FOR_BOTH, &o);
	if (r != 0)
		return r;
	argc -= subject != 0;
	argv += subject != 0;
	if (subject == FOR_DISK && (optind + 1 != argc || !argv[optind][0]))
		return wrong("one disk or path, please; see --help",
			     optind < argc ? argv[argc - 1] : "none is named");
	if (subject == FOR_MEMORY && optind != argc)
		return wrong("not an option", argv[optind]);
	o.operand = subject == FOR_DISK ? argv[optind] : NULL;
	if (!o.run_dir || !o.run_dir[0])
		o.run_dir = "/run/hale";
	set_time(&o, subject);
	*ret = o;
	return 0;
}
