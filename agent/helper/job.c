/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A helper's command line. Decides nothing about facts. What it does not know
 * is an error with one line: an agent and a helper of two versions must not
 * misunderstand each other silently.
 */
#include "job.h"

#include <errno.h>
#include <getopt.h>

#include "hale/base.h"

static void help(void)
{
	printf("hale-probe-%s: one run of hale's driver %s\n"
	       "\n"
	       "  hale-probe-%s [options]   look once, print each fact as a "
	       "line of JSON\n"
	       "\n"
	       "      --option KEY=VALUE    as in the section [%s] of "
	       "hale.conf\n"
	       "      --skip PART           leave this part alone\n"
	       "      --asked               measure all anew\n"
	       "      --root DIR            look at the files below DIR\n"
	       "      --help\n"
	       "\n"
	       "For haled: --fd N (facts go there as protobuf), --once,\n"
	       "--boot-to-agent NS (its clock).\n",
	       hale_helper.name, hale_helper.name, hale_helper.name,
	       hale_helper.name);
}

enum {
	OPTION_FD = 256,
	OPTION_ROOT,
	OPTION_ONCE,
	OPTION_ASKED,
	OPTION_CLOCK,
	OPTION_OPTION,
	OPTION_SKIP,
};

static const struct option table[] = {
	{ "fd", required_argument, NULL, OPTION_FD },
	{ "root", required_argument, NULL, OPTION_ROOT },
	{ "once", no_argument, NULL, OPTION_ONCE },
	{ "asked", no_argument, NULL, OPTION_ASKED },
	{ "boot-to-agent", required_argument, NULL, OPTION_CLOCK },
	{ "option", required_argument, NULL, OPTION_OPTION },
	{ "skip", required_argument, NULL, OPTION_SKIP },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static enum job_said wrong(const char *what, const char *which)
{
	fprintf(stderr, "hale-probe-%s: %s: %s\n", hale_helper.name, what,
		which);
	return JOB_WRONG;
}

static bool number(const char *text, int64_t *ret)
{
	char *end;
	long long n;

	errno = 0;
	n = strtoll(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0')
		return false;
	*ret = n;
	return true;
}

static enum job_said take_option(struct job *j, char *text)
{
	char *equals = strchr(text, '=');

	if (!equals || equals == text)
		return wrong("expected KEY=VALUE", text);
	if (j->n_options >= JOB_OPTIONS_MAX)
		return wrong("too many options", text);
	*equals = '\0';
	j->options[j->n_options++] = (struct hale_option){ text, equals + 1 };
	return JOB_RUN;
}

static enum job_said take_skip(struct job *j, const char *part)
{
	if (j->n_skip >= JOB_SKIPS_MAX || !HALE_SET(j->skip[j->n_skip], part))
		return wrong("too many parts, or too long", part);
	j->n_skip++;
	return JOB_RUN;
}

static enum job_said take_number(struct job *j, int option, const char *text)
{
	int64_t n;

	if (!number(text, &n) || (option == OPTION_FD && (n < 0 || n > 1023)))
		return wrong("expected a number", text);
	if (option == OPTION_FD) {
		j->fd = (int)n;
	} else {
		j->boot_to_agent_ns = n;
		j->clock_given = true;
	}
	return JOB_RUN;
}

static enum job_said take(struct job *j, int option)
{
	switch (option) {
	case OPTION_FD:
	case OPTION_CLOCK:
		return take_number(j, option, optarg);
	case OPTION_ROOT:
		j->root = optarg;
		return JOB_RUN;
	case OPTION_ONCE:
		j->once = true;
		return JOB_RUN;
	case OPTION_ASKED:
		j->asked = true;
		return JOB_RUN;
	case OPTION_OPTION:
		return take_option(j, optarg);
	case OPTION_SKIP:
		return take_skip(j, optarg);
	case 'h':
		help();
		return JOB_DONE;
	default: /* getopt_long(3) has said what is wrong */
		return JOB_WRONG;
	}
}

enum job_said job_parse(int argc, char **argv, struct job *ret_job)
{
	enum job_said said = JOB_RUN;
	int option = 0;

	*ret_job = (struct job){ .fd = -1, .root = "/" };
	optind = 1;
	while (said == JOB_RUN && option != -1) {
		option = getopt_long(argc, argv, "h", table, NULL);
		if (option != -1)
			said = take(ret_job, option);
	}
	if (said == JOB_RUN && optind < argc)
		return wrong("unexpected argument", argv[optind]);
	return said;
}
