/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_HELPER_JOB_H
#define HALE_HELPER_JOB_H

/*
 * What a helper is to do, by its command line. The agent starts it so:
 *
 *   hale-probe-NAME --fd 3 --boot-to-agent NS [--once] [--asked]
 *                   [--skip PART]... [--option KEY=VALUE]...
 *
 * and a person without --fd: then facts are printed.
 */

#include "hale/helper.h"

#define JOB_OPTIONS_MAX 32
#define JOB_SKIPS_MAX	16

struct job {
	int fd;		  /* where facts go; -1: printed on stdout */
	const char *root; /* "/" */
	bool once, asked;
	bool clock_given;
	int64_t boot_to_agent_ns;
	size_t n_options, n_skip;
	struct hale_option options[JOB_OPTIONS_MAX];
	char skip[JOB_SKIPS_MAX][HALE_PART_MAX];
};

enum job_said {
	JOB_RUN = 0,
	JOB_DONE, /* the help was printed */
	JOB_WRONG /* said on stderr */
};

/* @argv: its texts must outlive the job; "KEY=VALUE" is cut in place. */
enum job_said job_parse(int argc, char **argv, struct job *ret_job);

#endif
